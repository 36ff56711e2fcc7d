"""The seventy groups of rats of Tarone (1982), the standard example of a beta-binomial prior."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.statistics.betabinomial import fit_by_likelihood, fit_by_moments

# Rats with a tumour out of all rats of the group; Tarone 1982, Biometrics 38:215; Gelman et al., BDA3, table 5.1.
GROUPS = """
0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19 1/18 1/18 2/25 2/24
2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50 4/20 4/20 4/20 4/20
4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20 16/52 15/47 15/46 9/24
"""
HITS, TRIALS = np.array([group.split("/") for group in GROUPS.split()], dtype=int).T


def test_the_example_is_whole() -> None:
    """The prior by the moments of the bare rates is printed in BDA3 as 1.4 and 8.6."""
    rates = HITS / TRIALS
    size = rates.mean() * (1 - rates.mean()) / rates.var(ddof=1) - 1
    assert len(HITS) == 70
    assert (rates.mean() * size, (1 - rates.mean()) * size) == pytest.approx((1.356149, 8.615058), abs=1e-6, rel=0)


def test_prior_by_likelihood() -> None:
    """BayesGOF prints 2.304768 and 14.079707."""
    assert fit_by_likelihood(HITS, TRIALS) == pytest.approx((2.30478, 14.07979, -154.14025), abs=5e-4, rel=0)


def test_prior_by_moments_weighted_by_size() -> None:
    found = fit_by_moments(HITS, TRIALS, passes=0)
    assert (found.mu, found.rho, found.size) == pytest.approx((0.152464, 0.044166, 21.64198), abs=1e-6, rel=0)
