"""Web pages saved as .xls: the table with the most rows is read, everything else on the page is left."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from imports.answer import SheetInfo
from imports.limits import limits
from imports.problems import Unreadable
from imports.reading.encoding import find_encoding
from imports.reading.grid import Grid, Row


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[list[Row]] = []
        self.open: list[list[Row]] = []
        self.cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            if len(self.open) >= 50:
                raise Unreadable("unsafe_markup")
            self._end_cell()
            self.open.append([])
        elif tag == "tr" and self.open:
            self._end_cell()
            self.open[-1].append([])
        elif tag in ("td", "th") and self.open:
            self._end_cell()
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self.open:
            self._end_cell()
            self.done.append(self.open.pop())

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is None or not self.open:
            return
        if not self.open[-1]:
            self.open[-1].append([])
        self.open[-1][-1].append(" ".join("".join(self.cell).split()))
        self.cell = None


def read_html(path: Path) -> Grid:
    """The grid of the largest table of a page. Raises Unreadable where the page holds none with two columns."""
    encoding = find_encoding(path)
    parser = _Tables()
    parser.feed(path.read_text(encoding.name, errors="replace"))
    parser.close()
    tables = [table for table in [*parser.done, *parser.open] if max(map(len, table), default=0) > 1]
    if not tables:
        raise Unreadable("not_a_spreadsheet", kind="HTML")
    table = max(tables, key=len)
    if len(table) > limits().rows:
        raise Unreadable("file_too_large", limit=str(limits().rows))

    def rows() -> Iterator[Row]:
        return (list(row) for row in table)

    info = SheetInfo(path.name, len(table), used=True)
    notes = tuple(encoding.notes())
    return Grid("html", rows, sheets=(info,), encoding=encoding.label, is_ragged_text=True, notes=notes)
