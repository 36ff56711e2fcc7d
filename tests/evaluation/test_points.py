"""Values to points where a lower value is better, where the scale is a logarithm, and where steps run downwards."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from evaluation.rules.scheme import Indicator
from evaluation.scores.observations import Column
from evaluation.scores.points import anchor, expected_step_points, points, step_points
from evaluation.scores.proof import is_beyond

HOURS = ((72.0, 0.0), (48.0, 60.0), (24.0, 80.0), (8.0, 100.0))
"""Answered within 72 hours earns nothing yet, within 48 hours 60, within 24 hours 80, within 8 hours the full mark."""
SHARES = ((0.30, 20.0), (0.10, 70.0), (0.02, 100.0))
"""A share of reopened cases: the fewer, the better."""


def column(hits: float, cases: float) -> Column:
    return Column(
        *(np.array([side]) for side in (hits / cases, hits, cases, np.nan, np.nan)), np.array([cases]), (None,)
    )  # type: ignore[arg-type]


def measured(value: float, low: float, high: float) -> Column:
    empty = np.array([np.nan])
    return Column(np.array([value]), empty, empty, np.array([low]), np.array([high]), np.array([40]), (None,))


@pytest.mark.parametrize(
    ("hours", "earned"),
    [(100, 0), (72.01, 0), (72, 0), (48.01, 0), (48, 60), (30, 60), (24, 80), (8.5, 80), (8, 100), (0, 100)],
)
def test_downward_steps_are_reached_at_their_own_bound_and_below(hours: float, earned: float) -> None:
    assert step_points(HOURS, np.array([float(hours)])).tolist() == [earned]


@pytest.mark.parametrize(("hits", "cases"), [(1, 50), (5, 50), (6, 50), (14, 50), (20, 50), (0, 9)])
def test_expected_points_of_downward_steps_are_the_mean_over_the_posterior(hits: int, cases: int) -> None:
    posterior = stats.beta(hits + 0.5, cases - hits + 0.5)
    bounds = [1.0, *(start for start, _ in SHARES), 0.0]
    rewards = [0.0, *(reward for _, reward in SHARES)]
    expected = sum(
        reward * integrate.quad(posterior.pdf, low, high, limit=200)[0]
        for reward, high, low in zip(rewards, bounds, bounds[1:], strict=False)
    )
    assert expected_step_points(SHARES, column(hits, cases))[0] == pytest.approx(expected, abs=1e-4)


def test_expected_points_of_a_measured_time_are_the_mean_over_its_normal_posterior() -> None:
    found = expected_step_points(HOURS, measured(26.0, 20.12, 31.88))[0]
    spread = (31.88 - 20.12) / (2 * stats.norm.ppf(0.975))
    share = [stats.norm.cdf((bound - 26.0) / spread) for bound in (8, 24, 48, 72)]
    expected = 100 * share[0] + 80 * (share[1] - share[0]) + 60 * (share[2] - share[1])
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("hours", "earned"), [(48.0, 60.0), (24.0, 80.0), (8.0, 100.0)])
def test_a_value_whose_interval_is_itself_earns_the_step_that_begins_there(hours: float, earned: float) -> None:
    assert expected_step_points(HOURS, measured(hours, hours, hours)).tolist() == [earned]


@pytest.mark.parametrize(
    ("op", "is_proved"), [("<", (True, False, False)), ("<=", (True, True, False)),
                          (">", (False, False, True)), (">=", (False, True, True))],
)  # fmt: skip
def test_an_exact_value_is_its_own_bound_and_only_some_signs_take_equality_in(
    op: str, is_proved: tuple[bool, ...]
) -> None:
    assert tuple(bool(is_beyond(measured(hours, hours, hours), op, 24.0)[0]) for hours in (23, 24, 25)) == is_proved


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
def test_a_missing_value_is_proved_beyond_nothing(op: str) -> None:
    assert not is_beyond(measured(np.nan, np.nan, np.nan), op, 24.0)[0]


def test_a_value_without_an_interval_earns_its_step_exactly() -> None:
    alone = measured(23.0, np.nan, np.nan)
    assert expected_step_points(HOURS, alone).tolist() == [80.0]


@pytest.mark.parametrize(("transform", "value", "earned"), [("ln", 100, 50), ("log", 10, 25), ("log10", 1000, 75)])
def test_goalposts_of_a_logarithm_lie_on_its_scale(transform: str, value: float, earned: float) -> None:
    indicator = Indicator("x", 100, "goalposts", zero=1, full=10_000, transform=transform)
    x = np.array([float(value)])
    assert points(anchor(indicator, x, np.zeros(1, dtype=np.int64)), x)[0] == pytest.approx(earned, abs=1e-6)


def test_a_logarithm_of_nothing_earns_the_worst_end_and_missing_stays_missing() -> None:
    indicator = Indicator("x", 100, "goalposts", zero=1, full=math.e, transform="ln")
    x = np.array([0.0, -3.0, np.nan])
    found = points(anchor(indicator, x, np.zeros(3, dtype=np.int64)), x)
    assert found[:2].tolist() == [0.0, 0.0]
    assert np.isnan(found[2])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("rank", [100.0, 75.0, 25.0, 25.0]),  # ties share the lower rank
        ("minmax", [100.0, 60.0, 0.0, 0.0]),
    ],
)
def test_relative_methods_turn_round_where_lower_is_better(method: str, expected: list[float]) -> None:
    x = np.array([10.0, 18.0, 30.0, 30.0])
    indicator = Indicator("x", 100, method, direction="lower")
    assert points(anchor(indicator, x, np.zeros(4, dtype=np.int64)), x).tolist() == pytest.approx(expected)


def test_z_turns_round_where_lower_is_better() -> None:
    x, group = np.array([10.0, 18.0, 30.0]), np.zeros(3, dtype=np.int64)
    higher, lower = (
        points(anchor(Indicator("x", 100, "zscore", direction=d), x, group), x) for d in ("higher", "lower")
    )
    assert lower.tolist() == pytest.approx((-higher).tolist())
    assert higher[0] == pytest.approx((10 - x.mean()) / x.std(ddof=1))


def test_every_peer_group_has_its_own_ends() -> None:
    x, group = np.array([10.0, 20.0, 100.0, 300.0, 200.0]), np.array([0, 0, 1, 1, 1])
    found = points(anchor(Indicator("x", 100, "minmax"), x, group), x)
    assert found.tolist() == pytest.approx([0.0, 100.0, 0.0, 100.0, 50.0])
