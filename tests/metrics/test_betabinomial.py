"""The spread between units against printed numbers and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.statistics.betabinomial import BetaBinomial, fit_by_likelihood, fit_by_moments

HITS = [12, 30, 26, 50, 42, 71, 4, 29, 48, 36]
CASES = [82, 98, 100, 125, 162, 151, 12, 100, 82, 99]


def test_fit_by_moments_ten_units() -> None:
    peers = fit_by_moments(HITS, CASES, passes=0)
    assert (peers.mu, peers.rho, peers.size) == pytest.approx((0.344214, 0.055458, 17.031609), abs=2e-6)


def test_fit_by_likelihood_ten_units() -> None:
    assert fit_by_likelihood(HITS, CASES) == pytest.approx((6.46612, 12.41263, -37.361708), abs=5e-4)


def test_fit_needs_two_units() -> None:
    with pytest.raises(ValueError, match="at least two units"):
        fit_by_moments([3, 0], [10, 0])


@given(st.floats(0.02, 0.98), st.floats(0.001, 0.5), st.integers(0, 200), st.integers(1, 200))
def test_shrunk_lies_between_raw_and_mean(mu: float, rho: float, x: int, n: int) -> None:
    x = min(x, n)
    low, high = sorted((x / n, mu))
    assert low - 1e-9 <= float(BetaBinomial(mu, rho).shrunk(x, n)) <= high + 1e-9


@pytest.mark.parametrize(("hits", "expected"), [([0, 0, 0], 1.0), ([100, 100, 100], 1.0)])
def test_upper_tail_peers_without_variation(hits: list[int], expected: float) -> None:
    peers = fit_by_moments(hits, [100, 100, 100])
    assert peers.upper_tail([0], [100])[0] == pytest.approx(expected)
    assert 0 <= peers.upper_tail([60], [100])[0] <= 1
