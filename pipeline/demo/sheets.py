"""Writes columns as the files offices send: xlsx with title rows and notes, or csv. Same input, same bytes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

MADE = datetime(2026, 1, 12, 9, 0)  # creation date in every workbook, so that bytes do not depend on the clock


@dataclass(frozen=True)
class Sheet:
    """One table with what stands above and below it."""

    name: str
    columns: dict[str, list[Any]]
    above: tuple[str, ...] = ()
    below: tuple[tuple[Any, ...], ...] = field(default=())

    @property
    def row_count(self) -> int:
        return len(next(iter(self.columns.values())))


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write sheets to an xlsx file, times as true date cells. Blank cells are left out."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    book.set_properties({"created": MADE, "title": sheets[0].name})
    formats = {"time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}), "head": book.add_format({"bold": True})}
    for sheet in sheets:
        _write_sheet(book.add_worksheet(sheet.name), sheet, formats)
    book.close()


def _write_sheet(target: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    line = 0
    for text in sheet.above:
        target.write_string(line, 0, text)
        line += 1
    for place, header in enumerate(sheet.columns):
        target.write_string(line, place, header, formats["head"])
    time = formats["time"]
    for row in zip(*sheet.columns.values(), strict=True):
        line += 1
        _write_row(target, line, row, time)
    for row in sheet.below:
        line += 1
        _write_row(target, line, row, time)


def _write_row(target: Any, line: int, row: Sequence[Any], time: Any) -> None:
    for place, value in enumerate(row):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            target.write_string(line, place, value)
        elif isinstance(value, datetime):
            target.write_datetime(line, place, value, time)
        else:
            target.write_number(line, place, value)


def write_text(path: Path, sheet: Sheet, encoding: str = "gb18030") -> None:
    """Write a csv file as Excel saves it: CRLF, times as text without leading zeros in the hour."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        for text in sheet.above:
            writer.writerow([text])
        writer.writerow(sheet.columns)
        for row in zip(*sheet.columns.values(), strict=True):
            writer.writerow([_as_text(value) for value in row])
        for below in sheet.below:
            writer.writerow([_as_text(value) for value in below])


def _as_text(value: Any) -> Any:
    """A cell as text.

    >>> _as_text(datetime(2024, 3, 5, 9, 1))
    '2024-03-05 09:01:00'
    """
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return "" if value is None else value
