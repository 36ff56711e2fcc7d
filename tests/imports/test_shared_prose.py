"""What the notes of the ugly files tell in words only: each fact holds after reading the file here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imports.answer import CheckAnswer
from imports.problems import Unreadable
from imports.reading.opening import open_grid
from records.vocabulary import Kind
from tests.imports.small_files import codes, problem, stored
from tests.imports.test_shared_files import read
from tests.imports.test_shared_numbers import column, table
from tests.shared_data import shared_file

pytestmark = pytest.mark.shared

# (file, sheet, row, column, cell): both counted from 1
CELLS = [
    ("calamine/date_1904.xlsx", None, 3, 1, "255:10:10"),
    ("sheetjs_1904/1900.xlsx", None, 2, 2, "1900-01-11"),
    ("sheetjs_1904/1900.xlsx", None, 4, 2, "1903-01-15"),
    ("messytables/ods_formats.ods", None, 2, 3, "TRUE"),
    ("messytables/ods_formats.ods", None, 3, 3, "FALSE"),
    ("readxl/big-texty-numbers-xlsx.xlsx", None, 4, 1, "2147483648"),
    ("readxl/big-texty-numbers-xlsx.xlsx", None, 7, 1, "-2147483649"),
    ("calamine/has_x000D_.xlsx", None, 1, 1, "ABC\r\nDEF"),
    ("exceldatareader/Uncalculated.xls", None, 2, 1, "1"),
    ("exceldatareader/Uncalculated.xls", None, 2, 3, "3"),
    ("csvkit/test_utf8_bom.csv", None, 1, 1, "foo"),
    ("frictionless/duplicate-headers.csv", None, 1, 5, "id"),
    ("messytables/mixedGLB.csv", None, 4, 1, "Year"),
    ("renamed/xlsx_named.xls", "Sheet 2", 2, 2, "english"),
    ("frictionless/table-infer-iso-8859-7.csv", None, 2, 3, "Λεωνιδας"),
    ("frictionless/table-infer-iso-8859-7.csv", None, 5, 3, "Ευστοργιος"),
]


@pytest.mark.parametrize(("name", "sheet", "row", "place", "cell"), CELLS)
def test_cells_told_in_words(name: str, sheet: str | None, row: int, place: int, cell: str) -> None:
    assert table(f"ugly/{name}", sheet)[row - 1][place - 1].removesuffix(" 00:00:00") == cell


@pytest.mark.parametrize("row", [1, 2, 3])
def test_full_width_spaces_are_trimmed_as_blanks(row: int) -> None:
    assert table("ugly/exceldatareader/Test_FullWidthSpace.xlsx")[row - 1] == ["text"]


# (file, note, how often, what it names)
NOTES = [
    ("calamine/errors.xlsx", "error_cells", 7, None),
    ("poi/TwoSheetsOneHidden.xlsx", "hidden_ignored", 1, ["Sheet1"]),
    ("exceldatareader/Test_Excel_Dataset.xls", "hidden_ignored", 1, ["test.csv", "Sheet3"]),
    ("renamed/csv_named.xlsx", "format_differs", 1, None),
    ("frictionless/sheet2.xlsx", "other_sheets", 1, "Sheet1 (0)"),
    ("readxl/empty-sheets.xlsx", "other_sheets", 1, "empty (0)"),
    ("csvkit/null_byte.csv", "control_characters", 1, None),
    ("frictionless/table-infer-iso-8859-7.csv", "encoding_guessed", 1, None),
    ("sheetjs/merge_cells.xlsx", "merged_filled", 3, None),  # the other two of its five ranges lie in one row
]


@pytest.mark.parametrize(("name", "code", "count", "named"), NOTES)
def test_oddities_told_in_words_are_noted(name: str, code: str, count: int, named: object) -> None:
    with open_grid(shared_file(f"data/ugly/{name}")) as grid:
        note = next(note for note in grid.notes if note.code == code)
    assert (note.count, dict(note.words).get("names")) == (count, named)


@pytest.mark.parametrize(
    ("name", "sheet", "rows"), [("poi/TwoSheetsOneHidden.xlsx", "Sheet2", 1), ("poi/chart_sheet.xlsx", "Sheet1", 2),
    ("exceldatareader/Test_Excel_Dataset.xls", "Sheet2", 1), ("frictionless/sheet2.xlsx", "Sheet2", 3)],
)  # fmt: skip
def test_sheet_that_is_used(name: str, sheet: str, rows: int) -> None:
    with open_grid(shared_file(f"data/ugly/{name}")) as grid:
        assert (grid.sheet, sum(1 for _ in grid.rows())) == (sheet, rows)


def test_five_sheets_with_japanese_names() -> None:
    with open_grid(shared_file("data/ugly/sheetjs/defined_names_unicode.xlsx")) as grid:
        names = [sheet.name for sheet in grid.sheets]
    assert names == ["NoContainsJapanese", "日本語のみ", "sheet日本語", "日本語sheet", "sheet日本語sheet"]


def test_row_heights_that_are_no_numbers_hide_none_of_18_rows() -> None:
    rows = table("ugly/exceldatareader/Test_git_issue_711_OpenXml_Row_height_parsing.xlsx")
    assert [row[0] for row in rows] == [str(number) for number in range(18)]


def test_requests_without_a_place_are_590() -> None:
    rows = table("requests/baltimore_311_sample.csv")
    places = zip(column(rows, "Latitude"), column(rows, "Longitude"), strict=True)
    assert sum(not (latitude and longitude) for latitude, longitude in places) == 590


def test_annual_temperatures_of_133_years() -> None:
    rows = table("ugly/messytables/mixedGLB.csv")
    years = [row[0] for row in rows[4:]]
    assert years == [str(year) for year in range(1880, 2013)]
    assert any("***" in cell for row in rows[4:] for cell in row)


# (file, header row, rows read, codes that must be among the problems)
CHECKS = [
    ("readxl/deaths.xlsx", {"sheet": "arts"}, 5, {"title_rows"}),
    ("readxl/deaths.xlsx", {"sheet": "other"}, 5, {"title_rows"}),
    ("csvkit/test_skip_lines.xlsx", {}, 4, set()),
    ("messytables/mixedGLB.csv", {}, 4, {"title_rows"}),
    ("frictionless/skip-rows-before-headers.csv", {}, 2, {"title_rows"}),
    ("frictionless/duplicate-headers.csv", {}, 1, set()),
]


def checked(name: str, folder: Path, **options: object) -> CheckAnswer:
    return read(f"ugly/{name}", folder, create_units=True, **options)


@pytest.mark.parametrize(("name", "options", "header_row", "told"), CHECKS)
def test_header_is_found_below_notes(
    name: str, options: dict[str, str], header_row: int, told: set[str], tmp_path: Path
) -> None:
    answer = checked(name, tmp_path, **options)
    assert answer.file.header_row == header_row
    assert told <= set(codes(answer))


def test_ten_people_between_four_rows_of_notes_and_four_more(tmp_path: Path) -> None:
    fields = (("case_no", "Name"), ("unit", "Profession"), ("received_at", "Date of death"))
    answer = checked("readxl/deaths.xlsx", tmp_path, map=fields, sheet="arts", partial=True)
    names = [row[0] for row in stored(answer, "case_no")]
    assert (len(names), names[0], names[-1]) == (10, "David Bowie", "George Michael")
    assert answer.rows.rejected + answer.rows.skipped["note"] == 4


def test_rows_that_do_not_fit_the_header_are_named(tmp_path: Path) -> None:
    fields = (("case_no", "column_a"), ("unit", "column_b"), ("received_at", "column_c"))
    assert problem(checked("csvkit/bad.csv", tmp_path, map=fields), "ragged_rows").row == 2
    fields = (("case_no", "id"), ("unit", "name"), ("received_at", "age"))
    answer = checked("frictionless/structure-errors.csv", tmp_path / "b", map=fields)
    assert problem(answer, "ragged_rows").row == 5
    assert answer.rows.skipped["blank"] == 1


def test_a_decimal_comma_is_refused_where_a_number_is_wanted(tmp_path: Path) -> None:
    answer = checked(
        "csvkit/test_locale.csv", tmp_path, kind=Kind.COUNTS, map=(("unit", "b"), ("received", "a")), period="2024"
    )
    assert [(fault.cell, fault.value) for fault in answer.faults] == [("A2", "1,7")]


def test_stamps_with_a_zone_are_the_same_moment(tmp_path: Path) -> None:
    """15:00 without zone, then 15:00Z, 12:00Z and 18:00Z, told in the zone of the office."""
    fields = (("case_no", "id"), ("unit", "time"), ("received_at", "datetime"))
    answer = checked("frictionless/timezone-with-id.csv", tmp_path, map=fields, timezone="Asia/Shanghai")
    hours = [str(at)[11:16] for (at,) in stored(answer, "received_at")]
    assert hours == ["15:00", "23:00", "20:00", "02:00"]


def test_digits_with_an_e_are_no_numbers() -> None:
    rows = table("ugly/text/wkb_hex_geometry.csv")
    assert rows[1][1].startswith("0101000020E6100000")


def test_texts_like_formulas_come_out_of_an_import_as_they_went_in(tmp_path: Path) -> None:
    texts = [row[1] for row in table("ugly/text/formula_like_text.csv")[1:]]
    fields = (("answer_no", "id"), ("comment", "留言内容"), ("unit", "为什么"))
    answer = read("ugly/text/formula_like_text.csv", tmp_path, Kind.SURVEYS, map=fields, create_units=True)
    kept = [comment for (comment,) in stored(answer, "comment")]
    assert (len(kept), kept[9]) == (12, "-5")
    assert kept == texts


def test_naughty_strings_are_515() -> None:
    assert len(json.loads(shared_file("data/ugly/text/naughty_strings.json").read_text("utf-8"))) == 515
    with (
        pytest.raises(Unreadable, match="not_a_spreadsheet"),
        open_grid(shared_file("data/ugly/text/naughty_strings.json")),
    ):
        pass


def test_zip_of_one_table_is_that_table_and_of_three_is_none() -> None:
    assert table("ugly/frictionless/table.csv.zip")[1:] == [["1", "english"], ["2", "中国人"]]
    with pytest.raises(Unreadable, match="zip_unclear"), open_grid(shared_file("data/ugly/frictionless/package.zip")):
        pass
