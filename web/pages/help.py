"""Help: what each word means, how to read an interval, and what a reader of a scorecard may conclude."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from reports.glossary import terms
from web.session import signed_in

pages = Blueprint("help", __name__, url_prefix="/help")


@pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    """The glossary and the rules of reading."""
    return render_template("help/index.html", terms=terms())
