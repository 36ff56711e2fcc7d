"""The integers behind one answer, column by column: counts and times of every unit, period and split."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

import numpy as np

from metrics.statistics import survival

ENTRIES_AT_ONCE = 1_000_000  # whole keys, so that the times of a year of every unit need no gigabytes
Key = tuple[str | None, str, str | None]  # unit (None: total), period label, split


@dataclass(frozen=True)
class Times:
    """Cases by time taken, in one block for each key: key i has the entries `bounds[i]` to `bounds[i + 1]`.

    Within a block the seconds rise and none comes twice. `n` cases took so long, and `ended` of them ended then; the
    others were still running.
    """

    seconds: np.ndarray
    n: np.ndarray
    ended: np.ndarray
    bounds: np.ndarray

    def part(self, first: int, end: int) -> Times:
        """The times of some keys that stand beside each other."""
        cut = slice(self.bounds[first], self.bounds[end])
        bounds = self.bounds[first : end + 1] - self.bounds[first]
        return Times(self.seconds[cut], self.n[cut], self.ended[cut], bounds)

    def put_together(self, places: np.ndarray, keys: int) -> Times:
        """The cases of several keys as those of one: `places` says for each key where its cases go."""
        return times_of(np.repeat(places, np.diff(self.bounds)), self.seconds, self.n, self.ended, keys)


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


def times_of(places: np.ndarray, seconds: np.ndarray, n: np.ndarray | None, ended: np.ndarray, keys: int) -> Times:
    """Times sorted into the blocks of their keys, equal ones added up; entries of a negative place are left out.

    Without `n` each entry is one case.

    >>> found = times_of(np.array([1, 1, 0, 1]), np.array([7, 5, 3, 7]), None, np.array([1, 1, 0, 0]), 2)
    >>> found.seconds.tolist(), found.n.tolist(), found.ended.tolist(), found.bounds.tolist()
    ([3, 5, 7], [1, 1, 2], [0, 1, 1], [0, 1, 3])
    """
    chosen = places >= 0
    if not chosen.all():
        places, seconds, ended = places[chosen], seconds[chosen], ended[chosen]
        n = None if n is None else n[chosen]
    rising = np.argsort(seconds)
    order = rising[np.argsort(places[rising].astype(np.min_scalar_type(keys)), kind="stable")]
    place, taken = places[order], seconds[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (place[1:] != place[:-1]) | (taken[1:] != taken[:-1])
    edges = np.r_[np.flatnonzero(is_new), len(order)]
    starts = edges[:-1]
    bounds = np.searchsorted(place[starts], np.arange(keys + 1))
    added = np.diff(edges) if n is None else survival.sums(n[order], edges)
    return Times(_narrow(taken[starts]), _narrow(added), _narrow(survival.sums(ended[order], edges)), bounds)


def shares_with_end(shares: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """Numbers from 0 as their bits, which rise as they do, with one bit more for whether the case ended.

    >>> shares_with_end(np.array([0.0]), np.array([1])).tolist()
    [1]
    """
    return (shares.view(np.uint64) << np.uint64(1)) | ended.astype(np.uint64)


def times_of_cases(places: np.ndarray, cases: np.ndarray, keys: int) -> Times:
    """The times of single cases in the blocks of their keys.

    `cases` holds twice the seconds of each, and one more where it ended; of `shares_with_end` the same in bits.

    >>> found = times_of_cases(np.array([0, 0]), np.array([14, 15]), 1)
    >>> found.seconds.tolist(), found.n.tolist(), found.ended.tolist()
    ([7], [2], [1])
    """
    cases, borders = _by_key(places, cases, keys)
    one = cases.dtype.type(1)
    taken, is_new = cases >> one, np.ones(len(cases), bool)
    is_new[1:] = taken[1:] != taken[:-1]
    is_new[borders[borders < len(cases)]] = True
    starts = np.flatnonzero(is_new)
    seconds, edges = taken[starts], np.r_[starts, len(cases)]
    return Times(
        seconds.view(np.float64) if cases.dtype.kind == "u" else _narrow(seconds), _narrow(np.diff(edges)),
        _narrow(survival.sums((cases & one).astype(np.int8), edges)), np.searchsorted(starts, borders),
    )  # fmt: skip


def _by_key(places: np.ndarray, cases: np.ndarray, keys: int) -> tuple[np.ndarray, np.ndarray]:
    """The cases of each key in rising order, and where each key begins and the last one ends.

    Where key and case fit into one number, that is sorted: several times as fast as finding an order and following it.
    """
    width = int(cases.max()).bit_length() if len(cases) else 0
    if width + keys.bit_length() < 64 and cases.dtype.kind == "i":
        joint = (places << width) | cases
        joint.sort()
        return joint & ((1 << width) - 1), np.searchsorted(joint, np.arange(keys + 1) << width)
    cases = cases[np.argsort(places.astype(np.min_scalar_type(keys)), kind="stable")]
    borders = np.r_[0, np.cumsum(np.bincount(places, minlength=keys))]
    for first, end in pairwise(borders.tolist()):
        cases[first:end].sort()
    return cases, borders


def _narrow(values: np.ndarray) -> np.ndarray:
    """Whole numbers in a small type that holds them all: there are some for every case of a year."""
    if values.dtype.kind not in "iu" or not len(values):
        return values
    return values.astype(np.promote_types(*(np.min_scalar_type(value) for value in (values.min(), values.max()))))


def joined(parts: Sequence[Times]) -> Times:
    """The blocks of several tables one after the other."""
    ends = np.cumsum([0, *(part.bounds[-1] for part in parts)]).tolist()
    bounds = [part.bounds[1:] + end for part, end in zip(parts, ends, strict=False)]
    seconds, n, ended = (
        np.concatenate([np.zeros(0, np.uint8), *(getattr(part, name) for part in parts)])
        for name in ("seconds", "n", "ended")
    )
    return Times(seconds, n, ended, np.concatenate([[0], *bounds]))


def summed(parts: Sequence[Times]) -> Times:
    """Tables of the same keys added up, some keys at a time: sorting all of a year at once would hold it twice.

    >>> one = times_of(np.array([0, 1]), np.array([5, 7]), None, np.array([1, 0]), 2)
    >>> found = summed([one, one])
    >>> found.seconds.tolist(), found.n.tolist(), found.bounds.tolist()
    ([5, 7], [2, 2], [0, 1, 2])
    """
    bounds = np.sum([part.bounds for part in parts], axis=0) if parts else np.zeros(1, np.int64)
    return joined([_added([part.part(*keys) for part in parts]) for keys in blocks(bounds)])


def _added(parts: Sequence[Times]) -> Times:
    sizes = np.array([np.diff(part.bounds) for part in parts])
    keys = sizes.shape[1]
    if ((sizes > 0).sum(axis=0) <= 1).all():  # as where every part is of other periods: nothing to sort
        runs = groupby(range(keys), sizes.argmax(axis=0).tolist().__getitem__)
        return joined([parts[owner].part(places[0], places[-1] + 1) for owner, run in runs for places in [list(run)]])
    return joined(parts).put_together(np.tile(np.arange(keys), len(parts)), keys)


def blocks(bounds: np.ndarray) -> Iterator[tuple[int, int]]:
    """Keys first..last (not included) that stand beside each other and hold about a million entries at most.

    >>> list(blocks(np.array([0, 600_000, 900_000, 1_300_000])))
    [(0, 2), (2, 3)]
    """
    keys, first = len(bounds) - 1, 0
    while first < keys:
        end = int(np.searchsorted(bounds, bounds[first] + ENTRIES_AT_ONCE, side="right")) - 1
        end = min(max(end, first + 1), keys)
        yield first, end
        first = end


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
