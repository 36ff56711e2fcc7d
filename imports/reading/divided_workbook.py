"""The grid of a large xlsx sheet whose first rows are handed out while the later ones are still parsed.

Only a sheet of regular form is read so; every other one is parsed as a whole by `imports.reading.workbook_reader`, to
the same grid. Where pieces turn out not to fit together, UnevenPieces says so while the rows are read.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from imports.answer import SheetInfo
from imports.problems import Unreadable
from imports.reading.grid import Grid, Row, UnevenPieces
from imports.reading.package_parts import PackageFacts, SheetParts, SheetScan, package_facts
from imports.reading.sheet_pieces import Irregular, LargeSheet, Package, cut, find_large_sheet
from imports.reading.workbook_reader import (
    choose,
    data_sheets,
    is_table,
    notes_of,
    parse,
    refuse_size,
    sheet_info,
    size,
)

_Sheets = list[tuple[calamine.SheetMetadata, calamine.CalamineSheet | None]]  # None for the large one


@contextmanager
def divided_grid(path: Path, sheet: str | None = None) -> Iterator[Grid | None]:
    """The grid of the sheet that is asked for, or of the first with data; None where it is not large and regular."""
    large = find_large_sheet(path)
    if large is None or sheet not in (None, large.name):
        yield None
        return
    facts = package_facts(path)
    with ThreadPoolExecutor(1) as parser, ThreadPoolExecutor(1) as ahead:
        try:
            yield _divided_grid(path, large, sheet, facts, parser, ahead)
        finally:
            parser.shutdown(wait=True, cancel_futures=True)
            ahead.shutdown(wait=True, cancel_futures=True)


def _divided_grid(
    path: Path, large: LargeSheet, sheet: str | None, facts: PackageFacts, parser: Executor, ahead: Executor
) -> Grid | None:
    scan = SheetScan()
    try:
        return _grid(_parse_pieces(cut(path, large, scan), parser, ahead), large, sheet, scan.parts(), facts)
    except Irregular:
        return None


@dataclass(frozen=True)
class _Parsing:
    """The pieces in the order of their rows, and the other sheets, while they are parsed."""

    first_rows: list[int]
    pieces: list[Future[calamine.CalamineSheet]]
    sheets: Future[_Sheets]


def _parse_pieces(packages: Iterator[Package], parser: Executor, ahead: Executor) -> _Parsing:
    """Hand every piece to a parser. The last one tells how long the sheet is and is parsed ahead of its turn."""
    first_rows: list[int] = []
    pieces: list[Future[calamine.CalamineSheet]] = []
    sheets: Future[_Sheets] | None = None
    package: Package | None = next(packages)
    while package is not None:
        following = next(packages, None)
        executor = ahead if following is None else parser
        opened = executor.submit(calamine.CalamineWorkbook.from_filelike, package.content)
        names = dict.fromkeys((package.names[0], package.names[-1], *package.names))
        parsed = {name: executor.submit(_parse_piece, opened, name) for name in list(names)[:2]}
        sheets = sheets or executor.submit(_parse_others, opened, package.names)
        parsed |= {name: executor.submit(_parse_piece, opened, name) for name in list(names)[2:]}
        pieces += [parsed[name] for name in package.names]
        first_rows += package.first_rows
        package = following
    if sheets is None or len(pieces) < 2:
        raise Irregular
    return _Parsing(first_rows, pieces, sheets)


def _parse_piece(opened: Future[calamine.CalamineWorkbook], name: str) -> calamine.CalamineSheet:
    return parse(opened.result(), name)


def _parse_others(opened: Future[calamine.CalamineWorkbook], pieces: Sequence[str]) -> _Sheets:
    workbook = opened.result()
    sheets = [entry for entry in data_sheets(workbook) if entry.name not in pieces[1:]]
    return [(entry, None if entry.name == pieces[0] else parse(workbook, entry.name)) for entry in sheets]


def _grid(
    parsing: _Parsing, large: LargeSheet, sheet: str | None, parts: SheetParts, facts: PackageFacts
) -> Grid | None:
    if not parts.is_regular or parts.hidden_rows or parts.hidden_columns:
        return None
    try:
        first, last = parsing.pieces[0].result(), parsing.pieces[-1].result()
        others = parsing.sheets.result()
        infos = {entry.name: sheet_info(data or first, entry) for entry, data in others}
        tables = [entry.name for entry, data in others if is_table(data or first)]
    except (Unreadable, calamine.CalamineError):
        return None
    if last.end is None or choose(infos, tables, sheet) != large.name:
        return None
    height, width = size(last)[0], max(size(last)[1], size(first)[1])
    refuse_size(height, width)
    infos[large.name] = SheetInfo(large.name, height, infos[large.name].hidden, used=True)
    return Grid(
        format="xlsx",
        rows=_Whole(parsing.first_rows, parsing.pieces, height, width).rows,
        sheet=large.name,
        sheets=tuple(infos.values()),
        is_1904=facts.is_1904,
        about_rows=height,
        notes=tuple(notes_of(infos, large.name, {}, parts, facts)),
    )


@dataclass(frozen=True)
class _Whole:
    """The pieces of a sheet in order, some of them not parsed yet, and the size of the whole."""

    first_rows: Sequence[int]
    parsed: Sequence[Future[calamine.CalamineSheet]]
    height: int
    width: int

    def rows(self) -> Iterator[Row]:
        """The rows of the whole sheet from its first one. Raises UnevenPieces."""
        after = itertools.chain(self.first_rows[1:], [self.height])
        for first, parsed, end in zip(self.first_rows, self.parsed, after, strict=False):
            try:
                data = parsed.result()
            except Unreadable as error:  # the whole tells what is wrong with it
                raise UnevenPieces from error
            yield from self._rows_of(data, first, end)

    def _rows_of(self, data: calamine.CalamineSheet, first: int, end: int) -> Iterator[Row]:
        if data.start is None or data.end is None:
            start, last, left, right = first, first - 1, 0, self.width
        else:
            (start, left), (last, _) = data.start, data.end
            right = self.width - data.end[1] - 1
        if not (first <= start and last < end and right >= 0):
            raise UnevenPieces
        yield from ([""] * self.width for _ in range(first, start))
        # The first piece is looked into again and again, for its first rows only; the others are taken all at once.
        rows = itertools.islice(data.iter_rows(), start, None) if first == 0 else data.to_python(skip_empty_area=True)
        if last >= start:
            yield from ([*[""] * left, *row, *[""] * right] for row in rows) if left or right else rows
        yield from ([""] * self.width for _ in range(last + 1, end))
