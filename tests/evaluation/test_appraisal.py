"""Files of appraisal tables: everything wrong is told at once with its line; missing is never 0."""

from __future__ import annotations

import pytest

from evaluation import appraisal
from evaluation.rules.catalogue import find
from evaluation.rules.scheme import Scheme
from evaluation.scores.result import GroupResult
from tests.evaluation.builders import indicator, scheme, scored

GROUPED = scheme(
    '[[group]]\nid = "quick"\nweight = 60\n',
    '[[group]]\nid = "good"\nweight = 40\n',
    indicator("X1", 60, group="quick"),
    indicator("X2", 40, group="good"),
)
SCHEMES: dict[str, Scheme] = {"test": GROUPED}
HEAD = 'id = "own"\ntitle = { zh = "对照", en = "Tables" }\n'
TABLE = '[[table]]\nid = "a"\ntitle = { zh = "甲" }\npoints = 10\n'


def row(take: str = "score", points: float = 10, **more: str) -> str:
    keys = {"table": "a", "scheme": "test", "take": take, **more}
    lines = [f'{key} = "{value}"' for key, value in keys.items()]
    return '[[row]]\ntitle = { zh = "行" }\n' + "\n".join(lines) + f"\npoints = {points}\n"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (TABLE + row(), []),
        (TABLE + row("level", 4, code="quick") + row("indicator", 6, code="X2"), []),
        (TABLE + row("level", 10, code="slow"), ["unknown_level"]),
        (TABLE + row("indicator", 10, code="X9"), ["unknown_indicator"]),
        (TABLE + row("indicator"), ["code_needed"]),
        (TABLE + row(code="X1"), ["code_unneeded"]),
        (TABLE + row(scheme="none"), ["unknown_scheme"]),
        (TABLE + row(points=9), ["table_points"]),
        (TABLE + row(points=0), ["points_zero", "table_points"]),
        (TABLE + row(table="b"), ["empty_table", "unknown_table"]),
        (TABLE + TABLE + row(), ["duplicate"]),
        (TABLE + row("sum"), ["not_allowed"]),
        (TABLE, ["missing_key"]),
        ("x = [", ["syntax"]),
    ],
)
def test_faults(text: str, codes: list[str]) -> None:
    found = appraisal.find_faults(HEAD + text, SCHEMES)
    assert sorted(fault.code for fault in found) == codes
    assert all(fault.line >= 1 and fault.zh and fault.en for fault in found)


def test_every_fault_is_told_at_once_with_its_line() -> None:
    text = HEAD + TABLE + row("indicator", 4, code="X9") + row("level", 5, code="slow")
    found = appraisal.find_faults(text, SCHEMES)
    assert [fault.code for fault in found] == ["table_points", "unknown_indicator", "unknown_level"]
    lines = text.splitlines()
    assert [lines[fault.line - 1] for fault in found] == ["points = 10", 'code = "X9"', 'code = "slow"']
    with pytest.raises(appraisal.BookFaulty) as caught:
        appraisal.load(text, SCHEMES)
    assert caught.value.faults == found


def test_points_follow_from_the_result_and_missing_is_never_0() -> None:
    rows = row("score", 2) + row("level", 3, code="quick") + row("indicator", 5, code="X2")
    book = appraisal.load(HEAD + TABLE + rows, SCHEMES)
    result = scored(GROUPED, {"u": {"X1": 80, "X2": 50}, "v": {"X1": 90, "X2": None}, "zero": {"X1": 0, "X2": 0}})
    (filled,) = appraisal.fill(book, {"test": result})
    u, v, zero = filled.lines
    assert [cell.points for cell in u.cells] == pytest.approx([0.02 * 68, 0.03 * 80, 0.05 * 50])
    assert u.total == pytest.approx(1.36 + 2.4 + 2.5)
    assert (v.cells[2].points, v.cells[2].reason, v.total) == (None, "no_value", None)
    assert (v.known, v.out_of) == (pytest.approx(2.7), 3)  # the level alone
    assert (zero.total, [cell.reason for cell in zero.cells]) == (0.0, [None] * 3)
    assert isinstance(result.units[0].groups[0], GroupResult)


def test_a_scheme_without_a_published_result_leaves_its_rows_out_with_the_reason() -> None:
    other = row("score", 4, scheme="other") + row("score", 6)
    book = appraisal.load(HEAD + TABLE + other, {**SCHEMES, "other": GROUPED})
    (filled,) = appraisal.fill(book, {"test": scored(GROUPED, {"u": {"X1": 80, "X2": 50}})})
    assert filled.lines[0].cells[0] == appraisal.Cell(None, "not_published")
    assert filled.lines[0].total is None


def test_the_shipped_example_has_no_fault() -> None:
    shipped = list(appraisal.SHIPPED.glob("*.toml"))
    assert shipped
    for path in shipped:
        schemes = {"bj_three_rates": find("bj_three_rates")}
        assert appraisal.find_faults(path.read_text("utf-8"), schemes) == []
        assert path.stem == appraisal.read(path.read_text("utf-8")).id
