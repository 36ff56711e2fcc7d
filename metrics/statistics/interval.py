"""Intervals for rates: how far chance alone may have moved a number. Two-sided 95 % unless z says otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Z95 = 1.959963984540054


def wilson(x: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson score interval of x out of n (Wilson 1927; Newcombe 1998, Stat Med 17:857), n > 0.

    centre ∓ half with centre = (p + z²/2n)/(1 + z²/n), half = z·sqrt(p(1-p)/n + z²/4n²)/(1 + z²/n). Survey data:
    pass the effective sample size as n and p·n as x. Raises ValueError for n <= 0: no cases is a reason, not a rate.

    >>> tuple(round(bound, 4) for bound in wilson(81, 263))
    (0.2553, 0.3662)
    """
    if n <= 0:
        raise ValueError("an interval needs at least one case")
    p = x / n
    centre, half = _wilson_parts(p, max(p * (1 - p), 0.0), n, z, math.sqrt)
    low = 0.0 if x <= 0 else max(0.0, centre - half)
    high = 1.0 if x >= n else min(1.0, centre + half)
    return low, high


def wilson_arrays(x: np.ndarray, n: np.ndarray, z: float = Z95) -> tuple[np.ndarray, np.ndarray]:
    """The same for arrays of one shape, 0 <= x <= n and n > 0 throughout.

    >>> [bound.round(4).tolist() for bound in wilson_arrays(np.array([81]), np.array([263]))]
    [[0.2553], [0.3662]]
    """
    p = x / n
    centre, half = _wilson_parts(p, p * (1 - p), n, z, np.sqrt)
    low = np.where(x <= 0, 0.0, np.maximum(0.0, centre - half))
    high = np.where(x >= n, 1.0, np.minimum(1.0, centre + half))
    return low, high


def _wilson_parts(p: Any, variance: Any, n: Any, z: float, root: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Centre and half width; numbers with math.sqrt or arrays with numpy.sqrt."""
    scale = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z * root(variance / n + z * z / (4 * n * n)) / scale
    return centre, half


def wilson_one_sided_upper(x: float, n: float, z: float = 1.6448536269514722) -> float:
    """Upper bound that the true rate passes only once in twenty; a deduction needs it beyond the threshold."""
    return wilson(x, n, z)[1]


def wilson_continuity(x: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson interval with continuity correction (Newcombe 1998, method 4)."""
    p, q = x / n, 1 - x / n
    low = (2 * n * p + z * z - 1 - z * math.sqrt(z * z - 2 - 1 / n + 4 * p * (n * q + 1))) / (2 * (n + z * z))
    high = (2 * n * p + z * z + 1 + z * math.sqrt(z * z + 2 - 1 / n + 4 * p * (n * q - 1))) / (2 * (n + z * z))
    return (0.0 if x <= 0 else low), (1.0 if x >= n else high)


def clopper_pearson(x: float, n: float, alpha: float = 0.05) -> tuple[float, float]:
    """Exact binomial interval."""
    from scipy.stats import beta

    low = 0.0 if x <= 0 else float(beta.ppf(alpha / 2, x, n - x + 1))
    high = 1.0 if x >= n else float(beta.ppf(1 - alpha / 2, x + 1, n - x))
    return low, high


def jeffreys(x: float, n: float, alpha: float = 0.05) -> tuple[float, float]:
    """Equal-tailed interval of the Beta(x + 1/2, n - x + 1/2) posterior."""
    from scipy.stats import beta

    low, high = beta.ppf([alpha / 2, 1 - alpha / 2], x + 0.5, n - x + 0.5)
    return float(low), float(high)


def none_of_n_upper(n: float, alpha: float = 0.05) -> float:
    """Exact one-sided upper bound when nothing was seen in n cases: "0 of n, at most this"."""
    return 1 - alpha ** (1 / n)


def newcombe_difference(x1: float, n1: float, x2: float, n2: float, z: float = Z95) -> tuple[float, float]:
    """Interval of p1 - p2 from the two Wilson intervals (Newcombe 1998, method 10).

    >>> tuple(round(bound, 4) for bound in newcombe_difference(56, 70, 48, 80))
    (0.0524, 0.3339)
    """
    (l1, u1), (l2, u2) = wilson(x1, n1, z), wilson(x2, n2, z)
    p1, p2 = x1 / n1, x2 / n2
    return p1 - p2 - math.hypot(p1 - l1, u2 - p2), p1 - p2 + math.hypot(u1 - p1, p2 - l2)


def required_n(population: int, margin: float, z: float = Z95) -> int:
    """Answers needed for a margin at p = .5 in a finite population, rounded up.

    n0 = z²·0.25/e²; n = ceil(n0 / (1 + (n0 - 1)/N)).

    >>> required_n(7271, 0.04)
    555
    """
    n0 = z * z * 0.25 / margin**2
    return math.ceil(n0 / (1 + (n0 - 1) / population))


def survey_margin(n: int, population: int | None = None, z: float = Z95) -> float:
    """Half width of a survey of n answers at p = .5; with the population, reduced by sqrt(1 - n/N)."""
    factor = 1.0 if population is None else math.sqrt(1 - n / population)
    return z * math.sqrt(0.25 / n) * factor


def manski(p: float, r: float) -> tuple[float, float]:
    """Worst-case bounds of a share p seen among the fraction r that answered."""
    return r * p, r * p + 1 - r
