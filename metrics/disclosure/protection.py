"""Small cells: which counts of a table may be shown, so that nobody is recognised in them or by subtraction.

Cells below k are hidden, and further cells with them until the hidden ones cannot be worked out from the totals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K_INTERNAL, K_UNIT = 5, 10
FULL_SHARE_FROM = 10


def hides_share(n: int) -> bool:
    """Whether 0 % and 100 % must not be shown: with so few, the share names what each of them said.

    >>> hides_share(9), hides_share(10)
    (True, False)
    """
    return n < FULL_SHARE_FROM


def hidden_cells(table: Sequence[Sequence[int]], k: int) -> NDArray[np.bool_]:
    """Which cells of a table of counts with shown row and column totals are hidden.

    First every count from 1 to k - 1. Then, as long as somebody could work a hidden cell out closer than k from the
    totals and what is left, a shown cell of the row or column that betrays it. How close one gets is measured by linear
    programming: for each hidden cell the least and the greatest value that fits the totals. A total below k is not
    shown itself (`hidden_totals`).

    >>> hidden_cells([[40, 3, 20], [30, 30, 30], [25, 12, 14]], 5).astype(int).tolist()
    [[0, 1, 1], [0, 0, 0], [0, 1, 1]]
    """
    counts = np.asarray(table, np.int64)
    hidden: NDArray[np.bool_] = (counts > 0) & (counts < k)
    shown_rows, shown_columns = hidden_totals(counts, k)
    while hidden.any():
        narrow = [p for p in np.argwhere(hidden) if _width(bounds(counts, hidden, p, shown_rows, shown_columns)) < k]
        further = _further(counts, hidden, narrow)
        if further is None:
            break
        hidden[further] = True
    return hidden


def hidden_totals(table: Sequence[Sequence[int]] | NDArray[np.int64], k: int) -> tuple[NDArray, NDArray]:
    """Which row totals and which column totals are large enough to be shown: none at all, or k and more."""
    counts = np.asarray(table, np.int64)
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    return (rows == 0) | (rows >= k), (columns == 0) | (columns >= k)


def bounds(
    counts: NDArray[np.int64],
    hidden: NDArray[np.bool_],
    place: NDArray[np.int64],
    shown_rows: NDArray[np.bool_],
    shown_columns: NDArray[np.bool_],
) -> tuple[float, float]:
    """The least and the greatest value of one hidden cell that fits everything shown."""  # fmt: skip
    from scipy.optimize import linprog  # 40 MB, which a sheet of cases does without

    places = [tuple(p) for p in np.argwhere(hidden)]
    number = {p: i for i, p in enumerate(places)}
    equations, sums = [], []
    for axis, shown in ((0, shown_rows), (1, shown_columns)):
        for line in np.flatnonzero(shown):
            mine = [p for p in places if p[axis] == line]
            if mine:
                row = np.zeros(len(places))
                row[[number[p] for p in mine]] = 1
                equations.append(row)
                sums.append(float(sum(counts[p] for p in mine)))
    goal = np.zeros(len(places))
    goal[number[tuple(place)]] = 1
    fits = {"A_eq": np.array(equations), "b_eq": sums} if equations else {}
    least, most = (linprog(sign * goal, bounds=(0, None), **fits) for sign in (1, -1))
    low = float(least.fun) if least.status == 0 else 0.0
    return low, float(-most.fun) if most.status == 0 else float("inf")


def _width(ends: tuple[float, float]) -> float:
    return ends[1] - ends[0]


def _further(
    counts: NDArray[np.int64], hidden: NDArray[np.bool_], narrow: list[NDArray[np.int64]]
) -> tuple[int, int] | None:
    """The next cell to hide, None where none is left.

    It lies in a line of a cell that is too narrow, if possible in lines whose only hidden cell that is; one cell that
    helps two lines is better than two, then a count above 0, then the smallest.
    """
    lines = {(axis, int(place[axis])) for place in narrow for axis in (0, 1)}
    lonely = {line for line in lines if hidden.take(line[1], axis=line[0]).sum() == 1} or lines
    shown = [(int(r), int(c)) for r, c in np.argwhere(~hidden)]
    helps = {p: ((0, p[0]) in lonely) + ((1, p[1]) in lonely) for p in shown}
    candidates = [p for p in shown if helps[p]] or [p for p in shown if {(0, p[0]), (1, p[1])} & lines]
    return min(candidates, key=lambda p: (-helps[p], counts[p] == 0, counts[p], p), default=None)
