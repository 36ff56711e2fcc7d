"""How rates of similar units spread: the beta-binomial law, its fit by moments and the tail it gives.

Honest units differ. A binomial null calls every third honest unit unusual once cases are many; the peers themselves are
the null here, for comparisons (`evaluation`) and for findings (`integrity`) alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

SMALLEST_RHO = 1e-9
LARGEST_RHO = 0.999
FAR_ABOVE, HIGHEST = 4.0, 0.02


@dataclass(frozen=True)
class BetaBinomial:
    """The spread of true rates between units: Beta(mu·size, (1-mu)·size).

    `rho` = 1 / (size + 1) is the correlation inside a unit: 0 when units do not differ beyond chance.
    """

    mu: float
    rho: float

    @property
    def size(self) -> float:
        """Prior size M = 1/rho - 1: as many cases as the peers' experience weighs."""
        return 1.0 / self.rho - 1.0

    @property
    def a(self) -> float:
        return self.mu * self.size

    @property
    def b(self) -> float:
        return (1.0 - self.mu) * self.size

    def upper_tail(self, x: ArrayLike, n: ArrayLike) -> NDArray[np.float64]:
        """P(X >= x) among n cases of a unit drawn from these peers."""
        return _betabinom().sf(np.asarray(x) - 1, np.asarray(n), self.a, self.b)

    def lower_tail(self, x: ArrayLike, n: ArrayLike) -> NDArray[np.float64]:
        """P(X <= x) among n cases of a unit drawn from these peers."""
        return _betabinom().cdf(np.asarray(x), np.asarray(n), self.a, self.b)

    def shrunk(self, x: ArrayLike, n: ArrayLike) -> NDArray[np.float64]:
        """Posterior mean of each unit's rate: between its raw rate and the mean of the peers."""
        return (self.a + np.asarray(x, float)) / (self.size + np.asarray(n, float))


def fit_by_moments(x: ArrayLike, n: ArrayLike, passes: int = 1) -> BetaBinomial:
    """Fit mu and rho to counts x out of n of several units, by Kleinman's moments.

    rho = (S - q·A) / (q·(B - A)) with weights w (start n), W = sum w, mu = sum(w·p)/W, S = sum w·(p-mu)²,
    q = mu(1-mu), u = w(1 - w/W), A = sum(u/n), B = sum u; clipped to [1e-9, .999]; mu stays half a case
    away from 0 and 1. `passes` re-weights with w = n / (1 + rho(n-1)). Units with n = 0 are left out.

    Raises ValueError with fewer than two units that have cases.
    Source: Kleinman 1973, JASA 68:46.

    >>> hits, cases = [12, 30, 26, 50, 42, 71, 4, 29, 48, 36], [82, 98, 100, 125, 162, 151, 12, 100, 82, 99]
    >>> peers = fit_by_moments(hits, cases, passes=0)
    >>> round(peers.mu, 6), round(peers.rho, 6), round(peers.size, 6)
    (0.344214, 0.055458, 17.031609)
    """
    hits, cases = _with_cases(x, n)
    weights, rates = cases.copy(), hits / cases
    mu, rho = float(rates.mean()), SMALLEST_RHO
    for _ in range(passes + 1):
        total = weights.sum()
        mu = float(np.clip((weights * rates).sum() / total, *_inside(cases)))
        spread = (weights * (rates - mu) ** 2).sum()
        q, u = mu * (1 - mu), weights * (1 - weights / total)
        inside, whole = (u / cases).sum(), u.sum()
        room = q * (whole - inside)
        rho = float(np.clip((spread - q * inside) / room, SMALLEST_RHO, LARGEST_RHO)) if room > 0 else SMALLEST_RHO
        weights = cases / (1 + rho * (cases - 1))
    return BetaBinomial(mu, rho)


def _inside(cases: NDArray[np.float64]) -> tuple[float, float]:
    """Half a case away from none and from all: peers without a single hit still leave a tail to measure by."""
    edge = 0.5 / float(cases.sum())
    return edge, 1.0 - edge


def fit_robust(x: ArrayLike, n: ArrayLike) -> BetaBinomial:
    """Fit the peers for a detector: units far above the others stay out, at most a quarter of them.

    The units that are looked for must not widen the norm they are measured by, and two of them must not hide each
    other. y = asin(sqrt((x + 3/8)/(n + 3/4))) has variance 1/(4n) whatever the rate; with the robust spread tau between
    units (1.4826·MAD), a unit further than four deviations above the median is left out, and from ten units on the
    highest two per cent in any case. With fewer than five units nothing is left out.
    """
    hits, cases = _with_cases(x, n)
    if len(hits) < 5:
        return fit_by_moments(hits, cases)
    y = np.arcsin(np.sqrt((hits + 0.375) / (cases + 0.75)))
    chance = 1 / (4 * cases)
    middle = float(np.median(y))
    spread = max((1.4826 * float(np.median(np.abs(y - middle)))) ** 2 - float(np.median(chance)), 0.0)
    far = (y - middle) / np.sqrt(chance + spread)
    ordered = np.argsort(far, kind="stable")
    sure = int(0.75 * len(hits))
    most = len(hits) - (int(np.ceil(HIGHEST * len(hits))) if len(hits) >= 10 else 0)
    keep = [i for place, i in enumerate(ordered) if place < sure or (place < most and far[i] <= FAR_ABOVE)]
    return fit_by_moments(hits[keep], cases[keep])


def fit_by_likelihood(x: ArrayLike, n: ArrayLike) -> tuple[float, float, float]:
    """Maximum-likelihood a and b and the log-likelihood there; starts from the moments.

    >>> hits, cases = [12, 30, 26, 50, 42, 71, 4, 29, 48, 36], [82, 98, 100, 125, 162, 151, 12, 100, 82, 99]
    >>> a, b, fit = fit_by_likelihood(hits, cases)
    >>> round(a, 2), round(b, 2), round(fit, 4)
    (6.47, 12.41, -37.3617)
    """
    from scipy import optimize
    from scipy.special import expit

    hits, cases = _with_cases(x, n)
    start = fit_by_moments(hits, cases)
    law = _betabinom()

    def loss(point: NDArray[np.float64]) -> float:
        mu, size = float(expit(point[0])), float(np.exp(point[1]))
        return float(-law.logpmf(hits, cases, mu * size, (1 - mu) * size).sum())

    mu = min(max(start.mu, 1e-6), 1 - 1e-6)
    best = optimize.minimize(
        loss,
        np.array([np.log(mu / (1 - mu)), np.log(start.size)]),
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000},
    )
    mu, size = float(expit(best.x[0])), float(np.exp(best.x[1]))
    return mu * size, (1 - mu) * size, float(-best.fun)


def _with_cases(x: ArrayLike, n: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    hits, cases = np.asarray(x, float), np.asarray(n, float)
    present = cases > 0
    if present.sum() < 2:
        raise ValueError("the spread between units needs at least two units with cases")
    return hits[present], cases[present]


def _betabinom() -> Any:
    """The law of scipy. Its statistics take 70 MB of memory, so they are loaded where a tail is asked for."""
    from scipy import stats

    return stats.betabinom
