"""Cells that a layout puts together, takes apart or empties before any field is read from them."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from imports.layouts import Layout
from imports.reading.grid import Cell, Grid, Row
from imports.values.cells import plain, text_of

_HAS_CLOCK = re.compile(r"\d:\d|\d[时點点]")
_TUPLE = re.compile(r"[(\[].*[)\]]", re.DOTALL)


@dataclass(frozen=True)
class _Plan:
    """Places of the columns concerned; the words of a taken-apart cell go into as many new columns at the end."""

    width: int
    joined: Mapping[int, tuple[int, ...]]
    parted: Mapping[int, int]
    emptied: Mapping[int, frozenset[str]]
    overruled: Mapping[int, tuple[int, frozenset[str], str]]  # place -> place that speaks, words there, what is said

    def row(self, row: Row) -> Row:
        """One data row, never shorter than the header."""
        new = [*row, *[""] * (self.width - len(row))]
        for place, words in self.emptied.items():
            if plain(new[place]) in words:
                new[place] = ""
        for place, (speaker, words, said) in self.overruled.items():
            if plain(new[speaker]) in words:
                new[place] = said
        for place, others in self.joined.items():
            new[place] = _with_clock(new[place], [new[other] for other in others])
        for place, count in self.parted.items():
            found = words_of_tuple(new[place])
            new[self.width : self.width] = [*found[:count], *[""] * (count - len(found))]
        return new


def reshaped(grid: Grid, header_row: int, header: Row, layout: Layout) -> tuple[Grid, Row]:
    """The grid and its header as the layout wants them; both as they are where it wants nothing of these columns."""
    places = {plain(cell): index for index, cell in reversed(list(enumerate(header))) if plain(cell)}
    wanted = {header: tuple(names) for header, names in layout.parted.items() if plain(header) in places}
    plan = _Plan(
        width=len(header),
        joined={
            places[plain(first)]: tuple(places[plain(name)] for name in others)
            for first, others in layout.joined.items()
            if {plain(first), *map(plain, others)} <= places.keys()
        },
        parted={places[plain(name)]: len(names) for name, names in wanted.items()},
        emptied={
            places[plain(name)]: frozenset(map(plain, words))
            for name, words in layout.emptied.items()
            if plain(name) in places
        },
        overruled={
            places[plain(name)]: (places[plain(rule["column"])], frozenset(map(plain, rule["words"])), rule["says"])
            for name, rule in layout.overruled.items()
            if {plain(name), plain(rule["column"])} <= places.keys()
        },
    )
    if not (plan.joined or plan.parted or plan.emptied or plan.overruled):
        return grid, header
    new_header = [*header, *(name for names in reversed(wanted.values()) for name in names)]

    def rows() -> Iterator[Row]:
        for number, row in enumerate(grid.rows(), 1):
            if number == header_row:
                yield new_header
            else:
                yield row if number < header_row else plan.row(row)

    return replace(grid, rows=rows, text=None), new_header


def read_beside(layout: Layout) -> frozenset[str]:
    """Headings of columns that are read together with another one, though no field is read from them alone."""
    joined = (name for names in layout.joined.values() for name in names)
    return frozenset((*joined, *(rule["column"] for rule in layout.overruled.values())))


def overruled_rows(grid: Grid, header_row: int, header: Row, layout: Layout) -> Iterator[tuple[str, int]]:
    """(heading that speaks, how many rows it overrules) of a grid that is not reshaped yet."""
    places = {plain(cell): index for index, cell in reversed(list(enumerate(header))) if plain(cell)}
    for name, rule in layout.overruled.items():
        place, words = places.get(plain(rule["column"])), frozenset(map(plain, rule["words"]))
        if place is not None and plain(name) in places:
            rows = itertools.islice(grid.rows(), header_row, None)
            yield rule["column"], sum(place < len(row) and plain(row[place]) in words for row in rows)


def words_of_tuple(cell: Cell) -> list[str]:
    """The words of a tuple or list that a program wrote into a cell as text; none where the cell is no such text.

    >>> words_of_tuple("('城建','投诉','已办理')"), words_of_tuple("城建")
    (['城建', '投诉', '已办理'], [])
    """
    text = text_of(cell)
    if not _TUPLE.fullmatch(text):
        return []
    try:
        words = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) for word in words):
        return []
    return [word.strip() for word in words]


def _with_clock(day: Cell, others: list[Cell]) -> Cell:
    """A day and the time in the columns beside it as one text; a cell that has a time already stays as it is.

    >>> _with_clock("2024-03-05", ["09:01"]), _with_clock("2024-03-05 08:00", ["09:01"]), _with_clock("", ["09:01"])
    ('2024-03-05 09:01', '2024-03-05 08:00', '')
    """
    text = text_of(day)
    clocks = [text_of(cell) for cell in others if text_of(cell)]
    if not text or not clocks:
        return day
    date = text.removesuffix(" 00:00:00")  # a workbook gives a day as a moment at midnight
    return day if _HAS_CLOCK.search(date) else " ".join((date, *clocks))
