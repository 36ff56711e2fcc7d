"""Limits of monthly series and the comparison of two years, on published examples and made ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.statistics import change
from metrics.statistics.change import NaturalLimits
from tests.metrics.oracle_entries import ENTRIES

LEVEL = NaturalLimits(10.0, (4.0,) * 30, (16.0,) * 30, False, "xmr")


@pytest.mark.parametrize("name", ["nist_imr", "nist_imr_266", "xmr_unscreened", "xmr_screened"])
def test_xmr_oracle(name: str) -> None:
    entry = ENTRIES[name]
    inputs, expected = entry["inputs"], entry["expected"]
    found = change.xmr(inputs["x"], is_screened=inputs.get("screened", False), factor=inputs["factor"])
    assert (found.upper[0], found.lower[0]) == pytest.approx((expected["upper"], expected["lower"]), abs=1e-6)
    if "mean" in expected:
        assert found.centre == pytest.approx(expected["mean"], abs=1e-6)
    if "moving_range" in expected:
        assert found.moving_range == pytest.approx(expected["moving_range"], abs=1e-6)


def test_p_chart_oracle_orange_juice() -> None:
    inputs, expected = ENTRIES["orange_juice"]["inputs"], ENTRIES["orange_juice"]["expected"]
    n = [inputs["n"]] * len(inputs["d"])
    found = change.p_chart(inputs["d"], n)
    assert (found.centre, found.upper[0], found.lower[0]) == pytest.approx(
        (expected["centre"], expected["upper"], expected["lower"]), abs=1e-6
    )
    rates = [d / inputs["n"] for d in inputs["d"]]
    outside = [p.index + 1 for p in change.notable_points(rates, found) if p.rule == "outside"]
    assert outside == expected["out"]
    assert change.p_chart(inputs["d"], n, is_laney=True).spread == pytest.approx(expected["laney_sigma_z"], abs=1e-6)


def test_p_chart_takes_laneys_form_when_cases_are_many() -> None:
    rates = np.tile([0.80, 0.82], 8)
    many, few = change.p_chart(rates * 50_000, [50_000] * 16), change.p_chart(rates * 100, [100] * 16)
    assert (many.kind, few.kind) == ("laney", "p")
    assert many.upper[0] - many.centre > 3 * (many.centre * (1 - many.centre) / 50_000) ** 0.5


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ([10, 11, 9, 10, 11, 9], []),
        ([10, 17, 9], [(1, "outside", 1)]),
        ([10, 3, 11], [(1, "outside", -1)]),
        ([9, 11, 12, 11, 13, 11, 12, 11, 9], [(7, "one_side", 1)]),
        ([9, 11, 12, 11, 13, 11, 12, 9], []),  # six on one side are not seven
        ([10, 11, 12, 11, 13, 11, 12, 11], [(7, "one_side", 1)]),  # a point on the centre is on no side
        ([7.0, 8.0, 8.5, 9.5, 10.5, 11.0, 12.0, 11.0], [(6, "one_way", 1)]),
        ([13, 12, 11, 10.5, 9.5, 9, 8, 9], [(6, "one_way", -1)]),
        ([9, 14.5, 11, 14.6, 9], [(3, "near_limit", 1)]),
        ([9, 14.5, 9, 14.6, 9], []),  # two of three, yet not all on one side
        ([9, 5.5, 5.0, 9.0], [(2, "near_limit", -1)]),
    ],
)
def test_run_rules(values: list[float], rules: list[tuple[int, str, int]]) -> None:
    assert [(p.index, p.rule, p.side) for p in change.notable_points(values, LEVEL)] == rules


@pytest.mark.parametrize(
    ("target", "is_higher_better", "word"),
    [(3, True, "always"), (17, True, "never"), (10, True, "at_times"), (17, False, "always"), (3, False, "never")],
)
def test_assurance(target: float, is_higher_better: bool, word: str) -> None:
    assert change.assurance(target, LEVEL, is_higher_better) == word


@given(
    st.floats(0.05, 400.0), st.floats(0.05, 400.0), st.integers(10, 4_000), st.integers(1, 4_000), st.data()
)  # fmt: skip
def test_a_predicted_chance_is_a_chance(a: float, b: float, n1: int, n2: int, data: st.DataObject) -> None:
    y1, y2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    found = change.predict(a, b, y1, n1, y2, n2)
    assert 0 <= found.lower_tail <= 1
    assert 0 <= found.p <= 1


def test_an_extreme_second_year_has_no_chance_below_nothing() -> None:
    """Seen in the demonstration: 10 of 260 repeated demands, then 38 of 203; the law added up to a little above 1."""
    found = change.predict(23.84762213459, 727.83, 10, 260, 38, 203)
    assert 0 <= found.p < 1e-9
    assert change.adjusted_p([found.p, 0.5]) == pytest.approx([2 * found.p, 0.5])


def test_predictive_oracle() -> None:
    entry = ENTRIES["predictive"]
    found, expected = change.predict(**entry["inputs"]), entry["expected"]
    assert (found.expected, found.cumulative, found.lower_tail) == pytest.approx(
        (expected["expected"], expected["cdf"], expected["midp"]), abs=1e-6
    )
    assert found.p == pytest.approx(2 * expected["midp"], abs=1e-6)


def test_benjamini_hochberg_oracle() -> None:
    entry = ENTRIES["bh_1995"]
    found = change.adjusted_p(entry["inputs"]["p"])
    assert found[:5] == pytest.approx(entry["expected"]["adjusted_first5"], abs=1e-6)
    assert sum(p <= entry["inputs"]["q"] for p in found) == entry["expected"]["bh"]
    assert change.adjusted_p([]) == []


def test_all_cases_are_not_near_a_limit_that_is_cut_off_at_one() -> None:
    """With 30 cases a month and 96 % the upper limit would lie at 107 %: two months of 100 % say nothing."""
    x, n = [29, 28, 30, 30, 29, 27], [30] * 6
    limits = change.p_chart(x, n)
    assert limits.upper[2] == 1.0
    assert change.notable_points([a / b for a, b in zip(x, n, strict=True)], limits) == []


def test_few_points_give_trial_limits_and_one_none() -> None:
    assert change.xmr([1, 2, 3]).is_trial
    assert not change.xmr(list(range(12))).is_trial
    with pytest.raises(ValueError, match="two points"):
        change.xmr([1])
    with pytest.raises(ValueError, match="with cases"):
        change.p_chart([1, 0], [2, 0])


@given(st.lists(st.integers(0, 100), min_size=2, max_size=40), st.integers(-50, 50))
def test_limits_move_with_the_series(values: list[int], shift: int) -> None:
    plain, moved = change.xmr(values), change.xmr([v + shift for v in values])
    assert moved.upper[0] == pytest.approx(plain.upper[0] + shift)
    marks = change.notable_points(values, change.xmr(values, is_screened=False))
    mirrored = [-v for v in values]
    mirror = change.notable_points(mirrored, change.xmr(mirrored, is_screened=False))
    assert [(p.index, p.rule) for p in marks if p.rule != "outside"] == [
        (p.index, p.rule) for p in mirror if p.rule != "outside"
    ]
