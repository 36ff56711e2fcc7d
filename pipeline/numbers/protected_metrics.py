"""Counted metrics for readers who may not read single answers: no two questions give a small cell away together.

Numbers of what citizens said are shown on fixed tables only: whole years (and all of them together), or whole months,
each with or without one split. A number of a unit is shown on a table when every cell of that table, and of the coarser
ones it adds up to, is safe; so no answer can be subtracted from another one to leave a few citizens.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import Any

from metrics.clocks.period import Period, parse
from metrics.disclosure.small_cells import REASON, VOICE_CODES, protected, shown_totals, withheld
from metrics.value import MetricValue
from pipeline.numbers.counting import Facts, MetricsAnswer, build_facts, metric_values
from pipeline.numbers.question import Shape, shape_of
from pipeline.numbers.small_cells import with_what_protects
from records.instance import Instance

Hidden = frozenset[tuple[str | None, str]]
KEPT = 16
_KNOWN: OrderedDict[tuple[Any, ...], Hidden] = OrderedDict()
_LOCK = Lock()


def answered(
    instance: Instance,
    k: int,
    *,
    period: str,
    by: tuple[str, ...] = ("unit",),
    codes: list[str] | None = None,
    units: list[str] | None = None,
    scope: str = "kept",
    standard: str | None = None,
    start_day: int = 1,
) -> MetricsAnswer:
    """`metric_values` as a reader may see it who gets no count of citizens' answers below k (1: everything).

    Where citizens' answers are asked for, those of excluded cases (`scope` all), of parts of months and of peer groups
    with a withheld member are withheld. A total is that of the units whose number is shown.
    """
    asked_by: dict[str, Any] = {
        "period": period, "by": by, "units": units, "scope": scope, "standard": standard, "start_day": start_day,
    }  # fmt: skip
    plain = metric_values(instance, codes=codes, **asked_by)
    voices = sorted({row.metric for row in plain.rows} & VOICE_CODES)
    if k <= 1 or not voices:
        return plain
    shape, asked = shape_of(by), parse(period, start_day)
    rows = [row for row in plain.rows if row.metric not in VOICE_CODES]
    day = asked.own_start_day or start_day
    if scope == "all" or not _has_whole_months(asked) or (shape.span is not None and day != 1):
        return replace(plain, rows=[*rows, *(_withheld(row) for row in plain.rows if row.metric in VOICE_CODES)])
    hidden = hidden_on(instance, k, asked, shape)
    told = plain.rows if shape.base == "unit" else _of_units(instance, voices, asked_by, shape)
    shown = shown_totals([_withheld(r) if (r.unit, r.metric) in hidden else r for r in told if r.metric in VOICE_CODES])
    if shape.base == "total":
        shown = [row for row in shown if row.unit is None]
    elif shape.base == "peer_group":
        lost = {code for _, code in hidden}
        shown = [_withheld(r) if r.metric in lost else r for r in plain.rows if r.metric in VOICE_CODES]
    return replace(plain, rows=[*rows, *shown])


def _of_units(instance: Instance, voices: list[str], asked_by: dict[str, Any], shape: Shape) -> list[MetricValue]:
    by = tuple(part for part in ("unit", shape.span, shape.split) if part)
    return metric_values(instance, codes=voices, **{**asked_by, "by": by, "units": None}).rows


def hidden_on(instance: Instance, k: int, asked: Period, shape: Shape) -> Hidden:
    """Unit and code of every number withheld on the table that a question belongs to, and on the coarser ones."""
    facts = build_facts(instance)
    is_fine = shape.span is not None or not _is_year(asked)
    found = _unsafe(instance, facts, k, "year", None)
    levels = ["year", "month"] if is_fine else ["year"]
    for level in levels:
        for split in {None, shape.split}:
            found |= _unsafe(instance, facts, k, level, split)
    return found


def _unsafe(instance: Instance, facts: Facts, k: int, level: str, split: str | None) -> Hidden:
    key = str(instance.folder), instance.database_url, facts.key, k, level, split
    with _LOCK:
        if key in _KNOWN:
            _KNOWN.move_to_end(key)
            return _KNOWN[key]
    by = tuple(part for part in ("unit", "month" if level == "month" else None, split) if part)
    labels = ["all", *_years(facts)] if level == "year" else ["all"]
    codes = with_what_protects(sorted(VOICE_CODES), k)
    rows = [row for label in labels for row in metric_values(instance, period=label, by=by, codes=codes).rows]
    found = frozenset((r.unit, r.metric) for r in protected(rows, k) if r.unit is not None and r.reason == REASON)
    with _LOCK:
        _KNOWN[key] = found
        while len(_KNOWN) > KEPT:
            _KNOWN.popitem(last=False)
    return found


def _years(facts: Facts) -> Iterable[str]:
    if facts.first_day is None or facts.last_day is None:
        return []
    return [str(year) for year in range(facts.first_day.year, facts.last_day.year + 1)]


def _is_year(asked: Period) -> bool:
    return asked.is_all or re.fullmatch(r"\d{4}", asked.label) is not None


def _has_whole_months(asked: Period) -> bool:
    """Whether a period begins and ends with a month of the calendar."""
    return asked.is_all or (asked.start.day == 1 and (asked.end - timedelta(days=1)).month != asked.end.month)


def _withheld(row: MetricValue) -> MetricValue:
    return row if row.is_missing else withheld(row)
