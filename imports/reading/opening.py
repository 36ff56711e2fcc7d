"""Open a file: the bytes decide which reader takes it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from imports.problems import Unreadable
from imports.reading.archives import BROKEN_ARCHIVE
from imports.reading.grid import Grid, Note
from imports.reading.html_reader import read_html
from imports.reading.sniff import find_format
from imports.reading.text_reader import read_text
from imports.reading.tree_reader import read_json, read_xml

_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".tab", ".ssv", ""})
_SUFFIXES = {
    "xlsx": {".xlsx", ".xlsm", ".xltx", ".et"}, "xls": {".xls", ".et", ".xlt"}, "xlsb": {".xlsb"},
    "ods": {".ods", ".ots"}, "csv": _TEXT_SUFFIXES, "tsv": _TEXT_SUFFIXES, "html": {".html", ".htm"}, "zip": {".zip"},
    "json": {".json"}, "xml": {".xml"},
}  # fmt: skip
_TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsb", ".ods", ".json", ".xml")
_TREES = {"json": read_json, "xml": read_xml}


@contextmanager
def open_grid(
    path: Path, sheet: str | None = None, name: str | None = None, *, may_hurry: bool = True
) -> Iterator[Grid]:
    """The grid of a file of any readable kind, valid inside the `with`. Raises Unreadable with the reason.

    The rows of a large xlsx are parsed while they are read, and a large text is taken for what its beginning is,
    unless `may_hurry` is false; reading them may then raise ReadAgain, after which the file has to be opened without.
    """
    format = find_format(path)
    name = name or path.name
    if format != "zip":
        with _divided(format, may_hurry)(path, sheet) as divided:
            yield _with_name_note(divided or _reader(format, may_hurry)(path, sheet), name)
        return
    with TemporaryDirectory() as folder:
        inner = _only_member(path, Path(folder))
        grid = _reader(_inner_format(inner))(inner, sheet)
        yield replace(grid, format="zip")


def _divided(format: str, may_hurry: bool) -> Callable[[Path, str | None], AbstractContextManager[Grid | None]]:
    if format != "xlsx" or not may_hurry:
        return lambda path, sheet: nullcontext()
    from imports.reading.divided_workbook import divided_grid

    return divided_grid


def _reader(format: str, may_hurry: bool = False) -> Callable[[Path, str | None], Grid]:
    if format == "text":
        return lambda path, _: read_text(path, may_hurry=may_hurry)
    if format == "html":
        return read_html
    if format in _TREES:
        return lambda path, _: _TREES[format](path)
    # The reader is a compiled library; other files never load it.
    from imports.reading.workbook_reader import read_workbook

    return lambda path, sheet: read_workbook(path, format, sheet)


def _with_name_note(grid: Grid, name: str) -> Grid:
    if Path(name).suffix.lower() in _SUFFIXES[grid.format]:
        return grid
    return replace(grid, notes=(*grid.notes, Note("format_differs", 1, {"format": grid.format})))


def _only_member(path: Path, folder: Path) -> Path:
    """Unpack the single table of an archive under a name of our own, so that no member name reaches the disk."""
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir() and "__MACOSX" not in member.filename]
        if len(members) != 1:
            raise Unreadable("zip_unclear", count=len(members))
        member = members[0]
        suffix = Path(member.filename).suffix.lower()
        if suffix not in _TABLE_SUFFIXES:
            raise Unreadable("not_a_spreadsheet", kind=suffix[1:].upper() or "?")
        if member.flag_bits & 1:
            raise Unreadable("password_protected")
        target = folder / f"member{suffix}"
        try:
            target.write_bytes(archive.read(member))
        except BROKEN_ARCHIVE as error:
            raise Unreadable("file_corrupt") from error
    return target


def _inner_format(path: Path) -> str:
    format = find_format(path)
    if format == "zip":
        raise Unreadable("zip_unclear", count=1)
    return format
