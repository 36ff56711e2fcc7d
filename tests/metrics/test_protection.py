"""Small cells: nobody with the totals and a solver gets closer than k to a hidden count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics.disclosure.protection import hidden_cells, hidden_totals, hides_share

TABLES = st.integers(2, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 30), min_size=columns, max_size=columns), min_size=2, max_size=4
    )
)  # fmt: skip


def _attack(table: list[list[int]], hidden: np.ndarray, place: tuple[int, int], k: int) -> tuple[float, float]:
    """What a reader can work out about one cell: every cell is unknown, what is shown is an equation."""
    counts = np.asarray(table)
    shape = counts.shape
    rows, columns = hidden_totals(counts, k)
    equations, sums = [], []

    def equation(mask: np.ndarray, value: int) -> None:
        equations.append(mask.ravel().astype(float))
        sums.append(float(value))

    for r, c in np.argwhere(~hidden):
        one = np.zeros(shape)
        one[r, c] = 1
        equation(one, counts[r, c])
    for axis, shown in ((0, rows), (1, columns)):
        for line in np.flatnonzero(shown):
            whole = np.zeros(shape)
            whole[(line, slice(None)) if axis == 0 else (slice(None), line)] = 1
            equation(whole, counts.sum(axis=1 - axis)[line])
    goal = np.zeros(shape)
    goal[place] = 1
    if not equations:  # everything is hidden
        return 0.0, float("inf")
    low, high = (
        linprog(sign * goal.ravel(), A_eq=np.array(equations), b_eq=sums, bounds=(0, None)) for sign in (1, -1)
    )
    return low.fun, float("inf") if high.status == 3 else -high.fun


@settings(max_examples=60, deadline=None)
@given(TABLES, st.sampled_from([5, 10]))
def test_no_solver_recovers_a_cell_below_k(table: list[list[int]], k: int) -> None:
    hidden = hidden_cells(table, k)
    counts = np.asarray(table)
    for place in np.argwhere((counts > 0) & (counts < k)):
        assert hidden[tuple(place)]
        low, high = _attack(table, hidden, tuple(place), k)
        everything = hidden.all()
        assert high - low >= k - 1e-6 or everything


@settings(max_examples=30, deadline=None)
@given(TABLES)
def test_tables_without_small_cells_are_shown_whole(table: list[list[int]]) -> None:
    large = [[n + 10 if n else 0 for n in row] for row in table]
    assert not hidden_cells(large, 10).any()


@pytest.mark.parametrize(("k", "hidden"), [(5, 0), (10, 4)])
def test_unit_view_hides_more_than_the_internal_one(k: int, hidden: int) -> None:
    assert int(hidden_cells([[40, 7, 30], [35, 30, 20], [25, 22, 14]], k).sum()) == hidden


@pytest.mark.parametrize(("n", "hides"), [(1, True), (9, True), (10, False)])
def test_full_shares_of_few_are_hidden(n: int, hides: bool) -> None:
    assert hides_share(n) is hides
