"""Where the header stands and which layout the file follows."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable
from pathlib import Path

from imports.layouts import Layout, LayoutError, layout_from, list_layouts, load_layout
from imports.limits import limits
from imports.options import ImportOptions
from imports.problems import Unreadable
from imports.reading.grid import Grid, Row, is_blank
from imports.values.cells import heading, text_of
from records.vocabulary import FIELDS_BY_KIND, Kind


def known_headers(kind: Kind, options: ImportOptions) -> frozenset[str]:
    """Every heading that means something for this kind, normalised."""
    words: set[str] = {heading(header) for _, header in options.map}
    for layout in list_layouts():
        if layout.kind == kind:
            words.update(heading(header) for headers in layout.fields.values() for header in headers)
    for field in FIELDS_BY_KIND[kind].values():
        words.update((heading(field.name), heading(field.label_zh), heading(field.label_en)))
    return frozenset(words)


def find_header_row(grid: Grid, known: Iterable[str], given: int | None = None) -> int:
    """The 1-based row of the header: the one with most known headings, else the first that is as wide as the data.

    Hidden rows are no candidates. Returns 0 for a sheet without any row.
    """
    if given is not None:
        return given
    words = frozenset(known)
    head = list(itertools.islice(grid.rows(), limits().header_search_rows))
    candidates = [(i, row) for i, row in enumerate(head, 1) if i not in grid.hidden_rows and not is_blank(row)]
    if not candidates:
        return 0
    scored = [(len({heading(cell) for cell in row} & words), -number) for number, row in candidates]
    score, number = max(scored)
    if score:
        return -number
    widths = [_width(row) for _, row in candidates]
    usual = max(widths, key=lambda width: (widths.count(width), width))
    return next(number for (number, _), width in zip(candidates, widths, strict=True) if width >= usual)


def find_two_row_header(grid: Grid, known: Iterable[str], row: int) -> tuple[int, Row] | None:
    """A header whose groups stand one row above its headings: its lower row and the joined headings.

    `row` is the best single row. None where no pair of rows holds more known headings than that.
    """
    words = frozenset(known)
    head = list(itertools.islice(grid.rows(), limits().header_search_rows))
    single = len({heading(cell) for cell in head[row - 1]} & words) if 0 < row <= len(head) else 0
    pairs = [(_joined(*rows, words), number) for number, rows in enumerate(itertools.pairwise(head), 2)]
    scored = [(len({heading(cell) for cell in cells} & words), -number, cells) for cells, number in pairs]
    score, number, cells = max(scored, key=lambda entry: entry[:2], default=(0, 0, []))
    return (-number, cells) if score > single else None


def _joined(upper: Row, lower: Row, words: frozenset[str]) -> Row:
    """Group and heading as one text; a group holds for the blank cells to its right."""
    cells: Row = []
    group = ""
    for above, below in itertools.zip_longest(upper, lower, fillvalue=""):
        above, below = text_of(above), text_of(below)
        group = above or (group if below else "")
        both = below if group == below else f"{group}{below}"
        cells.append(next((text for text in (both, below, above) if heading(text) in words), both))
    return cells


def _width(row: Row) -> int:
    return sum(1 for cell in row if cell not in ("", None))


def choose_layout(kind: Kind, headers: Iterable[str], options: ImportOptions) -> Layout:
    """The layout asked for, else the one whose signature the headers hold, else the general one of the kind.

    `options.layout` is an id, or the path of a TOML file written in the same way. Raises Unreadable `layout_unknown`.
    """
    if options.layout:
        return _asked_for(kind, options.layout)
    present = {heading(header) for header in headers}
    fitting = [
        layout
        for layout in list_layouts()
        if layout.kind == kind and layout.signature and {heading(word) for word in layout.signature} <= present
    ]
    return max(fitting, key=lambda layout: len(layout.signature), default=load_layout(kind.value))


def _asked_for(kind: Kind, name: str) -> Layout:
    try:
        if name.endswith(".toml"):
            layout = layout_from(Path(name).stem, tomllib.loads(Path(name).read_text("utf-8")))
        else:
            layout = load_layout(name)
    except (LayoutError, OSError, KeyError, ValueError) as error:
        raise Unreadable("layout_unknown", value=name) from error
    if layout.kind != kind:
        raise Unreadable("layout_unknown", value=name)
    return layout
