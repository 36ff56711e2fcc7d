"""Funnel plots: how far a unit of its size may lie from the target by chance, with over-dispersion.

Source: Spiegelhalter 2005, Stat Med 24:1185; numbers checked against UKHSA PHEindicatormethods and NHS-R FunnelPlotR.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Z_95, Z_998 = 1.959963984540054, 3.090232306167813
LARGEST_PHI = 10.0
FEWEST_UNITS = 5  # of a peer group; fewer make no funnel
WINSOR = (0.1, 0.9)
LEVELS = (0.95, 0.998)  # inside the first a unit is usual, beyond the second it is clearly different


@dataclass(frozen=True)
class Dispersion:
    """`phi` is the mean squared z (1 under pure chance), `tau2` the additive variance between units on the z scale."""

    phi: float
    tau2: float

    @property
    def needs_case_mix(self) -> bool:
        """Whether units differ so much that the indicator needs case-mix work and not a funnel."""
        return self.phi > LARGEST_PHI


def proportion_limits(target: float, n: ArrayLike, z: float = Z_95) -> tuple[Floats, Floats]:
    """target -+ z·sqrt(target(1 - target)/n), clipped to 0..1.

    >>> low, high = proportion_limits(0.8064244785714955, 664)
    >>> round(float(low), 6), round(float(high), 6)
    (0.776373, 0.836476)
    """
    half = z * np.sqrt(target * (1 - target) / np.asarray(n, float))
    return np.clip(target - half, 0, 1), np.clip(target + half, 0, 1)


def ratio_limits(expected: ArrayLike, alpha: float = 0.05) -> tuple[Floats, Floats]:
    """Exact Poisson limits of an observed/expected ratio around 1: chi2(a/2, 2E)/2E and chi2(1 - a/2, 2(E+1))/2E."""
    from scipy import special  # 26 MB, which documents do without

    e = np.asarray(expected, float)
    # The chi-square quantile of 2E degrees of freedom is twice the inverse of the incomplete gamma function at E.
    return special.gammaincinv(e, alpha / 2) / e, special.gammaincinv(e + 1, 1 - alpha / 2) / e


def proportion_z(hits: ArrayLike, cases: ArrayLike, target: float | None = None) -> tuple[Floats, Floats]:
    """(z, s) on the arcsine scale: Y = asin(sqrt p), s = 1/(2 sqrt n); the target defaults to the pooled rate."""
    x, n = np.asarray(hits, float), np.asarray(cases, float)
    centre = np.arcsin(np.sqrt(x.sum() / n.sum() if target is None else target))
    s = 1 / (2 * np.sqrt(n))
    return (np.arcsin(np.sqrt(x / n)) - centre) / s, s


def dispersion(z: Floats, s: Floats, winsor: tuple[float, float] | None = WINSOR) -> Dispersion:
    """phi = mean z² (z winsorised at the given quantiles unless None) and tau² by moments.

    tau² = max(0, (I·phi - (I-1)) / (sum w - sum w²/sum w)) with w = 1/s². A single unit has no spread: tau² 0.
    """
    clipped = np.clip(z, *np.quantile(z, winsor)) if winsor else z
    w, count, phi = 1 / s**2, len(z), float((clipped**2).mean())
    room = float(w.sum() - (w**2).sum() / w.sum())
    return Dispersion(phi, max(0.0, (count * phi - (count - 1)) / room) if count > 1 else 0.0)


def additive_limits(target: float, n: ArrayLike, tau2: float, z: float = Z_95) -> tuple[Floats, Floats]:
    """Proportion limits with the variance between units: asin(sqrt target) -+ z·sqrt(1/(4n) + tau²), back-transformed.

    Angles outside 0..pi/2 stop at the rates 0 and 1.
    """
    centre, half = np.arcsin(np.sqrt(target)), z * np.sqrt(1 / (4 * np.asarray(n, float)) + tau2)
    low, high = np.clip(centre - half, 0, np.pi / 2), np.clip(centre + half, 0, np.pi / 2)
    return np.sin(low) ** 2, np.sin(high) ** 2


def between_units(hits: ArrayLike, cases: ArrayLike, cut: float = WINSOR[0]) -> Dispersion:
    """How far the units of a group differ around their pooled rate, with the share `cut` of them cut back at each end.

    >>> found = between_units([80, 85, 90, 95, 98], [100] * 5)
    >>> round(found.phi, 2), round(found.tau2, 4)
    (4.06, 0.0102)
    """
    return dispersion(*proportion_z(hits, cases), (cut, 1 - cut))


def z_of(level: float) -> float:
    """The distance in standard errors of the two-sided limits of a level.

    >>> round(z_of(0.95), 6), round(z_of(0.998), 6)
    (1.959964, 3.090232)
    """
    return NormalDist().inv_cdf((1 + level) / 2)


def zone(rate: float, n: float, target: float, tau2: float, levels: tuple[float, float] = LEVELS) -> str:
    """Where a unit lies: "inside" the first level, "notable" up to the second, "different" beyond.

    The distance is that of `additive_limits`: |asin(sqrt rate) - asin(sqrt target)| over sqrt(1/(4n) + tau²).

    >>> [zone(rate, 100, 0.9, 0.0) for rate in (0.92, 0.83, 0.75)], zone(0.75, 100, 0.9, 0.02)
    (['inside', 'notable', 'different'], 'inside')
    """
    ends = [additive_limits(target, n, tau2, z_of(level)) for level in levels]
    names = [name for (low, high), name in zip(ends, ("inside", "notable"), strict=True) if low <= rate <= high]
    return names[0] if names else "different"
