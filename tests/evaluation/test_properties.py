"""What must hold for every scheme and every table, tried on generated ones."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evaluation.assess import assess
from evaluation.cautions import sentence
from evaluation.rules.scheme import SchemeFaulty
from evaluation.scores.grades import probabilities
from evaluation.scores.observations import AssessedUnit, Column, Observation
from evaluation.uncertainty.posterior import between_units, posterior
from evaluation.uncertainty.ranks import quantiles, rank_draws, ranks
from metrics.statistics.betabinomial import fit_by_moments
from tests.evaluation.builders import by_unit, indicator, rate, scheme, scored, units

QUICK = settings(max_examples=25, deadline=None)
VALUE = st.one_of(st.none(), st.floats(0, 100, allow_nan=False).map(lambda x: round(x, 2)))
ROW = st.fixed_dictionaries({"a": VALUE, "b": VALUE, "c": VALUE})
TABLE = st.lists(ROW, min_size=2, max_size=8).map(lambda rows: {f"u{k}": row for k, row in enumerate(rows)})
GROUPS = '[[group]]\nid = "g"\nweight = 60\n{across}[[group]]\nid = "h"\nweight = 40\n'


def nested(across: str = "", method: str = "goalposts"):
    """Two groups over three indicators."""
    keys = {"method": method} if method != "goalposts" else {}
    groups = GROUPS.format(across=f'across = "{across}"\n' if across else "")
    leaves = [
        indicator(code, weight, group=group, **keys)
        for code, weight, group in (("a", 40, "g"), ("b", 20, "g"), ("c", 40, "h"))
    ]
    return scheme(groups, *leaves, root="[aggregate]\nmissing_below = 0.5\n")


@QUICK
@given(TABLE, st.randoms(use_true_random=False))
def test_order_of_units_never_matters(table: dict, random) -> None:
    order = list(table)
    random.shuffle(order)
    first = scored(nested("geometric"), table).to_json()
    assert first == scored(nested("geometric"), {unit: table[unit] for unit in order}).to_json()


@QUICK
@given(TABLE, st.sampled_from(["goalposts", "minmax", "rank", "zscore"]), st.floats(0.01, 40))
def test_raising_an_own_value_never_lowers_the_own_rank(table: dict, method: str, more: float) -> None:
    table = {unit: {code: value or 0.0 for code, value in row.items()} for unit, row in table.items()}
    raised = {**table, "u0": {**table["u0"], "a": table["u0"]["a"] + more}}
    before, after = (by_unit(scored(nested(method=method), t))["u0"] for t in (table, raised))
    assert before.rank is None or after.rank is None or after.rank <= before.rank


@QUICK
@given(TABLE, ROW)
def test_a_new_unit_never_changes_scores_under_fixed_goalposts(table: dict, row: dict) -> None:
    before = by_unit(scored(nested(), table))
    after = by_unit(scored(nested(), {**table, "new": row}))
    assert {unit: found.score for unit, found in before.items()} == {unit: after[unit].score for unit in before}


@QUICK
@given(TABLE)
def test_missing_is_never_zero_and_contributions_sum_to_the_score(table: dict) -> None:
    for across in ("arithmetic", "geometric"):
        for row in scored(nested(across), table).units:
            for found in row.indicators:
                assert (found.value is None) == (found.reason is not None)
                assert found.value is not None or (found.points is None and found.contribution is None)
            if row.score is not None:
                assert sum(found.contribution or 0 for found in row.indicators) == pytest.approx(
                    row.base_score, abs=1e-9
                )
                assert sum(found.effective_weight for found in row.indicators) == pytest.approx(1)


@QUICK
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), min_size=15, max_size=25))
def test_shrunk_values_lie_between_raw_and_mean(counts: list[tuple[int, int]]) -> None:
    given_rates = [rate(f"u{k:02}", "x", min(hits, cases), cases) for k, (hits, cases) in enumerate(counts)]
    used = scheme(indicator("x", 100, method="rate_x_full"), root="[small_n]\nsuppress = 0\nrank = 1\n")
    result = assess(used, given_rates, units([row.unit or "" for row in given_rates]), period="p", draws=100)
    fitted = fit_by_moments([row.numerator for row in given_rates], [row.denominator for row in given_rates])
    for row in result.units:
        found = row.indicators[0]
        if found.shrunk is not None:
            ends = sorted((found.value or 0.0, fitted.mu))
            assert ends[0] - 1e-9 <= found.shrunk <= ends[1] + 1e-9


@QUICK
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.5, 5)), min_size=15, max_size=25))
@example([(float(5 * k), 2.0) for k in range(15)])
def test_shrunk_values_with_a_standard_error_lie_between_raw_and_mean(measured: list[tuple[float, float]]) -> None:
    value, sd = (np.array(side) for side in zip(*measured, strict=True))
    nothing, size = np.full(len(value), np.nan), len(value)
    column = Column(value, nothing, nothing, value - 2 * sd, value + 2 * sd, np.full(size, 50), (None,) * size)
    shrunk = posterior(column, np.zeros(size, dtype=np.int64)).mean
    centre, _ = between_units(column.value, column.sd)
    assert (shrunk >= np.minimum(value, centre) - 1e-9).all()
    assert (shrunk <= np.maximum(value, centre) + 1e-9).all()


@QUICK
@given(st.lists(st.floats(0, 100), min_size=1, max_size=6), st.integers(1, 50))
def test_probabilities_of_grades_sum_to_one(means: list[float], draws: int) -> None:
    grades = nested().grades
    scores = np.random.default_rng(1).normal(means, 5, size=(draws, len(means)))
    assert probabilities(scores, grades).sum(axis=0) == pytest.approx(np.ones(len(means)))


@QUICK
@given(st.floats(0, 200).filter(lambda w: abs(w - 40) > 0.001))
@example(39.99)
@example(40.01)
def test_weights_that_miss_100_are_refused(weight: float) -> None:
    with pytest.raises(SchemeFaulty):
        scheme(indicator("a", 60), indicator("b", weight))


def uncertain_table(size: int = 20) -> tuple[list[Observation], list[AssessedUnit]]:
    random = np.random.default_rng(5)
    names = [f"u{k:02}" for k in range(size)]
    found = [
        rate(unit, code, int(random.binomial(200, 0.5 + k / 60)), 200) for k, unit in enumerate(names) for code in "abc"
    ]
    return found, units(names, "town")


def fractions():
    """Rates against goalposts 0..1."""
    return scheme(
        *(
            indicator(code, weight, method="goalposts", zero=0, full=1)
            for code, weight in (("a", 50), ("b", 30), ("c", 20))
        )
    )


def test_same_seed_same_bytes_whatever_the_order() -> None:
    values, names = uncertain_table()
    texts = {
        json.dumps(assess(fractions(), order, people, period="p", seed=3, draws=300).to_json())
        for order, people in ((values, names), (values[::-1], names[::-1]))
    }
    assert len(texts) == 1


def test_chance_to_be_on_top_sums_to_the_number_of_places() -> None:
    values, names = uncertain_table()
    found = assess(fractions(), values, names, period="p", draws=400).units
    assert sum(row.probability_top or 0 for row in found) == pytest.approx(6)
    assert sum(row.probability_bottom or 0 for row in found) == pytest.approx(6)


def test_intervals_hold_the_score_and_the_rank() -> None:
    values, names = uncertain_table()
    for row in assess(fractions(), values, names, period="p", draws=400).units:
        assert row.low <= row.score <= row.high
        assert row.rank is None or row.rank_low <= row.rank <= row.rank_high
        assert row.joint_rank_low <= row.rank_low
        assert row.rank_high <= row.joint_rank_high


def test_draws_agree_with_the_normal_formula() -> None:
    used = scheme(indicator("x", 100))
    given_values = [
        Observation("a", "x", 62.0, low=62 - 1.96 * 1.5, high=62 + 1.96 * 1.5),
        Observation("b", "x", 60.0, low=60 - 1.96 * 2, high=60 + 1.96 * 2),
    ]
    found = assess(used, given_values, units(["a", "b"]), period="p", draws=20000).units
    assert found[0].probability_top == pytest.approx(0.788145, abs=0.01)


def test_few_cases_are_withheld_or_not_ranked() -> None:
    used = replace(fractions(), missing_below=0.8)
    counts = {"none": 9, "grey": 29, "full": 30}
    given_rates = [rate(unit, code, cases // 2, cases) for unit, cases in counts.items() for code in "abc"]
    found = by_unit(assess(used, given_rates, units(list(counts)), period="p", draws=200))
    assert (found["none"].score, found["none"].reason, found["none"].indicators[0].value) == (None, "too_few", None)
    assert found["none"].indicators[0].n == 9
    assert (found["grey"].rank, found["grey"].grade, found["grey"].reason) == (None, None, "small_n")
    assert found["grey"].score == pytest.approx(100 * 14 / 29)
    assert (found["full"].rank, found["full"].reason) == (1, None)


def test_units_that_do_not_differ_are_not_ranked() -> None:
    given_rates = [rate(f"u{k:02}", code, 100, 200) for k in range(20) for code in "abc"]
    found = assess(fractions(), given_rates, units([f"u{k:02}" for k in range(20)]), period="p", draws=200).units
    assert {row.reason for row in found} == {"not_reliable"}
    assert {row.rank for row in found} == {None}


@pytest.mark.parametrize(("hits", "cases", "note"), [(17, 20, "within_chance"), (850, 1000, None)])
def test_a_loss_below_the_target_needs_proof(hits: int, cases: int, note: str | None) -> None:
    used = scheme(indicator("x", 100, method="goalposts", zero=0, full=1, proof=True, target=0.9))
    found = assess(used, [rate("u", "x", hits, cases)], units(["u"]), period="p").units[0]
    assert found.indicators[0].note == note
    assert found.score == pytest.approx(90.0 if note else 85.0)


@pytest.mark.parametrize(("hits", "is_capped"), [(17, False), (700, True)])
def test_a_veto_on_a_rate_needs_proof(hits: int, is_capped: bool) -> None:
    veto = '[[veto]]\ncode = "V"\nwhen = { metric = "x", op = "<", value = 0.9 }\ncap_grade = "D"\n'
    used = scheme(indicator("x", 100, method="goalposts", zero=0, full=0.5), veto)
    found = assess(used, [rate("u", "x", hits, 20 if hits < 20 else 1000)], units(["u"]), period="p").units[0]
    assert bool(found.vetoes) == is_capped


def test_ranks_of_draws_against_a_naive_count() -> None:
    scores = np.random.default_rng(2).normal(50, 10, size=(50, 9)).astype(np.float32)
    found = rank_draws(scores, np.random.default_rng(3))
    naive = [[1 + sum(other > own for other in row) for own in row] for row in scores]
    assert found.tolist() == naive
    assert ranks(scores[0].astype(float)).tolist() == naive[0]


def test_quantiles_against_a_naive_count() -> None:
    draws = np.random.default_rng(4).normal(size=(101, 3))
    low, high = quantiles(draws, (0.05, 0.95))
    ordered = np.sort(draws, axis=0)
    assert low.tolist() == ordered[5].tolist()
    assert high.tolist() == ordered[95].tolist()


def test_posterior_draws_of_small_counts_stay_inside_zero_and_one() -> None:
    used = scheme(
        indicator("x", 100, method="goalposts", zero=-1, full=2, clip=False), root="[small_n]\nsuppress = 0\nrank = 1\n"
    )
    found = assess(used, [rate("u", "x", 0, 3), rate("v", "x", 5000, 5000)], units(["u", "v"]), period="p").units
    assert found[0].low >= 100 / 3 - 1e-3
    assert found[1].high <= 200 / 3 + 1e-3


def test_posterior_without_enough_units_has_no_reliability() -> None:
    from evaluation.scores.observations import columns_of

    column = columns_of([rate("u", "x", 5, 10)], units(["u"]), ["x"])["x"]
    found = posterior(column, np.zeros(1, dtype=np.int64))
    assert (found.a[0], found.b[0], np.isnan(found.reliability[0])) == (5.5, 5.5, True)


def test_ranks_of_draws_go_beyond_what_two_bytes_hold() -> None:
    scores = np.linspace(0, 100, 70_000, dtype=np.float32)[None, :]
    found = rank_draws(scores, np.random.default_rng(1))
    assert sorted(found[0].tolist()) == list(range(1, 70_001))


def test_noise_of_the_machine_costs_nobody_a_band_or_a_rank() -> None:
    """30 + 30 by parts is 59.99999999999999 in one order of additions and 60 in another."""
    group = '[[group]]\nid = "g"\n'
    used = scheme(group, indicator("a", 40, group="g"), indicator("b", 30, group="g"), indicator("c", 30))
    found = by_unit(scored(used, {"u": {"a": 75, "b": 100, "c": 0}, "v": {"a": 60, "b": 20, "c": 100}}))
    assert min(unit.score for unit in found.values()) < 60, "the example must hold the noise it is about"
    assert [(unit.grade, unit.rank) for unit in found.values()] == [("C", 1), ("C", 1)]


@pytest.mark.parametrize("method", ["minmax", "rank", "zscore", "target_distance"])
def test_methods_that_are_not_the_default_say_what_they_do(method: str) -> None:
    keys = {"target": 80} if method == "target_distance" else {}
    used = scheme(indicator("x", 100, method=method, **keys))
    table = {unit: {"x": value} for unit, value in (("a", 10), ("b", 50), ("c", 90))}
    (warning,) = [text for text in scored(used, table).warnings if text.endswith(":x")]
    assert warning.removeprefix("relative_") == f"{method}:x"
    assert sentence(warning, "en") != sentence(warning, "zh")
