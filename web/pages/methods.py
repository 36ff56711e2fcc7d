"""Methods: every metric as the registry defines it, so that page and calculation cannot differ."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web.session import signed_in
from web.shown import methods

pages = Blueprint("methods", __name__, url_prefix="/methods")


@pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    found = methods.entries()
    return render_template("methods/index.html", metrics=found, count=len(found))
