"""How long cases took, for all keys of a table at once: of those that ended, and with open cases as still waiting.

Everything is in the measure of the times: seconds, or shares of the limit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from sqlalchemy.util import memoized_property

from metrics.counting.times import Times, blocks
from metrics.statistics import survival
from metrics.statistics.interval import Z95
from metrics.statistics.survival import Curves, sums

QUANTILES = {"median": 0.5, "p90": 0.9}
OF_ENDED = (*QUANTILES, "mean")
OF_ALL = (*(f"{kind}_km" for kind in QUANTILES), "rmst")
KINDS = (*OF_ENDED, *OF_ALL)
Bounds = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Waiting:
    """The times of one clock, and what is known of each key: the numbers of some kinds, each with its bounds.

    Of `KINDS`, median, p90 and mean are of the cases that ended; open ones are outside, which is why the others exist:
    quantiles and restricted mean with open cases counted as still waiting. nan stands where no case ended, infinity
    where the curve is not reached.
    """

    times: Times
    tau: float
    kinds: Collection[str] = KINDS

    @memoized_property
    def cases(self) -> np.ndarray:
        """Cases of each key, open ones too."""
        return self._sums("n")

    @memoized_property
    def ended(self) -> np.ndarray:
        """Cases of each key that ended."""
        return self._sums("ended")

    def _sums(self, name: str) -> np.ndarray:
        parts = [self.times.part(*keys) for keys in blocks(self.times.bounds)]
        return np.concatenate([np.zeros(0, np.int64), *(sums(getattr(part, name), part.bounds) for part in parts)])

    @memoized_property
    def numbers(self) -> dict[str, Bounds]:
        """The numbers of every kind: a value with its lower and upper bound for each key."""
        found: dict[str, list[Bounds]] = {kind: [] for kind in self.kinds}
        for keys in blocks(self.times.bounds):
            for kind, bounds in self._of(self.times.part(*keys)).items():
                found[kind].append(bounds)
        return {kind: _one(parts) for kind, parts in found.items()}

    def _of(self, part: Times) -> dict[str, Bounds]:
        """The numbers of some keys."""
        asked = [kind for kind in QUANTILES if kind in self.kinds]
        found = dict(zip(asked, percentiles(part, *(QUANTILES[kind] for kind in asked)), strict=True)) if asked else {}
        if "mean" in self.kinds:
            found["mean"] = means(part)
        if any(kind in OF_ALL for kind in self.kinds):
            curves = survival.curves(part.seconds, part.n, part.ended, part.bounds)
            found |= {f"{k}_km": survival.quantiles(curves, q) for k, q in QUANTILES.items() if f"{k}_km" in self.kinds}
            if "rmst" in self.kinds:
                found["rmst"] = self._restricted(curves)
        return found

    def _restricted(self, curves: Curves) -> Bounds:
        mean, error = survival.restricted_means(curves, self.tau)
        return mean, mean - Z95 * error, mean + Z95 * error


def _one(parts: list[Bounds]) -> Bounds:
    value, low, high = (np.concatenate([part[i] for part in parts] or [np.zeros(0)]) for i in range(3))
    return value, low, high


def percentiles(times: Times, *shares: float) -> list[Bounds]:
    """Of each key the smallest time that a share of its ended cases did not pass, and its interval by ranks.

    The value has the rank ceil(share × n), so that it is a time that somebody waited.

    >>> one = Times(np.array([10, 20, 30, 40]), np.ones(4, int), np.ones(4, int), np.array([0, 4]))
    >>> [bound.tolist() for bound in percentiles(one, 0.5)[0]]
    [[20.0], [10.0], [40.0]]
    """
    until = np.r_[0, np.cumsum(times.ended, dtype=np.int64)]
    before, n = until[times.bounds[:-1]], np.diff(until[times.bounds])
    found = []
    for q in shares:
        # A tiny slack keeps 0.9 × 10 from becoming 10 by binary rounding.
        ranks = (np.maximum(np.ceil(q * n - 1e-9), 1).astype(np.int64), *survival.order_interval(n, q))
        value, low, high = (_of_rank(times.seconds, until, before + rank, n > 0) for rank in ranks)
        found.append((value, low, high))
    return found


def _of_rank(seconds: np.ndarray, until: np.ndarray, ranks: np.ndarray, is_known: np.ndarray) -> np.ndarray:
    """The time of the case of each rank, nan where it is not known; `until` counts the cases before each time."""
    taken = np.full(len(ranks), np.nan)
    taken[is_known] = seconds[np.searchsorted(until[1:], ranks[is_known])]
    return taken


def means(times: Times) -> Bounds:
    """The mean of each key's ended cases with its normal interval."""
    n = sums(times.ended, times.bounds)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums(times.seconds * times.ended.astype(np.int64), times.bounds) / n
        away = times.seconds - np.repeat(mean, np.diff(times.bounds))
        spread = sums(times.ended * away**2, times.bounds) / np.maximum(n - 1, 1)
        half = Z95 * np.sqrt(spread / n)
    return mean, mean - half, mean + half
