"""Too little of a scheme measured, both scopes side by side, and the way to the next grade."""

from __future__ import annotations

import pytest

from evaluation.assess import assess
from evaluation.movement import next_grade
from tests.evaluation.builders import by_unit, indicator, rate, scheme, scored, units, values

TWO = scheme(indicator("a", 60), indicator("b", 40))


@pytest.mark.parametrize(("weight", "is_graded"), [(79, False), (80, True), (81, True)])
def test_grades_need_enough_of_the_whole_scheme(weight: int, is_graded: bool) -> None:
    used = scheme(indicator("a", weight), indicator("b", 100 - weight, not_applicable="rescale"))
    gone = [row for row in values({"x": {"a": 85.0}, "y": {"a": 65.0}})]
    result = assess(used, [*gone, *_not_measured("b")], units(["x", "y"]), period="2024")
    found = by_unit(result)["x"]
    assert found.score == pytest.approx(85.0)
    assert (found.grade is not None, found.rank is not None) == (is_graded, is_graded)
    assert found.rank_reason == (None if is_graded else "scheme_not_measured")


def _not_measured(code: str) -> list:
    from evaluation.scores.observations import Observation

    return [Observation(unit, code, None, reason="not_measured") for unit in ("x", "y")]


def test_the_other_scope_stands_beside_and_changes_nothing() -> None:
    used = scheme(indicator("r", 100, method="rate_x_full"))
    kept = [rate("x", "r", 45, 50), rate("y", "r", 40, 50)]
    everything = [rate("x", "r", 45, 60), rate("y", "r", 40, 50)]
    alone = by_unit(assess(used, kept, units(["x", "y"]), period="2024"))["x"]
    beside = by_unit(assess(used, kept, units(["x", "y"]), period="2024", other=everything))["x"]
    assert (beside.score, beside.low, beside.grade) == (alone.score, alone.low, alone.grade)
    assert (alone.other_score, beside.other_score) == (None, pytest.approx(75.0))
    row = beside.indicators[0]
    assert (row.other_value, row.other_numerator, row.other_denominator) == (0.75, 45, 60)


def test_next_grade_names_single_ways_up() -> None:
    found = next_grade(by_unit(scored(TWO, {"x": {"a": 70.0, "b": 90.0}}))["x"], TWO)  # 78 points, B from 80
    assert found is not None
    assert (found.grade, found.missing) == ("B", pytest.approx(2.0))
    assert [(move.code, move.needed) for move in found.moves] == [
        ("a", pytest.approx(70 + 2 / 0.6)), ("b", pytest.approx(95.0)),
    ]  # fmt: skip


@pytest.mark.parametrize("row", [{"a": 95.0, "b": 95.0}, {"a": None, "b": None}])
def test_no_way_up_from_the_top_or_without_a_score(row: dict[str, float | None]) -> None:
    assert next_grade(by_unit(scored(TWO, {"x": row}))["x"], TWO) is None


def test_each_way_up_reaches_the_grade() -> None:
    table = {"x": {"a": 55.0, "b": 40.0}}
    found = next_grade(by_unit(scored(TWO, table))["x"], TWO)
    assert found is not None
    assert found.moves
    for move in found.moves:
        again = by_unit(scored(TWO, {"x": {**table["x"], move.code: move.needed}}))["x"]
        assert again.score == pytest.approx(60.0)
