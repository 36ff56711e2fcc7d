"""A text file converted whole columns at a time inside the store, to exactly what the row reader makes of it.

The store reads the file, finds the plain cells of every column and converts them; only cells that need a look are
handed to the reader of their field, each distinct one once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from imports import progress
from imports.checking import Check
from imports.limits import limits
from imports.plain_cells import PlainCells, may_be_odd_key, plain_cells
from imports.problems import Unreadable
from imports.readers import FieldReader
from imports.rows import RowReader
from imports.staging import Staging
from imports.text_table import TABLE, load_text
from records.vocabulary import FieldType, Kind

FEWEST_ROWS = 4_000  # below, reading row by row takes no longer
_SLICE = 245_760  # rows converted at once, what two threads take up; bounds the distinct cells held as objects


@dataclass(frozen=True)
class _Source:
    """Some rows of the raw table: the condition that picks them, and the number of a row in the sheet."""

    first: int
    last: int
    above: int

    @property
    def condition(self) -> str:
        return f"raw.rowid BETWEEN {self.first} AND {self.last} AND raw.rowid NOT IN (SELECT place FROM left_out)"


def convert_in_bulk(check: Check, rows: RowReader, staging: Staging, folder: Path, derived: Mapping[str, str]) -> bool:
    """Convert the whole file into the table `staged`; False, with nothing done, where the row reader has to.

    `derived` are the expressions of `statements.derived_expressions`.
    """
    text = check.grid.text
    if check.grid.about_rows < FEWEST_ROWS:
        return False
    units = sum(reader.field.type is FieldType.UNIT for reader in check.readers)
    if text is None or rows.key is None or check.kind not in (Kind.RESPONSES, Kind.SURVEYS) or units > 1:
        return False  # two columns of units would name new ones in another order
    count = load_text(text, staging, first=rows.first, width=len(rows.header), folder=folder)
    if count is None:
        return False
    if rows.first + count + 1 > limits().rows:
        raise Unreadable("file_too_large", limit=str(limits().rows))
    rows.total = count - _leave_out(rows, staging)
    staging.derive_at_once(derived)
    for first in range(0, count, _SLICE):
        last = min(first + _SLICE, count) - 1
        progress.write(folder, first, count, "reading")
        _convert(check, staging, _Source(first, last, rows.first + 1))
    staging.query(f"DROP TABLE {TABLE}")
    return True


def _leave_out(rows: RowReader, staging: Staging) -> int:
    """Fill the table of places of rows that are no data rows; how many they are."""
    staging.query("CREATE TABLE left_out (place BIGINT)")
    cell = f"c{rows.key}"
    suspects = staging.query(f"SELECT rowid, {cell} FROM {TABLE} WHERE {may_be_odd_key(cell, rows.odd_keys)}")
    odd = [place for place, key in suspects if rows.is_odd_key(key)]
    if not odd:
        return 0
    _fill(staging, "left_out", {"place": odd})
    looked_at = staging.query(
        f"SELECT rowid, * FROM {TABLE} WHERE rowid IN (SELECT place FROM left_out) ORDER BY rowid"
    )
    out = [place for place, *row in looked_at if rows.is_left_out(rows.first + 1 + place, row)]
    staging.query("DELETE FROM left_out")
    _fill(staging, "left_out", {"place": out})
    return len(out)


def _fill(staging: Staging, table: str, columns: dict[str, Sequence[Any]]) -> None:
    """Add rows to a table, given column by column."""
    chunk = {name: np.array(cells, dtype=object) for name, cells in columns.items()}
    staging.connection.register("chunk_of_rows", chunk)
    staging.connection.execute(f"INSERT INTO {table} SELECT * FROM chunk_of_rows")
    staging.connection.unregister("chunk_of_rows")


def _convert(check: Check, staging: Staging, source: _Source) -> None:
    already_bad = len(check.bad)
    expressions = [f"raw.rowid + {source.above}"]
    joins = []
    for place, reader in enumerate(check.readers):
        plain = plain_cells(reader, f"c{reader.column.index}", check.keys)
        odd = f"odd_{place}"
        if _look_at_odd_cells(check, staging, source, reader, plain, odd):
            joins.append(f"LEFT JOIN {odd} ON {odd}.cell = c{reader.column.index}")
            expressions += _either(plain, odd, len(reader.staged))
        else:
            expressions += plain.values if plain else ["NULL"] * len(reader.staged)
    staging.append_query(expressions, f"FROM {TABLE} {' '.join(joins)} WHERE {source.condition}")
    for place in range(len(check.readers)):
        staging.query(f"DROP TABLE IF EXISTS odd_{place}")
    staging.mark_bad(check.bad[already_bad:])


def _either(plain: PlainCells | None, odd: str, count: int) -> list[str]:
    """The value of a plain cell, or of the odd cell that was looked up."""
    looked_up = [f"{odd}.v{number}" for number in range(count)]
    if plain is None:
        return looked_up
    pairs = zip(plain.values, looked_up, strict=True)
    return [f"CASE WHEN {odd}.cell IS NULL THEN {value} ELSE {found} END" for value, found in pairs]


def _look_at_odd_cells(
    check: Check, staging: Staging, source: _Source, reader: FieldReader, plain: PlainCells | None, table: str
) -> bool:
    """Read every distinct odd cell once into a table cell -> values, and note the refused ones; False without any."""
    cell = f"c{reader.column.index}"
    where = f"{source.condition} AND NOT ({plain.is_plain})" if plain else source.condition
    found = staging.query(f"SELECT {cell}, count(*), min(rowid) FROM {TABLE} WHERE {where} GROUP BY 1 ORDER BY 3")
    if not found:
        return False
    cells = [text for text, _, _ in found]
    columns = reader.read_distinct(cells, [times for _, times, _ in found])
    definition = ", ".join(f"v{number} {kind}" for number, (_, kind) in enumerate(reader.staged))
    staging.query(f"CREATE TABLE {table} (cell VARCHAR, {definition})")
    _fill(staging, table, {"cell": cells, **{f"v{number}": values for number, values in enumerate(columns)}})
    _note_faults(check, staging, source, reader)
    reader.memo.clear()
    reader.memo.faults.clear()
    return True


def _note_faults(check: Check, staging: Staging, source: _Source, reader: FieldReader) -> None:
    """Note every refused cell of these rows, in their order."""
    faults = reader.memo.faults
    if not faults:
        return
    cell = f"c{reader.column.index}"
    staging.query("CREATE TABLE refused (cell VARCHAR)")
    _fill(staging, "refused", {"cell": list(faults)})
    chosen = f"{source.condition} AND {cell} IN (SELECT cell FROM refused)"
    for place, text in staging.query(f"SELECT rowid, {cell} FROM {TABLE} WHERE {chosen} ORDER BY rowid"):
        check.note(reader, place + source.above, faults[text])
    staging.query("DROP TABLE refused")
