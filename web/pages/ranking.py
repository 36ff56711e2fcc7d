"""Results of all units by peer group: in bands, inside a band in administrative order, ranks only where asked for."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from pipeline.views import overview, shown
from pipeline.views.prepared import Prepared
from records.access import Action
from web import kept
from web.drawn import overview_charts
from web.session import for_action, instance, viewer

pages = Blueprint("ranking", __name__)


@pages.get("/ranking")
@for_action(Action.SEE_RANKING)
def show() -> ResponseReturnValue:
    """The bands of an assessment."""
    number = request.args.get("assessment", type=int)
    choices = shown.choices(instance(), viewer(), Action.SEE_RANKING)
    try:
        prepared = shown.prepared(
            instance(), viewer(), number=number, period=request.args.get("period") or None, action=Action.SEE_RANKING
        )
    except shown.NothingToShow:
        return render_template("ranking/show.html", body=None)
    numbers = tuple((choice.number, choice.state) for choice in choices)
    body = kept.body(prepared, lambda: _bands(prepared, choices), numbers)
    return render_template("ranking/show.html", body=body)


def _bands(prepared: Prepared, choices: list[shown.Choice]) -> str:
    view = overview.overview(prepared)
    ranges = overview_charts.score_ranges(view.groups)
    return render_template("ranking/_bands.html", view=view, choices=choices, ranges=ranges)
