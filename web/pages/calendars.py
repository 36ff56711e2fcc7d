"""The working calendar as a year to look at, and the limits that count on it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from metrics import standard
from pipeline import directory
from records.access import Action
from web import codes
from web.session import for_action, instance

pages = Blueprint("calendars", __name__, url_prefix="/calendars")


@pages.get("")
@for_action(Action.SEE_DIRECTORY)
def index() -> ResponseReturnValue:
    """`?year=` chooses a published year; every standard of limits stands below."""
    found = directory.year_of(instance(), request.args.get("year", type=int))
    standards = [standard.load(name) for name in standard.list_standards()]
    return render_template("calendars/index.html", found=found, standards=standards, word=codes.word)
