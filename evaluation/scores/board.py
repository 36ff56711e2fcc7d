"""A scheme laid over the values of a period: columns, points, shares and scores of every unit, before any chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.rules.scheme import Indicator, Scheme
from evaluation.scores import tree
from evaluation.scores.adjustments import Adjustment, adjustments
from evaluation.scores.observations import NOT_APPLICABLE, TOO_FEW, AssessedUnit, Column, Evidence, Value, columns_of
from evaluation.scores.points import Anchors, anchor, expected_step_points, points
from evaluation.scores.proof import is_within_chance

Floats = NDArray[np.float64]
WITHOUT_CASES = frozenset(
    {
        "no_cases",
        "no_eligible_cases",
        "no_ratings",
        "no_active_ratings",
        "no_bad_ratings",
        "no_replies",
        "no_valid_follow_up",
        "none_closed",
        "none_dispatched",
        "none_due",
    }
)
"""Reasons of a value whose denominator is 0: a scheme may say that the indicator then does not apply."""
NOT_DISCRIMINATING = "non_discriminating"


@dataclass(frozen=True)
class Board:
    """Everything `assess` and `robustness` need; arrays run over `units`, which are sorted by code."""

    scheme: Scheme
    units: tuple[AssessedUnit, ...]
    group_names: tuple[str | None, ...]
    groups: NDArray[np.int64]
    columns: Mapping[str, Column]
    anchors: Mapping[str, Anchors]
    points: Mapping[str, Floats]
    least: Mapping[str, Floats]
    states: Mapping[str, NDArray[np.int64]]
    reasons: Mapping[str, tuple[str | None, ...]]
    planned: tree.Plan
    adjusted: tuple[Adjustment, ...]

    @cached_property
    def base(self) -> Floats:
        """Score before bonus and deduction, NaN where the unit is not rated."""
        got = tree.combine(self.planned, self.filled)
        return np.where(self.planned.state == tree.PRESENT, got, np.nan)

    @cached_property
    def added(self) -> Floats:
        """Bonus minus deduction per unit."""
        return np.array([entry.bonus - entry.deduction for entry in self.adjusted])

    @cached_property
    def scores(self) -> Floats:
        """Final scores: base, bonus, deduction, clipped to 0..100 unless the scheme holds z-scores."""
        got = self.base + self.added
        return np.clip(got, 0, 100) if self.is_bounded else got

    @cached_property
    def measured_weight(self) -> float:
        """Weight of the indicators that at least one unit has a value for, 0..100."""
        present = (i.weight for i in self.scheme.indicators if self.columns[i.code].is_present.any())
        return float(sum(present))

    @property
    def is_measured(self) -> bool:
        """Is enough of the whole scheme measured for grades and ranks to speak of the scheme?"""
        return self.measured_weight >= 100 * self.scheme.missing_below - tree.TOLERANCE

    @property
    def is_bounded(self) -> bool:
        return all(indicator.method != "zscore" for indicator in self.scheme.indicators)

    def filled(self, code: str) -> Floats:
        """Points with 0 in place of NaN: absent indicators have share 0, which a NaN would survive."""
        return np.nan_to_num(self.points[code])


def lay(
    scheme: Scheme,
    values: Iterable[Value],
    units: Sequence[AssessedUnit],
    evidence: Sequence[Evidence] = (),
) -> Board:
    """Lay a scheme over values.

    Units outside the scheme's peer groups are left out. Values on fewer cases than `small_n.suppress` or than the
    indicator's own `min_n` are withheld (they become missing with the reason "too_few"); indicators that do not apply
    are rescaled away, or count 0 where the scheme says so; relative indicators on which a peer group does not differ
    are rescaled away.
    """
    chosen = tuple(sorted((u for u in units if is_in_scheme(scheme, u)), key=lambda u: u.code))
    names = tuple(sorted({unit.peer_group for unit in chosen}, key=lambda name: (name is not None, name or "")))
    groups = np.array([names.index(unit.peer_group) for unit in chosen], dtype=np.int64)
    raw = columns_of(values, chosen, scheme.codes)
    fewest = {i.code: max(scheme.small_n.suppress, i.min_n) for i in scheme.indicators}
    columns = {**raw, **{code: _withheld(raw[code], few) for code, few in fewest.items()}}
    anchors, found, least, states, reasons = found_for(scheme, columns, groups)
    planned = tree.plan(tree.build(scheme), states)
    base = tree.combine(planned, lambda code: np.nan_to_num(found[code]))
    return Board(
        scheme,
        chosen,
        names,
        groups,
        columns,
        anchors,
        found,
        least,
        states,
        reasons,
        planned,
        tuple(adjustments(scheme, chosen, raw, evidence, [float(points) for points in base])),
    )


Found = tuple[
    dict[str, Anchors],
    dict[str, Floats],
    dict[str, Floats],
    dict[str, NDArray[np.int64]],
    dict[str, tuple[str | None, ...]],
]


def found_for(scheme: Scheme, columns: Mapping[str, Column], groups: NDArray[np.int64]) -> Found:
    """Anchors, points, protected points, states and reasons of every indicator."""
    anchors = {i.code: anchor(i, columns[i.code].value, groups) for i in scheme.indicators}
    found: Found = (anchors, {}, {}, {}, {})
    _, earned, least, states, reasons = found
    for indicator in scheme.indicators:
        code, column = indicator.code, columns[indicator.code]
        states[code], reasons[code] = _states(indicator, column, anchors[code])
        earned[code], least[code] = _points(
            indicator, column, anchors[code], states[code], scheme.comparison.penalty_level
        )
    return found


def is_in_scheme(scheme: Scheme, unit: AssessedUnit) -> bool:
    """Whether the scheme is made for the peer group of this unit."""
    return not scheme.peer_groups or unit.peer_group in scheme.peer_groups


def _withheld(column: Column, suppress: int) -> Column:
    few = column.is_present & (column.n >= 0) & (column.n < suppress)
    return column.without(few, TOO_FEW) if few.any() else column


def _states(indicator: Indicator, column: Column, anchors: Anchors) -> tuple[NDArray[np.int64], tuple[str | None, ...]]:
    """State and reason of one indicator per unit."""
    state = np.where(column.is_present, tree.PRESENT, tree.MISSING)
    reasons = list(column.reasons)
    outside = NOT_APPLICABLE | (WITHOUT_CASES if indicator.without_cases == "not_applicable" else frozenset())
    for number, reason in enumerate(reasons):
        if reason in outside:
            state[number] = tree.NOT_APPLICABLE
        elif state[number] == tree.PRESENT and indicator.is_relative and anchors.is_flat[number]:
            state[number], reasons[number] = tree.NOT_APPLICABLE, NOT_DISCRIMINATING
    if indicator.not_applicable == "zero":
        is_zero = np.array([reason in outside and reason != NOT_DISCRIMINATING for reason in reasons])
        state = np.where(is_zero, tree.PRESENT, state)
    return state, tuple(reasons)


def _points(
    indicator: Indicator, column: Column, anchors: Anchors, state: NDArray[np.int64], level: float
) -> tuple[Floats, Floats]:
    """Points per unit (NaN where absent), and the points below which a unit protected by chance cannot fall."""
    if indicator.method == "steps":
        got = expected_step_points(indicator.steps, column)
    else:
        got = points(anchors, column.value)
    least = np.full(len(got), -np.inf)
    if indicator.proof and indicator.target is not None:
        at_target = points(anchors, np.full(len(got), float(indicator.target)))
        protected = is_within_chance(column, indicator.target, is_higher_better(indicator), level)
        least = np.where(protected, at_target, -np.inf)
        got = np.where(protected, np.fmax(got, at_target), got)
    got = np.where((state == tree.PRESENT) & np.isnan(column.value), 0.0, got)
    return np.where(state == tree.PRESENT, got, np.nan), least


def is_higher_better(indicator: Indicator) -> bool:
    """Direction of an indicator, read from its numbers where the method shows it by them."""
    if indicator.method == "goalposts":
        return (indicator.zero or 0.0) < (indicator.full or 0.0)
    if indicator.method == "deduction":
        return False
    if indicator.method == "target_distance":
        return (indicator.zero or 0.0) < (indicator.target or 0.0)
    if indicator.method == "steps":
        return indicator.steps[0][0] <= indicator.steps[-1][0]
    return indicator.direction == "higher"
