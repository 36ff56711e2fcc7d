"""The workbook of refused rows: original columns, faulty cells coloured, one column that says what to do."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from imports.columns.mapping import Column
from imports.limits import limits
from imports.problems import problem_codes, sentence
from imports.reading.grid import Cell, Grid, Row
from imports.unit_list import offer_units
from imports.values.cells import text_of
from records.vocabulary import FIELDS_BY_KIND, FieldType, Kind

_TITLES = {"zh": ("原行号", "请修改", "行标识"), "en": ("Row", "What to do", "Row key")}
ROW_TITLES = tuple(titles[0] for titles in _TITLES.values())  # headings of the column by which a row is found again
KEY_TITLES = tuple(titles[2] for titles in _TITLES.values())  # of the hidden column: row number and mark of its content
_LIST_LENGTH = 255  # characters that a drop-down of a workbook may hold

Words = Callable[[str, str, str], dict[str, Any]]
"""What the sentence of a problem is filled with, by its code, its field and the refused value."""


def write_errors(
    target: Path,
    grid: Grid,
    header: Row,
    columns: Sequence[Column],
    bad: Sequence[tuple[int, str, str | None]],
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

    by_row: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    for number, code, field in bad:
        by_row[number].append((code, field))
    places = {name: column for column in columns for name in column.fields}
    partial = target.with_suffix(".writing")
    book = xlsxwriter.Workbook(
        partial, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet("errors" if language == "en" else "待修改")
    bold = book.add_format({"bold": True, "bottom": 1})
    faulty = book.add_format({"bg_color": "#FCE4D6"})
    sheet.write_row(0, 0, [*map(text_of, header), *_TITLES[language]], bold)
    for line, (number, row) in enumerate(_bad_rows(grid, by_row), 1):
        wrong = {places[field].index for fault in by_row[number] for field in _fields_of(*fault) if field in places}
        for index, cell in enumerate(row[: len(header)]):
            sheet.write_string(line, index, _shown(cell), faulty if index in wrong else None)
        sheet.write_number(line, len(header), number)
        sheet.write_string(line, len(header) + 1, _advice(by_row[number], places, row, kind, language, words_of))
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


def _bad_rows(grid: Grid, wanted: dict[int, list[tuple[str, str | None]]]) -> Iterator[tuple[int, Row]]:
    written = 0
    for number, row in enumerate(grid.rows(), 1):
        if number in wanted:
            yield number, row
            written += 1
            if written >= limits().bad_rows_written:
                return


def _fields_of(code: str, field: str | None) -> tuple[str, ...]:
    """The field of a problem and the other one that its sentence speaks of."""
    return tuple(name for name in (field, problem_codes()[code].beside) if name)


def _shown(cell: Cell) -> str:
    return cell.isoformat(sep=" ") if isinstance(cell, dt.datetime) else text_of(cell)


def _advice(
    faults: list[tuple[str, str | None]],
    places: dict[str, Column],
    row: Row,
    kind: Kind,
    language: str,
    words_of: Words | None,
) -> str:
    sentences = []
    for code, field in faults:
        column = places.get(field or "")
        columns = [places[name] for name in _fields_of(code, field) if name in places]
        value = " < ".join(_shown(row[place.index]) for place in columns if place.index < len(row))
        if field and FIELDS_BY_KIND[kind][field].type in (FieldType.PERSON, FieldType.PERSONAL):
            value = ""
        words = words_of(code, field, value) if words_of and field else {}
        named = f"{value}{words.get('similar', '')}"
        words |= {"header": column.header if column else (field or ""), "value": value, "values": named}
        sentences.append(sentence(code, language, **words, field=field or ""))
    return " ".join(dict.fromkeys(sentences))
