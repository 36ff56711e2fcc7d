"""What a score may rest on, so that nobody reads a few citizens out of it: small counts enter in classes.

A score is published with the values it is made of, and can be worked backwards. Where a scheme asks for it, a rate of
citizens' answers that would give a count below k away enters the score as the middle of a class k wide, on its smaller
side: "0 to k" of the dissatisfied count as k/2. Everybody can recalculate that score, and nobody gets closer than k.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from metrics.disclosure.small_cells import (
    BAD_CODES,
    CELLS,
    ELIGIBLE,
    FOLLOW_UP_CODES,
    LEVEL_CODES,
    POINT_CODES,
    RATING_CODES,
    REASON,
    SATISFIED_CODES,
    VOICE_CODES,
    forms,
    has_few_satisfied,
    remembered,
)
from metrics.statistics.interval import wilson
from metrics.value import MetricValue

NEEDED = ("n_eligible", *RATING_CODES, *SATISFIED_CODES)
"""What has to be counted beside the scored codes, so that they can be judged by everything shown."""

FULL_MARKS, ONE_LEVEL = 100.0, 25.0  # points of the best answer, and from one of the five answers to the next
DEFAULT, UNRATED = CELLS.index("rating_0"), CELLS.index("unrated")


@dataclass(frozen=True)
class Class:
    """The least and the greatest count on one side of a rate that look the same, and the count that stands for them."""

    low: float
    high: float
    middle: float


def class_of(count: int, k: int) -> Class:
    """The class of a count: 0 to k, then k + 1 to 2k, 2k + 1 to 3k and so on.

    >>> class_of(0, 10) == class_of(10, 10), class_of(10, 10).middle, class_of(11, 10).middle
    (True, 5.0, 15.5)
    """
    place = max(0, (count - 1) // k)
    low = 0 if place == 0 else place * k + 1
    return Class(low, (place + 1) * k, (low + (place + 1) * k) / 2)


def grouped(values: Sequence[MetricValue], k: int, also: Sequence[int] = ()) -> list[MetricValue]:
    """The values a scheme scores, with rates of a few citizens as the middle of their class; the rest as they are.

    `values` holds, beside the scored codes, NEEDED for every unit. A side of 0 to k counts as k/2 for every unit alike,
    whether or not it would give anything away: nobody gains by fewer answers. Where even the class, with what is shown
    elsewhere for k and for each k of `also`, would come closer to a count than k, the rate is withheld and not scored.
    Rates of follow-ups are judged by their two sides alone; a mean of points enters in steps of k answers.
    """
    rows: dict[tuple[str | None, str], dict[str, MetricValue]] = {}
    for value in values:
        rows.setdefault((value.unit, value.period), {})[value.metric] = value
    changed = {(*key, code): value for key, row in rows.items() for code, value in _of_unit(row, k, (k, *also)).items()}
    return [changed.get((v.unit, v.period, v.metric), v) for v in values]


def possible(values: Sequence[MetricValue], k: int) -> dict[tuple[str | None, str, str], list[MetricValue]]:
    """For each rate or mean of citizens' answers that would give a count below k away: all values it may have for a
    reader who is told its class only, keyed by unit, period and code. An empty list: nothing may be told.

    The classes are those of `grouped`. A mean of points is told in steps of k answers that differ by one level of four,
    so that nobody can say that anybody gave one answer. What is told of bad ratings goes with the bad rate itself.
    """
    rows: dict[tuple[str | None, str], dict[str, MetricValue]] = {}
    for value in values:
        if value.unit is not None and value.group is None:
            rows.setdefault((value.unit, value.period), {})[value.metric] = value
    return {(*key, code): found for key, row in rows.items() for code, found in _possible(row, k).items()}


def _possible(row: Mapping[str, MetricValue], k: int) -> dict[str, list[MetricValue]]:
    present = {code: value for code, value in row.items() if value.value is not None}
    sides = _sides(row, k, (k,))
    out = {code: [] if side is None else side.possible(present[code]) for code, side in sides.items()}
    out |= {code: _steps_of_one_level(present[code], k) for code in ("S6", *POINT_CODES) if code in present}
    if "S4" in sides or "S4" not in present:
        out |= {code: [] for code in BAD_CODES if code in present}
    return out


def _steps_of_one_level(value: MetricValue, k: int) -> list[MetricValue]:
    """The values of the step a mean of points lies in, the steps counted from 100 downwards."""
    if value.n < k:
        return []
    step = ONE_LEVEL * k / value.n
    place = np.floor((FULL_MARKS - (value.value or 0.0)) / step)
    ends = FULL_MARKS - place * step, max(FULL_MARKS - (place + 1) * step, 0.0)
    return [value.but(value=float(v), numerator=None, denominator=None) for v in np.linspace(*ends, k + 1)]


def _of_unit(row: Mapping[str, MetricValue], k: int, ks: Sequence[int]) -> dict[str, MetricValue]:
    present = {code: value for code, value in row.items() if value.value is not None}
    sides = _sides(row, k, ks).items()
    out = {code: _withheld(present[code]) if side is None else _in_class(present[code], side) for code, side in sides}
    return out | {code: _in_steps(present[code], k) for code in ("S6", *POINT_CODES) if code in present}


def _sides(row: Mapping[str, MetricValue], k: int, ks: Sequence[int]) -> dict[str, Side | None]:
    """The rates that cannot stand as they are, each with the class it is told in; None where nothing is told."""
    present = {code: value for code, value in row.items() if value.value is not None}
    follow_ups = [code for code in FOLLOW_UP_CODES if code in present and code != "S6"]
    out = {code: _follow_up(present[code], k) for code in follow_ups if _is_few(present[code], k)}
    out |= {c: None for c in BAD_CODES if c in present and 0 < (present[c].denominator or 0) < k}
    if has_few_satisfied(row, k):
        out |= {code: _follow_up(present[code], k) for code in SATISFIED_CODES if code in present}
    codes = [code for code in RATING_CODES if code in row and not row[code].is_missing and code not in LEVEL_CODES]
    counts = [row.get(code) for code in (*LEVEL_CODES, "n_eligible")]
    if not codes or any(value is None or value.value is None for value in counts):
        return out
    *levels, eligible = (int(value.value or 0) for value in counts if value is not None)
    cells = [*levels, max(eligible - sum(levels), 0)]
    return out | _ratings({code: row[code] for code in codes if row[code].denominator is not None}, cells, k, ks)


def _ratings(
    rates: Mapping[str, MetricValue], cells: Sequence[int], k: int, ks: Sequence[int]
) -> dict[str, Side | None]:
    """The rates that cannot stand as they are: in classes, while no reader of any k gets too close, else withheld."""
    gone = {one: remembered(tuple(cells), RATING_CODES, one) for one in ks}
    shown = {one: [c for c in RATING_CODES if c not in gone[one]] for one in ks}
    sides = {code: _side(code, value, cells, k) for code, value in rates.items()}
    few = {c: side for c, side in sides.items() if c not in shown[k] or side.count.low == 0}
    kept = list(few)
    while kept and not all(
        _is_safe(tuple(cells), tuple(shown[one]), tuple((c, few[c]) for c in kept), one) for one in ks
    ):
        kept.pop()
    return {c: side if c in kept else None for c, side in few.items()}


@dataclass(frozen=True)
class Side:
    """The smaller side of a rate in its class, and how many the rate is of.

    `is_of_no` says that the smaller side are those who did not. With few ratings by default, `whole` holds them as a
    class too: beside the number of active ratings it would tell how many they are.
    """

    is_of_no: bool
    count: Class
    whole: float
    default: Class | None = None

    def possible(self, value: MetricValue) -> list[MetricValue]:
        """The rate at every count of the class, and at both ends of a class of ratings by default."""
        ends = (
            (0.0,)
            if self.default is None
            else (self.default.low - self.default.middle, self.default.high - self.default.middle)
        )
        wholes = [self.whole + end for end in ends]
        counts = range(int(self.count.low), int(self.count.high) + 1)
        found = [(whole - n if self.is_of_no else float(n), whole) for whole in wholes for n in counts if n <= whole]
        return [value.but(numerator=y, denominator=w, value=y / w, n=int(w)) for y, w in found if w]


def _side(code: str, value: MetricValue, cells: Sequence[int], k: int) -> Side:
    yes, no = round(value.numerator or 0), round((value.denominator or 0) - (value.numerator or 0))
    whole, default = value.denominator or 0.0, None
    if forms()[code][1][DEFAULT] and not forms()[code][1][UNRATED] and cells[DEFAULT] <= k:
        default = class_of(cells[DEFAULT], k)
        whole += default.middle - cells[DEFAULT]
    return Side(no <= yes, class_of(min(yes, no), k), whole, default)


def _in_class(value: MetricValue, side: Side) -> MetricValue:
    count = min(side.count.middle, side.whole / 2)
    yes = side.whole - count if side.is_of_no else count
    low, high = wilson(yes, side.whole)
    return value.but(numerator=yes, denominator=side.whole, value=yes / side.whole, low=low, high=high)


@lru_cache(maxsize=4096)  # the solver takes some milliseconds, and every page of an assessment asks the same again
def _is_safe(cells: tuple[int, ...], shown: tuple[str, ...], classes: tuple[tuple[str, Side], ...], k: int) -> bool:
    """Whether every count from 1 to k - 1 stays open by k for who knows what is shown, and these classes."""
    from scipy.optimize import linprog  # 40 MB, which a sheet of cases does without

    x = np.asarray(cells, float)
    known = [ELIGIBLE, *(np.array(form) for code in shown for form in forms()[code])]
    boxes: list[np.ndarray] = []
    ends: list[float] = []
    for code, side in classes:
        yes, whole = (np.array(form) for form in forms()[code])
        form = whole - yes if side.is_of_no else yes
        boxes += [form, -form]
        ends += [side.count.high, -side.count.low]
        if side.default is None:
            known.append(whole)
        else:
            active = whole - np.eye(len(CELLS))[DEFAULT]
            known.append(active)
            boxes.append(np.eye(len(CELLS))[DEFAULT])
            ends.append(side.default.high)
    limits = {"A_ub": np.array(boxes), "b_ub": ends} if boxes else {}
    equal = np.array(known)
    for cell in np.flatnonzero((x > 0) & (x < k)):
        goal = np.eye(len(CELLS))[cell]
        low, high = (linprog(s * goal, A_eq=equal, b_eq=equal @ x, bounds=(0, None), **limits) for s in (1, -1))
        if low.status == 0 and high.status == 0 and -high.fun - low.fun < k - 1e-6:
            return False
    return True


def _is_few(value: MetricValue, k: int) -> bool:
    """Whether a side of a rate of follow-ups is small."""
    if value.numerator is None or value.denominator is None:
        return value.n < 2 * k
    return min(value.numerator, value.denominator - value.numerator) <= k


def _follow_up(value: MetricValue, k: int) -> Side | None:
    """The class of a rate of follow-ups; of fewer than 2k answers nothing is told."""
    if value.numerator is None or (value.denominator or 0.0) < 2 * k:
        return None
    yes, no = round(value.numerator), round((value.denominator or 0) - value.numerator)
    return Side(no <= yes, class_of(min(yes, no), k), value.denominator or 0.0)


def _in_steps(value: MetricValue, k: int) -> MetricValue:
    """The middle of a step of k answers on the scale of points; the interval keeps its width to a step."""
    if value.n < 2 * k:
        return _withheld(value)
    step = FULL_MARKS * k / value.n
    middle = min((np.floor((value.value or 0.0) / step) + 0.5) * step, FULL_MARKS)
    half = np.ceil(((value.high or 0.0) - (value.low or 0.0)) / 2 / step) * step
    low, high = float(max(middle - half, 0.0)), float(min(middle + half, FULL_MARKS))
    return value.but(value=float(middle), numerator=None, denominator=None, low=low, high=high)


def _withheld(value: MetricValue) -> MetricValue:
    return value.but(numerator=None, denominator=None, value=None, low=None, high=None, reason=REASON)


def scored_codes(codes: Sequence[str]) -> Iterator[str]:
    """Those of some codes that rest on citizens' answers.

    >>> list(scored_codes(["R5", "S4", "H2"]))
    ['S4', 'H2']
    """
    return (code for code in codes if code in VOICE_CODES)
