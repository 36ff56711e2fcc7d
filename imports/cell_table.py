"""The cells of a workbook put into the store while the next rows are still being handed out.

Texts go in as they stand and are converted later, as whole columns. Numbers and moments are read at once, cell by cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from imports import progress
from imports.cells import CellError, text_of
from imports.checking import Check
from imports.line import Line
from imports.problems import Unreadable
from imports.readers import FieldReader
from imports.rows import Chunk, RowReader
from imports.staging import RAW, Staging
from records.vocabulary import FieldType

_TYPED = frozenset({FieldType.TIME, FieldType.NUMBER_TEXT, FieldType.NUMBER, FieldType.COUNT, FieldType.PERIOD})
_PIECE = 2_000  # rows taken at once: the store's thread waits for Python no longer than they take
_ROWS_INSERTED = 40_000
_SEPARATORS = ("\x1f", "\x1e", "\x1d", "\x1c", *map(chr, range(0xE000, 0xF900)))  # no text of people holds them all
_INSERTS_WAITING = 2  # bounds the cells that are held as Python objects


def value_columns(check: Check) -> dict[int, list[str]]:
    """By the place of a reader its columns in RAW; none for a reader to which a number is no more than its text."""
    return {
        place: [f"r{place}_{number}" for number in range(len(reader.staged))]
        for place, reader in enumerate(check.readers)
        if reader.field.type in _TYPED or reader.field.name == "seconds_used"
    }


Faults = list[tuple[FieldReader, int, CellError]]
"""Refused cells with their readers and rows."""


def load_cells(check: Check, rows: RowReader, staging: Staging, folder: Path) -> tuple[int, Faults]:
    """Fill the table RAW with all rows: how many they are, and the refused ones among the cells that were read."""
    names = value_columns(check)
    faults: Faults = []
    _make_table(check, staging, names)
    block = _Block()
    with Line(_INSERTS_WAITING) as inserting:  # until it has waited, the store belongs to its thread
        for chunk in rows.chunks(_PIECE):
            block.take(check, chunk, names, faults)
            if block.rows >= _ROWS_INSERTED:
                inserting.do(partial(block.insert, staging))
                block = _Block()
                progress.write(folder, rows.total, max(rows.total, check.grid.about_rows - check.header_row), "reading")
        inserting.do(partial(block.insert, staging))
        inserting.wait()
    return rows.total, faults


def _make_table(check: Check, staging: Staging, names: Mapping[int, Sequence[str]]) -> None:
    """The empty table: row_no, the texts c0, c1, … (NULL where a cell is none), and values that were read at once."""
    columns = ["row_no INTEGER", *(f"c{reader.column.index} VARCHAR" for reader in check.readers)]
    for place, own in names.items():
        columns += [f"{name} {kind}" for name, (_, kind) in zip(own, check.readers[place].staged, strict=True)]
    staging.query(f"CREATE TABLE {RAW} ({', '.join(columns)})")


@dataclass
class _Block:
    """Rows on their way into the store, piece by piece."""

    rows: int = 0
    values: list[dict[str, list[Any]]] = field(default_factory=list)
    texts: list[dict[str, str]] = field(default_factory=list)  # the cells of each column joined

    def take(self, check: Check, chunk: Chunk, names: Mapping[int, Sequence[str]], faults: Faults) -> None:
        """Add a piece; a cell that is no text is read at once where its field takes it otherwise than its text."""
        texts: dict[str, Sequence[str]] = {"row_no": list(map(str, chunk.numbers))}
        values: dict[str, list[Any]] = {}
        for place, reader in enumerate(check.readers):
            source = chunk.columns[reader.column.index]
            is_text = set(map(type, source)) == {str}
            if place in names:
                nothing = [[None] * len(source)] * len(names[place])
                read = nothing if is_text else reader.read(source, chunk.numbers, lambda *fault: faults.append(fault))
                values.update(zip(names[place], read, strict=True))
            if is_text or place not in names:
                texts[f"c{reader.column.index}"] = source if is_text else list(map(text_of, source))
        self.rows += len(chunk.numbers)
        self.values.append(values)
        self.texts.append(_joined(texts))

    def insert(self, staging: Staging) -> None:
        """Put the rows into the store, which splits the texts again without holding Python up."""
        if not self.rows:
            return
        names = sorted(set().union(*self.texts) - {"separator"})
        split = ", ".join(f"unnest(string_split({name}, separator)) AS {name}" for name in names)
        texts = {name: [piece.get(name) for piece in self.texts] for name in (*names, "separator")}
        values = {name: list(chain.from_iterable(piece[name] for piece in self.values)) for name in self.values[0]}
        staging.insert_beside(RAW, _arrays(values), _arrays(texts), split)


def _arrays(columns: Mapping[str, Sequence[Any]]) -> dict[str, np.ndarray]:
    return {name: np.array(cells, dtype=object) for name, cells in columns.items()}


def _joined(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each column as one text, and the separator that stands in no cell of them. Raises Unreadable."""
    for separator in _SEPARATORS:
        joined = {name: separator.join(cells) for name, cells in columns.items()}
        if all(text.count(separator) == len(columns[name]) - 1 for name, text in joined.items()):
            return {**joined, "separator": separator}
    raise Unreadable("file_corrupt")
