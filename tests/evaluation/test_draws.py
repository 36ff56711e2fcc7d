"""Draws of values: as skewed as the Beta they come from, and inside what values and points cannot leave."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evaluation.assess import assess
from evaluation.rules.scheme import Scheme
from evaluation.uncertainty.posterior import LEAST_BENT, Posterior
from tests.evaluation.builders import by_unit, indicator, rate, scheme, units

SHAPES = [(10, 10), (10, 4000), (300, 10), (27, 273), (900, 30), (400, 400)]


def bent(a: float, b: float, z: np.ndarray) -> np.ndarray:
    found = stats.beta(a, b)
    one = np.ones(1)
    bends = Posterior(found.mean() * one, found.std() * one, a * one, b * one, one).bends
    return sum(bend[0] * z**power for power, bend in enumerate(bends))


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_quantiles_of_draws_are_those_of_the_beta(a: float, b: float) -> None:
    z = np.linspace(-3, 3, 121)
    away = np.abs(bent(a, b, z) - stats.beta(a, b).ppf(stats.norm.cdf(z))) / stats.beta(a, b).std()
    assert away.max() <= 0.02
    assert (np.diff(bent(a, b, np.linspace(-5.5, 5.5, 1101))) > 0).all()  # one draw in 26 million lies beyond


def test_values_with_a_standard_error_are_drawn_as_normals() -> None:
    one, nothing = np.ones(1), np.full(1, np.nan)
    found = Posterior(50 * one, 3 * one, nothing, nothing, nothing)
    assert [bend[0] for bend in found.bends] == [50, 3, 0, 0]
    assert not found.needs_beta[0]


def plain(**keys: object) -> Scheme:
    return scheme(indicator("x", 100, **keys), grades="", root="[small_n]\nsuppress = 0\nrank = 1\n")


@pytest.mark.parametrize(("hits", "cases"), [(289, 300), (12, 300), (4, 300), (60, 90)])
def test_the_interval_of_a_score_is_that_of_the_beta(hits: int, cases: int) -> None:
    used = plain(method="goalposts", zero=0, full=1)
    found = assess(used, [rate("u", "x", hits, cases)], units(["u"]), period="p", draws=40_000).units[0]
    true = stats.beta(hits + 0.5, cases - hits + 0.5)
    assert (hits < LEAST_BENT) == (hits == 4), "one of the examples is drawn from the Beta itself"
    assert (found.low, found.high) == pytest.approx(100 * true.ppf([0.025, 0.975]), abs=100 * true.std() * 0.06)


def test_a_lower_is_better_rate_has_the_mirrored_interval() -> None:
    up, down = plain(method="goalposts", zero=0, full=1), plain(method="goalposts", zero=1, full=0)
    rows, names = [rate("u", "x", 289, 300)], units(["u"])
    first, second = (assess(used, rows, names, period="p", draws=20_000).units[0] for used in (up, down))
    assert (second.low, second.high) == pytest.approx((100 - first.high, 100 - first.low), abs=0.1)


def test_points_by_a_logarithm_come_from_the_same_values() -> None:
    log = plain(method="goalposts", zero=0.1, full=1, transform="log10")
    straight = plain(method="goalposts", zero=0, full=1)
    rows, names = [rate("u", "x", 60, 100)], units(["u"])
    curved, line = (assess(used, rows, names, period="p", draws=300).units[0] for used in (log, straight))
    assert curved.low == pytest.approx(100 * (np.log10(line.low / 100) + 1), abs=1e-3)
    assert curved.high == pytest.approx(100 * (np.log10(line.high / 100) + 1), abs=1e-3)


def test_draws_of_a_protected_unit_never_fall_below_its_target() -> None:
    used = plain(method="goalposts", zero=0, full=1, proof=True, target=0.9)
    rows = [rate("safe", "x", 52, 60), rate("low", "x", 500, 600)]
    found = by_unit(assess(used, rows, units(["safe", "low"]), period="p", draws=300))
    assert found["safe"].low == pytest.approx(90, abs=1e-4)
    assert found["low"].low < 84
