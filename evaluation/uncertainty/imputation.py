"""Complete tables out of what a reader is told, hidden values drawn inside their ranges: nothing more can be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.rules.scheme import Indicator, Scheme
from evaluation.scores.board import Board, lay
from evaluation.scores.observations import AssessedUnit, Evidence, Observation
from evaluation.scores.replay import evidence_of, units_of, values_of
from evaluation.scores.result import Assessment, IndicatorResult, UnitResult
from evaluation.uncertainty.ranges import SHOWN_AS_RANGE

Floats = NDArray[np.float64]
IMPUTATIONS = 20
CANDIDATES = 100  # draws of a unit, of which those that give the score it is told with are used
STREAM = 2  # its own random numbers beside those of scores and ranks
HALF_OF_A_TENTH = 0.05 + 1e-9


@dataclass(frozen=True)
class Hidden:
    """A value that is told as a range: where it may lie, and the number of cases behind it where that is told."""

    unit: str
    code: str
    low: float
    high: float
    n: int | None


def completed(told: Assessment, scheme: Scheme, *, seed: int, times: int = IMPUTATIONS) -> list[Board]:
    """The scheme laid over complete tables that all fit what a reader is told; one table where nothing is hidden."""
    tables = complete_tables(told, scheme, seed=seed, times=times)
    return [lay(scheme, rows, units_of(told), evidence_of(told)) for rows in tables]


def complete_tables(
    told: Assessment, scheme: Scheme, *, seed: int, times: int = IMPUTATIONS
) -> list[list[Observation]]:
    """All values of an assessment, those that are told as ranges drawn; several tables, one where nothing is hidden.

    Meaning: multiple imputation. What follows from all tables alike follows from what the reader knows already.
    Formula: each hidden value is uniform between the ends of its range; of `CANDIDATES` draws of a unit those are used
    whose score is the score or lies in the range that the unit is told with, the nearest one where none is.
    Symbols: `told` is the result as the reader sees it, never the frozen one, `scheme` the scheme it was scored by;
    `times` the number of tables.
    Edge cases: a value of which nothing is told lies between the ends of its scale, or of its peers' values; without
    either it stays missing.
    Source: Rubin 1987, Multiple Imputation for Nonresponse in Surveys, ch. 1; docs/adr/0084.
    """
    hidden = list(_hidden(told, scheme))
    if not hidden:
        return [values_of(told)]
    drawn = _chosen(told, scheme, hidden, _candidates(hidden, seed), times)
    return [_filled(told, hidden, values) for values in drawn.T]


def _hidden(told: Assessment, scheme: Scheme) -> Iterator[Hidden]:
    rules = {indicator.code: indicator for indicator in scheme.indicators}
    for unit in told.units:
        for row in unit.indicators:
            if row.reason == SHOWN_AS_RANGE and row.code in rules:
                ends = _ends(row, rules[row.code], told.units)
                if ends is not None:
                    yield Hidden(unit.unit, row.code, *ends, row.n)


def _ends(row: IndicatorResult, rule: Indicator, units: Sequence[UnitResult]) -> tuple[float, float] | None:
    """Where a hidden value may lie: in its range, else on the scale of the indicator, else among the peers' values."""
    if row.low is not None and row.high is not None:
        return row.low, row.high
    if rule.method == "rate_x_full":
        return 0.0, 1.0
    if rule.zero is not None and rule.full is not None:
        return min(rule.zero, rule.full), max(rule.zero, rule.full)
    known = [other.value for unit in units for other in unit.indicators if other.code == rule.code]
    values = [value for value in known if value is not None]
    return (min(values), max(values)) if values else None


def _candidates(hidden: Sequence[Hidden], seed: int) -> Floats:
    """Draws of every hidden value, values x `CANDIDATES`."""
    low, high = (np.array([getattr(value, end) for value in hidden])[:, None] for end in ("low", "high"))
    return low + np.random.default_rng([seed, STREAM]).random((len(hidden), CANDIDATES)) * (high - low)


def _chosen(told: Assessment, scheme: Scheme, hidden: Sequence[Hidden], drawn: Floats, times: int) -> Floats:
    """For every hidden value the draws that go into the tables, values x `times`: of each unit those that fit."""
    distance = _distances(told, scheme, hidden, drawn)
    used = {}
    for unit, off in distance.items():
        fitting = np.flatnonzero(off <= HALF_OF_A_TENTH)
        usable = fitting if len(fitting) else np.array([np.argmin(off)])
        used[unit] = usable[np.arange(times) % len(usable)]
    return np.stack([row[used[value.unit]] for value, row in zip(hidden, drawn, strict=True)])


def _distances(told: Assessment, scheme: Scheme, hidden: Sequence[Hidden], drawn: Floats) -> dict[str, Floats]:
    """How far each draw of a unit puts its score from what is told of it; all draws stand in one table as units."""
    names = {value.unit for value in hidden}
    values, evidence = values_of(told), evidence_of(told)
    units = [u for u in units_of(told) if u.code not in names]
    rows, items = [v for v in values if v.unit not in names], [e for e in evidence if e.unit not in names]
    own: dict[str, list[Observation]] = {}
    for value in values:
        own.setdefault(value.unit or "", []).append(value)
    for number, column in enumerate(drawn.T):
        found = dict(zip(hidden, column, strict=True))
        filled = {(h.unit, h.code): _observed(h, value) for h, value in found.items()}
        for unit in (u for u in units_of(told) if u.code in names):
            code = _as_unit(unit.code, number)
            units.append(AssessedUnit(code, unit.name, unit.peer_group))
            rows += [replace(filled.get((unit.code, v.metric), v), unit=code) for v in own[unit.code]]
            items += [Evidence(code, e.source, e.count) for e in evidence if e.unit == unit.code]
    board = lay(scheme, rows, units, items)
    scores = dict(zip([unit.code for unit in board.units], board.scores, strict=True))
    by_unit = {unit.unit: unit for unit in told.units}
    return {
        name: np.array([_off(by_unit[name], scores.get(_as_unit(name, c), np.nan)) for c in range(drawn.shape[1])])
        for name in names
    }


def _as_unit(unit: str, number: int) -> str:
    return f"{unit} {number}"


def _off(unit: UnitResult, score: float) -> float:
    """How far a score lies from what is told of it: a score, or a range."""
    if np.isnan(score):
        return 0.0
    if unit.score is not None:
        return abs(score - unit.score)
    if unit.low is None or unit.high is None:
        return 0.0
    return max(unit.low - score, score - unit.high, 0.0)


def _observed(hidden: Hidden, value: float) -> Observation:
    """A drawn value; as a rate with its counts where the number of cases is told."""
    found = Observation(hidden.unit, hidden.code, float(value), n=hidden.n)
    if not hidden.n or hidden.low < 0.0 or hidden.high > 1.0:
        return found
    return replace(found, numerator=value * hidden.n, denominator=float(hidden.n))


def _filled(told: Assessment, hidden: Sequence[Hidden], drawn: Floats) -> list[Observation]:
    found = {(h.unit, h.code): _observed(h, value) for h, value in zip(hidden, drawn, strict=True)}
    return [found.get((value.unit or "", value.metric), value) for value in values_of(told)]
