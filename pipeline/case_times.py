"""How long cases took, asked for in pieces, so that a year of every unit fits into little memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from metrics import counts
from metrics.count_table import Times, joined, times_of
from metrics.counts import Cells
from metrics.daytable import day_number
from pipeline.count_layout import Groups, Layout, Rows, splits
from records.engine import Runner

SECONDS_UP_TO = 2_000_000  # cases told apart to the second; beyond, times are counted in whole minutes
CASES_AT_ONCE = 1_000_000  # whose times one statement answers
GROUPED_FROM = 10_000  # cases of a unit, period and split from which many took equally long


@dataclass(frozen=True)
class CaseTimes:
    """Asks for times some periods at a time, so that never all cases stand in memory as wide rows."""

    statements: Runner
    cells: Cells
    layout: Layout
    received: np.ndarray

    def times(self, clock: str, in_working_time: bool) -> Times:
        """The times of one clock."""

        def text(cells: Cells) -> str:
            return counts.histogram_text(cells, clock, in_working_time, self._resolution, is_grouped=self._is_grouped)

        return self._gathered(text, lambda rows: np.asarray(rows["seconds"]))

    def shares(self, clock: str) -> Times:
        """Shares of the limit used, laid out as times are."""

        def text(cells: Cells) -> str:
            return counts.use_text(cells, clock, is_grouped=self._is_grouped)

        return self._gathered(text, lambda rows: np.asarray(rows["used"]) / np.asarray(rows["allowed"]))

    @property
    def _all(self) -> int:
        """Cases of the asked units."""
        return int(self.received[: len(self.layout.used)].sum())

    @property
    def _resolution(self) -> int:
        return 1 if self._all <= SECONDS_UP_TO else 60

    @property
    def _is_grouped(self) -> bool:
        """Where a key has few cases, hardly two of them took equally long, and grouping costs more than it saves."""
        return self._all > GROUPED_FROM * max(len(self.layout.used), 1)

    def _gathered(self, text: Callable[[Cells], str], seconds: Callable[[Rows], np.ndarray]) -> Times:
        layout = self.layout
        own: list[Times] = []
        total_places: list[np.ndarray] = []
        for keys, periods, places in layout.pieces(self.received, CASES_AT_ONCE):
            days = day_number(min(p.start for p in periods)), day_number(max(p.end for p in periods))
            cells = replace(self.cells, first_day=max(days[0], self.cells.first_day),
                            end_day=min(days[1], self.cells.end_day), places=places)  # fmt: skip
            rows = self.statements.arrays(text(cells))
            groups = Groups(np.asarray(rows["unit"]), np.asarray(rows["period"]), splits(rows, layout.request))
            columns = (seconds(rows), np.asarray(rows["n"]), np.asarray(rows["ended"]))
            own.append(times_of(layout.own_places(groups, keys), *columns, keys.stop - keys.start))
            total_places.append(np.repeat(layout.total_of[keys], np.diff(own[-1].bounds)))
        units = joined(own)
        place = np.concatenate([np.zeros(0, np.int64), *total_places])
        totals = times_of(place, units.seconds, units.n, units.ended, len(layout.totals))
        return joined([units, totals])
