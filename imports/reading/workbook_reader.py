"""Spreadsheets: xlsx, xls, xlsb, ods, read by python-calamine inside the child process."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tempfile
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import python_calamine as calamine

from imports.answer import SheetInfo
from imports.limits import limits
from imports.problems import Unreadable
from imports.reading.grid import Cell, Grid, Note, Row, asked_for
from imports.reading.package_parts import PackageFacts, SheetParts, package_facts, sheet_parts
from imports.template import explaining_sheets
from imports.unit_list import LIST_SHEET

# An OpenDocument duration as it stands in the file; the other formats give durations as such.
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+(?:[.,]\d+)?)S")


def read_workbook(path: Path, format: str, sheet: str | None = None) -> Grid:
    """The grid of one sheet: the one asked for, else the first visible one with a table. Raises Unreadable."""
    facts = package_facts(path) if format in ("xlsx", "xlsb") else PackageFacts()
    workbook = open_workbook(path, format)
    sheets = data_sheets(workbook)
    likely = next((m.name for m in sheets if m.name == sheet or (sheet is None and _is_visible(m))), None)
    # The reader lets other threads run while it parses: meanwhile the package is searched for what it does not tell.
    with ThreadPoolExecutor(1) as background:
        searched = background.submit(sheet_parts, path, likely) if likely and format == "xlsx" else None
        infos, chosen, data = _parse_sheets(workbook, sheets, sheet)
    refuse_size(*size(data))
    parts = SheetParts()
    if format == "xlsx":
        found = searched.result() if searched and chosen == likely else sheet_parts(path, chosen)
        parts = _parts_within(found, data)
    fills = _fill_down(data)
    infos[chosen] = SheetInfo(chosen, infos[chosen].rows, infos[chosen].hidden, used=True)
    return Grid(
        format=format,
        rows=_row_source(data, format, fills),
        sheet=chosen,
        sheets=tuple(infos.values()),
        hidden_rows=parts.hidden_rows,
        hidden_columns=parts.hidden_columns,
        is_1904=facts.is_1904,
        about_rows=infos[chosen].rows,
        notes=tuple(notes_of(infos, chosen, fills, parts, facts)),
    )


def _parse_sheets(
    workbook: calamine.CalamineWorkbook, sheets: list[calamine.SheetMetadata], sheet: str | None
) -> tuple[dict[str, SheetInfo], str, calamine.CalamineSheet]:
    """Every sheet with its rows, the name of the one to read, and its cells."""
    infos: dict[str, SheetInfo] = {}
    tables: set[str] = set()
    parsed: dict[str, calamine.CalamineSheet] = {}  # the one sheet that will be read: parsing it twice doubles the time
    for metadata in sheets:
        data = parse(workbook, metadata.name)
        info = infos[metadata.name] = sheet_info(data, metadata)
        if is_table(data):
            tables.add(info.name)
        is_first = sheet is None and not parsed and info.name in tables and not info.hidden
        if info.name == sheet or is_first:
            parsed = {info.name: data}
    if not infos:
        raise Unreadable("file_corrupt")
    chosen = choose(infos, tables, sheet)
    return infos, chosen, parsed.get(chosen) or parse(workbook, chosen)


def data_sheets(workbook: calamine.CalamineWorkbook) -> list[calamine.SheetMetadata]:
    """The sheets of cells, in the order of the workbook."""
    return [m for m in workbook.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]


def _is_visible(metadata: calamine.SheetMetadata) -> bool:
    return bool(metadata.visible == calamine.SheetVisibleEnum.Visible)


def open_workbook(path: Path, format: str) -> calamine.CalamineWorkbook:
    """Open by content: calamine trusts the name of a path, but only a path lets it tell that a file is encrypted."""
    try:
        with path.open("rb") as file:
            return calamine.CalamineWorkbook.from_filelike(file)
    except calamine.PasswordError as error:
        raise Unreadable("password_protected") from error
    except calamine.CalamineError as error:
        if _is_encrypted(path, format):
            raise Unreadable("password_protected") from error
        raise Unreadable("file_corrupt") from error


def _is_encrypted(path: Path, format: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / f"book.{format}"
        link.symlink_to(path.resolve())
        try:
            calamine.CalamineWorkbook.from_path(link)
        except calamine.PasswordError:
            return True
        except calamine.CalamineError:
            return False
    return False


def parse(workbook: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
    """The sheet of this name. Raises Unreadable where the workbook is damaged."""
    try:
        return workbook.get_sheet_by_name(name)
    except calamine.CalamineError as error:
        raise Unreadable("file_corrupt") from error


def sheet_info(data: calamine.CalamineSheet, metadata: calamine.SheetMetadata) -> SheetInfo:
    """Name and height of a sheet, and whether it is hidden."""
    height, _ = size(data)
    return SheetInfo(metadata.name, height, not _is_visible(metadata))


def size(data: calamine.CalamineSheet) -> tuple[int, int]:
    """Rows and columns counted from A1 to the last used cell."""
    return (data.end[0] + 1, data.end[1] + 1) if data.end else (0, 0)


def is_table(data: calamine.CalamineSheet) -> bool:
    """Has the sheet more than one column? A cover with a title and notes has not."""
    return size(data)[1] - (data.start[1] if data.start else 0) > 1


def choose(infos: dict[str, SheetInfo], tables: Collection[str], wanted: str | None) -> str:
    """The sheet that is asked for, else the first visible one that may be a table, else that has anything."""
    names = list(infos)
    if wanted is not None:
        return asked_for(names, wanted)
    visible = [name for name in names if not infos[name].hidden]
    with_rows = [name for name in visible if infos[name].rows]
    return ([name for name in with_rows if name in tables] or with_rows or visible or names)[0]


def refuse_size(height: int, width: int) -> None:
    """Raise Unreadable for more rows, columns or cells than the limits allow."""
    rule = limits()
    if height > rule.rows or width > rule.columns or height * width > rule.cells:
        raise Unreadable("file_too_large", limit=f"{rule.rows} × {rule.columns}")


def _parts_within(parts: SheetParts, data: calamine.CalamineSheet) -> SheetParts:
    """Only what is hidden inside the used range: people hide the empty rest of a sheet."""
    height, width = size(data)
    rows = frozenset(row for row in parts.hidden_rows if row <= height)
    columns = frozenset(column for column in parts.hidden_columns if column < width)
    return replace(parts, hidden_rows=rows, hidden_columns=columns)


def _row_source(
    data: calamine.CalamineSheet, format: str, fills: dict[tuple[int, int], int]
) -> Callable[[], Iterator[Row]]:
    """A function that yields the rows anew: leading empty columns put back, merged cells filled down."""
    leading = data.start[1] if data.start else 0

    def rows() -> Iterator[Row]:
        source = iter(data.iter_rows())
        if leading:
            blanks = [""] * leading
            source = (blanks + row for row in source)
        if format == "ods":
            source = ([_with_duration(cell) for cell in row] for row in source)
        return _filled(source, fills) if fills else source

    return rows


def _with_duration(cell: Cell) -> Cell:
    """The cell, an ISO duration in hours, minutes and seconds as a timedelta.

    >>> _with_duration("PT27H17M54S"), _with_duration("PT")
    (datetime.timedelta(days=1, seconds=11874), 'PT')
    """
    found = _DURATION.fullmatch(cell) if isinstance(cell, str) else None
    if found is None:
        return cell
    return dt.timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=float(found[3].replace(",", ".")))


def _fill_down(data: calamine.CalamineSheet) -> dict[tuple[int, int], int]:
    """(first row, column) -> last row of every vertically merged range, 0-based."""
    merged = data.merged_cell_ranges or []
    return {(top, left): bottom for (top, left), (bottom, _) in merged if bottom > top}


def _filled(source: Iterator[Row], fills: dict[tuple[int, int], int]) -> Iterator[Row]:
    by_row: dict[int, list[tuple[int, int]]] = {}
    for (top, left), bottom in fills.items():
        by_row.setdefault(top, []).append((left, bottom))
    active: dict[int, tuple[int, object]] = {}
    for index, row in enumerate(source):
        for column, (bottom, value) in list(active.items()):
            if index > bottom:
                del active[column]
            elif column < len(row) and row[column] == "":
                row[column] = value
        for column, bottom in by_row.get(index, ()):
            if column < len(row):
                active[column] = (bottom, row[column])
        yield row


def _passed_over(infos: dict[str, SheetInfo], chosen: str) -> list[SheetInfo]:
    """Visible sheets that were not read: those with rows, and empty ones that stand before the chosen one.

    The example and the notes of a downloaded template are not data and no surprise.
    """
    before = list(infos)[: list(infos).index(chosen)]
    expected = {chosen, *explaining_sheets()}
    return [i for i in infos.values() if not i.hidden and i.name not in expected and (i.rows or i.name in before)]


def notes_of(
    infos: dict[str, SheetInfo],
    chosen: str,
    fills: dict[tuple[int, int], int],
    parts: SheetParts,
    facts: PackageFacts,
) -> Iterator[Note]:
    hidden = [i.name for i in infos.values() if i.hidden and i.name not in (chosen, LIST_SHEET)]
    others = [f"{i.name} ({i.rows})" for i in _passed_over(infos, chosen)]
    if hidden or parts.hidden_rows or parts.hidden_columns:
        names = [*hidden, *(str(row) for row in itertools.islice(sorted(parts.hidden_rows), 10))]
        counts = {"sheets": len(hidden), "rows": len(parts.hidden_rows), "columns": len(parts.hidden_columns)}
        yield Note("hidden_ignored", 1, {**counts, "names": names})  # columns are named with their headings, later
    if others:
        yield Note("other_sheets", len(others), {"used": chosen, "names": "、".join(others)})
    if fills:
        yield Note("merged_filled", len(fills))
    if parts.error_cells:
        yield Note("error_cells", parts.error_cells)
    if facts.has_macros:
        yield Note("macros_ignored")
