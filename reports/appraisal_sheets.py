"""Tables of other appraisals as a workbook (one sheet a table) or as one CSV file: units in rows, rows of the table in
columns, the total only where nothing is missing, and the results the points were read from."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from evaluation.appraisal import Cell, Filled
from reports import numbers
from reports.csv_cells import safe_cell
from reports.texts import say
from reports.workbook.cells import FORMATS, OPTIONS, Number, fitted, put, score
from reports.workbook.pages import FIRST_ROW, new_page

SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))  # characters no sheet may be called by


@dataclass(frozen=True)
class Sheets:
    """What is written: the tables, the names of the units, and one line on where the points come from."""

    tables: tuple[Filled, ...]
    names: Mapping[str, str]
    period: str
    sources: str
    language: str = "zh"


def write_xlsx(sheets: Sheets, path: Path) -> Path:
    """One sheet for each table."""
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    formats = {name: book.add_format(settings) for name, settings in FORMATS.items()}
    line = f"{numbers.period(sheets.period, sheets.language)}  {sheets.sources}"
    for place, filled in enumerate(sheets.tables, 1):
        title = _title(filled.table.title, sheets.language)
        name = f"{place} {title}".translate(SHEET_NAME)[:31]
        page = new_page(book, name, formats, line, title, freeze=(FIRST_ROW, 2))
        page.set_column(0, 0, 12)
        page.set_column(1, 1, 30)
        page.set_column(2, len(filled.table.rows) + 3, 16)
        for column, text in enumerate(_head(filled, sheets.language)):
            put(page, FIRST_ROW - 1, column, text, formats, "head")
        for row, cells in enumerate(_rows(filled, sheets), FIRST_ROW):
            for column, cell in enumerate(cells):
                put(page, row, column, cell, formats)
    book.close()
    return path


def write_csv(sheets: Sheets, path: Path) -> Path:
    """All tables below one another, each line with the name of its table; UTF-8 with a mark, for spreadsheets."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        for filled in sheets.tables:
            title = _title(filled.table.title, sheets.language)
            out.writerow(
                [safe_cell(text) for text in (say(sheets.language, "appraisal.table"), *_head(filled, sheets.language))]
            )
            for cells in _rows(filled, sheets):
                out.writerow([safe_cell(_plain(cell)) for cell in (title, *cells)])
        out.writerow([safe_cell(sheets.sources)])
    return path


def _head(filled: Filled, language: str) -> list[str]:
    rows = [f"{_title(row.title, language)} ({row.points:g})" for row in filled.table.rows]
    total = f"{say(language, 'appraisal.total')} ({filled.table.points:g})"
    return [say(language, "appraisal.code"), say(language, "head.unit"), *rows, total, say(language, "appraisal.note")]


def _rows(filled: Filled, sheets: Sheets) -> Iterable[list[str | Number]]:
    for line in filled.lines:
        notes = [
            f"{_title(row.title, sheets.language)}：{numbers.reason_text(cell.reason, sheets.language)}"
            for row, cell in zip(filled.table.rows, line.cells, strict=True) if cell.points is None
        ]  # fmt: skip
        if line.caution:
            notes.append(numbers.reason_text(line.caution, sheets.language))
        yield [line.unit, fitted(sheets.names.get(line.unit, line.unit)), *(_number(cell) for cell in line.cells),
               score(line.total), "；".join(notes)]  # fmt: skip


def _number(cell: Cell) -> Number:
    return score(cell.points)


def _plain(cell: str | Number) -> Any:
    return cell.value if isinstance(cell, Number) else cell


def _title(title: Mapping[str, str], language: str) -> str:
    return title.get(language) or title.get("zh") or title.get("en") or ""
