"""The integers behind one answer, column by column: counts and times of every unit, period and split."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from sqlalchemy.util import memoized_property

from metrics.counting.times import Times, times_of

Key = tuple[str | None, str, str | None]  # unit (None: total), period label, split


class KeyColumns(NamedTuple):
    """Every part of some keys, and whether each is a total."""

    units: list[str | None]
    periods: list[str]
    splits: list[str | None]
    totals: list[str | None]  # "pooled" for one


@dataclass(frozen=True)
class CountTable:
    """Counts and times of one answer. Every array of `counts` has one entry for each key, in the order of `keys`."""

    keys: Sequence[Key]
    counts: Mapping[str, np.ndarray]
    times: Mapping[tuple[str, bool], Times] = field(default_factory=dict)
    ratios: Mapping[str, Times] = field(default_factory=dict)

    def column(self, name: str) -> np.ndarray:
        """A count of every key; zeros for one that no statement gave."""
        found = self.counts.get(name)
        return np.zeros(len(self.keys), np.int64) if found is None else found

    @memoized_property
    def key_columns(self) -> KeyColumns:
        """The keys part by part."""
        units = [key[0] for key in self.keys]
        totals = ["pooled" if unit is None else None for unit in units]
        return KeyColumns(units, [key[1] for key in self.keys], [key[2] for key in self.keys], totals)

    @memoized_property
    def units_of_totals(self) -> list[tuple[int, list[int]]]:
        """Where each total stands in the keys, with the places of its units."""
        units: dict[tuple[str, str | None], list[int]] = {}
        for place, (unit, period, split) in enumerate(self.keys):
            if unit is not None:
                units.setdefault((period, split), []).append(place)
        return [(i, units.get(key[1:], [])) for i, key in enumerate(self.keys) if key[0] is None]

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


def _gathered_times(whole: Times, chosen: Sequence[np.ndarray]) -> Times:
    entries = [np.concatenate([np.arange(whole.bounds[i], whole.bounds[i + 1]) for i in own]) for own in chosen]
    order = np.concatenate([*entries, np.zeros(0, np.int64)])
    places = np.repeat(np.arange(len(chosen)), [len(own) for own in entries])
    return times_of(places, whole.seconds[order], whole.n[order], whole.ended[order], len(chosen))


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


def _longer(part: Times, more: int) -> Times:
    return replace(part, bounds=np.concatenate([part.bounds, np.full(more, part.bounds[-1])]))
