"""Does a unit close faster than others would have closed the same cases? Observed against expected closures.

The hazard of each cell (category and channel) comes from all units together; a case adds what that hazard had built up
to by the time it closed or, still open, by the cut-off. Observed / expected above 1 is faster than the mix would give.
It is the expected count of the log-rank test.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.statistics.interval import Z95


@dataclass(frozen=True)
class Speed:
    """Closures of one group, those expected, and their ratio with an interval; `cases` counts open ones too."""

    observed: float
    expected: float
    cases: float

    @property
    def ratio(self) -> float | None:
        return self.observed / self.expected if self.expected > 0 else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """From (O - E)/sqrt E, for Var(O - E) is at most E: conservative."""
        if self.ratio is None:
            return None
        half = Z95 / math.sqrt(self.expected)
        return max(0.0, self.ratio - half), self.ratio + half


def expected_closures(
    seconds: ArrayLike, ended: ArrayLike, weight: ArrayLike, cell: ArrayLike, group: ArrayLike
) -> dict[int, Speed]:
    """Observed and expected closures by group from cases counted by time taken.

    H_k(t) = sum of closures/waiting over the times up to t in cell k (Nelson-Aalen); the expectation of a group is the
    sum of H over its cases. `cell` and `group` are small integers. Empty input gives no group.

    >>> found = expected_closures([1, 2, 3, 4], [1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 1, 1])
    >>> round(found[0].expected, 4), round(found[1].expected, 4), found[0].observed
    (0.8333, 2.1667, 2.0)
    """
    time, end, n = np.asarray(seconds, float), np.asarray(ended) == 1, np.asarray(weight, float)
    cells, groups = np.asarray(cell), np.asarray(group)
    hazard = np.zeros(len(time))
    for k in np.unique(cells):
        chosen = cells == k
        hazard[chosen] = _hazard(time[chosen], end[chosen], n[chosen])
    return {
        int(g): Speed(float(n[mine & end].sum()), float((hazard * n)[mine].sum()), float(n[mine].sum()))
        for g in np.unique(groups)
        if (mine := groups == g).any()
    }


def _hazard(time: NDArray[np.float64], end: NDArray[np.bool_], n: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cumulated hazard at each case's own time."""
    edges, index = np.unique(time, return_inverse=True)
    ends = np.bincount(index, n * end, len(edges))
    waiting = np.bincount(index, n, len(edges))[::-1].cumsum()[::-1]
    return np.cumsum(ends / waiting)[index]
