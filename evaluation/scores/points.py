"""One value to points 0..100: goalposts, full-mark rates, steps, and the relative methods with their anchors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evaluation.rules.scheme import Indicator
from evaluation.scores.observations import Column

Floats = NDArray[np.float64]
TRANSFORMS: dict[str, Callable[[Floats], Floats]] = {
    "none": lambda values: values,
    "log": np.log,
    "ln": np.log,
    "log10": np.log10,
}
FULL = 100.0


@dataclass(frozen=True)
class Anchors:
    """What values are measured against, per unit: `zero` earns 0 and `full` earns 100, on the transformed scale.

    For the method "rank" `ladder` holds the sorted values of each peer group and `rungs` the group of each unit.
    A unit whose group does not differ at all on the indicator has NaN anchors: it does not discriminate.
    """

    indicator: Indicator
    zero: Floats
    full: Floats
    ladder: tuple[Floats, ...] = ()
    rungs: NDArray[np.int64] | None = None

    @property
    def is_flat(self) -> NDArray[np.bool_]:
        """Units for which the indicator does not discriminate and therefore gives no points."""
        return np.isnan(self.zero)


def anchor(indicator: Indicator, values: Floats, groups: NDArray[np.int64]) -> Anchors:
    """Fix the anchors of one indicator.

    `values` (units) hold NaN where missing, `groups` the number of each unit's peer group. Absolute methods give every
    unit the same anchors, whatever the values; minmax, zscore and rank look at the present values of the peer group.
    """
    shape = np.ones(len(values))
    zero, full = _fixed(indicator)
    if not indicator.is_relative:
        return Anchors(indicator, zero * shape, full * shape)
    scaled = transformed(indicator, values)
    low, high = np.full(len(values), np.nan), np.full(len(values), np.nan)
    ladder = []
    for group in range(int(groups.max(initial=-1)) + 1):
        inside = groups == group
        present = scaled[inside & ~np.isnan(scaled)]
        ladder.append(np.sort(present if indicator.direction == "higher" else -present))
        if len(present) > 1 and present.min() < present.max():
            low[inside], high[inside] = _relative(indicator, present)
    return Anchors(indicator, low, high, tuple(ladder), groups)


def points(anchors: Anchors, values: Floats) -> Floats:
    """Points of values (…, units): 100·(x - zero)/(full - zero), clipped to 0..100 unless the scheme says otherwise.

    NaN stays NaN: a missing value has no points, it never has 0. Points of "zscore" are the z itself (ddof as given),
    points of "rank" are 100·rank/n with ties sharing the lower rank.

    >>> ozone = Indicator("x", 100, "goalposts", zero=12, full=2)
    >>> float(points(anchor(ozone, np.array([4.0]), np.array([0])), np.array([4.0]))[0])
    80.0
    """
    indicator = anchors.indicator
    if indicator.method == "steps":
        return step_points(indicator.steps, values)
    scaled = transformed(indicator, values)
    if indicator.method == "rank":
        return _rank_points(anchors, scaled)
    result = FULL * (scaled - anchors.zero) / (anchors.full - anchors.zero)
    return np.clip(result, 0.0, FULL) if is_clipped(indicator) else result


def is_clipped(indicator: Indicator) -> bool:
    """Whether points stay inside 0..100; a z-score has no such bounds."""
    return indicator.clip and indicator.method != "zscore"


def transformed(indicator: Indicator, values: Floats) -> Floats:
    """Values on the scale of the goalposts. A value of 0 or less has no logarithm and earns the worst end."""
    if indicator.transform == "none":
        return values
    floor = np.finfo(np.float64).tiny
    return TRANSFORMS[indicator.transform](np.where(values > 0, values, np.where(np.isnan(values), np.nan, floor)))


def step_points(steps: tuple[tuple[float, float], ...], values: Floats) -> Floats:
    """Points of the last step reached; below the first step 0. Steps that run downwards are for lower-is-better values.

    >>> step_points(((0.6, 0), (0.8, 60), (0.95, 100)), np.array([0.5, 0.8, 0.949, 0.95, np.nan])).tolist()
    [0.0, 60.0, 60.0, 100.0, nan]
    """
    starts, reward, sign = _ladder(steps)
    reached = np.searchsorted(starts, sign * values, side="right")
    return np.where(np.isnan(values), np.nan, np.r_[0.0, reward][np.where(np.isnan(values), 0, reached)])


def expected_step_points(steps: tuple[tuple[float, float], ...], column: Column) -> Floats:
    """Sum of points·P(the true value lies in the step), so that 44 of 50 and 45 of 50 do not jump a band.

    Counts have the Jeffreys posterior Beta(x + 1/2, n - x + 1/2), other values with an interval a normal one; a value
    without either is taken as exact.
    """
    starts, reward, sign = _ladder(steps)
    exact = step_points(steps, column.value)
    below = np.stack([_below(column, sign * start) for start in starts])
    below = below if sign > 0 else 1.0 - below
    edges = np.concatenate([below, np.ones((1, len(exact)))])
    expected = (np.diff(edges, axis=0) * reward[:, None]).sum(axis=0)
    return np.where(column.is_rate | (column.sd > 0), np.where(np.isnan(exact), np.nan, expected), exact)


def step_probabilities(a: float, b: float, cuts: tuple[float, ...]) -> list[float]:
    """P(theta in each band) under Beta(a, b), best band first; `cuts` descend and end above the open lowest band.

    >>> [round(p, 6) for p in step_probabilities(45.5, 5.5, (0.9, 0.8))]
    [0.474319, 0.495099, 0.030582]
    """
    from scipy import special  # 26 MB, which documents do without

    upper = [1.0, *(float(special.betainc(a, b, cut)) for cut in cuts), 0.0]
    return [high - low for high, low in pairwise(upper)]


def _below(column: Column, bound: float) -> Floats:
    """P(true value < bound) per unit; NaN where nothing says how sure the value is."""
    from scipy import special

    hits, cases = np.nan_to_num(column.numerator), np.nan_to_num(column.denominator, nan=1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        normal = special.ndtr((bound - column.value) / column.sd)
        beta = special.betainc(hits + 0.5, cases - hits + 0.5, np.clip(bound, 0, 1))
    return np.where(column.is_rate, beta, normal)


def _ladder(steps: tuple[tuple[float, float], ...]) -> tuple[Floats, Floats, float]:
    starts, reward = (np.array(side, dtype=float) for side in zip(*steps, strict=True))
    sign = -1.0 if len(starts) > 1 and starts[0] > starts[-1] else 1.0
    return sign * starts, reward, sign


def _fixed(indicator: Indicator) -> tuple[float, float]:
    """The ends of an absolute method on the transformed scale; NaN for the relative ones.

    A deduction takes `per_item` points of the whole score for each item, at most the full mark of the indicator.
    """
    if indicator.method == "deduction":
        return indicator.weight / (indicator.per_item or np.nan), 0.0
    if indicator.method == "rate_x_full":
        return (0.0, 1.0) if indicator.direction == "higher" else (1.0, 0.0)
    if indicator.method not in {"goalposts", "target_distance"}:
        return np.nan if indicator.is_relative else 0.0, np.nan if indicator.is_relative else 1.0
    full = indicator.full if indicator.method == "goalposts" else indicator.target
    change = TRANSFORMS[indicator.transform]
    zero = 0.0 if indicator.zero is None else float(change(np.float64(indicator.zero)))  # type: ignore[arg-type]
    return zero, float(change(np.float64(full)))  # type: ignore[arg-type]


def _relative(indicator: Indicator, present: Floats) -> tuple[float, float]:
    """The ends of one peer group; `present` holds at least two different values."""
    if indicator.method == "zscore":
        mean, spread = float(present.mean()), float(present.std(ddof=indicator.ddof))
        return mean, mean + FULL * spread * (1 if indicator.direction == "higher" else -1)
    cut = (indicator.winsorise or 0.0) / 100
    low, high = np.quantile(present, [cut, 1 - cut])
    return (low, high) if indicator.direction == "higher" else (high, low)


def _rank_points(anchors: Anchors, scaled: Floats) -> Floats:
    signed = scaled if anchors.indicator.direction == "higher" else -scaled
    result = np.full(signed.shape, np.nan)
    for group, ladder in enumerate(anchors.ladder):
        inside = anchors.rungs == group
        if len(ladder):
            rank = np.searchsorted(ladder, signed[..., inside], side="left") + 1
            result[..., inside] = np.minimum(FULL, FULL * rank / len(ladder))
    return np.where(np.isnan(signed) | anchors.is_flat, np.nan, result)
