"""Rows of sets of units: peer groups with both of their totals, and each unit with everything below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select

from metrics.clocks.period import Period
from metrics.counting.rates import COUNTS
from metrics.value import MetricValue
from metrics.values.columns import mean_of_units
from records.instance import Instance
from records.models import Unit

NOT_IN_FORCE = "unit_not_in_force"


def peer_groups(instance: Instance, units: Collection[str]) -> dict[str, list[str]]:
    """The asked units by their peer group, "" for those without one; groups and units by code."""
    found: dict[str, list[str]] = defaultdict(list)
    with instance.session() as session:
        for code, group in session.execute(select(Unit.code, Unit.peer_group).order_by(Unit.code)):
            if code in units:
                found[group or ""].append(code)
    return {group: found[group] for group in sorted(found)}


def group_rows(
    pooled: Iterable[MetricValue], of_units: Iterable[MetricValue], groups: Mapping[str, Sequence[str]]
) -> list[MetricValue]:
    """The pooled row of each peer group, which comes under the group's code as unit, and the mean of its units.

    A row that is not split further says its peer group in `group` as well.
    """
    group_of = {unit: group for group, members in groups.items() for unit in members}
    known: dict[tuple[str, str, str | None, str], list[float]] = defaultdict(list)
    for row in of_units:
        if row.unit is not None and row.value is not None:
            known[group_of[row.unit], row.period, row.group, row.metric].append(row.value)
    rows = []
    for row in pooled:
        name = row.unit or ""
        group = name if row.group is None else row.group
        rows.append(row.but(unit=None, total="pooled", peer_group=name, group=group))
        if row.metric not in COUNTS:
            mean = mean_of_units(row, known[name, row.period, row.group, row.metric])
            rows.append(mean.but(peer_group=name, group=group))
    return rows


def in_force(instance: Instance, rows: Iterable[MetricValue], periods: Iterable[Period]) -> list[MetricValue]:
    """The rows, where a unit without cases did not exist in the whole period with that as the reason, never 0."""
    with instance.session() as session:
        wanted = select(Unit.code, Unit.valid_from, Unit.valid_to)
        spans = {code: (first, end) for code, first, end in session.execute(wanted) if first or end}
    if not spans:
        return list(rows)
    asked = {period.label: period for period in periods}
    return [_out_of_force(row) if _is_outside(row, spans, asked) else row for row in rows]


def _is_outside(row: MetricValue, spans: Mapping[str, tuple], asked: Mapping[str, Period]) -> bool:
    if row.unit is None or row.unit not in spans or row.n or row.value:
        return False
    (first, end), period = spans[row.unit], asked[row.period]
    return bool((first and period.end <= first) or (end and period.start >= end))


def _out_of_force(row: MetricValue) -> MetricValue:
    return row.but(value=None, low=None, high=None, numerator=None, denominator=None, coverage=None,
                   reason=NOT_IN_FORCE)  # fmt: skip
