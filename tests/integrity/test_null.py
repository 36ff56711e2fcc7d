"""The machinery of the detectors against printed numbers, and its promises as properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrity.rules.finding import Finding
from integrity.rules.null import Gates, adjusted, against_peers, burst_tail, with_two_keys

# Benjamini & Hochberg 1995, table of fifteen p-values.
BH_1995 = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
           0.759, 1.0]  # fmt: skip


def test_adjusted_benjamini_hochberg_1995() -> None:
    values = adjusted(BH_1995)
    assert int((values <= 0.05).sum()) == 4
    assert values[:5] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625, 0.0603], abs=1e-9)


@pytest.mark.parametrize(("size", "expected", "tolerance"), [(None, 6.703859e-07, 1e-12), (2, 0.003291, 1e-6)])
def test_burst_tail_law_matters(size: float | None, expected: float, tolerance: float) -> None:
    assert float(burst_tail(15, 3, size)) == pytest.approx(expected, abs=tolerance)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_never_below_raw(p: list[float]) -> None:
    assert (adjusted(p) >= np.asarray(p) - 1e-12).all()


def _city(rng: np.random.Generator, units: int, cheats: int) -> tuple[np.ndarray, np.ndarray]:
    n = rng.integers(200, 3000, units)
    rate = rng.beta(0.1 * 60, 0.9 * 60, units)
    rate[:cheats] = np.minimum(rate[:cheats] + 0.25, 1)
    return rng.binomial(n, rate), n


def test_against_peers_finds_planted_and_spares_honest() -> None:
    rng = np.random.default_rng(7)
    found = spared = honest = 0
    for _ in range(10):
        x, n = _city(rng, 200, 5)
        out = against_peers(x, n, Gates(min_difference=0.05)).stands_out
        found += int(out[:5].sum())
        spared += int(out[5:].sum())
        honest += 195
    assert found >= 40  # 80 % power at a difference of 25 points
    assert spared / honest <= 0.01


def test_against_peers_order_does_not_matter() -> None:
    x, n = _city(np.random.default_rng(3), 60, 2)
    order = np.random.default_rng(4).permutation(60)
    plain, shuffled = against_peers(x, n, Gates()), against_peers(x[order], n[order], Gates())
    assert plain.p[order] == pytest.approx(shuffled.p)


def test_against_peers_too_few_units_says_nothing() -> None:
    assert not against_peers([50], [60], Gates()).stands_out.any()


def _finding(detector: str, unit: str, family: str) -> Finding:
    return Finding(detector, unit, 30, 100, 0.3, 0.1, 0.01, {"zh": "", "en": ""}, family=family,
                   is_deterministic=detector == "D17",
                   second_family="citizen_voice" if detector == "D08+" else "")  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "named"),
    [
        ([("D08", "a", "time")], [False]),
        ([("D08", "a", "time"), ("D09", "a", "time")], [False, False]),
        ([("D08", "a", "time"), ("D01", "a", "text")], [True, True]),
        ([("D08", "a", "time"), ("D01", "b", "text")], [False, False]),
        ([("D17", "a", "records")], [True]),
        ([("D08+", "a", "time")], [True]),
    ],
)
def test_with_two_keys(findings: list[tuple[str, str, str]], named: list[bool]) -> None:
    assert [f.named for f in with_two_keys([_finding(*f) for f in findings])] == named
