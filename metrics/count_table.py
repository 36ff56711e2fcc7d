"""The integers behind one answer, column by column: counts and times of every unit, period and split."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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


def gathered(table: CountTable, sets: Mapping[str, Collection[str]]) -> CountTable:
    """Counts and times of sets of units, each summed case by case before any division; the totals are left out.

    Keys are (name of the set, period, split) for every period and split that a unit of the set has. A unit may belong
    to several sets; one that the table does not hold adds nothing.

    >>> plain = table_of({("a", "2024", None): {"n": 1}, ("b", "2024", None): {"n": 2}})
    >>> found = gathered(plain, {"both": ["a", "b"], "b": ["b"]})
    >>> found.keys, found.column("n").tolist()
    ([('both', '2024', None), ('b', '2024', None)], [3, 2])
    """
    owners: dict[str, list[str]] = {}
    for name, members in sets.items():
        for unit in set(members):
            owners.setdefault(unit, []).append(name)
    places: dict[Key, list[int]] = {}
    for place, (owner, label, split) in enumerate(table.keys):
        for name in owners.get(owner, ()) if owner is not None else ():
            places.setdefault((name, label, split), []).append(place)
    order = {name: place for place, name in enumerate(sets)}
    keys = sorted(places, key=lambda key: (order[key[0] or ""], key[1], key[2] or ""))
    chosen = [np.array(places[key]) for key in keys]
    counts = {name: np.array([column[own].sum() for own in chosen], column.dtype) for name, column in
              table.counts.items()}  # fmt: skip
    times = {pair: _gathered_times(part, chosen) for pair, part in table.times.items()}
    ratios = {clock: _gathered_times(part, chosen) for clock, part in table.ratios.items()}
    return CountTable(keys, counts, times, ratios)


def _gathered_times(part: GroupedTimes, chosen: Sequence[np.ndarray]) -> GroupedTimes:
    entries = [np.concatenate([np.arange(part.bounds[i], part.bounds[i + 1]) for i in own]) for own in chosen]
    bounds = np.concatenate([[0], np.cumsum([len(own) for own in entries], dtype=np.int64)])
    order = np.concatenate(entries) if entries else np.zeros(0, np.int64)
    whole = part.times
    return GroupedTimes(Times(whole.seconds[order], whole.ended[order], whole.weight[order]), bounds)


def extended(table: CountTable, keys: Sequence[Key]) -> CountTable:
    """The table with rows for further keys of units and their totals, all zero and without times.

    >>> extended(table_of({("a", "2024", "web"): {"n": 1}}), [("a", "2024", "phone")]).column("n").tolist()
    [1, 0, 0]
    """
    known = dict.fromkeys(table.keys)
    wanted = [*keys, *((None, label, split) for _, label, split in keys)]
    more = [key for key in dict.fromkeys(wanted) if key not in known]
    if not more:
        return table
    counts = {
        name: np.concatenate([column, np.zeros(len(more), column.dtype)]) for name, column in table.counts.items()
    }
    times = {pair: _longer(part, len(more)) for pair, part in table.times.items()}
    ratios = {clock: _longer(part, len(more)) for clock, part in table.ratios.items()}
    return CountTable([*table.keys, *more], counts, times, ratios)


def _longer(part: GroupedTimes, more: int) -> GroupedTimes:
    return GroupedTimes(part.times, np.concatenate([part.bounds, np.full(more, part.bounds[-1])]))
