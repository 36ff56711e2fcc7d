"""The round trip: refused rows go out in a workbook, come back corrected, and take their old places."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from imports.answer import CheckAnswer
from imports.check import check_file
from imports.options import ImportOptions, UnitDirectory
from records.vocabulary import Kind
from tests.imports.small_files import HEADER, KEYS, check, codes, stored, text_file, workbook

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


def back(tmp_path: Path, rows: list[list[object]]) -> str:
    """A list as a person gives it back: whatever is left of it, as plain rows."""
    return str(workbook(tmp_path / f"back{len(list(tmp_path.iterdir()))}.xlsx", rows))


def listed(tmp_path: Path) -> list[list[object]]:
    sheet = openpyxl.load_workbook(tmp_path / "errors.xlsx").worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_list_sorted_with_its_columns_moved_and_some_deleted(tmp_path: Path) -> None:
    refused(tmp_path)
    header, second, third = listed(tmp_path)
    assert header[:6] == [*HEADER, "工单状态", "原行号", "请修改"]
    second[2], third[3] = "2024-03-06", "已办结"
    order = [2, 3, 0, 4, 6]  # without the unit and the advice, the times first
    turned = [[row[place] for place in order] for row in (header, third, second)]
    again = refused(tmp_path, repaired=(back(tmp_path, turned),))
    assert again.state == "checked", again.problems
    rows = stored(again, "row_no, case_no, unit, day(received_at), state")
    assert rows == [(3 + n, f"A{n + 1}", "dc", 5 + n, "closed") for n in range(4)]


def test_list_without_its_number_column_is_matched_by_the_key(tmp_path: Path) -> None:
    refused(tmp_path)
    header, second, third = listed(tmp_path)
    second[2], third[3] = "2024-03-06", "已办结"
    for row in (second, third):
        row[4] = None
    assert refused(tmp_path, repaired=(back(tmp_path, [header, third, second]),)).state == "checked"


def test_list_of_another_file_is_refused(tmp_path: Path) -> None:
    refused(tmp_path)
    other = [*FILE[:3], ("B2", "东城区", "不详", "已办结"), *FILE[4:]]
    list_of_first = back(tmp_path, listed(tmp_path))
    answer = check(text_file(tmp_path / "g.csv", other), repaired=(list_of_first,))
    assert (answer.state, set(codes(answer))) == ("refused", {"repair_of_other_file"})
    assert "第 4 行" in answer.problems[0].message


def test_cells_sorted_apart_from_their_numbers_are_refused(tmp_path: Path) -> None:
    refused(tmp_path)
    header, second, third = listed(tmp_path)
    second[4], third[4] = third[4], second[4]
    answer = refused(tmp_path, repaired=(back(tmp_path, [header, second, third]),))
    assert set(codes(answer)) == {"repair_of_other_file"}


def test_row_added_to_the_list_is_told(tmp_path: Path) -> None:
    refused(tmp_path)
    header, second, third = listed(tmp_path)
    second[2], third[3] = "2024-03-06", "已办结"
    answer = refused(tmp_path, repaired=(back(tmp_path, [header, second, third, ["A9", "东城区"]]),))
    assert (answer.state, codes(answer)["repair_rows_ignored"], answer.rows.read) == ("checked", 1, 4)


def test_list_offers_the_units_of_the_directory(tmp_path: Path) -> None:
    directory = UnitDirectory({"东城区": "dc", "区水务局": "sw"}, titles={"dc": "东城区", "sw": "区水务局"})
    errors = tmp_path / "errors.xlsx"
    check_file(
        text_file(tmp_path / "f.csv", FILE), kind=Kind.RESPONSES, directory=directory, keys=KEYS,
        options=ImportOptions(errors=str(errors)), staging=tmp_path / "staging",
    )  # fmt: skip
    book = openpyxl.load_workbook(errors)
    rules = {str(rule.sqref): rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation}
    assert rules["B2:B3"].lstrip("=") == "wenxiao_units!$A$1:$A$2"
    assert [cell.value for cell in book["wenxiao_units"]["A"]] == ["东城区", "区水务局"]
    assert book["wenxiao_units"].sheet_state == "hidden"
    assert book.worksheets[0].column_dimensions["G"].hidden


@pytest.mark.parametrize(("heading", "language"), [("首次答复时间", "zh"), ("办结时间", "en")])
def test_list_names_and_colours_both_of_two_times_that_contradict_each_other(
    tmp_path: Path, heading: str, language: str
) -> None:
    rows = [(*HEADER, heading), ("A1", "东城区", "2024-03-05 10:00:30", "2024-03-05 09:15:00")]
    target = tmp_path / "errors.xlsx"
    answer = check(text_file(tmp_path / "f.csv", rows), errors=str(target), language=language)
    told = "2024-03-05 09:15:00 < 2024-03-05 10:00:30"
    assert [told in entry.message for entry in answer.problems if entry.cell] == [True]
    header, line = openpyxl.load_workbook(target).worksheets[0].iter_rows()
    advice = line[[cell.value for cell in header].index("What to do" if language == "en" else "请修改")].value
    assert told in advice
    coloured = [cell.column_letter for cell in line if cell.fill.fgColor.rgb == "FFFCE4D6"]
    assert coloured == ["C", "D"]
