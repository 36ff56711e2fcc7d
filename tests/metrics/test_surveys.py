"""Weights, reach and checks of surveys, on the figures of R's survey package and on the acceptance cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.statistics import sampling, surveys
from metrics.statistics.sampling import Stratum
from tests.metrics.oracle_entries import ENTRIES


def test_post_stratified_mean_oracle() -> None:
    inputs, expected = ENTRIES["api_poststratified"]["inputs"], ENTRIES["api_poststratified"]["expected"]
    n, mean = np.array(inputs["n"]), np.array(inputs["mean"])
    rows = zip(inputs["row_totals"], n, mean, strict=True)
    strata = [Stratum(str(i), size, int(k.sum()), float((k * m).sum())) for i, (size, k, m) in enumerate(rows)]  # type: ignore[arg-type]
    found = sampling.poststratified(strata)
    assert found.raw == pytest.approx(expected["unweighted"], abs=1e-5)
    assert found.weighted == pytest.approx(expected["poststratified"], abs=1e-5)


def test_raking_oracle() -> None:
    inputs, expected = ENTRIES["api_raked"]["inputs"], ENTRIES["api_raked"]["expected"]
    n = np.array(inputs["n"], float)
    weight = surveys.rake(n, inputs["row_totals"], inputs["col_totals"])
    effective, effect = surveys.kish(n, weight)
    mean = float((n * weight * np.array(inputs["mean"])).sum() / (n * weight).sum())
    found = (mean, weight[0, 0], weight[0, 1], effective, effect)
    names = ("mean", "w_e_no", "w_e_yes", "n_eff", "deff")
    assert found == pytest.approx(tuple(expected[name] for name in names), abs=1e-5)


def test_case_078_few_reached() -> None:
    found = surveys.reach(100, 100, 20, 20, rate=1.0)
    assert (found.participation, found.low, found.high, found.is_low) == (0.2, 0.2, 1.0, True)


def test_reach_without_a_base_is_unknown_and_too_many_answers_are_refused() -> None:
    found = surveys.reach(0, 0, 0, 0)
    assert (found.participation, found.coverage, found.contact, found.cooperation) == (None, None, None, None)
    with pytest.raises(sampling.SampleError, match="answers_exceed_invitations"):
        surveys.reach(20, 10, 12, 12)


def test_two_phase_oracle() -> None:
    expected = ENTRIES["two_phase"]["expected"]
    found = sampling.two_phase((900, 100, 80), (100, 40, 4))
    assert found is not None
    assert (found.rate, found.error) == pytest.approx((expected["rate"], expected["se"]), abs=1e-6)


def test_gap_between_own_and_independent() -> None:
    assert surveys.gap((96, 100), (77, 100)).is_beyond_chance
    close = surveys.gap((80, 100), (79, 100))
    assert not close.is_beyond_chance
    assert close.low < close.value < close.high


def test_trimming_cuts_at_five_times_the_median() -> None:
    assert surveys.trimmed([1.0, 1.0, 9.0], [10, 10, 1]).tolist() == [1.0, 1.0, 5.0]


def test_clusters_of_one_person() -> None:
    assert surveys.clustered(1.5, 1, 0.4) == 1.5
    assert surveys.clustered(1.5, 3, 0.5) == 3.0


@pytest.mark.parametrize(
    ("cells", "into"),
    [
        ([("a", 30), ("b", 12)], {"a": "a", "b": "b"}),
        ([("a", 30), ("b", 4), ("c", 9)], {"a": "a", "b": "other", "c": "other"}),
        ([("a", 30), ("b", 4)], {"a": "a", "b": "a"}),
    ],
)
def test_small_cells_are_merged(cells: list[tuple[str, int]], into: dict[str, str]) -> None:
    assert surveys.merge_small(cells) == into


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 500)), min_size=1, max_size=6))
def test_weights_cost_precision_and_the_rate_lies_between_the_strata(cells: list[tuple[int, int]]) -> None:
    strata = [Stratum(str(i), size, n, n // (i + 1)) for i, (n, size) in enumerate(cells)]
    found = sampling.poststratified(strata)
    rates = [s.positive / s.answers for s in strata]
    assert found.design_effect >= 1 - 1e-9
    assert min(rates) - 1e-9 <= found.weighted <= max(rates) + 1e-9


@given(st.integers(0, 10_000))
@settings(deadline=None)
def test_raking_meets_both_margins_in_any_order(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = draw.integers(1, 40, (3, 2)).astype(float)
    people = draw.integers(50, 900, (3, 2)).astype(float)
    weight = surveys.rake(n, people.sum(1), people.sum(0))
    assert (n * weight).sum(1) == pytest.approx(people.sum(1), rel=1e-6)
    assert (n * weight).sum(0) == pytest.approx(people.sum(0), rel=1e-6)
    turned = surveys.rake(n[::-1], people.sum(1)[::-1], people.sum(0))
    assert turned[::-1] == pytest.approx(weight, rel=1e-6)
