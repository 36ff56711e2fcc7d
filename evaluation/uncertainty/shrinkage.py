"""Shrinkage on the arcsine scale (Efron and Morris): a second opinion where trials are equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ArcsineShrinkage:
    """`spread` is the sum of squares V on the arcsine scale, `keep` = 1 - B the share kept of each distance."""

    spread: float
    keep: float
    rates: Floats


def efron_morris(hits: ArrayLike, trials: int) -> ArcsineShrinkage:
    """Shrink k rates with equal trials on the variance-stabilised scale x = sqrt(n)·arcsin(2p - 1).

    V = sum (x - mean)², keep = 1 - (k-3)/V (not below 0), x' = mean + keep·(x - mean), transformed back. Needs more
    than three rates. Source: Efron and Morris 1975, JASA 70:311.

    >>> round(efron_morris([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7], 45).keep, 6)
    0.208974
    """
    x = np.sqrt(trials) * np.arcsin(2 * np.asarray(hits, float) / trials - 1)
    if len(x) <= 3:
        raise ValueError("shrinkage by Efron and Morris needs more than three rates")
    spread = float(((x - x.mean()) ** 2).sum())
    keep = max(0.0, 1 - (len(x) - 3) / spread) if spread > 0 else 0.0
    rates = (np.sin((x.mean() + keep * (x - x.mean())) / np.sqrt(trials)) + 1) / 2
    return ArcsineShrinkage(spread, keep, rates)
