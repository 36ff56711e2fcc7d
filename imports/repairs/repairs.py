"""Repaired rows: the workbook of refused rows, corrected by a person, laid over the file it came from."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from imports.limits import limits
from imports.problems import Unreadable
from imports.reading.grid import Grid, Note, Row
from imports.reading.opening import open_grid
from imports.repairs.errors_file import KEY_TITLES, ROW_TITLES, row_key
from imports.values.cells import CellError, count, plain, text_of

_NUMBER_TITLES = frozenset(map(plain, ROW_TITLES))
_KEY_TITLES = frozenset(map(plain, KEY_TITLES))
_OF_THE_LIST = frozenset({"hidden_ignored", "other_sheets"})  # the hidden key and the sheet of units are our own


@dataclass(frozen=True)
class _Repair:
    """One corrected row: the key it carries, if it still does, and its cells with the headings they stand under."""

    key: str | None
    cells: Row


@dataclass(frozen=True)
class _RepairList:
    """One corrected workbook: its headings, its rows by original row number, and lines that carry no number."""

    headings: tuple[str, ...]  # as they are written
    titles: tuple[str, ...]  # normalised
    rows: dict[int, _Repair]
    unnumbered: int


def with_repairs(grid: Grid, files: tuple[str, ...]) -> Grid:
    """The grid with each row that a corrected workbook holds in place of the original one, the last workbook winning.

    Rows are matched by the number they carry and columns by their headings, so that either may have been sorted,
    deleted or moved; what was deleted stays as it was in the file. The hidden key tells a row of another file, or cells
    that were sorted apart. Raises Unreadable `repair_unusable` or, while rows are read, `repair_of_other_file`.
    """
    lists = [_read_list(Path(file)) for file in files]
    numbers = frozenset(number for entry in lists for number in entry.rows)
    notes = [Note("rows_repaired", len(numbers))] if numbers else []
    if unnumbered := sum(entry.unnumbered for entry in lists):
        notes.append(Note("repair_rows_ignored", unnumbered))
    if not numbers:
        return replace(grid, notes=(*grid.notes, *notes))

    def rows() -> Iterator[Row]:
        return _laid_over(grid, lists)

    return replace(grid, rows=rows, text=None, notes=(*grid.notes, *notes))


def list_as_file(grid: Grid, header_row: int, sheet: str | None) -> Grid:
    """A corrected list that comes alone, its rows under the numbers they had in the file that was imported before.

    `header_row` and `sheet` are those of that file. Raises Unreadable `repair_unusable`.
    """
    entry = _list_of(grid)
    if not entry.rows or min(entry.rows) <= header_row or max(entry.rows) > limits().rows:
        raise Unreadable("repair_unusable")
    numbers, width = sorted(entry.rows), len(entry.headings)
    empty: Row = [""] * width

    def rows() -> Iterator[Row]:
        yield from itertools.repeat(empty, header_row - 1)
        yield list(entry.headings)
        for above, number in itertools.pairwise((header_row, *numbers)):
            yield from itertools.repeat(empty, number - above - 1)
            yield [*entry.rows[number].cells, *empty][:width]

    unnumbered = (Note("repair_rows_ignored", entry.unnumbered),) if entry.unnumbered else ()
    return Grid(
        grid.format, rows, sheet=sheet, sheets=grid.sheets, encoding=grid.encoding,
        notes=(*(note for note in grid.notes if note.code not in _OF_THE_LIST), *unnumbered),
    )  # fmt: skip


def _laid_over(grid: Grid, lists: Sequence[_RepairList]) -> Iterator[Row]:
    places = [_places(grid, entry.titles) for entry in lists]
    for number, row in enumerate(grid.rows(), 1):
        versions = [row]
        for entry, place in zip(lists, places, strict=True):
            if number in entry.rows:
                _prove(number, entry.rows[number].key, versions)
                versions.append(_corrected(versions[-1], entry.rows[number].cells, place))
        yield versions[-1]


def _prove(number: int, key: str | None, versions: Sequence[Row]) -> None:
    """A key must be that of the row as it stands in the file or after an earlier correction."""
    if key is not None and key not in {row_key(number, row) for row in versions}:
        raise Unreadable("repair_of_other_file", value=number)


def _corrected(row: Row, cells: Row, places: Sequence[int | None]) -> Row:
    new = list(row)
    for cell, place in zip(cells, places, strict=False):
        if place is not None:
            new.extend([""] * (place + 1 - len(new)))
            new[place] = cell
    return new


def _places(grid: Grid, titles: Sequence[str]) -> list[int | None]:
    """The column of the file for each heading of the list; those of the list itself where no header row fits it."""
    head = itertools.islice(grid.rows(), limits().header_search_rows)
    wanted = {title for title in titles if title}
    best = max(head, key=lambda row: len(wanted & set(map(plain, row))), default=[])
    words = list(map(plain, best))
    if len(wanted & set(words)) * 2 < len(wanted):
        return list(range(len(titles)))
    columns: dict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(words):
        columns[word].append(index)
    return [columns[title].pop(0) if title and columns[title] else None for title in titles]


def _read_list(path: Path) -> _RepairList:
    """The rows of a corrected workbook. Raises Unreadable `repair_unusable` for a file that is none."""
    with open_grid(path) as grid:
        return _list_of(grid)


def _list_of(grid: Grid) -> _RepairList:
    rows = grid.rows()
    headings = [text_of(cell) for cell in next(rows, [])]
    titles = [plain(cell) for cell in headings]
    place = max((index for index, title in enumerate(titles) if title in _NUMBER_TITLES), default=None)
    if place is None or len(titles) < 2:
        raise Unreadable("repair_unusable")
    key_place = max((index for index, title in enumerate(titles) if title in _KEY_TITLES), default=None)
    found: dict[int, _Repair] = {}
    unnumbered = 0
    for row in rows:
        key = text_of(row[key_place]) or None if key_place is not None and key_place < len(row) else None
        number = _row_number(row, place, key)
        if number is not None:
            found[number] = _Repair(key, row[:place])
        elif any(text_of(cell) for cell in row[:place]):
            unnumbered += 1
    return _RepairList(tuple(headings[:place]), tuple(titles[:place]), found, unnumbered)


def _row_number(row: Row, place: int, key: str | None) -> int | None:
    """The number of the original row, from its column or its key; None for a line that a person added."""
    try:
        number = count(row[place]) if place < len(row) and text_of(row[place]) else None
    except CellError as error:
        raise Unreadable("repair_unusable") from error
    if key is None:
        return number
    told = key.partition("-")[0]
    if number is not None and str(number) != told:
        raise Unreadable("repair_of_other_file", value=number)
    return int(told) if told.isdigit() else number
