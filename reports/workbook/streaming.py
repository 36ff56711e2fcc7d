"""A sheet of very many rows: xlsxwriter makes head, styles and print set-up, the rows are poured in as they come.

A cell is a text (never a formula: inline strings cannot be one) or a number; an empty cell takes no room.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from reports.workbook.cells import FORMATS, OPTIONS, fitted, put
from reports.workbook.pages import FIRST_ROW, describe, new_page

FAST = (zipfile.ZIP_DEFLATED, True, 1)
SHEET = "xl/worksheets/sheet1.xml"
TIME = {**FORMATS["exact"], "num_format": "yyyy-mm-dd hh:mm"}
TENTH = {**FORMATS["exact"], "num_format": "#,##0.0"}
STYLES = {"text": FORMATS["text"], "time": TIME, "tenth": TENTH, "count": FORMATS["count"]}
STYLE = re.compile(r'<c r="[A-Z]+\d+" s="(\d+)"')


@dataclass(frozen=True)
class Column:
    """One column: its head, its width, and how its cells are written: text, time, tenth or count."""

    head: str
    width: float
    form: str


def write(
    path: Path, columns: Sequence[Column], pieces: Iterable[Sequence[Sequence[Any]]], *, name: str, title: str,
    line: str, count: int, office: str, made_at: str,
) -> Path:  # fmt: skip
    """Write the rows of `pieces` below the head; `count` is how many there will be, for the filter of the head,
    and `office` and `made_at` stand in the properties of the file.

    Times come as spreadsheet days (1899-12-30 is day 0). None is an empty cell.
    """
    empty = path.with_suffix(".empty")
    try:
        _skeleton(empty, columns, name=name, title=title, line=line, count=count, office=office, made_at=made_at)
        with zipfile.ZipFile(empty) as source, zipfile.ZipFile(path, "w", *FAST) as made:
            for entry in source.infolist():
                if entry.filename == SHEET:
                    _pour(_sized(source.read(SHEET).decode(), columns, count), made, entry, columns, pieces)
                else:
                    made.writestr(entry, source.read(entry.filename))
    finally:
        empty.unlink(missing_ok=True)
    return path


def _skeleton(
    path: Path, columns: Sequence[Column], *, name: str, title: str, line: str, count: int, office: str, made_at: str
) -> None:  # fmt: skip
    """The workbook with one row of empty cells, which carries the styles."""
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    describe(book, title=title, office=office, made_at=made_at)
    formats = {key: book.add_format(settings) for key, settings in FORMATS.items()}
    forms = {key: book.add_format(settings) for key, settings in STYLES.items()}
    page = new_page(book, name, formats, line, title, freeze=(FIRST_ROW, 2))
    for place, column in enumerate(columns):
        page.set_column(place, place, column.width)
        put(page, FIRST_ROW - 1, place, column.head, formats, "head")
    for place, column in enumerate(columns):
        page.write_blank(FIRST_ROW, place, None, forms[column.form])
    page.autofilter(FIRST_ROW - 1, 0, FIRST_ROW + max(count, 1) - 1, len(columns) - 1)
    book.close()


def _sized(sheet: str, columns: Sequence[Column], count: int) -> str:
    """The sheet saying how far it reaches: readers that trust this would stop after the first row."""
    last = f"{xl_col_to_name(len(columns) - 1)}{FIRST_ROW + max(count, 1)}"
    return re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{last}"/>', sheet, count=1)


def _pour(
    sheet: str, made: zipfile.ZipFile, entry: zipfile.ZipInfo, columns: Sequence[Column],
    pieces: Iterable[Sequence[Sequence[Any]]],
) -> None:  # fmt: skip
    start = sheet.index(f'<row r="{FIRST_ROW + 1}"')
    end = sheet.index("</row>", start) + len("</row>")
    styles = STYLE.findall(sheet[start:end])
    made_entry = zipfile.ZipInfo(entry.filename, entry.date_time)
    made_entry.compress_type = zipfile.ZIP_DEFLATED
    cells = [_opening(place, column, styles[place]) for place, column in enumerate(columns)]
    with made.open(made_entry, "w", force_zip64=True) as target:
        target.write(sheet[:start].encode())
        number = FIRST_ROW
        for piece in pieces:
            lines = []
            for row in piece:
                number += 1
                lines.append(_row(number, row, cells))
            target.write("".join(lines).encode())
        target.write(sheet[end:].encode())


def _opening(place: int, column: Column, style: str) -> tuple[str, str, bool]:
    """What stands before and after the row number in a cell, and whether it holds text."""
    is_text = column.form == "text"
    kind = ' t="inlineStr"><is><t xml:space="preserve">' if is_text else "><v>"
    return f'<c r="{xl_col_to_name(place)}', f'" s="{style}"{kind}', is_text


def _row(number: int, row: Sequence[Any], cells: list[tuple[str, str, bool]]) -> str:
    parts = [f'<row r="{number}">']
    for value, (before, after, is_text) in zip(row, cells, strict=True):
        if value is None:
            continue
        if is_text:
            parts.append(f"{before}{number}{after}{escape(fitted(value), quote=False)}</t></is></c>")
        else:
            parts.append(f"{before}{number}{after}{value}</v></c>")
    parts.append("</row>")
    return "".join(parts)
