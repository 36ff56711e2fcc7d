"""False flags and power over whole cities: two planted units for every practice among two hundred, three times."""

from __future__ import annotations

import pytest

from tests.integrity.honest_city import Rates, run

SEEDS = range(3)


@pytest.fixture(scope="module")
def runs() -> list[tuple[dict[str, Rates], int]]:
    return [run(seed) for seed in SEEDS]


def test_false_flags_of_honest_units_stay_below_one_percent_in_every_run(runs) -> None:
    for rates, _ in runs:
        honest = sum(r.honest for r in rates.values())
        assert sum(r.false_flags for r in rates.values()) <= 0.01 * honest


def test_hardly_any_honest_unit_is_named(runs) -> None:
    for _, named in runs:
        assert named <= 2  # of two hundred: two independent keys


@pytest.mark.parametrize("key", sorted(run(0)[0]))
def test_every_detector_finds_four_of_five_planted_units(runs, key: str) -> None:
    found = sum(rates[key].found for rates, _ in runs)
    assert found >= 0.8 * sum(rates[key].planted for rates, _ in runs)


def test_a_textbook_binomial_would_flag_many_more_honest_units(runs) -> None:
    ours = sum(r.false_flags for rates, _ in runs for r in rates.values())
    naive = sum(r.naive_flags for rates, _ in runs for r in rates.values())
    assert naive > 20 * ours
