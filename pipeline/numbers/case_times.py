"""How long cases took, asked for in pieces, so that a year of every unit fits into little memory."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from metrics.clocks.daytable import day_number
from metrics.counting import counts
from metrics.counting.count_table import Times, joined, summed, times_with_totals
from metrics.counting.counts import Cells
from pipeline.numbers.count_layout import Groups, Layout, Rows, splits
from records.engine import Runner

SECONDS_UP_TO = 2_000_000  # cases told apart to the second; beyond, times are counted in whole minutes
AT_ONCE = 2  # clocks sorted beside each other; each holds a few columns of a piece
CASES_AT_ONCE = 1_000_000  # whose times one statement answers


@dataclass(frozen=True)
class CaseTimes:
    """The times of some clocks, and the shares of the limit used on others, of every key of a layout."""

    cells: Cells
    layout: Layout
    received: np.ndarray
    clocks: Sequence[tuple[str, bool]]
    shares: Sequence[str]

    def asked(self, statements: Runner) -> tuple[dict[tuple[str, bool], Times], dict[str, Times]]:
        """Both, times by clock and kind, shares by clock: the blocks of the units, then those of the totals."""
        names = [*self.clocks, *self.shares]
        own: list[list[Times]] = [[] for _ in names]
        whole: list[list[Times]] = [[] for _ in names]
        for keys, cells in self._pieces() if names else ():
            rows = statements.arrays(counts.times_text(cells, self.clocks, self.shares, self._resolution))
            groups = Groups(np.asarray(rows["unit"]), np.asarray(rows["period"]), splits(rows, self.layout.request))
            places = self.layout.own_places(groups, keys)
            sort = partial(self._sorted, keys, places)
            with ThreadPoolExecutor(AT_ONCE) as threads:  # sorting leaves the interpreter free
                found = list(threads.map(sort, *zip(*self._columns(rows), strict=True)))
            for i, (units, totals) in enumerate(found):
                own[i].append(units)
                whole[i].append(totals)
        # One after the other, so that pieces and tables do not stand side by side.
        tables = [joined([*own.pop(0), summed(whole.pop(0))]) for _ in names]
        clocks = dict(zip(self.clocks, tables, strict=False))
        return clocks, dict(zip(self.shares, tables[len(self.clocks) :], strict=True))

    def _sorted(self, keys: slice, places: np.ndarray, taken: np.ndarray, ended: np.ndarray) -> tuple[Times, Times]:
        """The times of one clock in one piece: those of the units, and of all totals."""
        known = np.where(np.ma.getmaskarray(taken), -1, places)
        total_of = self.layout.total_of[keys]
        return times_with_totals(
            known, np.ma.getdata(taken), ended, keys.stop - keys.start, total_of, len(self.layout.totals)
        )

    def _pieces(self) -> list[tuple[slice, Cells]]:
        found = []
        for keys, periods, places in self.layout.pieces(self.received, CASES_AT_ONCE):
            first, end = day_number(min(p.start for p in periods)), day_number(max(p.end for p in periods))
            days = max(first, self.cells.first_day), min(end, self.cells.end_day)
            found.append((keys, replace(self.cells, first_day=days[0], end_day=days[1], places=places)))
        return found

    def _columns(self, rows: Rows) -> list[tuple[np.ndarray, np.ndarray]]:
        """Time and end of every clock, then share and end."""
        found = [(rows[counts.seconds_name(*pair)], np.asarray(rows[f"ended_{pair[0]}"])) for pair in self.clocks]
        for clock in self.shares:
            allowed = np.ma.masked_less_equal(rows[f"allowed_{clock}"], 0)
            found.append((np.ma.asarray(rows[f"used_{clock}"]) / allowed, np.asarray(rows[f"ended_{clock}"])))
        return found

    @property
    def _resolution(self) -> int:
        cases = int(self.received[: len(self.layout.used)].sum())
        return 1 if cases <= SECONDS_UP_TO else 60
