"""Fairness of an assessment: raw, adjusted and shrunk side by side, funnels, and what the scheme's choices do."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from evaluation.uncertainty.funnel import FEWEST_UNITS
from pipeline.judgement import fairness
from pipeline.judgement.fairness import Funnel
from pipeline.views import shown
from pipeline.views.definitions import definition
from records.access import Action
from records.queries import assessments, units
from reports.charts import figures
from web import kept
from web.drawn.charts import Chart, chart
from web.languages import in_language, language
from web.session import for_action, instance, viewer

pages = Blueprint("fairness", __name__, url_prefix="/fairness")
may_compare = for_action(Action.SEE_RANKING)
ZONES = {
    "inside": lazy_gettext("与同类无明显差异"),
    "notable": lazy_gettext("值得关注"),
    "different": lazy_gettext("明显不同，请核查原因"),
}
KINDS = {
    "aggregation": lazy_gettext("合成办法"),
    "weights": lazy_gettext("权重"),
    "normalisation": lazy_gettext("计分办法"),
    "left_out": lazy_gettext("去掉一项指标"),
}
NAMES = {
    "arithmetic": lazy_gettext("算术平均"),
    "geometric": lazy_gettext("几何平均"),
    "equal": lazy_gettext("等权"),
    "minmax": lazy_gettext("最小值—最大值"),
    "zscore": lazy_gettext("标准分"),
    "rank": lazy_gettext("名次"),
}


@pages.get("/<int:number>")
@may_compare
def show(number: int) -> ResponseReturnValue:
    with instance().session() as session:
        entry = assessments.one(session, viewer=viewer(), number=number)
    if entry is None:
        abort(404)
    try:
        prepared = shown.prepared(instance(), viewer(), number=number, action=Action.SEE_RANKING)
    except shown.NothingToShow:
        abort(404)
    return render_template("fairness/show.html", entry=entry, body=kept.body(prepared, lambda: _body(number)))


def _body(number: int) -> str:
    found = fairness.fairness_of(instance(), viewer(), number, request.args.get("indicator"))
    with instance().session() as session:
        titles = units.peer_group_titles(session, language())
    return render_template(
        "fairness/_body.html",
        number=number,
        fair=found,
        titles=titles,
        charts=[_chart(place, group.funnel) if group.funnel else None for place, group in enumerate(found.groups)],
        names={code: in_language(definition(code).name) for code in found.codes},
        zones=ZONES,
        kinds=KINDS,
        variants=NAMES,
        names_of=lambda code: f"{code} {in_language(definition(code).name)}",
        unit_names={line.unit: line.name for group in found.groups for line in group.lines},
        least=found.least_units,
        level=found.rank_interval,
        fewest=FEWEST_UNITS,
    )


def _chart(place: int, funnel: Funnel) -> Chart:
    """All units of a peer group in their funnel."""
    name = in_language(definition(funnel.code).name)
    figure = figures.funnel(
        [point.cases for point in funnel.points],
        [point.rate for point in funnel.points],
        funnel.centre,
        between=funnel.between,
        levels=funnel.levels,
        names=[point.name for point in funnel.points],
        language=language(),
    )
    label = gettext("%(name)s 的漏斗图，%(n)s 家单位", name=name, n=len(funnel.points))
    return chart(f"funnel-{place}", figure, label)
