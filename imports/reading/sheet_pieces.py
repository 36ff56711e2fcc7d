"""A large sheet of an xlsx cut into pieces at row ends, as sheets of a workbook of their own.

The reader of workbooks parses a sheet as a whole, on one core, and tells nothing before it is done. Of pieces the first
ones are at hand while the later ones are parsed.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from imports.reading.archives import BROKEN_ARCHIVE
from imports.reading.package_parts import SheetScan, attribute, sheet_blocks, unescaped

FEWEST_BYTES = 32 << 20  # of the sheet as XML; a smaller one is parsed in a moment
PIECE_BYTES = 8 << 20
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHEETS, _STRINGS = "xl/worksheets/", "xl/sharedStrings.xml"
_MOST_STRINGS = 1 << 20  # bytes of common texts that may be parsed with every piece
_ROWS_BEGIN, _ROWS_END = b"<sheetData>", b"</sheetData>"
_END = _ROWS_END + b"</worksheet>"
Piece = tuple[int, list[bytes]]  # the first row, from 0, and the XML
_ROW = re.compile(rb'<row r="(\d{1,7})"')
_SHEET_TAG = re.compile(r"<sheet\s[^>]*/>")
_RELATION_TAG = re.compile(r"<Relationship\s[^>]*/>")


@dataclass(frozen=True)
class LargeSheet:
    """A sheet by its name and its part, and the tags that name it in the workbook."""

    name: str
    part: str
    sheet_tag: str
    relation_tag: str


@dataclass(frozen=True)
class Package:
    """A workbook of one or more pieces of the sheet: their names in order, and the first row of each, from 0."""

    content: BytesIO
    names: tuple[str, ...]
    first_rows: tuple[int, ...]


class Irregular(Exception):
    """The sheet is not of the form that can be cut, or its archive is damaged."""


def find_large_sheet(path: Path) -> LargeSheet | None:
    """The largest sheet of a workbook, where it is worth cutting and the workbook names it in the usual way."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [info for info in archive.infolist() if posixpath.dirname(info.filename) + "/" == _SHEETS]
            largest = max(sheets, key=lambda info: info.file_size, default=None)
            if largest is None or largest.file_size < FEWEST_BYTES:
                return None
            workbook, relations = (archive.read(name).decode("utf-8") for name in (_WORKBOOK, _RELATIONS))
    except (*BROKEN_ARCHIVE, KeyError, UnicodeDecodeError):
        return None
    for relation in _RELATION_TAG.findall(relations):
        target = attribute(relation, "Target")
        if (target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")) == largest.filename:
            named = [tag for tag in _SHEET_TAG.findall(workbook) if _relation_of(tag) == attribute(relation, "Id")]
            if len(named) == 1:
                return LargeSheet(unescaped(attribute(named[0], "name")), largest.filename, named[0], relation)
    return None


def _relation_of(sheet_tag: str) -> str:
    return attribute(sheet_tag, r"\w+:id")


def cut(path: Path, sheet: LargeSheet, scan: SheetScan) -> Iterator[Package]:
    """The sheet in pieces, each in a workbook of its own; the first one holds all other sheets as well.

    `scan` looks at all of it on the way.

    Where texts lie in a common table, which every workbook would parse anew, all pieces lie in one. Raises Irregular.
    """
    try:
        with zipfile.ZipFile(path) as source:
            pieces = _cut(source, sheet.part, scan)
            strings = sum(info.file_size for info in source.infolist() if info.filename == _STRINGS)
            groups = [pieces] if strings > _MOST_STRINGS else (iter([piece]) for piece in pieces)
            for number, group in enumerate(groups):
                yield _package(source, sheet, group, is_first=number == 0)
    except BROKEN_ARCHIVE as error:
        raise Irregular from error


def _package(source: zipfile.ZipFile, sheet: LargeSheet, pieces: Iterator[Piece], *, is_first: bool) -> Package:
    content, first_rows = BytesIO(), []
    with zipfile.ZipFile(content, "w") as archive:
        for number, (first_row, buffers) in enumerate(pieces):
            with archive.open(_part(sheet, number), "w") as part:
                for buffer in buffers:
                    part.write(buffer)
            first_rows.append(first_row)
        _copy_rest(source, archive, sheet, len(first_rows), with_sheets=is_first)
    content.seek(0)
    return Package(content, (sheet.name, *map(_name, range(1, len(first_rows)))), tuple(first_rows))


def _part(sheet: LargeSheet, number: int) -> str:
    return sheet.part if number == 0 else f"{_SHEETS}piece{number}-wx.xml"


def _cut(source: zipfile.ZipFile, part: str, scan: SheetScan) -> Iterator[Piece]:
    """The pieces in order; the last one ends as the sheet does."""
    head, first_row, size = b"", 0, 0
    buffers: list[bytes] = []
    for block in sheet_blocks(source, part):
        scan.look(block)
        head = head or _head(block)
        found = _ROW.search(block) if size >= PIECE_BYTES else None
        if found is not None:
            yield first_row, [*buffers, block[: found.start()], _END]
            first_row, size, buffers, block = int(found[1]) - 1, 0, [head], block[found.start() :]
        buffers.append(block)
        size += len(block)
    last = b"".join(buffers)
    if _ROWS_END not in last or b"mergeCell" in last[last.rindex(_ROWS_END) :]:
        raise Irregular
    yield first_row, [last]


def _head(start: bytes) -> bytes:
    end = start.find(_ROWS_BEGIN)
    if end < 0 or b"<worksheet" not in start[:end]:
        raise Irregular
    return start[: end + len(_ROWS_BEGIN)]


def _name(number: int) -> str:
    return f"piece {number} of wenxiao"


def _copy_rest(
    source: zipfile.ZipFile, archive: zipfile.ZipFile, sheet: LargeSheet, count: int, *, with_sheets: bool
) -> None:
    """All other parts that are read, with the pieces named behind the sheet."""
    added = {_WORKBOOK: (sheet.sheet_tag, [sheet.sheet_tag]), _RELATIONS: (sheet.relation_tag, [sheet.relation_tag])}
    relation, name = _relation_of(sheet.sheet_tag), attribute(sheet.sheet_tag, "name")
    target = attribute(sheet.relation_tag, "Target")
    for number in range(1, count):
        own = f'"{relation}piece{number}"'
        tag = sheet.sheet_tag.replace(f'"{relation}"', own).replace(f'name="{name}"', f'name="{_name(number)}"')
        added[_WORKBOOK][1].append(tag)
        tag = sheet.relation_tag.replace(f'"{relation}"', own).replace(f'"{target}"', f'"/{_part(sheet, number)}"')
        added[_RELATIONS][1].append(tag)
    for info in source.infolist():
        is_other_sheet = info.filename.startswith(_SHEETS) and not with_sheets
        if info.filename == sheet.part or is_other_sheet or not info.filename.endswith((".xml", ".rels")):
            continue
        content = source.read(info)
        if info.filename in added:
            tag, tags = added[info.filename]
            content = content.replace(tag.encode(), "".join(tags).encode(), 1)
        archive.writestr(info.filename, content)
