"""Cases 80 to 92, K1 and K15 of the acceptance list, under their numbers."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from evaluation.assess import assess
from evaluation.bands import bands
from evaluation.rules.catalogue import find
from evaluation.rules.scheme import SchemeFaulty
from evaluation.scores.board import lay
from evaluation.scores.grades import grade_of_interval
from evaluation.scores.observations import AssessedUnit, Evidence, Observation
from evaluation.scores.table import read_table
from evaluation.uncertainty.chance import rankable
from evaluation.uncertainty.ranks import ranks
from evaluation.uncertainty.robustness import rank_intervals_under, robustness, weight_draws
from records.canonical import document_sha256
from reports import numbers
from tests.evaluation.builders import GRADES, by_unit, indicator, scheme, scored, units, values

THREE = (indicator("a", 40), indicator("b", 40), indicator("c", 20))


def test_case_080_missing_weight_of_a_fifth_is_rescaled() -> None:
    found = by_unit(scored(scheme(*THREE), {"u": {"a": 90, "b": 80, "c": None}}))["u"]
    assert found.score == pytest.approx(85.0)
    assert [row.effective_weight for row in found.indicators] == [0.5, 0.5, 0.0]


def test_case_080_more_missing_is_not_rated() -> None:
    found = by_unit(scored(scheme(*THREE), {"u": {"a": None, "b": 80, "c": 70}}))["u"]
    assert (found.score, found.rank, found.grade, found.reason) == (None, None, None, "not_rated")


def test_case_080_not_applicable_is_rescaled_whatever_its_weight() -> None:
    used = scheme(indicator("a", 75), indicator("services", 25))
    given = [Observation("u", "a", 80.0), Observation("u", "services", None, reason="not_applicable")]

    found = assess(used, given, units(["u"]), period="2024").units[0]
    assert found.score == pytest.approx(80.0)
    assert found.indicators[0].contribution == pytest.approx(60 * 4 / 3)


def test_case_081_ranks_and_grades_from_unrounded_scores() -> None:
    table = {"a": {"x": 89.9964}, "b": {"x": 89.9951}, "c": {"x": 89.9951}, "d": {"x": 80.0}}
    found = by_unit(scored(scheme(indicator("x", 100)), table))
    assert [numbers.fixed(found[unit].score, 2) for unit in "abcd"] == ["90.00", "90.00", "90.00", "80.00"]
    assert [found[unit].rank for unit in "abcd"] == [1, 2, 2, 4]
    assert [found[unit].grade for unit in "abc"] == ["B", "B", "B"]
    assert ranks(np.array([89.9964, 89.9951, 89.9951, 80])).tolist() == [1, 2, 2, 4]


def test_case_082_lower_is_better_is_turned_once() -> None:
    found = scored(scheme(indicator("days", 100, method="goalposts", zero=12, full=2)), {"u": {"days": 4}})
    assert found.units[0].score == pytest.approx(80.0)


def test_case_083_any_permutation_gives_the_same_bytes() -> None:
    used = scheme(*THREE)
    table = {
        "x": {"a": 90.1, "b": 0.3, "c": 77.7},
        "y": {"a": 12.3, "b": 45.6, "c": None},
        "z": {"a": 1, "b": 2, "c": 3},
    }
    texts = set()
    for order in itertools.permutations(table):
        for codes in itertools.permutations("abc"):
            shuffled = {unit: {code: table[unit][code] for code in codes} for unit in order}
            texts.add(json.dumps(scored(used, shuffled).to_json(), sort_keys=True))
    assert len(texts) == 1


HALVES = {"A": {"x": 90, "y": 60}, "B": {"x": 80, "y": 75}, "C": {"x": 70, "y": 50}}


def test_case_084_goalposts_do_not_move_when_a_unit_joins() -> None:
    used = scheme(indicator("x", 50), indicator("y", 50))
    before, after = by_unit(scored(used, HALVES)), by_unit(scored(used, {**HALVES, "D": {"x": 80, "y": 0}}))
    assert [before[unit].score for unit in "ABC"] == [75.0, 77.5, 60.0]
    assert [after[unit].score for unit in "ABCD"] == [75.0, 77.5, 60.0, 40.0]


def test_case_084_minmax_reverses_and_says_so() -> None:
    used = scheme(indicator("x", 50, method="minmax"), indicator("y", 50, method="minmax"))
    before, after = scored(used, HALVES), scored(used, {**HALVES, "D": {"x": 80, "y": 0}})
    assert [row.score for row in before.units] == pytest.approx([70.0, 75.0, 0.0])
    assert [row.score for row in after.units] == pytest.approx([90.0, 75.0, 100 / 3, 25.0])
    assert "rank_reversal:A/B/D" in after.warnings
    assert scored(scheme(indicator("x", 50), indicator("y", 50)), {**HALVES, "D": {"x": 80, "y": 0}}).warnings == []


def test_case_085_all_units_full_goalposts_score_normally() -> None:
    found = scored(
        scheme(indicator("x", 50), indicator("y", 50)), {u: {"x": 100, "y": y} for u, y in (("a", 50), ("b", 70))}
    )
    assert [row.score for row in found.units] == [75.0, 85.0]


def test_case_085_minmax_without_spread_hands_its_weight_on() -> None:
    used = scheme(indicator("x", 50, method="minmax"), indicator("y", 50))
    with np.errstate(all="raise"):
        found = scored(used, {u: {"x": 100, "y": y} for u, y in (("a", 50), ("b", 70))})
    assert [row.score for row in found.units] == [50.0, 70.0]
    flat = found.units[0].indicators[0]
    assert (flat.points, flat.effective_weight, flat.reason) == (None, 0.0, "non_discriminating")
    assert "non_discriminating:x" in found.warnings


def test_case_086_points_are_clipped_at_full_marks() -> None:
    used = scheme(indicator("x", 100, method="goalposts", zero=0, full=1.25))
    found = scored(used, {"a": {"x": 2.81}, "b": {"x": 1.00}, "c": {"x": 0}})
    assert [row.score for row in found.units] == pytest.approx([100.0, 80.0, 0.0])


def test_case_087_blank_is_missing_and_zero_is_zero() -> None:

    used = scheme(indicator("x", 100))
    found = read_table("unit,x\nu,\nv,0\n", used)
    assert [(row.value, row.reason) for row in found.values] == [(None, "no_value"), (0.0, None)]
    told = assess(used, found.values, found.units, period="2024").units
    assert [(row.score, row.indicators[0].points) for row in told] == [(None, None), (0.0, 0.0)]


VETO = '[[veto]]\ncode = "V1"\nwhen = { metric = "R7", op = ">", value = 0 }\ncap_grade = "C"\n'


def test_case_088_a_veto_caps_the_grade_and_leaves_the_score() -> None:
    found = scored(scheme(indicator("x", 100), VETO), {"u": {"x": 92.0, "R7": 1}, "v": {"x": 92.0, "R7": 0}})
    hit, clear = found.units
    assert (hit.score, hit.grade, [veto["code"] for veto in hit.vetoes]) == (92.0, "C", ["V1"])
    assert hit.vetoes[0]["score_without"] == 92.0
    assert (clear.score, clear.grade, clear.vetoes) == (92.0, "A", [])


def test_case_089_an_interval_over_a_cut_gives_no_single_grade() -> None:
    used = scheme(indicator("x", 100))
    assert grade_of_interval(78.6, 81.9, used.grades) == ("B", "C")

    given = [Observation("u", "x", 80.2, low=78.6, high=81.9)]
    found = assess(used, given, units(["u"]), period="2024").units[0]
    assert (found.grade, found.grade_certain, found.grade_candidates) == (None, False, ["B", "C"])
    assert sum(found.grade_probability.values()) == pytest.approx(1)


def test_case_090_same_input_and_seed_twice() -> None:
    used = scheme(*THREE)
    given = [Observation(u, c, v, low=v - 3, high=v + 3) for u, v in (("u", 80.0), ("v", 70.0)) for c in "abc"]

    results = [assess(used, given, units(["u", "v"]), period="2024", seed=7) for _ in range(2)]
    texts = [json.dumps(result.to_json()) for result in results]
    assert texts[0] == texts[1]
    assert {result.seed for result in results} == {7}
    assert len({document_sha256(result.to_json()) for result in results}) == 1
    assert texts[0] != json.dumps(assess(used, given, units(["u", "v"]), period="2024", seed=8).to_json())


@pytest.mark.parametrize(
    ("earned", "low", "high"),
    [([[90, 90], [70, 70], [50, 50]], [1, 2, 3], [1, 2, 3]), ([[80, 60], [60, 80]], [1, 1], [2, 2])],
)
def test_case_091_rank_intervals_over_weight_draws(earned: list, low: list, high: list) -> None:
    weights = weight_draws(np.array([50.0, 50.0]), draws=2000, seed=1, spread=0.25)
    first, last = rank_intervals_under(np.array(earned, float), weights)
    assert first.tolist() == low
    assert last.tolist() == high
    again, other = (weight_draws(np.array([50.0, 50.0]), draws=2000, seed=seed, spread=0.25) for seed in (1, 2))
    assert (weights == again).all()
    assert (weights != other).any()
    assert weights.sum(axis=1) == pytest.approx(np.full(2000, 100.0))
    assert np.abs(weights - 50).max() <= 12.5 + 1e-9  # 37.5 and 62.5 are the furthest that a quarter takes two weights


def test_case_091_the_seed_is_kept_with_the_result() -> None:
    used = scheme(indicator("a", 50), indicator("b", 50))
    board = lay(used, values({"A": {"a": 80, "b": 60}, "B": {"a": 60, "b": 80}}), units(["A", "B"]))
    assert robustness([board], rankable(board), seed=11, draws=20).seed == 11


def test_case_092_weights_that_miss_100_are_refused() -> None:
    with pytest.raises(SchemeFaulty, match=r"sum to 99\.5, not 100"):
        scheme(indicator("a", 40), indicator("b", 40), indicator("c", 19.5))


def test_case_092_weights_follow_codes() -> None:
    table = {"u": {"a": 90, "b": 80, "c": 10}}
    first = scored(scheme(*THREE), table)
    second = scored(scheme(*reversed(THREE)), table)
    assert first.to_json() == second.to_json()


def test_case_k1_three_rates() -> None:
    used = find("bj_three_rates")
    given = [("R2", 198.0), ("H2", 170.0), ("S1a", 160 + 0.9 * 20)]

    rows = [Observation("u", code, hits / 200, hits, 200, n=200) for code, hits in given]
    empty = [Observation("v", code, None, 0, 0, n=0, reason="no_valid_follow_up") for code, _ in given]
    found = by_unit(assess(used, [*rows, *empty], units(["u", "v"]), period="2024"))
    assert [round(row.value or 0, 4) for row in sorted(found["u"].indicators, key=lambda r: r.code)] == [
        0.85,
        0.99,
        0.89,
    ]
    assert found["u"].score == pytest.approx(88.0)
    assert (found["v"].score, found["v"].reason) == (None, "no_valid_follow_up")


def test_case_k15_bands_in_administrative_order() -> None:
    used = scheme(indicator("x", 100))
    table = {"u3": {"x": 95.0}, "u1": {"x": 91.0}, "u2": {"x": 70.0}}
    found = bands(scored(used, table), used.grades)
    assert [(band.group, band.grades, band.units) for band in found] == [
        (None, ("A",), ("u1", "u3")),
        (None, ("C",), ("u2",)),
    ]


def test_bonus_deduction_and_caps_in_their_order() -> None:
    items = (
        '[[bonus]]\ncode = "B1"\nper_item = 1\ncap = 5\n',
        '[[deduction]]\ncode = "D1"\nsource = "confirmed_finding"\nper_item = 2\ncap = 10\n',
    )

    used = scheme(indicator("x", 100), *items, grades=GRADES)
    evidence = [Evidence("u", "bonus:B1", 9), Evidence("u", "confirmed_finding:D08", 1), Evidence("v", "bonus:B1", 9)]
    rows = by_unit(
        assess(used, values({"u": {"x": 50}, "v": {"x": 99}}), units(["u", "v"]), period="p", evidence=evidence)
    )
    assert (rows["u"].bonus, rows["u"].deduction, rows["u"].score) == (5.0, 2.0, 53.0)
    assert (rows["v"].score, rows["v"].base_score) == (100.0, 99.0)


def test_unit_outside_the_scheme_is_listed_with_its_reason() -> None:

    used = scheme(indicator("x", 100), root='peer_groups = ["town"]\n')
    given = [AssessedUnit("a", "A", "town"), AssessedUnit("b", "B", "bureau")]
    found = assess(used, values({"a": {"x": 1}, "b": {"x": 2}}), given, period="p").units
    assert [(row.unit, row.reason) for row in found] == [("a", None), ("b", "outside_scheme")]
