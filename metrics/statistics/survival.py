"""Times with open cases: Kaplan-Meier, restricted mean, competing ends. Open cases count as censored, not as absent.

A curve is built from (time, ended, weight) triples, so that histograms and rows give the same answer. Curves of many
groups are made at once: a year of every unit has some thousands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy.util import memoized_property

from metrics.statistics.interval import Z95

NOT_REACHED = math.inf
_SLACK = 1e-12


@dataclass(frozen=True)
class Curves:
    """The share still waiting after each edge, for many groups: group i has the entries `bounds[i]` to `bounds[i + 1]`.

    `greenwood` are the increments d/(n(n-d)) of the variance. A single curve is one group.
    """

    edges: np.ndarray
    survival: np.ndarray
    greenwood: np.ndarray
    bounds: np.ndarray

    @memoized_property
    def band(self) -> tuple[np.ndarray, np.ndarray]:
        """log(-log S) and its standard error after each edge; nan where nobody waits any more."""
        s = self.survival
        with np.errstate(all="ignore"):
            fallen = -np.log(s)
            theta = np.where(s > 0, np.log(fallen), np.nan)
            return theta, np.sqrt(accumulated(np.add, self.greenwood, self.bounds)) / fallen


def kaplan_meier(times: np.ndarray, ended: np.ndarray, weight: np.ndarray | None = None) -> Curves:
    """One group: S(t) = prod(1 - d/n) over the times of ends; a case censored at t still counts as waiting at t.

    `ended` is 1 for an end, 0 for a censored case; `weight` the number of cases at this time.

    >>> kaplan_meier(np.array([1, 2, 2, 3, 4]), np.array([1, 1, 0, 1, 0])).survival.round(2).tolist()
    [0.8, 0.6, 0.3, 0.3]
    """
    times, ended = np.asarray(times), np.asarray(ended)
    counts = np.ones(len(times)) if weight is None else np.asarray(weight, float)
    edges, index = np.unique(times, return_inverse=True)
    ends = np.bincount(index, counts * (ended == 1), len(edges))
    leaving = np.bincount(index, counts, len(edges))
    return curves(edges, leaving, ends, np.array([0, len(edges)]))


def curves(edges: np.ndarray, leaving: np.ndarray, ends: np.ndarray, bounds: np.ndarray) -> Curves:
    """The curves of many groups at once; within a group the edges rise, and no edge comes twice.

    `leaving` counts the cases whose time is this edge, `ends` those of them that ended there.
    """
    until = np.r_[0.0, np.cumsum(leaving, dtype=float)]
    waiting = np.repeat(until[bounds[1:]], np.diff(bounds)) - until[:-1]
    survival = accumulated(np.multiply, 1 - ends / waiting, bounds)
    with np.errstate(divide="ignore", invalid="ignore"):
        increments = np.where(waiting > ends, ends / (waiting * (waiting - ends)), 0.0)
    return Curves(edges, survival, increments, bounds)


def accumulated(operation: np.ufunc, values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Running products or sums that begin anew in each group."""
    out = np.empty_like(values)
    for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        operation.accumulate(values[first:end], out=out[first:end])
    return out


