"""Results of all units by peer group: in bands, inside a band in administrative order, ranks only where asked for."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from pipeline import overview, shown
from records.access import Action
from web import overview_charts
from web.session import for_action, instance, viewer

pages = Blueprint("ranking", __name__)


@pages.get("/ranking")
@for_action(Action.SEE_RANKING)
def show() -> ResponseReturnValue:
    """The bands of an assessment."""
    number = request.args.get("assessment", type=int)
    choices = shown.choices(instance(), viewer(), Action.SEE_RANKING)
    try:
        prepared = shown.prepared(instance(), viewer(), number=number, action=Action.SEE_RANKING)
    except shown.NothingToShow:
        return render_template("ranking/show.html", view=None, choices=choices)
    view = overview.overview(prepared)
    return render_template(
        "ranking/show.html", view=view, choices=choices, ranges=overview_charts.score_ranges(view.groups)
    )
