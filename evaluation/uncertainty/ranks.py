"""Ranks on unrounded scores, their intervals from draws, and joint intervals for claims about one named unit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Draws = NDArray[np.float32]
THREADS, ROWS_AT_ONCE = 2, 100
DECIMALS = 9  # what differs later differs by the order of additions only
TIE_BREAK = 1e-4  # points; draws that tie (both at 100, say) are put in either order


def ranks(scores: Floats) -> NDArray[np.int64]:
    """Rank 1 for the highest score; ties (to nine decimals) share the better rank and leave a gap behind them.

    >>> ranks(np.array([89.9964, 89.9951, 89.9951, 80.0])).tolist()
    [1, 2, 2, 4]
    """
    settled = -np.round(scores, DECIMALS)
    return np.searchsorted(np.sort(settled), settled, side="left") + 1


def rank_draws(scores: Draws, generator: np.random.Generator) -> NDArray[np.unsignedinteger]:
    """Rank of every unit in every draw, (draws, units), 1 the highest; ties are broken at random."""
    small = np.uint16 if scores.shape[1] <= np.iinfo(np.uint16).max else np.uint32
    jitter = generator.random(scores.shape, dtype=np.float32) * np.float32(TIE_BREAK)
    found = np.empty(scores.shape, dtype=small)
    places = np.arange(1, scores.shape[1] + 1, dtype=small)

    def rank(rows: slice) -> None:
        order = np.argsort(-(scores[rows] + jitter[rows]), axis=1)
        np.put_along_axis(found[rows], order, np.broadcast_to(places, order.shape), axis=1)

    with ThreadPoolExecutor(THREADS) as pool:  # sorting lets other threads work meanwhile
        list(pool.map(rank, (slice(start, start + ROWS_AT_ONCE) for start in range(0, len(scores), ROWS_AT_ONCE))))
    return found


def quantiles(draws: NDArray, shares: tuple[float, ...]) -> list[Floats]:
    """Sample quantiles over the draws (first axis): the smallest value reached by ceil(share·draws) of them.

    >>> [float(q[0]) for q in quantiles(np.arange(1, 101)[:, None], (0.05, 0.5, 0.95))]
    [5.0, 50.0, 95.0]
    """
    rows = [max(0, int(np.ceil(share * draws.shape[0] - 1e-9)) - 1) for share in shares]
    turned = np.partition(np.ascontiguousarray(draws.T), sorted(set(rows)), axis=1)
    return [turned[:, row].astype(np.float64) for row in rows]


def joint_z(units: int, level: float = 0.90) -> float:
    """The z under which the intervals of all units hold at once: Phi^-1(1 - (1 - level^(1/units))/2).

    >>> round(joint_z(51, 0.9), 4)
    3.0809
    """
    from scipy import special  # 26 MB, which documents do without

    return float(special.ndtri(1 - (1 - level ** (1 / units)) / 2))


def joint_rank_intervals(low: Floats, high: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last possible rank of each unit from joint intervals, rank 1 the **highest** value.

    From 1 + #{units whose low end is above my high end, or touches it} to N - #{units whose high end is at or below my
    low end}. Source: Klein, Wright and Wieczorek 2020, doi 10.1111/rssc.12402.

    >>> first, last = joint_rank_intervals(np.array([80.0, 70.0, 60.0]), np.array([90.0, 82.0, 65.0]))
    >>> list(zip(first.tolist(), last.tolist()))
    [(1, 2), (1, 2), (3, 3)]
    """
    first = len(low) - np.searchsorted(np.sort(low), high, side="left") + 1
    last = len(low) - np.searchsorted(np.sort(high), low, side="right")
    return first, last


def probability_above(mean_a: float, variance_a: float, mean_b: float, variance_b: float) -> float:
    """P(A > B) of two independent normal scores.

    >>> round(probability_above(82, 2.25, 80, 4), 6)
    0.788145
    """
    from scipy import special

    return float(special.ndtr((mean_a - mean_b) / np.sqrt(variance_a + variance_b)))


def mean_rank_shift(found: NDArray, reference: NDArray) -> float:
    """R_S: mean absolute difference of two rankings (OECD/JRC handbook 2008, eq. 38).

    >>> mean_rank_shift(np.array([2, 1, 3]), np.array([1, 2, 3]))
    0.6666666666666666
    """
    return float(np.abs(found.astype(float) - reference.astype(float)).mean())
