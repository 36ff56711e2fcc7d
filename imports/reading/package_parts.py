"""What the spreadsheet reader does not tell about an xlsx: hidden rows and columns, error cells, unsafe markup.

The parts are streamed; nothing is expanded and no XML is parsed as a tree.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from operator import lt
from pathlib import Path

from imports.problems import Unreadable
from imports.reading.archives import BROKEN_ARCHIVE

_BLOCK = 1 << 20
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')
_HIDDEN_COLUMNS = re.compile(rb'<(?:\w+:)?col\b(?=[^>]*\bhidden="(?:1|true)")[^>]*>')
_ROW = re.compile(rb'<row\b(?: r="(\d+)")?([^>]*)')
_ERROR = re.compile(rb'<(?:\w+:)?c\b[^>]*\bt="e"')
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")


@dataclass(frozen=True)
class SheetParts:
    """Rows are 1-based, columns 0-based."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    error_cells: int = 0
    is_regular: bool = False  # nothing but elements, and every row tells its number, which rises


@dataclass(frozen=True)
class PackageFacts:
    """Facts about the whole workbook."""

    is_1904: bool = False
    has_macros: bool = False


def package_facts(path: Path) -> PackageFacts:
    """Date system and macros of an xlsx or xlsb. Raises Unreadable where a part declares a DTD or entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            for name in names:
                if name.endswith((".xml", ".rels", ".vml")):
                    _refuse_declarations(archive, name)
            workbook = _text(archive, "xl/workbook.xml")
    except BROKEN_ARCHIVE as error:
        raise Unreadable("file_corrupt") from error
    is_1904 = re.search(r'\bdate1904="(?:1|true)"', workbook) is not None
    return PackageFacts(is_1904, any(name.endswith("vbaProject.bin") for name in names))


def _refuse_declarations(archive: zipfile.ZipFile, name: str) -> None:
    with archive.open(name) as part:
        head = part.read(65536)
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", head) or "<!DOCTYPE".encode("utf-16-le") in head:
        raise Unreadable("unsafe_markup")


def _text(archive: zipfile.ZipFile, name: str) -> str:
    try:
        return archive.read(name).decode("utf-8", errors="replace")
    except KeyError:
        return ""


def sheet_parts(path: Path, sheet: str) -> SheetParts:
    """Hidden rows, hidden columns and error cells of one sheet of an xlsx; nothing where its part is not found."""
    try:
        with zipfile.ZipFile(path) as archive:
            name = _part_of(archive, sheet)
            return SheetParts() if name is None else _scan(archive, name)
    except BROKEN_ARCHIVE as error:
        raise Unreadable("file_corrupt") from error


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    relations = {
        attribute(tag, "Id"): attribute(tag, "Target")
        for tag in _RELATION.findall(_text(archive, "xl/_rels/workbook.xml.rels"))
    }
    for tag in _SHEET.findall(_text(archive, "xl/workbook.xml")):
        if unescaped(attribute(tag, "name")) == sheet:
            target = relations.get(attribute(tag, r"\w+:id"), "")
            name = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            return name if name in archive.namelist() else None
    return None


def attribute(tag: str, name: str) -> str:
    r"""An attribute of an XML tag as it stands there; the name may be a pattern.

    >>> attribute('<sheet name="A &amp; B" r:id="rId1"/>', r"\w+:id")
    'rId1'
    """
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""


def unescaped(text: str) -> str:
    """An attribute with the five entities of XML resolved."""
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text


def _scan(archive: zipfile.ZipFile, name: str) -> SheetParts:
    scan = SheetScan()
    for block in sheet_blocks(archive, name):
        scan.look(block)
    return scan.parts()


class SheetScan:
    """Looks at the XML of one sheet, block after block."""

    def __init__(self) -> None:
        self._rows: set[int] = set()
        self._columns: set[int] = set()
        self._errors = self._last_row = self._blocks = 0
        self._is_regular = True

    def look(self, block: bytes) -> None:
        """Take in a block that ends between two tags."""
        rows = _ROW.findall(block)
        # Columns stand before the first row; searching the cells takes longer than finding the tags of all rows.
        where = b"".join(rest for _, rest in rows) if self._last_row and rows else block
        if b'hidden="' in where:
            self._rows.update(int(number) for number in _HIDDEN_ROW.findall(block))
            for tag in _HIDDEN_COLUMNS.findall(block):
                self._columns.update(_column_range(tag))
        if b"#" in block and b't="e"' in block:  # every error value begins with the sign, which is found faster
            self._errors += len(_ERROR.findall(block))
        if self._is_regular:
            self._last_row = _last_row([number for number, _ in rows], self._last_row)
            self._is_regular = self._last_row > 0 and not _has_markup(block if self._blocks else block[1:])
        self._blocks += 1

    def parts(self) -> SheetParts:
        """What was found."""
        return SheetParts(frozenset(self._rows), frozenset(self._columns), self._errors, self._is_regular)


def _last_row(numbers: list[bytes], before: int) -> int:
    """The last of the row numbers of a block; 0 where a row has none or they do not rise from `before`."""
    if b"" in numbers:
        return 0
    rising = [before, *map(int, numbers)]
    return rising[-1] if all(map(lt, rising, rising[1:])) else 0


def _has_markup(block: bytes) -> bool:
    """Comments, sections and instructions, in which the signs of elements may stand; single signs are found faster."""
    return any(sign[1:] in block and sign in block for sign in (b"<!", b"<?"))


def _column_range(tag: bytes) -> range:
    first, last = (re.search(rb'\b%s="(\d+)"' % name, tag) for name in (b"min", b"max"))
    return range(int(first[1]) - 1, min(int(last[1]), 16384)) if first and last else range(0)


def sheet_blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Blocks of the part that end between two tags, so that no tag is cut."""
    rest = b""
    with archive.open(name) as part:
        while block := part.read(_BLOCK):
            block = rest + block
            cut = block.rfind(b"<")
            rest = block[cut:] if cut > 0 else b""
            yield block[:cut] if cut > 0 else block
    yield rest
