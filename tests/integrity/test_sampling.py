"""The verification sample: reproducible, spread, and blind to the order it was given in."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrity.sampling import Candidate, draw, required_size


def _candidates(count: int, flagged: int) -> list[Candidate]:
    return [Candidate("hotline", f"c{i:05d}", f"u{i % 4}", f"s{i % 5}", i < flagged) for i in range(count)]


@pytest.mark.parametrize(
    ("population", "margin", "size"), [(7271, 0.04, 555), (0, 0.05, 0), (1, 0.05, 1), (10**9, 0.05, 385)]
)
def test_required_size(population: int, margin: float, size: int) -> None:
    assert required_size(population, margin) == size


def test_draw_seventy_thirty() -> None:
    drawn = draw(_candidates(2000, 500), 100, 7)
    assert Counter(d.reason for d in drawn) == {"flagged": 70, "random": 30}
    assert len({d.case_no for d in drawn}) == 100


def test_draw_few_flagged_random_takes_their_place() -> None:
    drawn = Counter(d.reason for d in draw(_candidates(500, 10), 100, 7))
    assert drawn["random"] == 90
    assert drawn.total() == 100


def test_every_case_has_the_same_chance_in_the_random_arm() -> None:
    """Flagged or not, and in strata of any size: over many draws each case is in the arm as often as any other."""
    pool = [Candidate("hotline", f"c{i:02d}", f"u{i % 3}", f"s{int(i**0.5)}", i % 4 == 0) for i in range(60)]
    seen: Counter[str] = Counter()
    draws = 3000
    for seed in range(draws):
        seen.update(d.case_no for d in draw(pool, 20, seed) if d.reason == "random")
    size = sum(seen.values()) / draws
    chance = size / len(pool)
    error = (draws * chance * (1 - chance)) ** 0.5
    assert len(seen) == len(pool)
    assert max(abs(n - draws * chance) for n in seen.values()) < 4.5 * error


def test_draw_random_arm_is_spread_over_strata() -> None:
    strata = Counter(d.stratum for d in draw(_candidates(1000, 0), 100, 1))
    assert set(strata.values()) == {20}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 80), st.integers(0, 9), st.randoms())
def test_draw_order_does_not_matter(count: int, flagged: int, size: int, seed: int, random: object) -> None:
    candidates = _candidates(count, flagged)
    shuffled = candidates[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    drawn = draw(candidates, size, seed)
    assert drawn == draw(shuffled, size, seed)
    assert len(drawn) == min(size, count)


def test_draw_automatic_size() -> None:
    assert len(draw(_candidates(7271, 100), None, 1)) == required_size(7271)
