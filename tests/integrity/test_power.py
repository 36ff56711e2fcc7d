"""False flags and power over whole cities: two planted units for every practice among two hundred, five times."""

from __future__ import annotations

import pytest

from tests.integrity.honest_city import Run, run

SEEDS = range(5)


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [run(seed) for seed in SEEDS]


def test_honest_units_with_any_finding_are_at_most_one_percent_of_each_run(runs) -> None:
    for r in runs:
        assert r.flagged <= 0.01 * r.honest


def test_hardly_any_honest_unit_is_named(runs) -> None:
    assert [r.named for r in runs] == [0] * len(SEEDS)  # two independent keys


@pytest.mark.parametrize("key", sorted(run(0).rates))
def test_every_detector_finds_four_of_five_planted_units(runs, key: str) -> None:
    found = sum(r.rates[key].found for r in runs)
    assert found >= 0.8 * sum(r.rates[key].planted for r in runs)


def test_a_textbook_binomial_would_flag_most_honest_units(runs) -> None:
    for r in runs:
        assert r.flagged_by_textbook > 0.5 * r.honest
        assert r.flagged_by_textbook > 50 * r.flagged
