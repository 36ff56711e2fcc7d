"""How far a unit may lie from the average by chance alone: the funnel's spread and where a unit stands in it.

Source: Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24:1185.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Z95, Z998 = 1.959964, 3.090232
WINSOR = 0.10


def overdispersion(rates: Sequence[float], sizes: Sequence[float], centre: float, winsor: float = WINSOR) -> float:
    """φ: mean squared distance of the units from the centre in standard errors, at least 1.

    z = 2√n · (asin √rate − asin √centre), winsorised at both ends (10 % and 90 %); φ = mean(z²). Units differ by more
    than chance when φ > 1, and the limits widen by √φ. Fewer than two units give 1.

    >>> overdispersion([0.5, 0.5], [100, 400], 0.5)
    1.0
    """
    if len(rates) < 2 or not 0 < centre < 1:
        return 1.0
    n, p = np.asarray(sizes, float), np.clip(np.asarray(rates, float), 0, 1)
    z = 2 * np.sqrt(n) * (np.arcsin(np.sqrt(p)) - np.arcsin(np.sqrt(centre)))
    low, high = np.quantile(z, [winsor, 1 - winsor])
    return max(float(np.mean(np.clip(z, low, high) ** 2)), 1.0)


def place(rate: float, size: float, centre: float, phi: float) -> str:
    """Where a rate lies: `usual` inside the 95 % limits, `notable` inside 99.8 %, else `outside`.

    >>> place(0.80, 100, 0.85, 1.0), place(0.60, 400, 0.85, 1.0)
    ('usual', 'outside')
    """
    spread = np.sqrt(phi * centre * (1 - centre) / size) if size > 0 else np.inf
    if spread == 0:
        return "usual" if rate == centre else "outside"
    z = abs(rate - centre) / spread
    return "usual" if z < Z95 else "notable" if z < Z998 else "outside"
