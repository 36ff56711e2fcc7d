"""No text of ours begins a formula in a spreadsheet, whatever a file or a person called a unit."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from evaluation.appraisal import Cell, Filled, Line, Row, Table
from reports import open_tables
from reports.appraisal_sheets import Sheets, write_csv, write_xlsx
from reports.csv_cells import RISKY, safe_cell

FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "＝1+1", '=HYPERLINK("http://x","y")')


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_cell_of_a_text_begins_with_a_quote_and_loses_nothing(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell([text]).startswith("[")  # a list is written as JSON


def test_open_data_hold_no_formula() -> None:
    fields = (open_tables.Field("unit", "string"), open_tables.Field("score", "number"))
    made = open_tables.as_csv(open_tables.Table("results", fields, tuple((text, -1.5) for text in FORMULAS))).decode()
    rows = list(csv.reader(made.splitlines()))[1:]
    assert [row[0] for row in rows] == [f"'{text}" for text in FORMULAS]
    assert {row[1] for row in rows} == {"-1.5"}


def test_appraisal_sheets_hold_no_formula(tmp_path: Path) -> None:
    table = Table("a", {"zh": "=2+2"}, (Row({"zh": "@row"}, "s", "score", None, 10.0),))
    lines = tuple(Line(f"u{n}", (Cell(5.0),), 5.0, 5.0, 10.0) for n in range(len(FORMULAS)))
    names = {line.unit: text for line, text in zip(lines, FORMULAS, strict=True)}
    sheets = Sheets((Filled(table, lines),), names, "2024", "+source")
    with write_csv(sheets, tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(RISKY)]
    assert {f"'{text}" for text in FORMULAS if text != "\t=1"} <= set(cells)
    book = openpyxl.load_workbook(write_xlsx(sheets, tmp_path / "a.xlsx"))
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in found if cell.data_type == "f"] == []
    assert "=1+1" in {cell.value for cell in found}
