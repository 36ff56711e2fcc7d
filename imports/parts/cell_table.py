"""The cells of a workbook put into the store and converted there while the next rows are still being handed out.

Texts go in as they stand and are converted later, as whole columns. Numbers and moments are read at once, cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from imports import progress
from imports.columns.checking import Check
from imports.columns.readers import FieldReader
from imports.parts.staging import RAW, Staging
from imports.problems import Unreadable
from imports.reading.line import Line
from imports.reading.rows import Chunk, RowReader
from imports.values.cells import CellError, text_of
from records.vocabulary import FieldType

_TYPED = frozenset({FieldType.TIME, FieldType.NUMBER_TEXT, FieldType.NUMBER, FieldType.COUNT, FieldType.PERIOD})
_PIECE = 2_000  # rows taken at once: the store's thread waits for Python no longer than they take
_ROWS_CONVERTED = 40_000
_SEPARATORS = ("\x1f", "\x1e", "\x1d", "\x1c", *map(chr, range(0xE000, 0xF900)))  # no text of people holds them all
_BLOCKS_WAITING = 2  # bounds the cells that are held as Python objects


def value_columns(check: Check) -> dict[int, list[str]]:
    """By the place of a reader its columns in RAW; none for a reader to which a number is no more than its text."""
    return {
        place: [f"r{place}_{number}" for number in range(len(reader.staged))]
        for place, reader in enumerate(check.readers)
        if reader.field.type in _TYPED or reader.field.name == "seconds_used"
    }


Faults = list[tuple[FieldReader, int, CellError]]
"""Refused cells with their readers and rows."""
Convert = Callable[[str, int, Faults], None]
"""Takes the name of a table, the number of its rows, and the refused ones among the cells that were read already."""


def load_cells(check: Check, rows: RowReader, staging: Staging, folder: Path, convert: Convert) -> None:
    """Put the cells of all rows into tables of the store, some rows in each, and have each table converted.

    While a table is converted, in a thread of its own, the next is filled in another and rows are taken from the file
    for the one after.
    """
    beside = staging.beside()
    block = _Block()
    # Until they have waited, the connections belong to their threads.
    with Line(_BLOCKS_WAITING) as converting, Line(_BLOCKS_WAITING) as filling:
        for chunk in rows.chunks(_PIECE):
            block.take(check, chunk)
            if block.rows >= _ROWS_CONVERTED:
                filling.do(partial(_fill, block, check, beside, converting, convert))
                block = _Block()
                progress.write(folder, rows.total, max(rows.total, check.grid.about_rows - check.header_row), "reading")
        filling.do(partial(_fill, block, check, beside, converting, convert))
        filling.wait()
        converting.wait()


def _fill(block: _Block, check: Check, staging: Staging, converting: Line, convert: Convert) -> None:
    if block.rows:
        first_row = block.texts[0]["row_no"].partition(block.texts[0]["separator"])[0]
        table = f"{RAW}_{first_row}"
        _make_table(check, staging, table)
        block.insert(staging, table)
        converting.do(partial(convert, table, block.rows, block.faults))


def _make_table(check: Check, staging: Staging, table: str) -> None:
    """The empty table: row_no, the texts c0, c1, … (NULL where a cell is none), and values that were read at once."""
    columns = ["row_no INTEGER", *(f"c{reader.column.index} VARCHAR" for reader in check.readers)]
    for place, own in value_columns(check).items():
        columns += [f"{name} {kind}" for name, (_, kind) in zip(own, check.readers[place].staged, strict=True)]
    staging.query(f"CREATE TABLE {table} ({', '.join(columns)})")


@dataclass
class _Block:
    """Rows on their way into the store, piece by piece."""

    rows: int = 0
    values: list[dict[str, list[Any]]] = field(default_factory=list)
    texts: list[dict[str, str]] = field(default_factory=list)  # the cells of each column joined
    faults: Faults = field(default_factory=list)

    def take(self, check: Check, chunk: Chunk) -> None:
        """Add a piece; a cell that is no text is read at once where its field takes it otherwise than its text."""
        names = value_columns(check)
        texts: dict[str, Sequence[str]] = {"row_no": list(map(str, chunk.numbers))}
        values: dict[str, list[Any]] = {}
        for place, reader in enumerate(check.readers):
            source = chunk.columns[reader.column.index]
            is_text = set(map(type, source)) == {str}
            if place in names:
                nothing = [[None] * len(source)] * len(names[place])
                read = (
                    nothing if is_text else reader.read(source, chunk.numbers, lambda *fault: self.faults.append(fault))
                )
                values.update(zip(names[place], read, strict=True))
            if is_text or place not in names:
                texts[f"c{reader.column.index}"] = source if is_text else list(map(text_of, source))
        self.rows += len(chunk.numbers)
        self.values.append(values)
        self.texts.append(_joined(texts))

    def _note(self, reader: FieldReader, number: int, error: CellError) -> None:
        self.faults.append((reader, number, error))

    def insert(self, staging: Staging, table: str) -> None:
        """Put the rows into the store, which splits the texts again without holding Python up."""
        names = sorted(set().union(*self.texts) - {"separator"})
        split = ", ".join(f"unnest(string_split({name}, separator)) AS {name}" for name in names)
        texts = {name: [piece.get(name) for piece in self.texts] for name in (*names, "separator")}
        values = {name: list(chain.from_iterable(piece[name] for piece in self.values)) for name in self.values[0]}
        staging.insert_beside(table, _arrays(values), _arrays(texts), split)


def _arrays(columns: Mapping[str, Sequence[Any]]) -> dict[str, np.ndarray]:
    """Whole numbers of one value, as most columns of flags are, need no look at each by the store."""
    return {
        name: np.array(cells, dtype=np.int16 if type(cells[0]) is int and set(cells) == {0} else object)
        for name, cells in columns.items()
    }


def _joined(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each column as one text, and the separator that stands in no cell of them. Raises Unreadable."""
    for separator in _SEPARATORS:
        joined = {name: separator.join(cells) for name, cells in columns.items()}
        if all(text.count(separator) == len(columns[name]) - 1 for name, text in joined.items()):
            return {**joined, "separator": separator}
    raise Unreadable("file_corrupt")
