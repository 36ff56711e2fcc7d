"""Early notice of surges: planted ones are found, honest unevenness, season and growth are ordinary."""

from __future__ import annotations

import numpy as np
import pytest

from integrity.surges import surges

WEEKS = 160


def _city(rng: np.random.Generator, topics: int = 300) -> dict[tuple[str, str], list[int]]:
    """Topics with a level, a season and unevenness of their own, growing a little."""
    weeks = np.arange(WEEKS)
    cells = {}
    for i in range(topics):
        level, phase, size = rng.lognormal(1.2, 0.8), rng.uniform(0, 6.28), rng.uniform(3, 10)
        mean = level * (1 + 0.4 * np.sin(2 * np.pi * weeks / 52 + phase)) * (1 + 0.0005 * weeks)
        cells[f"c{i:03d}", ""] = rng.negative_binomial(size, size / (size + mean)).tolist()
    return cells


def test_planted_surges_are_found_and_honest_topics_left_alone() -> None:
    rng = np.random.default_rng(4)
    found = planted = false = looked = 0
    for _ in range(4):
        cells = _city(rng)
        chosen = sorted(cells)[::30]
        for key in chosen:
            cells[key][-1] = int(3.5 * max(8.0, float(np.mean(cells[key][-14:-2]))))
        named = {(s.category, s.place) for s in surges(cells)}
        planted += len(chosen)
        looked += len(cells) - len(chosen)
        found += len(named & set(chosen))
        false += len(named - set(chosen))
    assert found >= 0.8 * planted
    assert false <= 0.01 * looked


@pytest.mark.parametrize(
    "weeks",
    [
        [2] * 40 + [9],  # many times the usual, and still few
        [20] * 40 + [30],  # ordinary unevenness
        [5] * 20 + [40, 40, 40, 40, 40] + [5] * 47 + [40],  # every year in these weeks
        [3] * 6 + [40],  # too few weeks to know the usual
    ],
)
def test_what_has_an_ordinary_reason_is_no_surge(weeks: list[int]) -> None:
    assert surges({("road", "east"): weeks}, last=1) == []


def test_a_surge_carries_counts_and_nothing_else() -> None:
    [found] = surges({("road", "east"): [3] * 30 + [40]}, last=1, first_week=100)
    assert (found.week, found.count, found.usual, len(found.series)) == (130, 40, 3.0, 13)
    assert set(vars(found)) == {"category", "place", "week", "count", "usual", "p_adjusted", "series"}
