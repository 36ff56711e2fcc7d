"""What the true values may be, given the counts: the posterior of every indicator, drawn towards its peer group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.scores.observations import Column
from metrics.statistics.betabinomial import BetaBinomial, fit_by_moments

Floats = NDArray[np.float64]
FEWEST_UNITS = 15  # below, the spread between units is not estimable and the wider group is asked
JEFFREYS = 0.5
LEAST_BENT = 10.0  # a Beta with a smaller parameter is drawn as it is, the others by `Posterior.bends`


@dataclass(frozen=True)
class Posterior:
    """One indicator per unit: Beta(a, b) where a is a number, else normal(mean, sd); sd 0 is an exact value.

    `reliability` is the share of the spread between units that is not chance, NaN where it cannot be told.
    """

    mean: Floats
    sd: Floats
    a: Floats
    b: Floats
    reliability: Floats

    @property
    def needs_beta(self) -> NDArray[np.bool_]:
        """Units whose quantiles no cubic of a normal draw follows."""
        with np.errstate(invalid="ignore"):
            return np.minimum(self.a, self.b) < LEAST_BENT

    @property
    def bends(self) -> tuple[Floats, Floats, Floats, Floats]:
        """c0..c3 per unit: c0 + c1·z + c2·z² + c3·z³ of a standard normal z is a draw of the value.

        Cornish and Fisher 1938: with skewness g and excess kurtosis k of the Beta, x = mean + sd·(z + g(z² - 1)/6 +
        k(z³ - 3z)/24 - g²(2z³ - 5z)/36). From a, b >= 10 its quantiles are within .02 sd of the true ones for |z| <= 3
        (a plain normal: .83 sd). Values that are normal have g = k = 0.
        """
        a, b, n = self.a, self.b, self.a + self.b
        with np.errstate(invalid="ignore", divide="ignore"):
            g = 2 * (b - a) * np.sqrt(n + 1) / ((n + 2) * np.sqrt(a * b))
            k = 6 * ((a - b) ** 2 * (n + 1) - a * b * (n + 2)) / (a * b * (n + 2) * (n + 3))
        g, k = np.nan_to_num(g), np.nan_to_num(k)
        one, three = 1 - k / 8 + 5 * g**2 / 36, k / 24 - g**2 / 18
        return self.mean - self.sd * g / 6, self.sd * one, self.sd * g / 6, self.sd * three

    @property
    def is_exact(self) -> bool:
        return not bool((self.sd > 0).any())


def posterior(column: Column, groups: NDArray[np.int64], least: int = FEWEST_UNITS) -> Posterior:
    """Posterior of one indicator.

    Counts: Beta(mu·M + x, (1-mu)·M + n - x) with mu and M of the peer group where at least `least` of its units have
    cases, else of all units where those are as many, else Jeffreys' Beta(1/2, 1/2) prior. Other values with a
    standard error: normal, drawn towards the group mean by se²/(se² + tau²), tau² by DerSimonian and Laird,
    under the same number.
    """
    size = len(column.value)
    a, b, reliability = (np.full(size, np.nan) for _ in range(3))
    mean, sd = column.value.copy(), column.sd.copy()
    for group in np.unique(groups):
        inside = groups == group
        rates, others = inside & column.is_rate, inside & (column.sd > 0)
        if rates.any():
            prior = _prior(column, rates, least)
            a[rates], b[rates] = _beta(column, rates, prior)
            reliability[rates] = np.nan if prior is None else _reliability(column, rates, prior)
        if others.any():
            mean[others], sd[others], reliability[others] = _normal(column, others, least)
    is_beta = ~np.isnan(a)
    total = a + b
    mean = np.where(is_beta, a / total, mean)
    sd = np.where(is_beta, np.sqrt(a * b / (total**2 * (total + 1))), sd)
    return Posterior(mean, sd, a, b, reliability)


def _prior(column: Column, inside: NDArray[np.bool_], least: int) -> BetaBinomial | None:
    for chosen in (inside, column.is_rate):
        if chosen.sum() >= least:
            fitted = fit_by_moments(column.numerator[chosen], column.denominator[chosen])
            return fitted if 0 < fitted.mu < 1 else None
    return None


def _beta(column: Column, inside: NDArray[np.bool_], prior: BetaBinomial | None) -> tuple[Floats, Floats]:
    hits, cases = column.numerator[inside], column.denominator[inside]
    first, second = (JEFFREYS, JEFFREYS) if prior is None else (prior.a, prior.b)
    return first + hits, second + cases - hits


def _reliability(column: Column, inside: NDArray[np.bool_], prior: BetaBinomial) -> Floats:
    """n / (n + M): the share of the unit's own data in its shrunk value, equal to tau²/(tau² + se²)."""
    cases = column.denominator[inside]
    return cases / (cases + prior.size)


def _normal(column: Column, inside: NDArray[np.bool_], least: int) -> tuple[Floats, Floats, Floats]:
    chosen = inside if inside.sum() >= least else column.sd > 0
    values, spread = column.value[inside], column.sd[inside]
    if chosen.sum() < least:
        return values, spread, np.full(len(values), np.nan)
    centre, between = between_units(column.value[chosen], column.sd[chosen])
    keep = between / (between + spread**2)
    return centre + keep * (values - centre), np.sqrt(keep) * spread, keep


def between_units(values: Floats, spread: Floats) -> tuple[float, float]:
    """(mean, tau²) of values with standard errors, by DerSimonian and Laird.

    tau² = max(0, (Q - (k-1)) / (sum w - sum w²/sum w)) with w = 1/se², Q = sum w·(x - mean)²; the mean then weighs by
    1/(se² + tau²).
    """
    weights = 1 / spread**2
    first = float((weights * values).sum() / weights.sum())
    excess = float((weights * (values - first) ** 2).sum()) - (len(values) - 1)
    room = float(weights.sum() - (weights**2).sum() / weights.sum())
    between = max(0.0, excess / room) if room > 0 else 0.0
    final = 1 / (spread**2 + between)
    return float((final * values).sum() / final.sum()), between
