"""Rows that go into the catalogue, one record each with the values of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imports.columns.checking import Check
from imports.reading.rows import RowReader


def records_of(check: Check, rows: RowReader) -> Iterator[tuple[int, dict[str, Any], bool]]:
    """Row number, values by field, and whether a cell of the row was refused."""
    for chunk in rows.chunks():
        names = [name for reader in check.readers for name, _ in reader.staged]
        values = [
            column
            for reader in check.readers
            for column in reader.read(chunk.columns[reader.column.index], chunk.numbers, check.note)
        ]
        refused = {number for number, _, _ in check.bad}
        for number, row in zip(chunk.numbers, zip(*values, strict=True), strict=True):
            yield number, dict(zip(names, row, strict=True)), number in refused