def sums(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """The sum of each group, 0 for one without entries.

    >>> sums(np.array([1, 2, 3]), np.array([0, 2, 2, 3])).tolist()
    [3, 0, 3]
    """
    if values.dtype.kind != "f":  # exact either way, and several times as fast
        until = np.r_[0, np.cumsum(values, dtype=np.int64)]
        return until[bounds[1:]] - until[bounds[:-1]]
    found, is_filled = np.zeros(len(bounds) - 1), np.diff(bounds) > 0
    if is_filled.any():
        found[is_filled] = np.add.reduceat(values, bounds[:-1][is_filled])
    return found


def quantiles(found: Curves, q: float, z: float = Z95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time by which the share q of each group has ended, and its interval (Brookmeyer and Crowley 1982).

    The first edge with S <= 1 - q; infinity where the curve never falls so far, which is "not reached", not missing.
    The interval comes from the pointwise log-log band: exp(-exp(v)) <= 1 - q with v = log(-log S) ± z·error, the same
    as v >= log(-log(1 - q)). Where nobody waits any more there is no band.
    """
    bar = 1 - q + _SLACK
    theta, error = found.band
    height, half = math.log(-math.log(bar)), z * error
    hits = (found.survival <= bar, theta + half >= height, theta - half >= height)
    value, low, high = (_first(found, hit) for hit in hits)
    return value, low, high


def _first(found: Curves, hit: np.ndarray) -> np.ndarray:
    """The first edge of each group where a condition holds, infinity without one."""
    places, ends = np.flatnonzero(hit), found.bounds[1:]
    nearest = np.searchsorted(places, found.bounds[:-1])
    place = np.r_[places, len(hit)][nearest]
    times, is_reached = np.full(len(ends), NOT_REACHED), place < ends
    times[is_reached] = found.edges[place[is_reached]]
    return times


def quantile(curve: Curves, q: float) -> tuple[float, float, float]:
    """The quantile of a single curve, with its interval."""
    value, low, high = (float(bound[0]) for bound in quantiles(curve, q))
    return value, low, high


def restricted_means(found: Curves, tau: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean time waited when everything longer than tau counts as tau, and its standard error, for each group.

    The area under the curve to tau; error² = sum over t <= tau of (area from t to tau)² times the Greenwood increment.
    A group without cases has none: nan.
    """
    bounds, is_filled = found.bounds, np.diff(found.bounds) > 0
    starts, last = bounds[:-1][is_filled], bounds[1:][is_filled] - 1
    reached = np.minimum(found.edges, tau).astype(float)
    before, height = np.r_[0.0, reached[:-1]], np.r_[1.0, found.survival[:-1]]
    before[starts], height[starts] = 0.0, 1.0
    area = accumulated(np.add, height * (reached - before), bounds)
    total = np.full(len(bounds) - 1, np.nan)
    total[is_filled] = area[last] + np.maximum(tau - found.edges[last], 0) * found.survival[last]
    rest = np.repeat(total, np.diff(bounds)) - area
    variance = sums(np.where(found.edges <= tau, rest**2 * found.greenwood, 0.0), bounds)
    return total, np.where(is_filled, np.sqrt(variance), np.nan)


def restricted_mean(curve: Curves, tau: float) -> tuple[float, float]:
    """The restricted mean of a single curve, and its standard error."""
    mean, error = restricted_means(curve, tau)
    return float(mean[0]), float(error[0])


def cumulative_incidence(
    times: ArrayLike, cause: ArrayLike, at: float, weight: ArrayLike | None = None
) -> dict[int, float]:
    """Share ended by each cause until `at` (Aalen and Johansen); cause 0 is censored, rivals are not.

    `weight` is the number of cases at each time, so that a histogram and its rows give the same.

    >>> {k: round(v, 6) for k, v in cumulative_incidence([1, 2, 3], [1, 2, 0], 2).items()}
    {1: 0.333333, 2: 0.333333}
    """
    when, why = np.asarray(times, float), np.asarray(cause)
    n = np.ones(len(when)) if weight is None else np.asarray(weight, float)
    waiting_share = 1.0
    shares = {int(k): 0.0 for k in np.unique(why) if k}
    for t in np.unique(when[when <= at]):
        waiting = n[when >= t].sum()
        for k in shares:
            shares[k] += float(waiting_share * n[(when == t) & (why == k)].sum() / waiting)
        waiting_share *= float(1 - n[(when == t) & (why > 0)].sum() / waiting)
    return shares


def order_interval(n: Any, q: float, z: float = Z95) -> tuple[Any, Any]:
    """Ranks (1-based) that bound a percentile of n values: nq ∓ z·sqrt(nq(1-q)), the binomial normal form.

    >>> [rank.tolist() for rank in order_interval(np.array([10, 100]), 0.5)]
    [[1, 40], [10, 61]]
    """
    half = z * np.sqrt(n * q * (1 - q))
    low, high = np.floor(n * q - half), np.ceil(n * q + half) + 1
    return np.maximum(1, low).astype(np.int64), np.minimum(n, high).astype(np.int64)
