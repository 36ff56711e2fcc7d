"""Case mix: what a unit would show had it received everybody's cases (indirect standardisation)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Standardised:
    """Observed and expected counts of one unit, how far apart they are, and the adjusted rate with its se."""

    observed: float
    expected: float
    variance: float
    z: float
    adjusted: float
    standard_error: float


def indirect(cases: ArrayLike, reference: ArrayLike, observed: float, overall: float | None = None) -> Standardised:
    """Standardise one unit over cells (category x channel) with reference rates.

    E = sum n·p, V = sum n·p(1-p) (binomial: Poisson would overstate it several times), z = (O-E)/sqrt V,
    adjusted = p_all + (O-E)/n, se = sqrt(V)/n. `overall` is p_all of the peer group; without it the unit's own rate
    takes its place. Raises ValueError for a unit without cases.

    >>> found = indirect([100, 50, 50], [0.95, 0.90, 0.60], 176)
    >>> round(found.expected, 6), round(found.variance, 6), round(found.z, 6), round(found.adjusted, 6)
    (170.0, 21.25, 1.301583, 0.91)
    """
    n, p = np.asarray(cases, float), np.asarray(reference, float)
    total = float(n.sum())
    if total <= 0:
        raise ValueError("a unit without cases has no adjusted rate")
    expected, variance = float((n * p).sum()), float((n * p * (1 - p)).sum())
    base = observed / total if overall is None else overall
    root = float(np.sqrt(variance))
    z = (observed - expected) / root if root > 0 else 0.0
    return Standardised(observed, expected, variance, z, base + (observed - expected) / total, root / total)


def overlap(shares: ArrayLike, group_shares: ArrayLike) -> float:
    """sum min(share of the unit, share of the group) over the cells, 0..1; below .5 do not rank the unit.

    >>> overlap([0.5, 0.5, 0.0], [0.0, 0.5, 0.5])
    0.5
    """
    return float(np.minimum(np.asarray(shares, float), np.asarray(group_shares, float)).sum())
