"""Web pages saved as .xls: the table with the most rows is read, or the one asked for; the others are named."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from imports.answer import SheetInfo
from imports.limits import limits
from imports.problems import Unreadable
from imports.reading.encoding import find_encoding
from imports.reading.grid import Grid, Note, Row, asked_for

_NESTED = 50  # tables within tables


class _Table:
    """Rows of cells; one that spans columns is blank in the further ones, one that spans rows is filled down."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.filled = 0
        self._above: dict[int, tuple[str, int]] = {}  # column -> text, and the rows it is still to fill
        self._below: dict[int, tuple[str, int]] = {}  # the same for the next row
        self._cells = 0

    def start_row(self) -> None:
        self.end_row()
        self._above, self._below = self._below, {}
        self.rows.append([])

    def add(self, text: str, columns: int, rows: int) -> None:
        if not self.rows:
            self.start_row()
        while (column := len(self.rows[-1])) in self._above:
            self._put(*self._above.pop(column))
        for value in (text, *[""] * (columns - 1)):
            self._put(value, rows)
        self.filled += rows > 1 and text != ""

    def end_row(self) -> None:
        for column in sorted(self._above):
            for _ in range(len(self.rows[-1]), column):
                self._put("", 1)
            self._put(*self._above.pop(column))

    def _put(self, value: str, rows: int) -> None:
        row, rule = self.rows[-1], limits()
        self._cells += 1
        if len(row) >= rule.columns or self._cells > rule.cells:
            raise Unreadable("file_too_large", limit=f"{rule.rows} × {rule.columns}")
        if rows > 1:
            self._below[len(row)] = (value, rows - 1)
        row.append(value)


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[_Table] = []
        self.open: list[_Table] = []
        self.cell: list[str] | None = None
        self.spans = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            if len(self.open) >= _NESTED:
                raise Unreadable("unsafe_markup")
            self._end_cell()
            self.open.append(_Table())
        elif tag == "tr" and self.open:
            self._end_cell()
            self.open[-1].start_row()
        elif tag in ("td", "th") and self.open:
            self._end_cell()
            self.cell, told = [], dict(attrs)
            self.spans = (_span(told.get("colspan")), _span(told.get("rowspan")))
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self.open:
            self._end_table()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def close(self) -> None:
        """Tables that the page leaves open end with the page."""
        super().close()
        while self.open:
            self._end_table()

    def _end_table(self) -> None:
        self._end_cell()
        self.open[-1].end_row()
        self.done.append(self.open.pop())

    def _end_cell(self) -> None:
        if self.cell is not None and self.open:
            self.open[-1].add(" ".join("".join(self.cell).split()), *self.spans)
        self.cell = None


def _span(told: str | None) -> int:
    return max(1, int(told)) if told and told.isascii() and told.isdigit() and len(told) < 6 else 1


def read_html(path: Path, wanted: str | None = None) -> Grid:
    """The grid of one table of a page. Raises Unreadable where the page holds none with two columns."""
    encoding = find_encoding(path)
    parser = _Tables()
    parser.feed(path.read_text(encoding.name, errors="replace"))
    parser.close()
    tables = {f"#{number}": table for number, table in enumerate(filter(_is_data, parser.done), 1)}
    if not tables:
        raise Unreadable("not_a_spreadsheet", kind="HTML")
    largest = max(tables, key=lambda name: len(tables[name].rows))
    chosen = largest if wanted is None or len(tables) == 1 else asked_for(list(tables), wanted)
    table = tables[chosen]
    if len(table.rows) > limits().rows:
        raise Unreadable("file_too_large", limit=str(limits().rows))

    def rows() -> Iterator[Row]:
        return (list(row) for row in table.rows)

    return Grid(
        "html",
        rows,
        sheet=chosen if len(tables) > 1 else None,
        sheets=tuple(SheetInfo(name, len(entry.rows), used=name == chosen) for name, entry in tables.items()),
        encoding=encoding.label,
        is_ragged_text=True,
        notes=(*encoding.notes(), *_notes(tables, chosen)),
    )


def _is_data(table: _Table) -> bool:
    return max(map(len, table.rows), default=0) > 1


def _notes(tables: dict[str, _Table], chosen: str) -> Iterator[Note]:
    heights = ((name, len(table.rows)) for name, table in tables.items())
    others = [f"{name} ({rows})" for name, rows in heights if name != chosen and rows > 1]
    if others:
        yield Note("other_sheets", len(others), {"used": chosen, "names": "、".join(others)})
    if filled := tables[chosen].filled:
        yield Note("merged_filled", filled)
