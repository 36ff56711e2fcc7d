"""The unit directory and the scorecard of a unit."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from pipeline.numbers.case_mix import LEAST_NAMED
from pipeline.views import scorecards, shown
from pipeline.views.prepared import Prepared
from pipeline.views.statistics_view import statistics_view
from records.access import Action, can
from records.vocabulary import Role
from web import kept
from web.drawn import statistics_charts, unit_charts
from web.navigation import href
from web.session import for_action, instance, viewer
from web.shown import said, tasks
from web.words import codes

pages = Blueprint("units", __name__)


@pages.get("/units")
@for_action(Action.SEE_DIRECTORY)
def directory() -> ResponseReturnValue:
    """All units by peer group; results stand beside the name where the viewer may see them."""
    words = request.args.get("q", "").strip()
    listed = shown.directory(instance(), viewer(), words=words)
    scheme = listed.prepared.source.scheme if listed.prepared else {}
    titles = {grade.code: grade.title for grade in scorecards.grades_of(scheme)}
    return render_template("units/directory.html", listed=listed, words=words, titles=titles)


@pages.get("/units/<code>")
@for_action(Action.SEE_SCORECARD)
def scorecard(code: str) -> ResponseReturnValue:
    """The scorecard of one unit in one assessment."""
    choices = shown.choices(instance(), viewer())
    prepared = _prepared(code, choices)
    numbers = tuple((choice.number, choice.state) for choice in choices)
    return render_template(
        "units/scorecard.html",
        name=prepared.name(code),
        period=prepared.source.assessment.period,
        number=prepared.source.number,
        tasks=tasks.due(instance(), viewer()) if viewer().role is Role.UNIT_HEAD else [],
        body=kept.body(prepared, lambda: _body(prepared, code, choices), numbers),
        said=said.of_unit(prepared, code, dict(numbers).get(prepared.source.number, "")),
    )


def _body(prepared: Prepared, code: str, choices: list[shown.Choice]) -> str:
    card = scorecards.scorecard(prepared, code)
    tile = card.tile(request.args.get("indicator"))
    return render_template(
        "units/_card.html",
        card=card,
        tile=tile,
        charts=unit_charts.all_charts(prepared, card, tile, is_anonymous=not _sees_others()),
        choices=choices,
        sees_findings=can(viewer(), Action.SEE_FINDINGS),
    )


@pages.get("/units/<code>/trend")
@for_action(Action.SEE_SCORECARD)
def trend(code: str) -> ResponseReturnValue:
    """The month-by-month chart of one indicator as a fragment: the page holds only the one that is shown."""
    prepared = _prepared(code)
    card = scorecards.scorecard(prepared, code)
    tile = card.tile(request.args.get("indicator"))
    if tile is None:
        abort(404)
    return render_template("units/_trend.html", tile=tile, chart=unit_charts.trend(prepared, card, tile))


@pages.get("/units/<code>/statistics")
@for_action(Action.SEE_SCORECARD)
def statistics(code: str) -> ResponseReturnValue:
    """What stands behind the numbers of a unit: open cases, who rated, mix, ordinary variation, last year."""
    prepared = _prepared(code)
    view = statistics_view(prepared, code, request.args.get("indicator"))
    return render_template(
        "units/statistics.html",
        view=view,
        months=statistics_charts.months(view.series) if view.series else None,
        clock_names=codes.CLOCKS,
        cell_name=codes.cell_name,
        least_named=LEAST_NAMED,
        records=href("records.index", unit=code, period=view.period),
    )


def _prepared(code: str, choices: list[shown.Choice] | None = None) -> Prepared:
    """The prepared assessment of the address; 404 when there is none to see or it does not hold the unit."""
    number = request.args.get("assessment", type=int)
    try:
        prepared = shown.prepared(
            instance(), viewer(), number=number, period=request.args.get("period") or None, unit=code, among=choices
        )
    except shown.NothingToShow:
        abort(404)
    return prepared if code in prepared.results else abort(404)


def _sees_others() -> bool:
    """Whether single peers may be drawn; a unit sees only quantiles of its peers."""
    return can(viewer(), Action.SEE_RANKING)
