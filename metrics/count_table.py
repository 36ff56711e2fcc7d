"""The integers behind one answer, column by column: counts and times of every unit, period and split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

Key = tuple[str | None, str, str | None]  # unit (None: total), period label, split


@dataclass(frozen=True)
class Times:
    """Cases by time taken: seconds, 1 ended or 0 still running, number of cases."""

    seconds: np.ndarray
    ended: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.seconds)


@dataclass(frozen=True)
class GroupedTimes:
    """The times of all keys in one block each: key i has the entries `bounds[i]` to `bounds[i + 1]` (not included)."""

    times: Times
    bounds: np.ndarray

    def of(self, place: int) -> Times:
        """The times of the key at this place of the table."""
        part = slice(self.bounds[place], self.bounds[place + 1])
        return Times(self.times.seconds[part], self.times.ended[part], self.times.weight[part])


@dataclass(frozen=True)
class CountTable:
    """Counts and times of one answer. Every array of `counts` has one entry for each key, in the order of `keys`."""

    keys: Sequence[Key]
    counts: Mapping[str, np.ndarray]
    times: Mapping[tuple[str, bool], GroupedTimes] = field(default_factory=dict)
    ratios: Mapping[str, GroupedTimes] = field(default_factory=dict)

    def column(self, name: str) -> np.ndarray:
        """A count of every key; zeros for one that no statement gave."""
        found = self.counts.get(name)
        return np.zeros(len(self.keys), np.int64) if found is None else found

    def has_recorded(self, name: str) -> bool:
        """Does any source say anything about this matter?"""
        return bool(self.column(name).any())


def table_of(rows: Mapping[Key, Mapping[str, float]]) -> CountTable:
    """A table of counts from one mapping per key.

    >>> table_of({("u1", "2024", None): {"n_received": 3}}).column("n_received").tolist()
    [3]
    """
    names = dict.fromkeys(name for counts in rows.values() for name in counts)
    return CountTable(list(rows), {name: np.array([counts.get(name, 0) for counts in rows.values()]) for name in names})


def grouped(times: Times, places: np.ndarray, keys: int) -> GroupedTimes:
    """Times sorted into the blocks of their keys; entries of a negative place are left out."""
    order = np.argsort(places, kind="stable")
    bounds = np.searchsorted(places[order], np.arange(keys + 1))
    return GroupedTimes(Times(times.seconds[order], times.ended[order], times.weight[order]), bounds)
