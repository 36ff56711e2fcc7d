"""One indicator across all units: definition, formula, source, funnel, and every unit's value in its peer group."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pipeline.views import indicators, shown
from pipeline.views.prepared import Prepared
from records.access import Action
from web import kept
from web.drawn import indicator_charts
from web.session import for_action, instance, viewer

pages = Blueprint("indicators", __name__, url_prefix="/indicators")


@pages.get("")
@for_action(Action.SEE_RANKING)
def index() -> ResponseReturnValue:
    """On to the first indicator of the newest assessment."""
    prepared = _prepared()
    if not prepared.codes:
        abort(404)
    return redirect(url_for("indicators.show", code=prepared.codes[0]))


@pages.get("/<code>")
@for_action(Action.SEE_RANKING)
def show(code: str) -> ResponseReturnValue:
    """The indicator in one assessment."""
    prepared = _prepared()
    if code not in prepared.codes:
        abort(404)
    return render_template(
        "indicators/show.html",
        what=prepared.definition(code),
        body=kept.body(prepared, lambda: _body(prepared, code)),
    )


def _body(prepared: Prepared, code: str) -> str:
    view = indicators.indicator(prepared, code)
    return render_template(
        "indicators/_body.html",
        view=view,
        period=prepared.source.assessment.period,
        number=prepared.source.number,
        funnel=indicator_charts.funnel(view),
        months=indicator_charts.months(view, prepared.months, prepared.unsettled(code)),
    )


def _prepared() -> Prepared:
    number = request.args.get("assessment", type=int)
    try:
        return shown.prepared(
            instance(), viewer(), number=number, period=request.args.get("period") or None, action=Action.SEE_RANKING
        )
    except shown.NothingToShow:
        abort(404)
