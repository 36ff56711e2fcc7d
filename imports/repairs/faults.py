"""What is wrong in one cell, in words: for the workbook of refused rows and for the first places shown on the page."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from imports.answer import Fault
from imports.columns.mapping import Column
from imports.problems import problem_codes, sentence
from imports.reading.grid import Cell, Grid, Row
from imports.values.cells import one_line, text_of
from imports.values.privacy import mask_text
from records.vocabulary import FIELDS_BY_KIND, FieldType, Kind

FIRST_FAULTS = 50
BadCell = tuple[int, str, str | None]
"""Row number, problem code, field."""
Words = Callable[[str, str, str], dict[str, Any]]
"""What the sentence of a problem is filled with, by its code, its field and the refused value."""


def first_faults(
    grid: Grid, columns: Sequence[Column], bad: Sequence[BadCell], kind: Kind, language: str, words_of: Words
) -> list[Fault]:
    """The first refused cells of a file, one by one: address, masked value, and what to do; at most 50."""
    places = places_of(columns)

    def place(fault: BadCell) -> tuple[int, int, str, str]:  # the order of reading, however the file was read
        number, code, field = fault
        column = places.get(field or "")
        return number, column.index if column else len(columns), code, field or ""

    by_row = grouped(sorted(bad, key=place)[:FIRST_FAULTS])
    found = []
    for number, row in rows_of(grid, by_row, FIRST_FAULTS):
        for code, field in by_row[number]:
            column = places.get(field or "")
            value = one_line(mask_text(value_in(row, code, field, places, kind))[0])[:80]
            message = fault_sentence(code, field, column, value, language, words_of)
            cell = f"{column.letter}{number}" if column else None
            found.append(Fault(number, code, cell, field, value, message))
    return found


def places_of(columns: Sequence[Column]) -> dict[str, Column]:
    """The column of each field that is read."""
    return {name: column for column in columns for name in column.fields}


def grouped(bad: Sequence[BadCell]) -> dict[int, list[tuple[str, str | None]]]:
    """The faults of each refused row."""
    by_row: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    for number, code, field in bad:
        by_row[number].append((code, field))
    return by_row


def rows_of(grid: Grid, wanted: Mapping[int, object], at_most: int) -> Iterator[tuple[int, Row]]:
    """The wanted rows with their numbers, without reading on behind the last of them."""
    left = min(len(wanted), at_most)
    for number, row in enumerate(grid.rows(), 1):
        if number in wanted:
            yield number, row
            left -= 1
            if left <= 0:
                return


def fields_of(code: str, field: str | None) -> tuple[str, ...]:
    """The field of a problem and the other one that its sentence speaks of."""
    return tuple(name for name in (field, problem_codes()[code].beside) if name)


def value_in(row: Row, code: str, field: str | None, places: Mapping[str, Column], kind: Kind) -> str:
    """What the faulty cell holds; both where two cells contradict each other, nothing where it says who a person is."""
    if field and FIELDS_BY_KIND[kind][field].type in (FieldType.PERSON, FieldType.PERSONAL):
        return ""
    columns = [places[name] for name in fields_of(code, field) if name in places]
    return " < ".join(shown(row[place.index]) for place in columns if place.index < len(row))


def fault_sentence(
    code: str, field: str | None, column: Column | None, value: str, language: str, words_of: Words | None
) -> str:
    """What to do about one faulty cell."""
    words = words_of(code, field, value) if words_of and field else {}
    named = f"{value}{words.get('similar', '')}"
    words |= {"header": column.header if column else (field or ""), "value": value, "values": named}
    return sentence(code, language, **words, field=field or "")


def shown(cell: Cell) -> str:
    """A cell as people write it.

    >>> shown(dt.datetime(2025, 3, 5, 9, 0)), shown(12.0)
    ('2025-03-05 09:00:00', '12')
    """
    return cell.isoformat(sep=" ") if isinstance(cell, dt.datetime) else text_of(cell)
