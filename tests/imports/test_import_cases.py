"""Cases of the import that need a whole file: far cells, cells that look like formulas, unsafe files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.imports.helpers import HEADER, check, codes, stored, text_file, workbook

FORMULAS = ("=cmd()", "+1", "-1+1", "@x")


def test_case_096_far_blank_cell_adds_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, coloured = book.add_worksheet(), book.add_format({"bg_color": "#FFFF00"})
        sheet.write_row(0, 0, HEADER)
        for number in range(1, 201):
            sheet.write_row(number, 0, (f"A{number}", "东城区", "2024-03-05"))
        sheet.write_blank(1_048_575, 0, None, coloured)
    answer = check(path)
    assert (answer.state, answer.rows.read, answer.rows.accepted) == ("checked", 200, 200)


def test_case_103_texts_like_formulas_stay_texts(tmp_path: Path) -> None:
    header, errors = (*HEADER, "标题"), tmp_path / "errors.xlsx"
    good = [(f"A{n}", "东城区", "2024-03-05", text) for n, text in enumerate(FORMULAS)]
    assert stored(check(workbook(tmp_path / "f.xlsx", [header, *good])), "title") == [(text,) for text in FORMULAS]
    bad = [(case, unit, "不详", text) for case, unit, _, text in good]
    check(text_file(tmp_path / "f.csv", [header, *bad]), errors=str(errors))
    sheet = openpyxl.load_workbook(errors).worksheets[0]
    assert [(cell.value, cell.data_type) for cell in sheet["D"][1:]] == [(text, "s") for text in FORMULAS]


@pytest.mark.parametrize("suffix", ["xlsx", "zip", "csv"])
def test_case_104_bomb_is_refused_whatever_its_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"f.{suffix}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", b"0" * 200_000_000)
    answer = check(path)
    assert (answer.state, answer.is_unreadable) == ("refused", True)
    assert "file_too_large" in codes(answer)
