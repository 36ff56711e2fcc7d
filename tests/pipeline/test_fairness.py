"""Adjusted and shrunk scores of units whose indicators are partly told as ranges: made from shown numbers only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.scores.told import Coarse, places_of
from evaluation.uncertainty.ranges import SHOWN_AS_RANGE, is_partly_shown
from pipeline.judgement.fairness import shifted
from pipeline.judgement.scoring import robustness_over
from tests.evaluation.builders import by_unit, indicator, scheme, scored

TREE = '[[group]]\nid = "g"\nweight = 60\n[[group]]\nid = "h"\nweight = 40\n'
LEAVES = (
    indicator("a", 40, group="g"), indicator("b", 20, group="g"), indicator("c", 40, group="h", zero=50, full=0),
)  # fmt: skip
USED = scheme(TREE, *LEAVES, root="[aggregate]\nmissing_below = 0.3\n")


@pytest.mark.parametrize("missing", [None, "b", "c"])
def test_other_values_in_place_give_the_score_that_scoring_them_gives(missing: str | None) -> None:
    shown = {"a": 60.0, "b": 70.0, "c": 20.0}
    put = {"a": 66.0, "c": 35.0}
    before, after = ({c: None if c == missing else v for c, v in row.items()} for row in (shown, {**shown, **put}))
    unit, wanted = (by_unit(scored(USED, {"u": row}))["u"] for row in (before, after))
    assert shifted(unit, USED, put) == pytest.approx(wanted.score)


def test_what_is_told_as_a_range_is_never_replaced() -> None:
    unit = by_unit(scored(USED, {"u": {"a": 60.0, "b": 70.0, "c": 20.0}}))["u"]
    rows = [
        replace(row, value=None, points=None, reason=SHOWN_AS_RANGE) if row.code == "a" else row
        for row in unit.indicators
    ]
    told = replace(unit, indicators=rows)
    assert is_partly_shown(told)
    assert not is_partly_shown(unit)
    assert shifted(told, USED, {"a": 100.0}) is None
    assert shifted(told, USED, {"a": 100.0, "b": 80.0}) == pytest.approx(unit.score + 2.0)
    coarse = shifted(replace(told, score=Coarse(56.6, 1)), USED, {"b": 80.0})
    assert places_of(coarse) == 1, "as coarse as the score it is made from"
    assert shifted(replace(told, score=None), USED, {"b": 80.0}) is None


def test_robustness_of_a_unit_told_as_a_range_rests_on_the_range() -> None:
    table = {f"u{n}": {"a": 50.0 + 7 * n, "b": 90.0 - 9 * n, "c": 5.0 * n} for n in range(6)}
    whole = scored(USED, table)
    gone = {"value": None, "points": None, "contribution": None, "reason": SHOWN_AS_RANGE}
    bare = replace(whole.units[3].indicators[0], **gone, low=45.0, high=80.0)
    unit = replace(whole.units[3], indicators=[bare, *whole.units[3].indicators[1:]], score=None, low=55.0, high=70.0)
    told = replace(whole, units=[*whole.units[:3], unit, *whole.units[4:]])
    found = robustness_over(told, USED, draws=40)
    rows = {row.unit: row for row in found.units}
    assert set(rows) == set(table)
    assert rows["u3"].rank_first < rows["u3"].rank_last, "its place is open"
    assert all(row.rank_first <= row.rank <= row.rank_last for row in rows.values())
    assert robustness_over(whole, USED, draws=40).tables == 1
    few = replace(told, units=[*told.units[:3], replace(unit, rank_reason="small_n"), *told.units[4:]])
    assert {row.unit for row in robustness_over(few, USED, draws=40).units} == set(table) - {"u3"}
    single = robustness_over(replace(whole, units=whole.units[:1]), USED, draws=20)
    assert (single.units, single.variants) == ([], []), "a table of noughts would read as robust"


def test_schemes_that_are_no_straight_lines_are_left_alone() -> None:
    bent = scheme(*(indicator(code, 50) for code in "ab"), root='[aggregate]\nacross = "geometric"\n')
    found = by_unit(scored(bent, {"u": {"a": 60.0, "b": 70.0}}))["u"]
    assert shifted(found, bent, {"a": 66.0}) is None
