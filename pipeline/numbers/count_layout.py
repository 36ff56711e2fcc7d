"""Where the integers of an answer stand: every unit, period and split in one order, totals last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from metrics.clocks.period import Period
from metrics.counting.count_table import Key

Rows = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Request:
    """What to count and for whom."""

    asked: Period
    periods: list[Period]
    is_by_month: bool
    scope: str
    split: str | None
    codes: list[str]
    units: list[str]


@dataclass(frozen=True)
class Groups:
    """For every row of an answer its unit and period as places in the request (unit -1: not asked), and its split."""

    unit: np.ndarray
    period: np.ndarray
    split: list[str] | None

    @classmethod
    def of(cls, rows: Rows, request: Request) -> Groups:
        """The groups of an answer, which tells units by their place."""
        unit, period = (np.asarray(rows[name]).astype(np.int64) for name in ("unit", "period"))
        return cls(unit, period, splits(rows, request))


@dataclass(frozen=True)
class Counted:
    """Counts by name, one entry for every row."""

    groups: Groups
    values: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, rows: Rows, request: Request, names: Mapping[str, str]) -> Counted:
        """The columns of an answer under the names of the counts they are."""
        values = {count: np.ma.filled(rows[column], 0).astype(np.int64) for count, column in names.items()}
        return cls(Groups.of(rows, request), values)


class Layout:
    """Where each unit, period and split stands in the table: units first, then the totals."""

    def __init__(self, request: Request, groups: list[Groups]) -> None:
        self.request = request
        self.by_label = np.argsort(np.argsort([period.label for period in request.periods], kind="stable"))
        self.labels = sorted(period.label for period in request.periods)
        self.splits: list[str | None] = [None]
        if request.split is not None:
            self.splits = list(sorted({text for part in groups for text in part.split or ()}))
        self.split_places = {text: place for place, text in enumerate(self.splits)}
        cells = len(self.labels) * len(request.units) * len(self.splits)
        found = [codes[codes >= 0] for codes in map(self._codes, groups)]
        self.used = np.arange(cells) if request.split is None else np.unique(np.concatenate([*found, np.zeros(0, int)]))
        whole = self._total_codes(self.used)
        self.totals, self.total_of = np.unique(whole, return_inverse=True)

    def _codes(self, groups: Groups) -> np.ndarray:
        """The cell of every row, -1 for units that were not asked for."""
        split: Any = 0
        if groups.split is not None:
            split = np.fromiter((self.split_places[text] for text in groups.split), np.int64, len(groups.split))
        period = self.by_label[groups.period] if len(groups.period) else groups.period
        cell = (period * len(self.request.units) + groups.unit) * len(self.splits) + split
        return np.where(groups.unit < 0, -1, cell)

    def _total_codes(self, codes: np.ndarray) -> np.ndarray:
        size = len(self.splits)
        return codes // (size * max(len(self.request.units), 1)) * size + codes % size

    def _places(self, groups: Groups) -> np.ndarray:
        codes = self._codes(groups)
        return np.where(codes < 0, -1, np.searchsorted(self.used, codes))

    def keys(self) -> list[Key]:
        size, units = len(self.splits), self.request.units
        own: list[Key] = [
            (units[code // size % len(units)], self.labels[code // size // len(units)], self.splits[code % size])
            for code in self.used.tolist()
        ]
        return own + [(None, self.labels[code // size], self.splits[code % size]) for code in self.totals.tolist()]

    def columns(self, counted: Iterable[Counted]) -> dict[str, np.ndarray]:
        """Every count as one column: the cells, then their sums."""
        cells: dict[str, np.ndarray] = {}
        for part in counted:
            places = self._places(part.groups)
            is_asked = places >= 0
            for name, values in part.values.items():
                column = cells.setdefault(name, np.zeros(len(self.used), np.int64))
                np.add.at(column, places[is_asked], values[is_asked])
        return {name: np.concatenate([column, self._sums(column)]) for name, column in cells.items()}

    def _sums(self, column: np.ndarray) -> np.ndarray:
        sums = np.zeros(len(self.totals), np.int64)
        np.add.at(sums, self.total_of, column)
        return sums

    def own_places(self, groups: Groups, keys: slice) -> np.ndarray:
        """The key of every row counted from the first of some keys of units, -1 for all others."""
        places = self._places(groups)
        return np.where((places >= keys.start) & (places < keys.stop), places - keys.start, -1)

    def pieces(self, received: np.ndarray, at_once: int) -> Iterator[tuple[slice, list[Period], tuple[int, int]]]:
        """The keys of units in pieces of so many cases, with their periods and the places of their units.

        A piece is some whole periods, or some units of a period that has too many cases by itself.
        """
        units, spans = len(self.request.units), [self.request.periods[i] for i in np.argsort(self.by_label)]
        own = received[: len(self.used)]
        cell = self.used // len(self.splits)
        by_cell = np.bincount(cell, own, len(spans) * units).reshape(len(spans), units)
        for first, end in _cuts(by_cell.sum(axis=1), at_once):
            parts = [(0, units)] if end - first > 1 else _cuts(by_cell[first], at_once)
            for low, high in parts:
                borders = np.searchsorted(cell, [first * units + low, (end - 1) * units + high])
                yield slice(*borders.tolist()), spans[first:end], (low, high)


def _cuts(sizes: np.ndarray, at_once: int) -> list[tuple[int, int]]:
    """Neighbours taken together while they hold no more than `at_once`; each piece has at least one.

    >>> _cuts(np.array([1, 1, 5, 1]), 2)
    [(0, 2), (2, 3), (3, 4)]
    """
    pieces: list[tuple[int, int]] = []
    first, held = 0, 0
    for place, size in enumerate(sizes.tolist()):
        if place > first and held + size > at_once:
            pieces.append((first, place))
            first, held = place, 0
        held += size
    return [*pieces, (first, len(sizes))] if len(sizes) else []


def splits(rows: Rows, request: Request) -> list[str] | None:
    """The split of each row, "" for a null; None where the request has no split."""
    return None if request.split is None else [text or "" for text in texts(rows["split"])]


def texts(values: np.ndarray) -> list[str | None]:
    """The texts of a column of an answer; a masked one is None."""
    if not np.ma.isMaskedArray(values):
        return values.tolist()
    mask = np.ma.getmaskarray(values).tolist()
    return [None if is_hidden else value for value, is_hidden in zip(np.ma.getdata(values).tolist(), mask, strict=True)]
