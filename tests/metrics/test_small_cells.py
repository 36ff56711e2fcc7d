"""No reader of a unit's rating numbers, whatever the role, works out a count of a few citizens with a solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics.counting.rates import COUNTS, rates
from metrics.disclosure.small_cells import RATING_CODES, REASON, protected, protected_months, withheld
from metrics.value import MetricValue

NAMES = [f"rating_{level}" for level in range(6)]
UNIT_CELLS = st.lists(st.integers(0, 25), min_size=6, max_size=6).flatmap(
    lambda levels: st.tuples(st.just(levels), st.integers(0, 60))
)


def _sum(terms, cells: dict[str, int]) -> float:
    return sum(weight * cells[name] for weight, name in terms)


def _values(levels: list[int], unrated: int) -> list[MetricValue]:
    """Every rating number of one unit, worked out from the cells by the definitions of the rates."""
    cells = dict(zip(NAMES, levels, strict=True)) | {"n_eligible": sum(levels) + unrated}
    out = []
    for code in (*RATING_CODES, "n_eligible"):
        if code in COUNTS:
            n = _sum(COUNTS[code], cells)
            out.append(MetricValue("u", "2025", code, None, None, n, None, None, int(n)))
            continue
        top, whole = _sum(rates()[code].numerator, cells), _sum(rates()[code].denominator, cells)
        value = top / whole if whole else None
        reason = None if whole else "no_ratings"
        out.append(MetricValue("u", "2025", code, top, whole, value, None, None, int(whole), reason))
    return out


def _attack(shown: list[MetricValue], cell: int) -> float:
    """How far apart the least and greatest value of one level are, for a reader of everything shown."""
    equations, sums = [], []

    def know(terms, value: float) -> None:
        row = np.zeros(7)
        for weight, name in terms:
            row += weight * (np.ones(7) if name == "n_eligible" else np.array([name == n for n in (*NAMES, "")], float))
        equations.append(row)
        sums.append(value)

    for v in shown:
        if v.value is None:
            continue
        if v.metric in COUNTS:
            know(COUNTS[v.metric], v.value)
        else:
            know(rates()[v.metric].numerator, v.numerator or 0.0)
            know(rates()[v.metric].denominator, v.denominator or 0.0)
    goal = np.zeros(7)
    goal[cell] = 1
    low, high = (linprog(s * goal, A_eq=np.array(equations), b_eq=sums, bounds=(0, None)) for s in (1, -1))
    return -high.fun - low.fun


@settings(max_examples=40, deadline=None)
@given(UNIT_CELLS, st.sampled_from([5, 10]))
def test_no_solver_recovers_a_level_below_k_from_what_is_shown(drawn: tuple[list[int], int], k: int) -> None:
    levels, unrated = drawn
    shown = protected(_values(levels, unrated), k)
    for cell, n in enumerate(levels):
        if 0 < n < k and sum(levels) + unrated >= k:
            assert _attack(shown, cell) >= k - 1e-6


def test_large_cells_are_shown_and_small_ones_say_why() -> None:
    assert not any(v.reason == "withheld" for v in protected(_values([12, 30, 20, 40, 50, 60], 100), 10))
    hidden = [v for v in protected(_values([12, 3, 20, 40, 50, 60], 100), 10) if v.reason == "withheld"]
    assert "n_rating_1" in {v.metric for v in hidden}
    assert all((v.value, v.numerator, v.denominator, v.n) == (None, None, None, 0) for v in hidden)


@pytest.mark.parametrize(("top", "whole", "hidden"), [(3, 40, True), (37, 40, True), (20, 40, False), (9, 9, True)])
def test_follow_up_rates_of_a_few_are_withheld(top: int, whole: int, hidden: bool) -> None:
    value = MetricValue("u", "2025", "H2", top, whole, top / whole, 0.0, 1.0, whole)
    assert protected([value], 10)[0].is_missing is hidden


def test_one_withheld_month_takes_the_others_with_it() -> None:
    months = [
        MetricValue("u", f"2025-0{m}", "S1a", n, 40, n / 40, 0.0, 1.0, 40) for m, n in ((1, 20), (2, 38), (3, 25))
    ]
    assert all(v.reason == "withheld" for v in protected_months(months, 10))
    assert protected_months(months, 2) == months


def test_what_is_withheld_does_not_tell_by_its_coverage_how_many_answered() -> None:
    value = MetricValue("u", "2025", "S1c", 3, 4, 0.75, 0.3, 0.95, 4, coverage=4 / 60)
    assert withheld(value) == MetricValue("u", "2025", "S1c", None, None, None, None, None, 0, REASON)
