"""Totals declared by hand, cases that move backwards, and rows that add up in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from records.vocabulary import Kind
from tests.imports.small_files import HEADER, check, codes, stored, text_file, workbook

COUNTS = [("单位", "统计期间", "受理量"), ("东城区", "2025-03", "40"), ("市住建委", "2025-03", "1,060")]
ORDERS = [HEADER, ("A1", "东城区", "2024-03-05"), ("A2", "东城区", "2024-03-06"), ("A3", "东城区", "不详")]


@pytest.mark.parametrize(
    ("declared", "code", "told"),
    [("受理量=1100", None, None), ("received=1100； 受理量＝1,100", None, None),
     ("受理量=1101", "declared_total_differs", "1101 / 1100"),
     ("办结量=5", "declared_total_unknown", "办结量"), ("单位=2", "declared_total_unknown", "单位")],
)  # fmt: skip
def test_declared_total_of_a_table(tmp_path: Path, declared: str, code: str | None, told: str | None) -> None:
    answer = check(workbook(tmp_path / "t.xlsx", COUNTS), Kind.COUNTS, declared_totals=declared)
    found = [(p.code, p.value) for p in answer.problems if p.code.startswith("declared_total")]
    assert (answer.state, found) == ("checked", [(code, told)] if code else [])


@pytest.mark.parametrize("text", ["很多", "受理量=很多", "=5", "1234"])
def test_total_that_is_no_number_is_a_wrong_option(tmp_path: Path, text: str) -> None:
    answer = check(text_file(tmp_path / "f.csv", ORDERS[:3]), declared_totals=text)
    assert (answer.state, "option_wrong" in codes(answer)) == ("refused", True)


@pytest.mark.parametrize(
    ("states", "reopened", "expected"),
    [(("已办结", "办理中"), "", 1), (("办理中", "已办结"), "", 0), (("已办结", "办理中"), "2024-03-09", 0),
     (("已办结", "已答复"), "", 1), (("办理中", "已办结", "办理中", "已办结"), "", 0), (("已办结", "退回"), "", 0)],
)  # fmt: skip
def test_case_that_moves_back_within_a_file(
    tmp_path: Path, states: tuple[str, ...], reopened: str, expected: int
) -> None:
    rows = [("A1", "东城区", "2024-03-05", state, reopened) for state in states]
    rows += [("A2", "东城区", "2024-03-05", "办理中", "")]
    answer = check(text_file(tmp_path / "f.csv", [(*HEADER, "工单状态", "重办时间"), *rows]))
    assert (answer.state, codes(answer).get("state_backwards_in_file", 0)) == ("checked", expected), answer.problems


LINES: list[tuple[Any, ...]] = [
    ("热线明细", "", ""), HEADER, ("A1", "东城区", "2024-03-05"), ("", "", ""), ("A2", "东城区", "2024-03-06"), HEADER,
    ("A3", "东城区", "2024-03-07"), ("小计", "", "3"), ("A4", "东城区", "不详"), ("注：数据截至月底", "", ""),
]  # fmt: skip


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_every_row_of_a_sheet_is_accounted_for(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"f.{format}"
    answer = check(workbook(path, LINES) if format == "xlsx" else text_file(path, LINES), partial=True)
    rows, sheet = answer.rows, next(sheet for sheet in answer.file.sheets if sheet.used)
    skipped = {name: n for name, n in rows.skipped.items() if n}
    assert skipped == {"blank": 1, "subtotal": 1, "repeated_header": 1, "note": 1}
    assert rows.read == rows.accepted + rows.rejected + rows.duplicate_in_file == 4
    assert sheet.rows == (answer.file.header_row or 0) + rows.read + sum(skipped.values())
    assert [number for (number,) in stored(answer, "row_no")] == [3, 5, 7]
