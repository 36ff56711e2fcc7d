"""Acceptance cases 64 to 79 and K1 to K5, K12: satisfaction, its denominators, samples and margins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from metrics.clocks import period
from metrics.counting.count_table import table_of
from metrics.counting.counts import count_columns
from metrics.statistics import interval, sampling
from metrics.value import MetricValue
from metrics.values import compute
from metrics.values.compute import Options

ZERO = dict.fromkeys((*count_columns("kept"), "fingerprinted_replies", "template_replies"), 0)


def value_of(code: str, counts: Mapping[str, float], options: Options | None = None) -> MetricValue:
    table = table_of({("u", "2025", None): {**ZERO, **counts}})
    return compute.metric_values(table, [code], options)[0]


FIVE = {"rating_5": 2, "rating_4": 1, "rating_3": 1, "rating_1": 1, "known_rating": 5, "n_received": 5, "n_eligible": 5}


@pytest.mark.parametrize(("code", "expected"), [("S2.top2", 0.6), ("S1c", 0.8), ("S4", 0.2)])
def test_case_064_five_point_shares(code: str, expected: float) -> None:
    assert value_of(code, FIVE).value == pytest.approx(expected)


def test_case_064_mean_on_the_hundred_scale() -> None:
    assert sampling.mean_score([5, 5, 4, 3, 1], 5) == pytest.approx(65.0)


@pytest.mark.parametrize(
    ("scale", "box"), [(3, {3}), (4, {3, 4}), (5, {4, 5}), (6, {5, 6}), (7, {6, 7}), (10, {8, 9, 10})]
)
def test_case_065_top_boxes(scale: int, box: set[int]) -> None:
    assert sampling.top_box(scale) == frozenset(box)


def test_case_065_ten_point_scale() -> None:
    ratings = [10, 8, 7, 3]
    assert sum(r in sampling.top_box(10) for r in ratings) / len(ratings) == 0.5
    assert sampling.mean_score(ratings, 10) == pytest.approx(66.7, abs=0.05)


def test_case_066_net_score_is_not_a_share() -> None:
    assert sampling.net_score(9, 4, 7) == pytest.approx(10.0)
    assert (9 + 4) / 20 == 0.65


def test_case_071_no_invitations_no_rate() -> None:
    assert sampling.response_rate(0, 0) is None


def test_case_072_more_answers_than_invitations_is_an_error() -> None:
    with pytest.raises(sampling.SampleError, match="answers_exceed_invitations"):
        sampling.response_rate(12, 10)


def test_case_073_required_answers_are_rounded_up() -> None:
    assert interval.required_n(7271, 0.04) == 555


@pytest.mark.parametrize(
    ("n", "population", "corrected", "plain"), [(1128, 18_800, 2.83, 2.92), (536, 2436, 3.74, 4.23)]
)
def test_case_074_margins(n: int, population: int, corrected: float, plain: float) -> None:
    assert round(100 * interval.survey_margin(n, population), 2) == corrected
    assert round(100 * interval.survey_margin(n), 2) == plain


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [(80, 100, 71.12, 86.66), (0, 10, 0, 27.75), (10, 10, 72.25, 100), (22, 22, 85.13, 100), (81, 263, 25.53, 36.62),
     (15, 148, 6.24, 16.05), (0, 20, 0, 16.11), (1, 29, 0.61, 17.18)],
)  # fmt: skip
def test_case_075_wilson(x: int, n: int, low: float, high: float) -> None:
    assert tuple(round(100 * bound, 2) for bound in interval.wilson(x, n)) == (low, high)


def test_case_076_lower_bounds_turn_the_order_round() -> None:
    small, large = interval.wilson(22, 22)[0], interval.wilson(6396, 6530)[0]
    assert 22 / 22 > 6396 / 6530
    assert (round(100 * small, 1), round(100 * large, 2)) == (85.1, 97.57)


@pytest.mark.parametrize(("n", "expected"), [(9, "hidden"), (10, "indicative"), (29, "indicative"), (30, "full")])
def test_case_077_small_numbers(n: int, expected: str) -> None:
    assert sampling.publication(n) == expected


def test_case_078_low_coverage_is_bounded() -> None:
    assert tuple(round(100 * b, 2) for b in interval.wilson(20, 20)) == (83.89, 100.0)
    assert interval.manski(1.0, 0.2) == pytest.approx((0.2, 1.0))
    assert sampling.is_low_coverage(20, 100)


def test_case_079_strata_are_weighted() -> None:
    strata = [sampling.Stratum("phone", 50, 30, 27), sampling.Stratum("web", 50, 10, 5)]
    result = sampling.poststratified(strata)
    assert result.raw == pytest.approx(0.8)
    assert result.weighted == pytest.approx(0.7)
    assert result.weight_sum == pytest.approx(40)
    assert round(result.design_effect, 4) == 1.3333
    assert result.effective_n == pytest.approx(30.0)


def test_case_079_an_empty_stratum_is_named() -> None:
    with pytest.raises(sampling.SampleError, match="counter"):
        sampling.poststratified([sampling.Stratum("phone", 50, 30, 27), sampling.Stratum("counter", 50, 0, 0)])


K1 = {"v": 200, "v_contacted": 198, "v_resolved": 170, "v_satisfied": 160, "v_basic": 20, "n_received": 200}


def test_case_k1_three_rates() -> None:
    values = [value_of(c, K1, Options(basically_satisfied=0.9)).value for c in ("R2", "H2", "S1a")]
    assert values == pytest.approx([0.99, 0.85, 0.89])
    assert 100 * sum(w * v for w, v in zip((0.1, 0.5, 0.4), values, strict=True)) == pytest.approx(88.0)


def test_case_k1_no_valid_follow_up_is_missing() -> None:
    value = value_of("S1a", {"n_received": 5})
    assert (value.value, value.reason) == (None, "no_valid_follow_up")


def test_case_k2_pooled_and_mean_are_both_told() -> None:
    keys = [("a", "p", None), ("b", "p", None), (None, "p", None)]
    rows = [(10, 10), (50, 100), (60, 110)]
    counts = {k: {**ZERO, "e_closed": c, "n_eligible": n} for k, (c, n) in zip(keys, rows, strict=True)}
    totals = {v.total: v.value for v in compute.metric_values(table_of(counts), ["H9"]) if v.unit is None}
    assert totals["mean_of_units"] == pytest.approx(0.75)
    assert totals["pooled"] == pytest.approx(0.545, abs=5e-4)


K3 = {
    "rating_4": 30, "rating_3": 5, "rating_2": 5, "rating_0": 30, "known_rating": 70, "n_received": 100,
    "n_eligible": 100, "v": 40, "v_satisfied": 30, "v_basic": 5,
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "expected"), [("S1a", 0.875), ("S1b", 0.929), ("S1c", 0.875), ("S1d", 0.95), ("S1e", 0.35)]
)
def test_case_k3_five_denominators(code: str, expected: float) -> None:
    assert value_of(code, K3).value == pytest.approx(expected, abs=5e-4)


def test_case_k3_weight_of_the_middle_level_and_interval() -> None:
    assert value_of("S1a", K3, Options(basically_satisfied=0.9)).value == pytest.approx(0.8625)
    value = value_of("S1c", K3)
    assert (round(100 * value.low, 2), round(100 * value.high, 2)) == (73.89, 94.54)


def test_case_k5_months_that_begin_on_the_nineteenth() -> None:
    assert period.month_of(date(2025, 3, 18), 19) == "2025-03"
    assert period.month_of(date(2025, 3, 19), 19) == "2025-04"
    assert date(2025, 3, 18) in period.parse("2025-03", 19)
    assert date(2025, 3, 19) not in period.parse("2025-03", 19)


K12 = {"rating_0": 60, "rating_4": 30, "rating_2": 10, "known_rating": 100, "n_received": 200, "n_eligible": 200}


@pytest.mark.parametrize(("code", "expected"), [("S3", 0.2), ("S2", 0.75), ("S1c", 0.75), ("S1b", 0.9)])
def test_case_k12_default_ratings(code: str, expected: float) -> None:
    assert value_of(code, K12).value == pytest.approx(expected)


def test_case_042_claimed_resolution() -> None:
    counts = {"claim_closed": 8, "claim_resolved": 6, "claim_partly": 1, "outcome_known": 10, "n_received": 10}
    assert value_of("H2s", counts).value == pytest.approx(0.75)
    assert value_of("H2s", counts, Options(partly=0.5)).value == pytest.approx(0.8125)


def test_case_048_on_time_counts_open_cases_past_due() -> None:
    counts = {"close_strict_met": 7, "close_strict_missed": 1, "close_strict_open": 2, "close_strict_not_due": 3,
              "known_close_clock": 13}  # fmt: skip
    value = value_of("H1", counts)
    assert (value.numerator, value.denominator, value.value) == (7, 10, 0.7)
    assert value_of("n_not_yet_due", counts).value == 3


def test_what_no_source_records_is_missing_not_zero() -> None:
    value = value_of("R5", {"n_received": 3, "n_eligible": 3})
    assert (value.value, value.reason) == (None, "not_recorded")
