"""The numbers of the shared notes for the statistics of the detectors, each at its own tolerance.

The manipulation test of the senate data (row 32) is no test here: the product does not estimate a density at the limit,
its 1,390 numbers are not printed, and the one program that made the number is not a dependency.
"""

from __future__ import annotations

import numpy as np
import pytest

from integrity.detectors.registers import Overlap
from integrity.rules.null import adjusted, burst_tail, chi_square_effect, repeat_rate
from tests.integrity.test_null import BH_1995


def test_benjamini_hochberg_1995() -> None:
    values = adjusted(BH_1995)
    assert int((values < 0.05).sum()) == 4
    assert values[:5] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625, 0.0603], abs=1e-6)


def test_chance_of_two_equal_replies() -> None:
    assert repeat_rate([50, 20, 10, *[1] * 120]) == pytest.approx(0.073367, abs=1e-6)
    assert np.isnan(repeat_rate([1]))


def test_minutes_heaped_on_the_hour_and_half_hour() -> None:
    minutes = np.full(60, 20.0)
    minutes[[0, 30]] += 60, 40
    chi2, w = chi_square_effect(minutes, np.full(60, 1 / 60))
    assert (chi2, w) == (pytest.approx(232.307692, abs=1e-6), pytest.approx(0.422727, abs=1e-6))


def test_two_registers_of_the_same_demands() -> None:
    assert Overlap("u", "a", "b", 500, 400, 320).total == pytest.approx(624.859813, abs=1e-6)


@pytest.mark.parametrize(("size", "expected", "tolerance"), [(None, 6.703859e-07, 1e-12), (2, 0.003291, 1e-6)])
def test_fifteen_ratings_in_an_hour_of_mean_three(size: float | None, expected: float, tolerance: float) -> None:
    assert float(burst_tail(15, 3, size)) == pytest.approx(expected, abs=tolerance)
