"""An assessment for readers who must not learn what a few citizens answered: numbers told as ranges, no score changed.

A score is made of its indicators, and whoever knows all but one works that one out. So a reader gets the class of a
small count instead of the value, and the score no closer than every count of each class still fits it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.rules.scheme import Scheme
from evaluation.scores.board import found_for
from evaluation.scores.grades import grade_of
from evaluation.scores.observations import Z_95, AssessedUnit, Observation, columns_of
from evaluation.scores.result import Assessment, GroupResult, IndicatorResult, UnitResult
from evaluation.scores.told import Coarse
from evaluation.uncertainty.ranks import joint_z
from metrics.disclosure.small_cells import POINT_CODES, forms
from metrics.value import MetricValue

SHOWN_AS_RANGE = "shown_as_range"
WIDTHS = (0.1, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0)
ROUNDED = 0.01  # sums of points closer than this count as one
SAME = 1e-9  # scores closer than this share a rank, as they do in the result
MOST_STATES = 20_000
VALUES_ONLY = frozenset((*POINT_CODES, "S6"))  # means: no count stands behind them that could be told
Possible = Mapping[str, Sequence[MetricValue]]
Ends = Mapping[str, tuple[float, float]]  # where the score of a unit may lie
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """Where a score lies for the reader; `shown` is the score to a tenth where that gives nothing away."""

    low: float
    high: float
    shown: float | None = None


def is_partly_shown(unit: UnitResult) -> bool:
    """Is an indicator of the unit told as a range, so that its exact scores are withheld?"""
    return any(row.reason == SHOWN_AS_RANGE for row in unit.indicators)


def in_ranges(
    result: Assessment, scheme: Scheme, possible: Mapping[tuple[str, str], Sequence[MetricValue]], k: int
) -> Assessment:
    """The assessment with everything in ranges that would give a small count away.

    `possible` holds, by unit and code, all values a hidden number may have for the reader; none: nothing is known. The
    indicator loses value, points and contribution and keeps the range of its value; the score is rounded to a tenth
    where every hidden count stays open over its class, else it becomes a range, as wide as the weight of what nothing
    is known of; a rank is told where the ranges of the peers settle it, and the places that ranges and chance leave
    open, by the intervals that are shown. Units without hidden numbers keep their score.
    """
    bands: dict[str, Band] = {}
    units = []
    for unit in result.units:
        told = {i.code: possible[unit.unit, i.code] for i in unit.indicators if (unit.unit, i.code) in possible}
        units.append(_in_range(unit, scheme, told, k, bands) if told else unit)
    return replace(result, units=_placed(units, result.units, bands, scheme) if bands else units)


def _in_range(unit: UnitResult, scheme: Scheme, told: Possible, k: int, bands: dict[str, Band]) -> UnitResult:
    scored = {i.code for i in unit.indicators if i.code in told and i.points is not None}
    bare = [_bare(i, told[i.code]) if i.code in told else i for i in unit.indicators]
    found = replace(unit, indicators=bare, groups=_groups(unit.groups, scheme, scored))
    if unit.score is None or not scored:
        return found
    band = bands[unit.unit] = _band(unit, scheme, {code: told[code] for code in scored}, k)
    vetoes = [{**veto, "score_without": None} for veto in unit.vetoes]
    evidence = [{**item, "score_without": None} for item in unit.evidence]
    plain: dict[str, Any] = {
        "base_score": None, "shrunk_score": None, "vetoes": vetoes, "evidence": evidence, "grade_probability": {},
    }  # fmt: skip
    if band.shown is not None:
        low = None if unit.low is None else Coarse(np.floor(unit.low), 0)
        high = None if unit.high is None else Coarse(np.ceil(unit.high), 0)
        return replace(found, score=Coarse(band.shown, 1), low=low, high=high, **plain)
    names = _grades(band, unit, scheme)
    grade = unit.grade if unit.grade is not None and names == [unit.grade] else None
    low, high = Coarse(band.low, 1), Coarse(band.high, 1)
    return replace(found, score=None, low=low, high=high, reason=SHOWN_AS_RANGE, grade=grade,
                   grade_certain=grade is not None, grade_candidates=names, **plain)  # fmt: skip


def _bare(row: IndicatorResult, told: Sequence[MetricValue]) -> IndicatorResult:
    """The indicator with the range of its value instead of everything that tells the value."""
    if row.value is None:
        return replace(row, n=None)
    values = [value.value for value in told if value.value is not None]
    low, high = (min(values), max(values)) if values else (None, None)
    n = row.n if values and all(value.n == row.n for value in told) else None
    gone: dict[str, Any] = dict.fromkeys(("value", "points", "contribution", "numerator", "denominator", "shrunk",
                                          "reliability", "note", "comparison"))  # fmt: skip
    return replace(row, low=low, high=high, n=n, reason=SHOWN_AS_RANGE, **gone)


def _groups(groups: Sequence[GroupResult], scheme: Scheme, codes: set[str]) -> list[GroupResult]:
    """The groups without the points of those above a hidden indicator."""
    parents = {group.id: group.parent for group in scheme.groups}
    above: set[str] = set()
    for indicator in scheme.indicators:
        group = indicator.group if indicator.code in codes else None
        while group is not None:
            above.add(group)
            group = parents.get(group)
    return [
        replace(g, points=None, reason=SHOWN_AS_RANGE) if g.id in above and g.points is not None else g for g in groups
    ]


def _grades(band: Band, unit: UnitResult, scheme: Scheme) -> list[str]:
    """The grades the band reaches, best first, under the ceilings of vetoes."""
    names = [name for name, _ in scheme.grades.cuts]
    if not names or unit.rank_reason is not None:
        return []
    ceiling = max((names.index(veto["cap_grade"]) for veto in unit.vetoes), default=0)
    best, worst = (max(names.index(grade_of(end, scheme.grades)), ceiling) for end in (band.high, band.low))
    return names[best : worst + 1]


# --- the band of a score ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class States:
    """What hidden indicators of one source may be together: the points they add, and the counts that must stay open."""

    added: Floats
    counts: Floats  # states x counts


def _band(unit: UnitResult, scheme: Scheme, told: Possible, k: int) -> Band:
    """The narrowest band of the score in which every small count stays open by k.

    A mean may be anything between its ends. Of a value of which nothing is told the points stay wholly open too, for
    whoever knows all others would read it from the score.
    """
    score, known = unit.score or 0.0, {i.code: i for i in unit.indicators}
    if scheme.across != "arithmetic" or any(g.across not in (None, "arithmetic") for g in scheme.groups):
        return Band(0.0, 100.0)
    added = {code: _points(scheme, code, told[code]) * known[code].effective_weight for code in told}
    shift = (
        (unit.base_score or 0.0) - sum(known[code].contribution or 0.0 for code in told) + unit.bonus - unit.deduction
    )
    free = [code for code in told if len(told[code]) != len(added[code]) or told[code][0].metric in VALUES_ONLY]
    joined = _joined({code: told[code] for code in told if code not in free}, added)
    least, most = (shift + sum(float(cut(added[code])) for code in free) for cut in (np.min, np.max))
    for width in WIDTHS if all(told.values()) else ():
        low, high = _cell(score, width)
        if all(_is_open(joined, number, low - most, high - least, k) for number in range(len(joined))):
            shown = round((low + high) / 2, 1) if width == WIDTHS[0] else None
            return Band(round(max(low, 0.0), 3), round(min(high, 100.0), 3), shown)
    least, most = (x + sum(float(cut(s.added)) for s in joined) for x, cut in ((least, np.min), (most, np.max)))
    return Band(float(np.clip(np.floor(least), 0, 100)), float(np.clip(np.ceil(most), 0, 100)))


def _cell(score: float, width: float) -> tuple[float, float]:
    """The cell of a fixed grid a score lies in: rounded to a tenth first, then whole cells from 0 upwards."""
    if width == WIDTHS[0]:
        middle = np.floor(score * 10 + 0.5) / 10
        return float(middle - width / 2), float(middle + width / 2)
    start = float(np.floor(score / width) * width)
    return start, start + width


def _points(scheme: Scheme, code: str, told: Sequence[MetricValue]) -> Floats:
    """The points of every value a hidden indicator may have; anything from 0 to 100 where nothing is known."""
    indicator = next(i for i in scheme.indicators if i.code == code)
    if not told or indicator.is_relative:
        return np.linspace(0.0, 100.0, 101)
    rows = [
        Observation(str(n), code, v.value, v.numerator, v.denominator, v.low, v.high, v.n) for n, v in enumerate(told)
    ]
    units = [AssessedUnit(str(n), "") for n in range(len(rows))]
    only = replace(scheme, indicators=(indicator,))
    columns = columns_of(rows, units, [code])
    return found_for(only, columns, np.zeros(len(rows), np.int64))[1][code]


def _joined(told: Possible, added: Mapping[str, Floats]) -> list[States]:
    """Hidden rates one by one, those of the same ratings together, without what cannot be true at once."""
    together = [code for code in told if code in forms()]
    out = [States(added[code], _counts(told[code])) for code in told if code not in together]
    states, parts = States(np.zeros(1), np.zeros((1, 0))), np.zeros((1, 0, 2))
    for number, code in enumerate(together):
        own = np.array([[v.numerator or 0.0, v.denominator or 0.0] for v in told[code]])
        pairs = np.stack(np.meshgrid(range(len(parts)), range(len(own)), indexing="ij"), -1).reshape(-1, 2)
        new = np.concatenate([parts[pairs[:, 0]], own[pairs[:, 1], None, :]], axis=1)
        fits = np.ones(len(pairs), bool)
        for before in range(number):
            fits &= _fit(together[before], code, new[:, before], new[:, number])
        pairs, parts = pairs[fits], new[fits]
        if len(pairs) > MOST_STATES or not len(pairs):
            return [*out, *(States(added[c], _counts(told[c])) for c in together)]
        sums = states.added[pairs[:, 0]] + added[code][pairs[:, 1]]
        counts = np.concatenate([states.counts[pairs[:, 0]], _counts(told[code])[pairs[:, 1]]], axis=1)
        states = States(sums, counts)
    return [*out, states] if together else out


def _counts(told: Sequence[MetricValue]) -> Floats:
    """The counts of a hidden rate that must stay open, states x 1: of a class from 0, or around an earlier number."""
    parts = np.array([[v.numerator or 0.0, v.denominator or 0.0] for v in told])
    smaller = np.minimum(parts[:, 0], parts[:, 1] - parts[:, 0])
    return smaller[:, None] if smaller.min() < 1 else np.zeros((len(told), 0))


def _fit(one: str, other: str, a: Floats, b: Floats) -> NDArray[np.bool_]:
    """Which pairs of (numerator, denominator) of two rates of the same ratings can be true at once."""
    (yes_a, all_a), (yes_b, all_b) = (np.array(forms()[code]) for code in (one, other))
    fits = np.ones(len(a), bool)
    if (yes_a + yes_b <= all_a).all():
        fits &= a[:, 0] + b[:, 0] <= a[:, 1] + 1e-9
    if (yes_a + yes_b <= all_b).all():
        fits &= a[:, 0] + b[:, 0] <= b[:, 1] + 1e-9
    if (yes_a <= yes_b).all():
        fits &= a[:, 0] <= b[:, 0] + 1e-9
    if (yes_b <= yes_a).all():
        fits &= b[:, 0] <= a[:, 0] + 1e-9
    return fits


def _is_open(joined: Sequence[States], number: int, low: float, high: float, k: int) -> bool:
    """Whether the counts of one set of states stay open by k, or over their class, when all sums lie in the band."""
    own = joined[number]
    if not own.counts.shape[1]:
        return True
    others = np.zeros(1)
    for place, states in enumerate(joined):
        if place != number:
            steps = np.unique(np.round(states.added / ROUNDED))
            others = np.unique(np.add.outer(np.unique(np.round(others / ROUNDED)), steps)) * ROUNDED
    fits = np.searchsorted(others, high - own.added, side="right") > np.searchsorted(others, low - own.added)
    if not fits.any():
        return False
    span, left = np.ptp(own.counts, axis=0), np.ptp(own.counts[fits], axis=0)
    return bool((left >= np.minimum(span, k)).all())


# --- ranks -----------------------------------------------------------------------------------------------------------


def _placed(
    units: Sequence[UnitResult], official: Sequence[UnitResult], bands: Mapping[str, Band], scheme: Scheme
) -> list[UnitResult]:
    """The units with ranks as far as the ranges of their peers settle them, and without what the draws of all tell."""
    touched = {unit.group for unit in official if unit.unit in bands}
    ends: dict[str | None, dict[str, tuple[float, float]]] = {}
    for unit in official:
        if unit.group in touched and unit.rank is not None and unit.score is not None:
            band = bands.get(unit.unit, Band(unit.score, unit.score))
            ends.setdefault(unit.group, {})[unit.unit] = band.low, band.high
    hidden: dict[str | None, set[str]] = {}
    for unit in units:
        hidden.setdefault(unit.group, set()).update(i.code for i in unit.indicators if i.reason == SHOWN_AS_RANGE)
    chance = {group: _with_chance(own, units, official, scheme) for group, own in ends.items()}
    return [
        _rank(unit, ends.get(unit.group, {}), chance.get(unit.group, {}), hidden[unit.group])
        if unit.group in touched
        else unit
        for unit in units
    ]


def _with_chance(ends: Ends, units: Sequence[UnitResult], official: Sequence[UnitResult], scheme: Scheme) -> Ends:
    """What the score of each ranked unit of a group may be by chance too, wide enough for all of them at once.

    From the 95 % intervals that are shown; a range, which has none, gets the widest half of the group, in whole points.
    """
    level = max(scheme.uncertainty.joint_interval, scheme.uncertainty.rank_interval)
    wider = joint_z(len(ends), level) / Z_95
    halves = [max(u.score - u.low, u.high - u.score) for u in official
              if u.unit in ends and u.score is not None and u.low is not None and u.high is not None]  # fmt: skip
    most = float(np.ceil(max(halves, default=0.0))) * wider
    shown = {u.unit: (u.score, u.low, u.high) for u in units}
    found = {}
    for unit, (first, last) in ends.items():
        score, low, high = shown[unit]
        if score is None or low is None or high is None:
            found[unit] = first - most, last + most
        else:
            found[unit] = min(score - (score - low) * wider, first), max(score + (high - score) * wider, last)
    return found


def _rank(unit: UnitResult, ends: Ends, chance: Ends, hidden: Set[str]) -> UnitResult:
    """The unit with the place that is settled, and the places that its range and chance leave open.

    Of an indicator that is hidden for somebody in the group nothing is left that is a number made of all of them. The
    word better or worse beside a value that is shown stays: a card without it would call the worst unit usual.
    """
    gone: dict[str, Any] = dict.fromkeys(("joint_rank_low", "joint_rank_high", "probability_top", "probability_bottom",
                                          "rank_low", "rank_high", "rank", "shrunk_score", "reliability"))  # fmt: skip
    rows = [replace(i, shrunk=None, reliability=None) if i.code in hidden else i for i in unit.indicators]
    found = replace(unit, indicators=rows, **gone)
    if unit.unit not in ends:
        return found
    (best, worst), (low, high) = (_places(unit.unit, lines) for lines in (ends, chance))
    return replace(found, rank=best if best == worst else None, rank_low=low, rank_high=high)


def _places(unit: str, lines: Ends) -> tuple[int, int]:
    """The best and the worst place of a unit when every score may be anywhere on its line."""
    low, high = lines[unit]
    others = [line for name, line in lines.items() if name != unit]
    return 1 + sum(a > high + SAME for a, _ in others), 1 + sum(b > low + SAME for _, b in others)
