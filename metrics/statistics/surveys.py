"""Beyond one margin: raking to several, what weights cost in precision, who did not answer, own against independent.

Weights correct for who answered; they cannot correct for why. So participation, coverage and worst-case bounds stand
beside every weighted rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.statistics.interval import manski, newcombe_difference, wilson
from metrics.statistics.sampling import SampleError, Stratum, is_low_coverage, poststratified

TOLERANCE = 1e-10
MOST_PASSES = 500
TRIM = 5.0  # times the median weight
FEWEST_WEIGHTED = 30  # with fewer answers a weighted rate says nothing
FEW_ANSWERS = 10  # cells with fewer answers are merged before weighting


@dataclass(frozen=True)
class Reach:
    """Who was asked, who answered, and what the rate could be had all answered. Shares are None without a base."""

    eligible: int
    invited: int
    contacted: int
    answered: int
    coverage: float | None  # invited of eligible
    contact: float | None  # contacted of invited
    cooperation: float | None  # answered of contacted
    participation: float | None  # answered of eligible, unknowns counted as eligible
    low: float | None
    high: float | None
    is_low: bool


@dataclass(frozen=True)
class Gap:
    """Own result minus the independent sample (S7), with Newcombe's interval on the effective sample sizes."""

    value: float
    low: float
    high: float
    own: float
    independent: float

    @property
    def is_beyond_chance(self) -> bool:
        return self.low > 0 or self.high < 0


def rake(n: ArrayLike, rows: ArrayLike, columns: ArrayLike, tolerance: float = TOLERANCE) -> NDArray[np.float64]:
    """Weights of the cells of a table so that both margins meet their totals (iterative proportional fitting).

    Repeats T·= rows/rowsum, T·= columns/colsum until nothing changes. Cells without answers keep weight 0. Raises
    SampleError when a row or column with a total has no answer, also when the totals of both margins differ.
    """
    seen, wanted_rows, wanted_columns = (np.asarray(values, float) for values in (n, rows, columns))
    if not math.isclose(wanted_rows.sum(), wanted_columns.sum(), rel_tol=1e-9):
        raise SampleError("the totals of both margins must be equal")
    if ((seen.sum(1) == 0) & (wanted_rows > 0)).any() or ((seen.sum(0) == 0) & (wanted_columns > 0)).any():
        raise SampleError("a row or column of the population has no answer: merge it with a similar one")
    cells = seen.copy()
    for _ in range(MOST_PASSES):
        before = cells.copy()
        for axis, wanted in ((1, wanted_rows), (0, wanted_columns)):
            sums = cells.sum(axis=axis)
            factor = np.divide(wanted, sums, out=np.zeros_like(wanted), where=sums > 0)
            cells = cells * np.expand_dims(factor, axis)
        if np.abs(cells - before).max() < tolerance * max(cells.max(), 1.0):
            break
    return np.divide(cells, seen, out=np.zeros_like(cells), where=seen > 0)


def trimmed(weights: ArrayLike, n: ArrayLike, most: float = TRIM) -> NDArray[np.float64]:
    """Weights cut at five times the median over the answers; rake once more afterwards."""
    w, counts = np.asarray(weights, float), np.asarray(n, float)
    order = np.argsort(w.ravel(), kind="stable")
    cumulative = counts.ravel()[order].cumsum()
    median = float(w.ravel()[order][np.searchsorted(cumulative, cumulative[-1] / 2)])
    return np.minimum(w, most * median)


def kish(n: ArrayLike, weights: ArrayLike) -> tuple[float, float]:
    """Effective number of answers (sum w)²/sum w² and design effect n·sum w²/(sum w)², for n answers of each weight."""
    counts, w = np.asarray(n, float).ravel(), np.asarray(weights, float).ravel()
    effective = float((counts * w).sum() ** 2 / (counts * w * w).sum())
    return effective, float(counts.sum() / effective)


def clustered(design_effect: float, answers_per_person: float, correlation: float) -> float:
    """The design effect when one person gives several answers: times 1 + (m - 1)·icc."""
    return design_effect * (1 + (answers_per_person - 1) * correlation)


def reach(eligible: int, invited: int, contacted: int, answered: int, rate: float | None = None) -> Reach:
    """Coverage, contact, cooperation and participation, and the bounds of a rate had everybody answered.

    Raises SampleError when more answered than were contacted, or more were contacted than invited.

    >>> found = reach(100, 100, 20, 20, rate=1.0)
    >>> found.participation, found.low, found.high, found.is_low
    (0.2, 0.2, 1.0, True)
    """
    if not answered <= contacted <= invited:
        raise SampleError(f"answers_exceed_invitations: {answered} answers, {contacted} contacted, {invited} invited")
    share = _share(answered, eligible)
    low, high = manski(rate, share) if rate is not None and share is not None else (None, None)
    return Reach(
        eligible, invited, contacted, answered, _share(invited, eligible), _share(contacted, invited),
        _share(answered, contacted), share, low, high, is_low_coverage(answered, eligible),
    )  # fmt: skip


