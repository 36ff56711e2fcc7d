"""The round trip: refused rows go out in a workbook, come back corrected, and take their old places."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from imports.answer import CheckAnswer
from tests.imports.helpers import HEADER, check, codes, stored, text_file, workbook

FILE = [
    ("热线明细", "", "", ""),
    (*HEADER, "工单状态"),
    ("A1", "东城区", "2024-03-05", "已办结"),
    ("A2", "东城区", "不详", "已办结"),
    ("A3", "东城区", "2024-03-07", "也许办了"),
    ("A4", "东城区", "2024-03-08", "已办结"),
]


def refused(tmp_path: Path, **options: object) -> CheckAnswer:
    return check(text_file(tmp_path / "f.csv", FILE), errors=str(tmp_path / "errors.xlsx"), **options)


def corrected(tmp_path: Path, cells: dict[str, str]) -> str:
    """The workbook of refused rows with some cells changed."""
    book = openpyxl.load_workbook(tmp_path / "errors.xlsx")
    for address, text in cells.items():
        book.worksheets[0][address] = text
    target = tmp_path / f"back{len(list(tmp_path.iterdir()))}.xlsx"
    book.save(target)
    return str(target)


def test_corrected_rows_take_their_places(tmp_path: Path) -> None:
    answer = refused(tmp_path)
    assert (answer.state, answer.rows.rejected) == ("refused", 2)
    again = refused(tmp_path, repaired=(corrected(tmp_path, {"C2": "2024-03-06", "D3": "已办结"}),))
    assert (again.state, codes(again)["rows_repaired"]) == ("checked", 2)
    rows = stored(again, "row_no, case_no, day(received_at), state")
    assert rows == [(3 + n, f"A{n + 1}", 5 + n, "closed") for n in range(4)]


def test_second_correction_adds_to_the_first(tmp_path: Path) -> None:
    refused(tmp_path)
    first = corrected(tmp_path, {"C2": "2024-03-06"})
    assert refused(tmp_path, repaired=(first,)).rows.rejected == 1
    second = corrected(tmp_path, {"D2": "已办结"})
    assert refused(tmp_path, repaired=(first, second)).state == "checked"


def test_row_deleted_from_the_list_stays_refused(tmp_path: Path) -> None:
    refused(tmp_path)
    back = corrected(tmp_path, {"C2": "2024-03-06"})
    book = openpyxl.load_workbook(back)
    book.worksheets[0].delete_rows(3)
    book.save(back)
    assert refused(tmp_path, repaired=(back,)).rows.rejected == 1


def test_closed_values_are_offered(tmp_path: Path) -> None:
    refused(tmp_path)
    rules = openpyxl.load_workbook(tmp_path / "errors.xlsx").worksheets[0].data_validations.dataValidation
    assert [(str(rule.sqref), "已办结" in rule.formula1) for rule in rules] == [("D2:D3", True)]


@pytest.mark.parametrize("rows", [[HEADER], [(*HEADER, "原行号"), ("A2", "东城区", "2024-03-06", "二")]])
def test_other_workbook_is_no_list_of_refused_rows(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    answer = refused(tmp_path, repaired=(str(workbook(tmp_path / "other.xlsx", rows)),))
    assert (answer.state, codes(answer)) == ("refused", {"repair_unusable": 1})
