"""Has anything changed? Natural limits of a monthly series, and this year against what last year leads one to expect.

A point inside the limits is ordinary variation and needs no explanation. Sources: NHS Making Data Count (XmR charts),
Montgomery, Introduction to Statistical Quality Control (p charts), Laney 2002 (p' charts).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

FACTOR = 2.66  # 3 / 1.128, the constant of moving ranges of two
SCREEN = 3.267  # moving ranges beyond this multiple of their mean are screened once
RUN = 7  # points in a row that chance rarely leaves on one side, or going one way
ENOUGH_POINTS = 12
LARGE_N = 1000  # beyond it the limits of a p chart are too tight for real processes
RULES = ("outside", "one_side", "one_way", "near_limit")


@dataclass(frozen=True)
class NaturalLimits:
    """Centre and limits of each point. Trial limits rest on too few points.

    `reach` is how far each limit lies from the centre before those of a rate are cut off at 0 and 1.
    """

    centre: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    is_trial: bool
    kind: str  # "xmr", "p" or "laney"
    spread: float = 1.0  # Laney's sigma_z, 1 elsewhere
    moving_range: float | None = None
    reach: tuple[float, ...] | None = None

    def near(self, i: int) -> tuple[float, float]:
        """The inner limits of a point, at two thirds of the way; those of a rate may lie below 0 or above 1.

        >>> [round(bound, 3) for bound in p_chart([9, 10], [10, 10]).near(0)]
        [0.812, 1.088]
        """
        down, up = self.centre - self.lower[i], self.upper[i] - self.centre
        if self.reach is not None:
            down = up = self.reach[i]
        return self.centre - 2 * down / 3, self.centre + 2 * up / 3


@dataclass(frozen=True)
class Notable:
    """A point that ordinary variation rarely gives: its place in the series, the rule, above (1) or below (-1)."""

    index: int
    rule: str
    side: int


@dataclass(frozen=True)
class Prediction:
    """What year one leads one to expect of year two. `lower_tail` is P(Y2 < y2) + P(Y2 = y2)/2 without change."""

    expected: float
    sd: float
    cumulative: float
    lower_tail: float

    @property
    def p(self) -> float:
        """Two-sided mid-p."""
        return min(1.0, 2 * min(self.lower_tail, 1 - self.lower_tail))


def xmr(values: Sequence[float], *, is_screened: bool = True, factor: float = FACTOR) -> NaturalLimits:
    """Limits mean ∓ 2.66 × mean moving range. Raises ValueError for fewer than two points.

    Screening drops moving ranges of 3.267 times their mean or more, once, so that one accident does not widen the
    limits that should show it.

    >>> flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    >>> found = xmr(flow)
    >>> round(found.centre, 2), round(found.upper[0], 4), round(found.lower[0], 4)
    (50.81, 55.8049, 45.8151)
    """
    points = np.asarray(values, float)
    if len(points) < 2:
        raise ValueError("limits need at least two points")
    moves = np.abs(np.diff(points))
    range_ = float(moves.mean())
    if is_screened:
        kept = moves[moves < SCREEN * range_]
        range_ = float(kept.mean()) if len(kept) else range_
    centre, count = math.fsum(points.tolist()) / len(points), len(points)
    lower, upper = centre - factor * range_, centre + factor * range_
    return NaturalLimits(centre, (lower,) * count, (upper,) * count, count < ENOUGH_POINTS, "xmr", 1.0, range_)


def p_chart(x: Sequence[float], n: Sequence[float], *, is_laney: bool | None = None) -> NaturalLimits:
    """Limits pbar ∓ 3·sqrt(pbar(1-pbar)/n_t), widened by Laney's sigma_z where cases are many.

    sigma_z = mean|diff z|/1.128 with z_t = (p_t - pbar)/s_t. `is_laney` None takes Laney's form when the mean of n
    exceeds 1,000. Limits stay inside 0..1. Raises ValueError for fewer than two points or a point without cases.
    """
    hits, cases = np.asarray(x, float), np.asarray(n, float)
    if len(hits) < 2 or (cases <= 0).any():
        raise ValueError("limits need at least two points, each with cases")
    centre = float(hits.sum() / cases.sum())
    error = np.sqrt(centre * (1 - centre) / cases)
    sigma = 1.0
    if is_laney or (is_laney is None and cases.mean() > LARGE_N):
        z = np.divide(hits / cases - centre, error, out=np.zeros_like(error), where=error > 0)
        sigma = float(np.abs(np.diff(z)).mean() / 1.128)
    kind = "p" if sigma == 1.0 and not is_laney else "laney"
    reach = 3 * sigma * error
    lower, upper = np.maximum(centre - reach, 0.0), np.minimum(centre + reach, 1.0)
    return NaturalLimits(
        centre, tuple(lower.tolist()), tuple(upper.tolist()), len(hits) < ENOUGH_POINTS, kind, sigma,
        reach=tuple(reach.tolist()),
    )  # fmt: skip


def notable_points(values: Sequence[float], limits: NaturalLimits) -> list[Notable]:
    """The points that meet one of the four rules, in order.

    outside: beyond a limit. one_side: the seventh and later of a run on one side of the centre. one_way: the seventh
    and later of points that rise, or fall, without a break. near_limit: the last of three on one side of which two lie
    beyond two thirds of the way to the limit.

    >>> [p.rule for p in notable_points([1, 2, 1, 2, 10, 1, 2], xmr([1, 2, 1, 2, 1, 2, 1]))]
    ['outside']
    """
    sides = [int(np.sign(value - limits.centre)) for value in values]
    ways = [0, *(int(np.sign(b - a)) for a, b in pairwise(values))]
    found = []
    for i, value in enumerate(values):
        if value > limits.upper[i] or value < limits.lower[i]:
            found.append(Notable(i, "outside", sides[i]))
        if i >= RUN - 1 and sides[i] and len(set(sides[i - RUN + 1 : i + 1])) == 1:
            found.append(Notable(i, "one_side", sides[i]))
        if i >= RUN - 1 and ways[i] and len(set(ways[i - RUN + 2 : i + 1])) == 1:
            found.append(Notable(i, "one_way", ways[i]))
        if i >= 2 and _is_near(values, limits, sides, i):
            found.append(Notable(i, "near_limit", sides[i]))
    return found


def _is_near(values: Sequence[float], limits: NaturalLimits, sides: Sequence[int], i: int) -> bool:
    """Whether the point ends three on one side of which two lie near the limit; a point outside has its own rule."""
    last = range(i - 2, i + 1)
    if not sides[i] or len({sides[k] for k in last}) != 1 or not limits.lower[i] <= values[i] <= limits.upper[i]:
        return False
    near = [values[k] > limits.near(k)[1] if sides[i] > 0 else values[k] < limits.near(k)[0] for k in last]
    return sum(near) >= 2 and near[-1]


def assurance(target: float, limits: NaturalLimits, is_higher_better: bool) -> str:
    """ "always" or "never" where the whole range of ordinary variation lies on one side of the target, else "at_times".

    >>> assurance(0.5, NaturalLimits(0.8, (0.7,), (0.9,), False, "p"), True)
    'always'
    """
    low, high = limits.lower[-1], limits.upper[-1]
    if target <= low or target >= high:
        return "always" if (target <= low) == is_higher_better else "never"
    return "at_times"


def predict(a: float, b: float, y1: float, n1: float, y2: float, n2: float) -> Prediction:
    """What the second year would be without change: y2 ~ BetaBin(n2, a + y1, b + n1 - y1).

    a and b describe the peers in the first year, so that an extreme first year is expected to come back towards them.

    >>> found = predict(20, 5, 66, 70, 57, 70)
    >>> round(found.expected, 6), round(found.lower_tail, 6)
    (0.905263, 0.038483)
    """
    from scipy import stats  # 70 MB, as in betabinomial

    law = stats.betabinom(n2, a + y1, b + n1 - y1)
    cumulative = float(law.cdf(y2))
    # scipy adds up the law, which ends some 1e-13 above 1 for an extreme second year.
    lower_tail = min(1.0, float(law.cdf(y2 - 1) + 0.5 * law.pmf(y2)))
    return Prediction(float(law.mean() / n2), float(law.std() / n2), cumulative, lower_tail)


def adjusted_p(p: Sequence[float]) -> list[float]:
    """p-values adjusted for looking at many units (Benjamini and Hochberg 1995), in the order given."""
    from scipy import stats

    return [] if not len(p) else [float(value) for value in stats.false_discovery_control(list(p), method="bh")]