@dataclass(frozen=True)
class WeightedRate:
    """A rate of answers weighted to the cases they stand for, twice: by cells, and by both margins (raking).

    `design_effect` and `effective` are those of raking; `low` and `high` bound its 95 % interval on them.
    """

    answers: int
    raw: float
    stratified: float
    raked: float
    low: float
    high: float
    design_effect: float
    effective: float
    merged: int  # cells with too few answers that were put together


def weighted_rate(cells: Mapping[tuple[str, str], tuple[int, int, int]]) -> WeightedRate | None:
    """Weighted rates from (cases, answers, positive) by row and column, say category and channel.

    Rows, columns and cells with fewer than ten answers are merged first. None with fewer than thirty answers, which
    are too few to weight. Raked weights above five times the median are cut, and raked once more.

    >>> found = weighted_rate({("a", "phone"): (50, 30, 27), ("a", "web"): (50, 10, 5)})
    >>> found and (found.raw, round(found.stratified, 4), round(found.raked, 4), round(found.design_effect, 4))
    (0.8, 0.7, 0.7, 1.3333)
    """
    answers = sum(n for _, n, _ in cells.values())
    if answers < FEWEST_WEIGHTED:
        return None
    rows, columns = (merge_small(sorted(_by_margin(cells, side).items())) for side in (0, 1))
    merged: dict[tuple[str, str], list[int]] = {}
    for (row, column), counts in cells.items():
        own = merged.setdefault((rows[row], columns[column]), [0, 0, 0])
        for place, value in enumerate(counts):
            own[place] += value
    flat = {f"{row}|{column}": tuple(counts) for (row, column), counts in merged.items()}
    names = merge_small(sorted((name, counts[1]) for name, counts in flat.items()))
    strata: dict[str, Stratum] = {}
    for name, (population, n, positive) in flat.items():
        then = strata.get(names[name], Stratum(names[name], 0, 0, 0))
        strata[names[name]] = Stratum(
            names[name], then.population + population, then.answers + n, then.positive + positive
        )
    by_cells = poststratified(list(strata.values()))
    raked, effective, effect = _raked(merged)
    low, high = wilson(raked * effective, effective)
    return WeightedRate(answers, by_cells.raw, by_cells.weighted, raked, low, high, effect, effective,
                        len(cells) - len(strata))  # fmt: skip


def _by_margin(cells: Mapping[tuple[str, str], tuple[int, int, int]], side: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key, (_, n, _) in cells.items():
        sums[key[side]] = sums.get(key[side], 0) + n
    return sums


def _raked(cells: Mapping[tuple[str, str], Sequence[int]]) -> tuple[float, float, float]:
    """The raked rate, its effective number of answers and design effect."""
    rows, columns = (sorted({key[side] for key in cells}) for side in (0, 1))
    grid = np.zeros((3, len(rows), len(columns)))
    for (row, column), counts in cells.items():
        grid[:, rows.index(row), columns.index(column)] = counts
    population, n, positive = grid
    margins = population.sum(1), population.sum(0)
    weights = trimmed(rake(n, *margins), n)
    weights = weights * rake(n * weights, *margins)
    effective, effect = kish(n, weights)
    return float((weights * positive).sum() / (weights * n).sum()), effective, effect


def _share(part: int, whole: int) -> float | None:
    return min(1.0, part / whole) if whole else None


def gap(own: tuple[float, float], independent: tuple[float, float]) -> Gap:
    """S7 from (positive, effective answers) of both sources.

    >>> found = gap((96, 100), (77, 100))
    >>> round(found.value, 2), found.is_beyond_chance
    (0.19, True)
    """
    low, high = newcombe_difference(*own, *independent)
    p, q = own[0] / own[1], independent[0] / independent[1]
    return Gap(p - q, low, high, p, q)


def merge_small(answers: Sequence[tuple[str, int]], least: int = FEW_ANSWERS) -> dict[str, str]:
    """Which cell each cell is counted in: cells with too few answers join "other"; if that stays small, the largest.

    >>> merge_small([("a", 30), ("b", 4), ("c", 9)])
    {'a': 'a', 'b': 'other', 'c': 'other'}
    """
    small = [name for name, n in answers if n < least]
    large = [(name, n) for name, n in answers if n >= least]
    into = "other"
    if sum(n for name, n in answers if name in small) < least and large:
        into = max(large, key=lambda cell: (cell[1], cell[0]))[0]
    return {name: into if name in small else name for name, _ in answers}
