"""The start page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web.session import signed_in

pages = Blueprint("overview", __name__)


@pages.get("/")
@signed_in
def show() -> ResponseReturnValue:
    """What the viewer needs first."""
    return render_template("overview/show.html")
