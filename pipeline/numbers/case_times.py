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
from metrics.counting.times import Times, joined, shares_in_parts, shares_with_end, summed, times_of_cases
from pipeline.numbers.count_layout import Groups, Layout, Rows
from records.engine import Runner

SECONDS_UP_TO = 2_000_000  # cases told apart to the second; beyond, times are counted in whole minutes
AT_ONCE = 2  # clocks sorted beside each other; each holds a few columns of a piece
CASES_AT_ONCE = 1_000_000  # whose times one statement answers
Clock = tuple[str, bool]  # its name, and whether in working time
Read = tuple[np.ndarray, np.ndarray, tuple[int, int] | None]
"""Which cases are known and have a key, what `times_of_cases` takes of them, and its measure (see `in_measure`)."""


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
            for keys, rows in self._rows(statements) if names else ():
                groups = Groups.of(rows, self.layout.request)
                sort = partial(self._sorted, keys, self.layout.own_places(groups, keys), rows)
                for i, (units, totals) in enumerate(threads.map(sort, names)):
                    own[i].append(units)
                    whole[i].append(totals)
        # One after the other, so that pieces and tables do not stand side by side.
        tables = [joined([*own.pop(0), summed(whole.pop(0))]) for _ in names]
        clocks = dict(zip(self.clocks, tables, strict=False))
        return clocks, dict(zip(self.shares, tables[len(self.clocks) :], strict=True))

    def _rows(self, statements: Runner) -> Iterator[tuple[slice, Rows]]:
        """The rows of each piece with its keys; while one is sorted the next is asked for."""
        with ThreadPoolExecutor(1) as reader:
            waiting = deque[tuple[slice, Future[Rows]]]()
            for keys, cells in self._pieces():
                waiting.append((keys, reader.submit(self._asked, statements, cells)))
                if len(waiting) > 1:
                    yield _arrived(waiting)
            if waiting:
                yield _arrived(waiting)

    def _asked(self, statements: Runner, cells: Cells) -> Rows:
        return statements.arrays(counts.times_text(cells, self.clocks, self.shares, self._resolution))

    def _sorted(self, keys: slice, places: np.ndarray, rows: Rows, name: Clock | str) -> tuple[Times, Times]:
        """The times of one clock, or the shares of its limit, in one piece: those of the units, and of all totals."""
        known, cases, measure = (
            self._times(rows, name, places) if isinstance(name, tuple) else self._shares(rows, name, places)
        )
        places, totals = places[known], self.layout.total_of[keys]
        own = times_of_cases(places, cases, keys.stop - keys.start)
        whole = times_of_cases(totals[places], cases, len(self.layout.totals))
        return (own, whole) if measure is None else (own.in_measure(*measure), whole.in_measure(*measure))

    def _times(self, rows: Rows, clock: Clock, places: np.ndarray) -> Read:
        """How long each case took on a clock: in whole minutes, which are sorted faster, where that is told apart."""
        cases = rows[counts.seconds_name(*clock)]
        known = np.flatnonzero((cases >= 0) & (places >= 0))
        cases, measure = cases[known], self._resolution
        if measure == 1:
            return known, cases, None
        return known, (cases >> 1) // measure * 2 + (cases & 1), (measure, 1)

    def _shares(self, rows: Rows, clock: str, places: np.ndarray) -> Read:
        """How much of its limit each case used."""
        used, allowed = rows[f"used_{clock}"], rows[f"allowed_{clock}"]
        known = np.flatnonzero((used >= 0) & (allowed > 0) & (places >= 0))
        used, allowed = used[known], allowed[known]
        taken, ended = used >> 1, used & 1
        if found := shares_in_parts(taken, allowed):
            return known, 2 * found[0] + ended, (1, found[1])
        return known, shares_with_end(taken / allowed, ended), None

    def _pieces(self) -> list[tuple[slice, Cells]]:
        found = []
        for keys, periods, places in self.layout.pieces(self.received, CASES_AT_ONCE):
            first, end = day_number(min(p.start for p in periods)), day_number(max(p.end for p in periods))
            days = max(first, self.cells.first_day), min(end, self.cells.end_day)
            found.append((keys, replace(self.cells, first_day=days[0], end_day=days[1], places=places)))
        return found

    @property
    def _resolution(self) -> int:
        cases = int(self.received[: len(self.layout.used)].sum())
        return 1 if cases <= SECONDS_UP_TO else 60


def _arrived(waiting: deque[tuple[slice, Future[Rows]]]) -> tuple[slice, Rows]:
    keys, rows = waiting.popleft()
    return keys, rows.result()
