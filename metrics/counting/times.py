"""How long cases took, key by key: sorted, equal times added up, tables put together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from metrics.statistics import survival

ENTRIES_AT_ONCE = 250_000  # whole keys: what the reckoning of a few of them needs stays near the processor
CELLS_PER_CASE = 4  # up to so many, one cell for every possible time is faster than sorting
CASES_PER_KEY = 64  # from so many, sorting each key by itself is faster than all keys in one number
PARTS = 2**50  # up to so many, parts of a limit are exact as numbers of either kind


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

    def in_measure(self, measure: int, parts: int = 1) -> Times:
        """The same times told in another measure, each `measure` / `parts` of one in the first."""
        seconds = self.seconds.astype(np.int64) * measure
        return replace(self, seconds=_narrow(seconds) if parts == 1 else seconds / parts)

    def put_together(self, places: np.ndarray, keys: int) -> Times:
        """The cases of several keys as those of one: `places` says for each key where its cases go."""
        return times_of(np.repeat(places, np.diff(self.bounds)), self.seconds, self.n, self.ended, keys)


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
    order = rising[order_of(places[rising], keys)]
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


def shares_in_parts(used: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, int] | None:
    """Shares of a limit as whole parts of one unit, and how many parts make a whole: exact, sorted as fast as times.

    None where the limits are too many and too odd to have a unit in common that is of use.

    >>> parts, whole = shares_in_parts(np.array([3, 1]), np.array([4, 6]))
    >>> parts.tolist(), whole
    ([9, 2], 12)
    """
    if not len(used) or allowed.max() > ENTRIES_AT_ONCE:
        return None
    limits = np.flatnonzero(np.bincount(allowed)).tolist()
    whole = math.lcm(*limits)
    if whole * max(int(used.max()), limits[0]) // limits[0] >= PARTS:
        return None
    return used * (whole // allowed), whole


def times_of_cases(places: np.ndarray, cases: np.ndarray, keys: int) -> Times:
    """The times of single cases in the blocks of their keys.

    `cases` holds twice the seconds of each, and one more where it ended; of `shares_with_end` the same in bits.

    >>> found = times_of_cases(np.array([0, 0]), np.array([14, 15]), 1)
    >>> found.seconds.tolist(), found.n.tolist(), found.ended.tolist()
    ([7], [2], [1])
    """
    width = int(cases.max()).bit_length() if len(cases) else 0
    is_whole = cases.dtype.kind == "i" and width + keys.bit_length() < 64
    if is_whole and len(cases) and (int(np.ptp(places)) + 1) << max(width, 1) <= CELLS_PER_CASE * len(cases):
        taken, n, ended, bounds = _by_counting(places, cases, keys, max(width, 1))
    elif not is_whole or len(cases) >= CASES_PER_KEY * keys:
        taken, n, ended, bounds = _by_sorting_blocks(places, cases, keys, width)
    else:
        taken, n, ended, bounds = _by_sorting(places, cases, keys, width)
    seconds = taken.view(np.float64) if cases.dtype.kind == "u" else _narrow(taken)
    return Times(seconds, _narrow(n), _narrow(ended), bounds)


Blocks = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # times without their end, cases, ended, bounds


def _by_counting(places: np.ndarray, cases: np.ndarray, keys: int, width: int) -> Blocks:
    """One cell for every time there could be: where cases are many and times few, ten times as fast as sorting."""
    first = int(places.min())
    cells = np.bincount(((places - first) << width) | cases, minlength=(int(np.ptp(places)) + 1) << width)
    running, ended = cells[::2], cells[1::2]
    found = np.flatnonzero(running + ended)
    bounds = np.searchsorted(found, (np.arange(keys + 1) - first) << (width - 1))
    n_ended = ended[found]
    return found & ((1 << (width - 1)) - 1), running[found] + n_ended, n_ended, bounds


def _by_sorting(places: np.ndarray, cases: np.ndarray, keys: int, width: int) -> Blocks:
    """Key and case as one number: sorting that is several times as fast as finding an order and following it."""
    joint = (places << width) | cases
    if width + keys.bit_length() <= 32:
        joint = joint.astype(np.uint32)
    joint.sort()
    borders = np.searchsorted(joint, np.arange(keys + 1, dtype=np.int64) << width)
    return _runs(joint & joint.dtype.type((1 << width) - 1), borders)


def _by_sorting_blocks(places: np.ndarray, cases: np.ndarray, keys: int, width: int) -> Blocks:
    """Key by key: fastest where each has many cases, and the only way where key and case do not fit into one number."""
    if (places[1:] < places[:-1]).any():
        cases = cases[order_of(places, keys)]
    elif cases.dtype.kind == "u" or width > 32:
        cases = cases.copy()
    if cases.dtype.kind == "i" and width <= 32:
        cases = cases.astype(np.uint32)
    borders = np.r_[0, np.cumsum(np.bincount(places, minlength=keys))]
    for first, end in pairwise(borders.tolist()):
        cases[first:end].sort()
    return _runs(cases, borders)


def order_of(places: np.ndarray, keys: int) -> np.ndarray:
    """Where the entries of each key stand, key by key: fast where there are fewer than 65,536 keys.

    >>> order_of(np.array([1, 0, 1]), 2).tolist()
    [1, 0, 2]
    """
    return np.argsort(places.astype(np.min_scalar_type(keys)), kind="stable")


def _runs(cases: np.ndarray, borders: np.ndarray) -> Blocks:
    """Equal times of a key put together, of cases that stand in order."""
    one = cases.dtype.type(1)
    taken, is_new = cases >> one, np.ones(len(cases), bool)
    np.not_equal(taken[1:], taken[:-1], out=is_new[1:])
    is_new[borders[borders < len(cases)]] = True
    starts = np.flatnonzero(is_new)
    edges = np.r_[starts, len(cases)]
    ended = survival.sums((cases & one).astype(np.int8), edges)
    return taken[starts], np.diff(edges), ended, np.searchsorted(starts, borders)


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
    """Keys first..last (not included) beside each other that hold a quarter of a million entries at most, or one key.

    >>> list(blocks(np.array([0, 150_000, 225_000, 325_000])))
    [(0, 2), (2, 3)]
    """
    keys, first = len(bounds) - 1, 0
    while first < keys:
        end = int(np.searchsorted(bounds, bounds[first] + ENTRIES_AT_ONCE, side="right")) - 1
        end = min(max(end, first + 1), keys)
        yield first, end
        first = end
