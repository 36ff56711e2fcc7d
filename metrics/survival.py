"""Times with open cases: Kaplan-Meier, restricted mean, competing ends. Open cases count as censored, not as absent.

A curve is built from (time, ended, weight) triples, so that histograms and rows give the same answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.interval import Z95

NOT_REACHED = math.inf


@dataclass(frozen=True)
class Curve:
    """The share still waiting after each edge. `greenwood` are the increments d/(n(n-d)) of its variance."""

    edges: np.ndarray
    survival: np.ndarray
    greenwood: np.ndarray


def kaplan_meier(times: np.ndarray, ended: np.ndarray, weight: np.ndarray | None = None) -> Curve:
    """S(t) = prod(1 - d/n) over the times of ends; a case censored at t still counts as waiting at t.

    `ended` is 1 for an end, 0 for a censored case; `weight` the number of cases at this time.

    >>> kaplan_meier(np.array([1, 2, 2, 3, 4]), np.array([1, 1, 0, 1, 0])).survival.round(2).tolist()
    [0.8, 0.6, 0.3, 0.3]
    """
    times, ended = np.asarray(times), np.asarray(ended)
    counts = np.ones(len(times)) if weight is None else np.asarray(weight, float)
    edges, index = np.unique(times, return_inverse=True)
    ends = np.bincount(index, counts * (ended == 1), len(edges))
    leaving = np.bincount(index, counts, len(edges))
    waiting = leaving[::-1].cumsum()[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1 - ends / waiting)
        increments = np.where(waiting > ends, ends / (waiting * (waiting - ends)), 0.0)
    return Curve(edges, survival, increments)


def band(curve: Curve, z: float = Z95) -> tuple[np.ndarray, np.ndarray]:
    """Pointwise log-log band of the curve; nan where nobody waits any more."""
    s = curve.survival
    with np.errstate(all="ignore"):
        theta = np.log(-np.log(s))
        error = np.sqrt(curve.greenwood.cumsum()) / np.abs(np.log(s))
        low, high = np.exp(-np.exp(theta + z * error)), np.exp(-np.exp(theta - z * error))
    return tuple(np.where(s >= 1, 1.0, np.where(s <= 0, np.nan, bound)) for bound in (low, high))  # type: ignore[return-value]


def quantile(curve: Curve, q: float) -> tuple[float, float, float]:
    """Time by which the share q has ended, and its interval (Brookmeyer and Crowley 1982).

    The first edge with S <= 1 - q; infinity where the curve never falls so far, which is "not reached", not missing.
    """
    low, high = band(curve)

    def first(values: np.ndarray) -> float:
        with np.errstate(invalid="ignore"):
            hit = values <= 1 - q + 1e-12
        return float(curve.edges[hit.argmax()]) if hit.any() else NOT_REACHED

    return first(curve.survival), first(low), first(high)


def restricted_mean(curve: Curve, tau: float) -> tuple[float, float]:
    """Mean time waited when everything longer than tau counts as tau, and its standard error.

    The area under the curve to tau; error² = sum over t <= tau of (area from t to tau)² times the Greenwood increment.
    """
    width = np.diff(np.r_[0.0, np.minimum(curve.edges, tau)])
    area = np.r_[1.0, curve.survival[:-1]] * width
    tail = max(tau - curve.edges[-1], 0) * curve.survival[-1] if len(curve.edges) else tau
    total = float(area.sum() + tail)
    rest = total - area.cumsum()
    variance = np.where(curve.edges <= tau, rest**2 * curve.greenwood, 0).sum()
    return total, math.sqrt(variance)


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


def rank_percentile(times: np.ndarray, weight: np.ndarray, q: float) -> float:
    """Smallest time whose cumulative count reaches ceil(q·n); times need not be sorted.

    >>> rank_percentile(np.array([10, 20, 30, 40]), np.ones(4), 0.5)
    20.0
    """
    order = np.argsort(times, kind="stable")
    cumulative = np.asarray(weight)[order].cumsum()
    # A tiny slack keeps 0.9 × 10 from becoming 10 by binary rounding.
    needed = math.ceil(q * float(cumulative[-1]) - 1e-9)
    return float(np.asarray(times)[order][np.searchsorted(cumulative, max(needed, 1))])


def order_interval(n: int, q: float, z: float = Z95) -> tuple[int, int]:
    """Ranks (1-based) that bound a percentile of n values: nq ∓ z·sqrt(nq(1-q)), the binomial normal form."""
    half = z * math.sqrt(n * q * (1 - q))
    return max(1, math.floor(n * q - half)), min(n, math.ceil(n * q + half) + 1)
