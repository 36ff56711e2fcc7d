"""The workbook of refused rows: original columns, faulty cells coloured, one column that says what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from imports.columns.mapping import Column
from imports.limits import limits
from imports.reading.grid import Grid, Row
from imports.repairs.faults import (
    BadCell,
    Words,
    fault_sentence,
    fields_of,
    grouped,
    places_of,
    rows_of,
    shown,
    value_in,
)
from imports.unit_list import offer_units
from imports.values.cells import text_of
from records.vocabulary import FIELDS_BY_KIND, FieldType, Kind

_TITLES = {"zh": ("原行号", "请修改", "行标识"), "en": ("Row", "What to do", "Row key")}
ROW_TITLES = tuple(titles[0] for titles in _TITLES.values())  # headings of the column by which a row is found again
KEY_TITLES = tuple(titles[2] for titles in _TITLES.values())  # of the hidden column: row number and mark of its content
_LIST_LENGTH = 255  # characters that a drop-down of a workbook may hold


def write_errors(
    target: Path,
    grid: Grid,
    header: Row,
    columns: Sequence[Column],
    bad: Sequence[BadCell],
    kind: Kind,
    language: str,
    units: Sequence[str] = (),
    words_of: Words | None = None,
) -> int:
    """Write the refused rows and return how many. Texts are never written as formulas or links.

    `units` are the names that cells of units may choose from; `words_of` knows what a field takes instead. A hidden
    column marks each row with its number and its content, so that a list that is sorted, shortened or mistaken for
    another one is known when it comes back.
    """
    import xlsxwriter  # half a reader's start, and most files have nothing to repair

    by_row, places = grouped(bad), places_of(columns)
    partial = target.with_suffix(".writing")
    book = xlsxwriter.Workbook(
        partial, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet("errors" if language == "en" else "待修改")
    bold = book.add_format({"bold": True, "bottom": 1})
    faulty = book.add_format({"bg_color": "#FCE4D6"})
    sheet.write_row(0, 0, [*map(text_of, header), *_TITLES[language]], bold)
    for line, (number, row) in enumerate(rows_of(grid, by_row, limits().bad_rows_written), 1):
        wrong = {places[field].index for fault in by_row[number] for field in fields_of(*fault) if field in places}
        for index, cell in enumerate(row[: len(header)]):
            sheet.write_string(line, index, shown(cell), faulty if index in wrong else None)
        sheet.write_number(line, len(header), number)
        told = (
            fault_sentence(code, field, places.get(field or ""), value, language, words_of)
            for code, field in by_row[number]
            for value in (value_in(row, code, field, places, kind),)
        )
        sheet.write_string(line, len(header) + 1, " ".join(dict.fromkeys(told)))
        sheet.write_string(line, len(header) + 2, row_key(number, row))
    sheet.set_column(len(header) + 2, len(header) + 2, None, None, {"hidden": True})
    _offer_words(sheet, columns, kind, language, last_row=max(len(by_row), 1))
    fields = FIELDS_BY_KIND[kind]
    unit_places = [c.index for c in columns if c.fields and fields[c.fields[0]].type is FieldType.UNIT]
    offer_units(book, sheet, unit_places, units, last_row=max(len(by_row), 1))
    sheet.freeze_panes(1, 0)
    book.close()
    partial.replace(target)
    return min(len(by_row), limits().bad_rows_written)


def _offer_words(sheet: Any, columns: Sequence[Column], kind: Kind, language: str, *, last_row: int) -> None:
    """Drop-downs where the values are closed; other words stay allowed, since a value may be mapped on the page."""
    from imports.template import closed_words  # which loads the writer of workbooks

    for column in columns:
        words = closed_words(FIELDS_BY_KIND[kind][column.fields[0]], language) if column.fields else ()
        if words and sum(map(len, words)) + len(words) <= _LIST_LENGTH:
            rule = {"validate": "list", "source": list(words), "show_error": False}
            sheet.data_validation(1, column.index, last_row, column.index, rule)


def row_key(number: int, row: Row) -> str:
    """A row by its number and a mark of what it holds, blanks at its end left out.

    >>> row_key(7, ["A1", 2.0]) == row_key(7, ["A1", "2", ""]), row_key(7, ["A1"]).startswith("7-")
    (True, True)
    """
    texts = [text_of(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return f"{number}-{hashlib.sha256(chr(31).join(texts).encode()).hexdigest()[:12]}"
