"""Metrics asked freely: one metric, any period, by unit, peer group or in all, split by time and by a property."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from metrics.clocks.period import PeriodError, parse
from metrics.registry import REGISTRY
from metrics.value import MetricValue
from metrics.values import needs
from metrics.values.behind import has_cases
from pipeline.numbers.counting import MetricsAnswer, newest_month
from pipeline.numbers.protected_metrics import answered
from pipeline.numbers.question import CountingError
from pipeline.numbers.small_cells import smallest_shown
from pipeline.views.behind import may_list
from records.access import Action
from records.queries import units
from web.forms.choices import choices
from web.forms.numbers import SPLITS, NumbersForm
from web.forms.periods import NOT_READABLE
from web.languages import language
from web.session import for_action, instance, viewer
from web.words import codes

pages = Blueprint("numbers", __name__, url_prefix="/numbers")
PAGE_SIZE = 200
FIRST = "R5"
LEFT_OUT = {
    "excluded": codes.STATES["excluded"],
    **{name: codes.OUTCOMES[name] for name in ("duplicate", "withdrawn", "not_responsible")},
    "not_yet_due": lazy_gettext("未到期"),
    "no_limit": lazy_gettext("时限不明"),
}


@dataclass(frozen=True)
class Line:
    """A row of the answer with the words for it and where its cases are listed."""

    value: MetricValue
    whose: str
    kind: str
    period: str
    group: str
    left_out: tuple[tuple[str, int], ...]
    counted: str | None
    reached: str | None


@pages.get("")
@for_action(Action.SEE_METRICS)
def index() -> ResponseReturnValue:
    form = NumbersForm(request.args)
    names, groups = _names()
    form.metric.choices = choices((code, f"{code} {REGISTRY[code].name(language())}") for code in _codes())
    form.unit.choices = choices([("", gettext("全部")), *names.items()])
    for field, first in ((form.metric, FIRST), (form.base, "unit"), (form.scope, "kept")):
        field.data = field.data or first
    if not form.period.data:
        form.period.data = newest_month(instance()) or ""
    answer = _answer(form) if form.period.data and form.validate() else None
    lines = _lines(form, answer, names, groups) if answer else []
    page, count = max(1, request.args.get("page", 1, type=int)), max(1, -(-len(lines) // PAGE_SIZE))
    return render_template(
        "numbers/index.html", form=form, what=REGISTRY.get(form.metric.data or ""), answer=answer,
        lines=lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], total=len(lines), page=page, pages=count,
        split_name=SPLITS.get(form.split.data or ""), command=_command(form),
    )  # fmt: skip


def _codes() -> list[str]:
    return [code for code in dict.fromkeys(needs.all_codes()) if code in REGISTRY]


def _names() -> tuple[dict[str, str], dict[str, str]]:
    """Units and peer groups by code."""
    with instance().session() as session:
        named = {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}
        return named, units.peer_group_titles(session, language())


def _by(form: NumbersForm) -> tuple[str, ...]:
    return tuple(part for part in (form.base.data, form.span.data, form.split.data) if part)


def _answer(form: NumbersForm) -> MetricsAnswer | None:
    """What the question counts to; None with the reason at the field."""
    try:
        return answered(
            instance(), smallest_shown(viewer()), period=form.period.data or "", by=_by(form),
            codes=[form.metric.data], units=[form.unit.data] if form.unit.data else None, scope=form.scope.data,
        )  # fmt: skip
    except PeriodError:
        form.period.errors = [NOT_READABLE]
    except CountingError as error:
        form.metric.errors = [str(error)]
    return None


def _lines(form: NumbersForm, answer: MetricsAnswer, names: dict[str, str], groups: dict[str, str]) -> list[Line]:
    """Totals first; of a chosen unit its own rows only, for a total of one unit says nothing more."""
    rows = [row for row in answer.rows if not form.unit.data or row.unit is not None]
    rows.sort(key=lambda row: (row.unit is not None or row.peer_group is not None, row.peer_group is None))
    return [_line(form, answer, row, names, groups) for row in rows]


def _line(
    form: NumbersForm, answer: MetricsAnswer, row: MetricValue, names: dict[str, str], groups: dict[str, str]
) -> Line:
    whose = names.get(row.unit, row.unit) if row.unit else gettext("全部单位")
    if row.peer_group is not None:
        whose = groups.get(row.peer_group, row.peer_group) or gettext("未分组")
    totals = {"pooled": gettext("合并计算"), "mean_of_units": gettext("各单位均值")}
    kind = totals.get(row.total or "", "") if row.unit is None else ""
    split = form.split.data
    left = answer.left_out(row) or {}
    behind = {part: _behind(form, row, part) for part in ("counted", "reached")}
    return Line(
        row, whose, kind, _span(form, row.period), codes.word(split, row.group) if split else "",
        tuple((str(LEFT_OUT[name]), n) for name, n in left.items() if n), **behind,
    )  # fmt: skip


def _behind(form: NumbersForm, row: MetricValue, part: str) -> str | None:
    """The list of the cases of a number, None where it has none or the viewer may not list them."""
    code = row.metric
    if row.total == "mean_of_units" or not has_cases(code) or not may_list(viewer(), code):
        return None
    asked: dict[str, Any] = {"metric": code, "part": part, "period": _span(form, row.period)}
    asked |= {"unit": row.unit} if row.unit else {}
    asked |= {"peer_group": row.peer_group} if row.peer_group is not None else {}
    asked |= {"split": form.split.data, "group": row.group or ""} if form.split.data else {}
    asked |= {"scope": "all"} if form.scope.data == "all" else {}
    return url_for("records.index", **asked)


def _span(form: NumbersForm, label: str) -> str:
    """The period of a row: the first and the last month of days chosen freely are cut to them."""
    whole, asked = parse(label), parse(form.period.data or "")
    start, end = max(whole.start, asked.start), min(whole.end, asked.end)
    return label if (start, end) == (whole.start, whole.end) else f"{start}..{end - timedelta(days=1)}"


def _command(form: NumbersForm) -> str:
    """The same question on the command line."""
    words = ["wenxiao", "metrics", "--period", form.period.data or "", "--by", ",".join(_by(form)), "--metric",
             form.metric.data or ""]  # fmt: skip
    words += ["--unit", form.unit.data] if form.unit.data else []
    words += ["--scope", "all"] if form.scope.data == "all" else []
    return shlex.join(words)
