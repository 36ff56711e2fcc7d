"""How long cases took, asked for in pieces, so that a year of every unit fits into little memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from metrics.clocks.daytable import day_number
from metrics.counting import counts
from metrics.counting.counts import Cells
from metrics.counting.times import Times, joined, order_of, shares_in_parts, shares_with_end, summed, times_of_cases
from pipeline.numbers.count_layout import Groups, Layout, Rows
from records.engine import Runner

SECONDS_UP_TO = 2_000_000  # cases told apart to the second; beyond, times are counted in whole minutes, sorted faster
AT_ONCE = 2  # clocks sorted beside each other; each holds a few columns of a piece
CASES_AT_ONCE = 1_000_000  # whose times one statement answers
GROUPED = ("unit", "period", "split")
Clock = tuple[str, bool]  # its name, and whether in working time
Read = tuple[np.ndarray, np.ndarray, tuple[int, int] | None]
"""The places of the cases that are known, what `times_of_cases` takes of them, and its measure (see `in_measure`)."""


@dataclass(frozen=True)
class Piece:
    """The rows of some keys, key by key: `places` counts from the first of them."""

    keys: slice
    places: np.ndarray
    rows: Rows

    @classmethod
    def of(cls, layout: Layout, keys: slice, rows: Rows) -> Piece:
        """The rows of these keys among those of an answer: put in order once, not for every clock."""
        places = layout.own_places(Groups.of(rows, layout.request), keys)
        order = order_of(places + 1, keys.stop - keys.start + 1)[np.count_nonzero(places < 0) :]
        return cls(keys, places[order], {name: cases[order] for name, cases in rows.items() if name not in GROUPED})


@dataclass(frozen=True)
class CaseTimes:
    """The times of some clocks, and the shares of the limit used on others, of every key of a layout."""

    cells: Cells
    layout: Layout
    received: np.ndarray
    clocks: Sequence[Clock]
    shares: Sequence[str]

    def asked(self, statements: Runner) -> tuple[dict[Clock, Times], dict[str, Times]]:
        """Both, times by clock and kind, shares by clock: the blocks of the units, then those of the totals."""
        names: list[Clock | str] = [*self.clocks, *self.shares]
        own: list[list[Times]] = [[] for _ in names]
        whole: list[list[Times]] = [[] for _ in names]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for piece in self._pieces_read(statements) if names else ():
                for i, (units, totals) in enumerate(threads.map(partial(self._sorted, piece), names)):
                    own[i].append(units)
                    whole[i].append(totals)
            tables = list(threads.map(_table, own, whole))
        clocks = dict(zip(self.clocks, tables, strict=False))
        return clocks, dict(zip(self.shares, tables[len(self.clocks) :], strict=True))

    def _pieces_read(self, statements: Runner) -> Iterator[Piece]:
        """The rows of each piece; while one is sorted the next is asked for."""
        with ThreadPoolExecutor(1) as reader:
            waiting = deque[Future[Piece]]()
            for keys, cells in self._pieces():
                waiting.append(reader.submit(self._asked, statements, keys, cells))
                if len(waiting) > 1:
                    yield waiting.popleft().result()
            if waiting:
                yield waiting.popleft().result()

    def _asked(self, statements: Runner, keys: slice, cells: Cells) -> Piece:
        text = counts.times_text(cells, self.clocks, self.shares)
        return Piece.of(self.layout, keys, statements.arrays(text))

    def _sorted(self, piece: Piece, name: Clock | str) -> tuple[Times, Times]:
        """The times of one clock, or the shares of its limit, in one piece: those of the units, and of all totals."""
        places, cases, measure = self._times(piece, name) if isinstance(name, tuple) else self._shares(piece, name)
        keys, totals = piece.keys, self.layout.total_of[piece.keys]
        own = times_of_cases(places, cases, keys.stop - keys.start)
        whole = times_of_cases(totals[places], cases, len(self.layout.totals))
        return (own, whole) if measure is None else (own.in_measure(*measure), whole.in_measure(*measure))

    def _times(self, piece: Piece, clock: Clock) -> Read:
        """How long each case took on a clock, in seconds or in the whole minute that ends at or after them."""
        cases = piece.rows[counts.seconds_name(*clock)]
        places, cases = _only(cases >= 0, piece.places, cases)
        measure = self._measure
        if measure == 1:
            return places, cases, None
        return places, ((cases >> 1) + (measure - 1)) // measure * 2 + (cases & 1), (measure, 1)

    def _shares(self, piece: Piece, clock: str) -> Read:
        """How much of its limit each case used."""
        used, allowed = piece.rows[f"used_{clock}"], piece.rows[f"allowed_{clock}"]
        places, used, allowed = _only((used >= 0) & (allowed > 0), piece.places, used, allowed)
        taken, ended = used >> 1, used & 1
        if found := shares_in_parts(taken, allowed):
            return places, 2 * found[0] + ended, (1, found[1])
        return places, shares_with_end(taken / allowed, ended), None

    def _pieces(self) -> list[tuple[slice, Cells]]:
        found = []
        for keys, periods, places in self.layout.pieces(self.received, CASES_AT_ONCE):
            first, end = day_number(min(p.start for p in periods)), day_number(max(p.end for p in periods))
            days = max(first, self.cells.first_day), min(end, self.cells.end_day)
            found.append((keys, replace(self.cells, first_day=days[0], end_day=days[1], places=places)))
        return found

    @property
    def _measure(self) -> int:
        cases = int(self.received[: len(self.layout.used)].sum())
        return 1 if cases <= SECONDS_UP_TO else 60


def _only(chosen: np.ndarray, *columns: np.ndarray) -> Sequence[np.ndarray]:
    """The chosen entries of some columns; the columns themselves where that is all of them."""
    return columns if chosen.all() else [column[chosen] for column in columns]


def _table(own: list[Times], whole: list[Times]) -> Times:
    """The pieces of one clock as one table; the lists are emptied: pieces and tables do not stand side by side."""
    pieces, totals = own[:], summed(whole)
    own.clear()
    whole.clear()
    return joined([*pieces, totals])
