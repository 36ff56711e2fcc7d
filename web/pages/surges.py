"""Early notice: what grew beyond the usual in the last weeks, by topic and place. Counts only."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.numbers.surges import early_notices
from records.access import Action
from web.drawn.drawings import spark
from web.session import for_action, instance, viewer
from web.words import finding_words as words

pages = Blueprint("surges", __name__, url_prefix="/surges")


@pages.get("")
@for_action(Action.SEE_CASES)
def show() -> ResponseReturnValue:
    found = early_notices(instance(), viewer=viewer())
    drawings = [spark([float(n) for n in one.series], one.usual, gettext("近十三周的件数")) for one in found.notices]
    return render_template("surges/show.html", found=found, rows=zip(found.notices, drawings, strict=True), words=words)
