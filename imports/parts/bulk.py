"""A large file converted whole columns at a time inside the store, to exactly what its readers make of single cells.

The table `raw` holds the cells. The store finds the plain cells of every column and converts them; only cells that need
a look are handed to the reader of their field, each distinct one once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from imports import progress
from imports.columns.checking import Check
from imports.columns.readers import FieldReader
from imports.limits import limits
from imports.parts.cell_table import Faults, load_cells, value_columns
from imports.parts.plain_cells import PlainCells, may_be_label, may_be_odd_key, plain_cells
from imports.parts.staging import RAW, Staging
from imports.parts.text_table import load_text
from imports.problems import Unreadable
from imports.reading.rows import RowReader
from imports.values.cells import CellError
from records.vocabulary import FieldType, Kind

FEWEST_ROWS = 4_000  # below, reading cell by cell takes no longer
_KINDS = (Kind.RESPONSES, Kind.SURVEYS)
_TABLE_FORMATS = frozenset({"xlsx", "xls", "xlsb", "ods", "csv", "tsv"})  # their texts are sound Unicode
_SLICE = 245_760  # rows converted at once, what two threads take up; bounds the distinct cells held as objects


@dataclass(frozen=True)
class _Cells:
    """Some rows: `source` is what a FROM clause takes, with the columns row_no, c0, c1, …

    `values` holds by the place of a reader the names of staged columns that are there already: they count where the
    text of a cell is NULL.
    """

    source: str
    values: Mapping[int, Sequence[str]] = field(default_factory=dict)
    faults: Faults = field(default_factory=list)  # of the cells that were read already


def convert_in_bulk(check: Check, rows: RowReader, staging: Staging, folder: Path) -> bool:
    """Convert the whole file into the table `staged`; False, with nothing done, where it is small or not a table."""
    is_suitable = check.kind in _KINDS and check.grid.format in _TABLE_FORMATS
    if not is_suitable or check.grid.about_rows < FEWEST_ROWS or _are_columns_shared(check.readers):
        return False
    already_bad = len(check.bad)
    count = _load_text(check, rows, staging, folder)
    if count is None:
        _convert_cells(check, rows, staging, folder)
    else:
        _convert_text(check, rows, staging, folder, count)
    staging.mark_bad(check.bad[already_bad:])
    return True


def _are_columns_shared(readers: Sequence[FieldReader]) -> bool:
    """Do two fields read one column, or two columns name units? New ones are told in the order of the rows."""
    units = sum(reader.field.type is FieldType.UNIT for reader in readers)
    return units > 1 or len({reader.column.index for reader in readers}) < len(readers)


def _convert_text(check: Check, rows: RowReader, staging: Staging, folder: Path, count: int) -> None:
    number = f"CAST(rowid + {rows.first + 1} AS INTEGER) AS row_no"
    for first in range(0, count, _SLICE):
        progress.write(folder, first, count, "reading")
        kept = "rowid NOT IN (SELECT place FROM left_out)"
        _convert(check, staging, _Cells(_halves(f"SELECT {number}, * FROM {RAW} WHERE {kept}", first, count)))
    staging.query(f"DROP TABLE {RAW}")


def _convert_cells(check: Check, rows: RowReader, staging: Staging, folder: Path) -> None:
    names = value_columns(check)

    def convert(table: str, count: int, faults: Faults) -> None:
        _convert(check, staging, _Cells(_halves(f"SELECT * FROM {table} WHERE TRUE", 0, count), names, faults))
        staging.query(f"DROP TABLE {table}")

    load_cells(check, rows, staging, folder, convert)


def _halves(select: str, first: int, count: int) -> str:
    """The rows of a slice as two equal halves: a table is handed to threads in groups of 122,880 rows, so that the
    second thread would wait where a slice is a little more than one group."""
    last = min(first + _SLICE, count) - 1
    middle = (first + last) // 2
    spans = ((first, middle), (middle + 1, last))
    return f"({' UNION ALL '.join(f'{select} AND rowid BETWEEN {a} AND {b}' for a, b in spans)}) AS cells"


def _load_text(check: Check, rows: RowReader, staging: Staging, folder: Path) -> int | None:
    """Let the store read a text; the number of its rows, None where that is not certain to be right."""
    if check.grid.text is None or rows.key is None:
        return None
    count = load_text(check.grid.text, staging, first=rows.first, width=len(rows.header), folder=folder)
    if count is None:
        return None
    if rows.first + count + 1 > limits().rows:
        raise Unreadable("file_too_large", limit=str(limits().rows))
    rows.total = count - _leave_out(rows, staging)
    return count


def _leave_out(rows: RowReader, staging: Staging) -> int:
    """Fill the table of places of rows that are no data rows; how many they are."""
    staging.query("CREATE TABLE left_out (place BIGINT)")
    cell, label = f"c{rows.key}", "''" if rows.label is None else f"c{rows.label}"
    where = f"{may_be_odd_key(cell, rows.odd_keys)} OR {may_be_label(label)}"
    suspects = staging.query(f"SELECT rowid, {cell}, {label} FROM {RAW} WHERE {where}")
    odd = [place for place, key, first in suspects if rows.is_odd_key(key) or rows.is_label(first)]
    if not odd:
        return 0
    staging.insert("left_out", {"place": np.array(odd)})
    looked_at = staging.query(f"SELECT rowid, * FROM {RAW} WHERE rowid IN (SELECT place FROM left_out) ORDER BY rowid")
    out = [place for place, *row in looked_at if rows.is_left_out(rows.first + 1 + place, row)]
    staging.query("DELETE FROM left_out")
    staging.insert("left_out", {"place": np.array(out, dtype=np.int64)})
    return len(out)


def _convert(check: Check, staging: Staging, cells: _Cells) -> None:
    expressions = ["cells.row_no"]
    joins = []
    plains = [plain_cells(reader, _cell(reader), check.keys) for reader in check.readers]
    odd_ones = [_odd(reader, plain) for reader, plain in zip(check.readers, plains, strict=True)]
    # One look at all columns: in most of them every cell is plain.
    looks = ", ".join(["count(*)", *(f"bool_or({odd})" for odd in odd_ones)])  # a file may have no field at all
    _, *are_there = staging.query(f"SELECT {looks} FROM {cells.source}")[0]
    for place, (reader, plain) in enumerate(zip(check.readers, plains, strict=True)):
        odd = None
        if are_there[place]:
            odd = f"odd_{place}"
            joins.append(f"LEFT JOIN {odd} ON {odd}.cell = {_cell(reader)}")
        faults = _read_odd_cells(staging, cells, reader, odd_ones[place], odd) if odd else []
        faults += [(number, error) for other, number, error in cells.faults if other is reader]
        for number, error in sorted(faults, key=lambda fault: fault[0]):
            check.note(reader, number, error)
        expressions += _values(reader, plain, odd, cells.values.get(place))
    staging.append_query_in_any_order(expressions, f"FROM {cells.source} {' '.join(joins)}")
    for place in range(len(check.readers)):
        staging.query(f"DROP TABLE IF EXISTS odd_{place}")


def _odd(reader: FieldReader, plain: PlainCells | None) -> str:
    """The condition of cells that the reader of their field has to look at."""
    return f"NOT ({plain.is_plain})" if plain else f"{_cell(reader)} IS NOT NULL"


def _cell(reader: FieldReader) -> str:
    return f"cells.c{reader.column.index}"


def _values(reader: FieldReader, plain: PlainCells | None, odd: str | None, values: Sequence[str] | None) -> list[str]:
    """One expression per staged column: what was converted already, a plain cell, or the odd one that was looked up."""
    found = []
    for number in range(len(reader.staged)):
        cases = [f"WHEN {_cell(reader)} IS NULL THEN {values[number]}"] if values else []
        if odd:
            cases.append(f"WHEN {odd}.cell IS NOT NULL THEN {odd}.v{number}")
        value = plain.values[number] if plain else "NULL"
        found.append(f"CASE {' '.join(cases)} ELSE {value} END" if cases else value)
    return found


def _read_odd_cells(
    staging: Staging, cells: _Cells, reader: FieldReader, where: str, table: str
) -> list[tuple[int, CellError]]:
    """Read every distinct odd cell once into a table cell -> values; the rows of the refused ones, with the reason."""
    found = staging.query(
        f"SELECT {_cell(reader)}, count(*), min(cells.row_no) FROM {cells.source} WHERE {where} GROUP BY 1 ORDER BY 3"
    )
    odd = [text for text, _, _ in found]
    columns, faults = reader.read_distinct(odd, [times for _, times, _ in found])
    definition = ", ".join(f"v{number} {kind}" for number, (_, kind) in enumerate(reader.staged))
    staging.query(f"CREATE TABLE {table} (cell VARCHAR, {definition})")
    values = {"cell": odd, **{f"v{number}": column for number, column in enumerate(columns)}}
    staging.insert(table, {name: np.array(column, dtype=object) for name, column in values.items()})
    return _refused(staging, cells, reader, faults) if faults else []


def _refused(
    staging: Staging, cells: _Cells, reader: FieldReader, faults: Mapping[str, CellError]
) -> list[tuple[int, CellError]]:
    """The rows in which a refused cell stands, with the reason."""
    staging.query("CREATE TABLE refused (cell VARCHAR)")
    staging.insert("refused", {"cell": np.array(list(faults), dtype=object)})
    chosen = f"FROM {cells.source} WHERE {_cell(reader)} IN (SELECT cell FROM refused)"
    found = staging.query(f"SELECT cells.row_no, {_cell(reader)} {chosen}")
    staging.query("DROP TABLE refused")
    return [(number, faults[text]) for number, text in found]
