"""Two to five units side by side, chosen in the address: /compare?unit=A&unit=B."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from pipeline.views import indicators, shown
from records.access import Action
from web.drawn import indicator_charts
from web.session import for_action, instance, viewer

pages = Blueprint("compare", __name__, url_prefix="/compare")


@pages.get("")
@for_action(Action.SEE_RANKING)
def show() -> ResponseReturnValue:
    """The chosen units, or the form to choose them."""
    number = request.args.get("assessment", type=int)
    try:
        prepared = shown.prepared(
            instance(), viewer(), number=number, period=request.args.get("period") or None, action=Action.SEE_RANKING
        )
    except shown.NothingToShow:
        return render_template("compare/show.html", view=None)
    asked = request.args.getlist("unit")
    view = indicators.compare(prepared, asked)
    groups = dict.fromkeys(result.group for result in prepared.results.values())
    return render_template(
        "compare/show.html",
        view=view,
        chart=indicator_charts.scores(view) if len(view.cards) >= indicators.FEWEST else None,
        is_too_many=len(set(asked) & set(prepared.results)) > indicators.MOST,
        most=indicators.MOST,
        number=prepared.source.number,
        period=prepared.source.assessment.period,
        groups=[
            (prepared.group_title(group), [(peer.unit, prepared.name(peer.unit)) for peer in prepared.peers(group)])
            for group in groups
        ],
    )
