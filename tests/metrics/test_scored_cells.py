"""Counts in classes: every unit alike, in order, and never closer than k to a small count."""

from __future__ import annotations

import itertools

from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics.counting.rates import rates
from metrics.disclosure.scored_cells import NEEDED, class_of, grouped
from metrics.disclosure.small_cells import RATING_CODES, protected
from metrics.value import MetricValue
from tests.metrics.test_small_cells import NAMES, _sum, _values

K = 10


def _scored(levels: list[int], unrated: int, *codes: str) -> dict[str, MetricValue]:
    return {v.metric: v for v in grouped(_values(levels, unrated), K, also=(5,)) if v.metric in codes}


def test_fewer_dissatisfied_never_score_lower() -> None:
    """With the same number of answers the value in classes keeps the order of the true ones."""
    values = [_scored([0, bad, 0, 20, 20, 60 - bad], 100, "S1c")["S1c"].value for bad in range(40)]
    assert all(before is None or after is None or after <= before for before, after in itertools.pairwise(values))
    assert values[0] == values[K] == (100 - K / 2) / 100


def test_large_counts_enter_as_they_are() -> None:
    exact = {v.metric: v for v in _values([30, 30, 30, 30, 40, 50], 100)}
    for code, value in _scored([30, 30, 30, 30, 40, 50], 100, "S1c", "S4", "S3").items():
        assert value == exact[code]


@settings(max_examples=12, deadline=None)
@example([3, 1, 8, 1, 0, 1], 60)  # here the classes alone would give a small count away
@example([12, 0, 30, 5, 3, 0], 60)  # and here
@example([30, 5, 0, 3, 5, 3], 60)  # here the middle of the lowest class is the count itself
@given(st.lists(st.integers(0, 30), min_size=6, max_size=6), st.integers(0, 60))
def test_a_reader_of_score_and_table_gets_no_closer_than_k(levels: list[int], unrated: int) -> None:
    every = _values(levels, unrated)
    told = [v for v in protected(every, K) if v.value is not None and v.metric in ("n_eligible", *RATING_CODES)]
    low_high: list[tuple[list[float], float, float]] = []

    def know(terms, low: float, high: float) -> None:
        row = [0.0] * 7
        for weight, name in terms:
            for i in range(7) if name == "n_eligible" else [NAMES.index(name)]:
                row[i] += weight
        low_high.append((row, low, high))

    from metrics.counting.rates import COUNTS

    for v in told:
        if v.metric in COUNTS:
            know(COUNTS[v.metric], v.value or 0, v.value or 0)
        else:
            know(rates()[v.metric].numerator, v.numerator or 0, v.numerator or 0)
            know(rates()[v.metric].denominator, v.denominator or 0, v.denominator or 0)
    cells = dict(zip(NAMES, levels, strict=True)) | {"n_eligible": sum(levels) + unrated}
    for code, v in _scored(levels, unrated, "S1c", "S4").items():
        if v.value is None:
            continue
        top, whole = _sum(rates()[code].numerator, cells), _sum(rates()[code].denominator, cells)
        found = class_of(int(min(top, whole - top)), K)
        is_few = v.numerator != top or found.low == 0  # the middle of the lowest class may be the count by chance
        ends = (found.low, found.high) if is_few else (min(top, whole - top),) * 2
        is_no = whole - top <= top
        know(rates()[code].numerator, *((whole - ends[1], whole - ends[0]) if is_no else ends))
        know(rates()[code].denominator, whole - (10 if is_few else 0), whole + (10 if is_few else 0))
    rows = [r for r, _, _ in low_high] + [[-x for x in r] for r, _, _ in low_high]
    ends = [h for _, _, h in low_high] + [-low for _, low, _ in low_high]
    for i, n in enumerate(levels):
        if 0 < n < K <= sum(levels) + unrated:
            goal = [float(i == j) for j in range(7)]
            least, most = (linprog([s * g for g in goal], A_ub=rows, b_ub=ends, bounds=(0, None)) for s in (1, -1))
            assert -most.fun - least.fun >= K - 1e-6
    assert set(NEEDED) >= {"n_eligible", *RATING_CODES}
