"""Repaired rows: the workbook of refused rows, corrected by a person, laid over the file it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from imports.cells import CellError, count, plain, text_of
from imports.errors_file import ROW_TITLES
from imports.grid import Grid, Note, Row
from imports.problems import Unreadable
from imports.reading import open_grid

_NUMBER_TITLES = frozenset(plain(title) for title in ROW_TITLES)


def with_repairs(grid: Grid, files: tuple[str, ...]) -> Grid:
    """The grid with each row that a corrected workbook holds in place of the original one, the last workbook winning.

    Rows are matched by the row number the workbook carries; rows that were deleted from it stay as they were. Raises
    Unreadable `repair_unusable` for a file that is no such workbook.
    """
    repaired: dict[int, Row] = {}
    for file in files:
        repaired.update(_repaired_rows(Path(file)))
    if not repaired:
        return grid

    def rows() -> Iterator[Row]:
        return _laid_over(grid, repaired)

    return replace(grid, rows=rows, text=None, notes=(*grid.notes, Note("rows_repaired", len(repaired))))


def _laid_over(grid: Grid, repaired: Mapping[int, Row]) -> Iterator[Row]:
    for number, row in enumerate(grid.rows(), 1):
        yield repaired.get(number, row)


def _repaired_rows(path: Path) -> dict[int, Row]:
    """Row number -> cells as corrected. Raises Unreadable."""
    with open_grid(path) as grid:
        rows = grid.rows()
        titles = [plain(cell) for cell in next(rows, [])]
        place = max((index for index, title in enumerate(titles) if title in _NUMBER_TITLES), default=None)
        if not place:
            raise Unreadable("repair_unusable")
        return {number: row[:place] for row in rows if (number := _row_number(row, place))}


def _row_number(row: Row, place: int) -> int | None:
    """The number of the original row; None for a line that a person added below."""
    try:
        return count(row[place]) if place < len(row) and text_of(row[place]) else None
    except CellError as error:
        raise Unreadable("repair_unusable") from error
