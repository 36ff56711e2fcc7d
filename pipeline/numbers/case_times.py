"""How long cases took, asked for in pieces, so that a year of every unit fits into little memory."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from metrics.clocks.daytable import day_number
from metrics.counting import counts
from metrics.counting.count_table import Times, joined, shares_with_end, summed, times_of_cases
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
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for keys, cells in self._pieces() if names else ():
                rows = statements.arrays(counts.times_text(cells, self.clocks, self.shares, self._resolution))
                groups = Groups(np.asarray(rows["unit"]), np.asarray(rows["period"]), splits(rows, self.layout.request))
                sort = partial(self._sorted, keys, self.layout.own_places(groups, keys))
                for i, (units, totals) in enumerate(threads.map(sort, *zip(*self._columns(rows), strict=True))):
                    own[i].append(units)
                    whole[i].append(totals)
        # One after the other, so that pieces and tables do not stand side by side.
        tables = [joined([*own.pop(0), summed(whole.pop(0))]) for _ in names]
        clocks = dict(zip(self.clocks, tables, strict=False))
        return clocks, dict(zip(self.shares, tables[len(self.clocks) :], strict=True))

    def _sorted(self, keys: slice, places: np.ndarray, known: np.ndarray, cases: np.ndarray) -> tuple[Times, Times]:
        """The times of one clock in one piece: those of the units, and of all totals."""
        known = known & (places >= 0)
        places, cases, totals = places[known], cases[known], self.layout.total_of[keys]
        own = times_of_cases(places, cases, keys.stop - keys.start)
        return own, times_of_cases(totals[places], cases, len(self.layout.totals))

    def _pieces(self) -> list[tuple[slice, Cells]]:
        found = []
        for keys, periods, places in self.layout.pieces(self.received, CASES_AT_ONCE):
            first, end = day_number(min(p.start for p in periods)), day_number(max(p.end for p in periods))
            days = max(first, self.cells.first_day), min(end, self.cells.end_day)
            found.append((keys, replace(self.cells, first_day=days[0], end_day=days[1], places=places)))
        return found

    def _columns(self, rows: Rows) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of every clock whether it is known of a case, and how long it took with its end; then so of the shares."""
        found = [(rows[name] >= 0, rows[name]) for name in (counts.seconds_name(*pair) for pair in self.clocks)]
        for clock in self.shares:
            used, allowed = rows[f"used_{clock}"], rows[f"allowed_{clock}"]
            is_known = (used >= 0) & (allowed > 0)
            shares = (used >> 1) / np.where(is_known, allowed, 1)
            found.append((is_known, shares_with_end(shares, used & 1)))
        return found

    @property
    def _resolution(self) -> int:
        cases = int(self.received[: len(self.layout.used)].sum())
        return 1 if cases <= SECONDS_UP_TO else 60
