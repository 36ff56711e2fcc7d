"""Which published rating numbers of a unit are withheld, so that no count of a few citizens can be worked out.

Every number is a sum over the cells rating_0 (default) to rating_5 and unrated: a rate gives its numerator and its
denominator away. Numbers are withheld until, for everybody with the rest and a solver, each cell below k stays open
by k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from metrics.counting.rates import COUNTS, MORE_ANSWERS, Terms, rates
from metrics.disclosure.protection import hides_share
from metrics.statistics.interval import wilson
from metrics.value import MetricValue

REASON = "withheld"
CELLS = (*(f"rating_{level}" for level in range(6)), "unrated")
LEVEL_CODES = ("n_default_rated", *(f"n_rating_{level}" for level in range(1, 6)))
RATING_CODES = (*LEVEL_CODES, "n_rated", "S1b", "S1c", "S1d", "S1e", "S2", "S2.top2", "S3", "S4")
STAGES = (LEVEL_CODES, ("S1b", "S1c", "S1d", "S1e", "S2", "S2.top2", "S4"), ("n_rated", "S3"), ())
"""What is given up one after the other: the table of levels, the satisfaction rates, how many rated at all."""
FOLLOW_UP_CODES = ("S1a", "S1a.satisfied", "S1a.basic", "H2", "H2.two_phase", "S6", "H5")
POINT_CODES = ("S9", "S9.manner", "S9.speed", "S7")
BAD_CODES = ("S5", "S10")  # of the bad ratings: their denominators count them
VOICE_CODES = frozenset((*RATING_CODES, *FOLLOW_UP_CODES, *POINT_CODES, *BAD_CODES))
"""Every number that rests on what single citizens said."""
SATISFIED_CODES = ("S1a", "S1a.satisfied", "S1a.basic")
RATE_CODES = frozenset((*RATING_CODES, *SATISFIED_CODES, "H2", *BAD_CODES)) - {*LEVEL_CODES, "n_rated"}
ELIGIBLE = np.ones(len(CELLS))


@lru_cache
def forms() -> dict[str, tuple[tuple[float, ...], ...]]:
    """What each rating number gives away, as weights of CELLS: of a count the count, of a rate both of its parts.

    >>> forms()["n_rated"]
    ((0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0),)
    """
    table = rates()
    parts: dict[str, tuple[Terms, ...]] = {code: (COUNTS[code],) for code in RATING_CODES if code in COUNTS}
    parts |= {code: (table[code].numerator, table[code].denominator) for code in RATING_CODES if code in table}
    return {code: tuple(_weights(terms) for terms in both) for code, both in parts.items()}


def _weights(terms: Sequence[tuple[float, str]]) -> tuple[float, ...]:
    total = np.zeros(len(CELLS))
    for weight, name in terms:
        total += weight * (ELIGIBLE if name == "n_eligible" else np.array([name == cell for cell in CELLS], float))
    return tuple(total.tolist())


def withheld_codes(cells: Sequence[int], published: Sequence[str], k: int) -> set[str]:
    """The rating numbers to withhold, given all cells of a unit; the number of eligible cases stays shown.

    First what is 1 to k - 1 itself, or leaves so few of the eligible cases; then, as long as some cell from 1 to k - 1
    can be worked out closer than k from the rest, one stage of STAGES after the other.

    >>> sorted(withheld_codes([0, 3, 20, 20, 30, 40, 100], ["n_rating_1", "n_rating_5"], 5))
    ['n_rating_1']
    >>> withheld_codes([0, 30, 20, 20, 30, 40, 100], list(RATING_CODES), 10)
    set()
    """
    x = np.asarray(cells, float)
    small = np.flatnonzero((x > 0) & (x < k))
    known = {code for code in published if code in forms()}
    gone = {code for code in known if small.size and _is_small_itself(x, code, k)}
    for stage in STAGES:
        left = sorted(known - gone)
        if all(_width(x, left, int(cell)) >= k - 1e-6 for cell in small):
            break
        gone |= known & set(stage)
    return gone


remembered = lru_cache(maxsize=4096)(withheld_codes)  # the solver takes a millisecond, and pages ask again and again


def _is_small_itself(x: NDArray[np.float64], code: str, k: int) -> bool:
    """Whether a part of the number, or what it leaves of the eligible cases, is 1 to k - 1 by itself."""
    parts = [float(np.dot(form, x)) for form in forms()[code]]
    return any(0 < part < k for value in parts for part in (value, float(x.sum()) - value))


def _width(x: NDArray[np.float64], published: Sequence[str], cell: int) -> float:
    """How far apart two states of the cells can be in one of them while everything published is the same for both."""
    from scipy.optimize import linprog  # 40 MB, which a sheet of cases does without

    known = np.array([ELIGIBLE, *(form for code in published for form in forms()[code])])
    none = np.zeros_like(known)
    goal = np.zeros(2 * len(x))
    goal[cell], goal[len(x) + cell] = 1, -1
    both = np.block([[known, none], [none, known]])
    found = linprog(goal, A_eq=both, b_eq=np.tile(known @ x, 2), bounds=(0, None))
    return float(-found.fun) if found.status == 0 else float("inf")


def protected(values: Sequence[MetricValue], k: int) -> list[MetricValue]:
    """The values of units and groups with those withheld that would give a few citizens away; the whole total stays.

    A rate of follow-ups or of a sample is withheld when those who said yes, or those who did not, are 1 to k - 1, and
    at 0 or 100 % of fewer than ten. Everything a value holds goes with it, and its reason says so. A total is that of
    the units whose number is shown (`shown_totals`).
    """
    if k <= 1:
        return list(values)
    rows: dict[tuple[str | None, str, str | None], dict[str, MetricValue]] = {}
    for value in values:
        is_judged = value.unit is not None or (value.group is not None and value.total == "pooled")
        if is_judged:
            rows.setdefault((value.unit, value.period, value.group), {})[value.metric] = value
    gone = {(*key, code) for key, row in rows.items() for code in _gone(row, k)}
    found = [withheld(v) if (v.unit, v.period, v.group, v.metric) in gone and not v.is_missing else v for v in values]
    return shown_totals(found)


def shown_totals(values: Sequence[MetricValue]) -> list[MetricValue]:
    """The values with each total of citizens' answers over the units whose number is shown, where one is withheld.

    Such a total is what everybody can add up himself, so that it gives nothing away. A total that cannot be added up
    (of peer groups, of weights and points) is withheld instead.
    """
    rows: dict[tuple[str, str, str | None], list[MetricValue]] = {}
    partial: dict[tuple[str, str], bool] = {}
    for value in values:
        if value.unit is not None and value.metric in VOICE_CODES:
            rows.setdefault((value.metric, value.period, value.group), []).append(value)
            key = value.metric, value.period
            partial[key] = partial.get(key, False) or value.reason in (REASON, MORE_ANSWERS)
    return [
        _total(v, rows.get((v.metric, v.period, v.group), []))
        if v.unit is None and not v.is_missing and partial.get((v.metric, v.period)) else v
        for v in values
    ]  # fmt: skip


def _total(total: MetricValue, units: Sequence[MetricValue]) -> MetricValue:
    shown = [v for v in units if v.value is not None]
    if not shown:
        return withheld(total)
    if total.total == "mean_of_units":
        mean = sum(v.value or 0.0 for v in shown) / len(shown)
        return total.but(value=mean, low=None, high=None, n=len(shown), numerator=None, denominator=None)
    if total.metric in LEVEL_CODES or total.metric == "n_rated":
        count = sum(v.value or 0.0 for v in shown)
        return total.but(value=count, n=int(count), numerator=count, denominator=None)
    if any(v.numerator is None or v.denominator is None for v in shown) or total.metric not in RATE_CODES:
        return withheld(total)
    hits, cases = sum(v.numerator or 0.0 for v in shown), sum(v.denominator or 0.0 for v in shown)
    low, high = wilson(hits, cases)
    return total.but(numerator=hits, denominator=cases, value=hits / cases, low=low, high=high, n=int(cases))


def _gone(row: Mapping[str, MetricValue], k: int) -> set[str]:
    gone = {code for code in FOLLOW_UP_CODES if code in row and _is_few(row[code], k)}
    gone |= {code for code in POINT_CODES if code in row and 0 < row[code].n < k}
    gone |= {code for code in BAD_CODES if code in row and 0 < (row[code].denominator or 0) < k}
    if has_few_satisfied(row, k):
        gone |= {code for code in SATISFIED_CODES if code in row}
    known = [row.get(code) for code in (*LEVEL_CODES, "n_eligible")]
    published = [code for code in RATING_CODES if code in row and not row[code].is_missing]
    if any(value is None or value.value is None for value in known):
        return gone | {code for code in published if _is_few(row[code], k)}
    *levels, eligible = (int(value.value or 0) for value in known if value is not None)
    return gone | remembered((*levels, max(eligible - sum(levels), 0)), tuple(published), k)


def has_few_satisfied(row: Mapping[str, MetricValue], k: int) -> bool:
    """Whether the satisfied, the basically satisfied or the others among the follow-ups are 1 to k - 1: with two of the
    rates and their denominator the third count is known."""
    satisfied, basic = row.get("S1a.satisfied"), row.get("S1a.basic")
    if satisfied is None or basic is None or satisfied.value is None or basic.value is None:
        return False
    counts = [satisfied.numerator or 0.0, basic.numerator or 0.0]
    return any(0 < n < k for n in (*counts, (satisfied.denominator or 0.0) - sum(counts)))


def _is_few(value: MetricValue, k: int) -> bool:
    if value.value is None:
        return False
    if value.numerator is None or value.denominator is None:
        return 0 < value.n < k
    yes, no = value.numerator, value.denominator - value.numerator
    return 0 < yes < k or 0 < no < k or (hides_share(int(value.denominator)) and 0 in (yes, no))


def withheld(value: MetricValue) -> MetricValue:
    """The value without everything it holds, and the reason why; its coverage would tell how many had answered."""
    return value.but(numerator=None, denominator=None, value=None, low=None, high=None, n=0, reason=REASON,
                   coverage=None)  # fmt: skip


def protected_months(
    monthly: Sequence[MetricValue], k: int, hidden: AbstractSet[tuple[str | None, str]] = frozenset()
) -> list[MetricValue]:
    """The months of units; where one month of a rating rate is withheld, none of that rate is shown.

    The value of the whole period would give a single withheld month away by subtraction. `hidden` are unit and metric
    of what is withheld for the whole period: its months would add up to it.
    """
    few: set[tuple[str | None, str]] = {
        (v.unit, v.metric) for v in protected(monthly, k) if v.unit is not None and v.reason == REASON
    }
    few |= hidden
    shown = [withheld(v) if (v.unit, v.metric) in few and not v.is_missing else v for v in monthly]
    return shown_totals(shown)
