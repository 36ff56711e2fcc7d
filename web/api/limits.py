"""How often a program may ask: a bucket of tokens per caller, kept in the memory of the process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

KEPT = 10_000  # callers remembered; the longest silent one is forgotten first


@dataclass
class Bucket:
    """What a caller has left, and when that was reckoned (seconds of a steady clock)."""

    left: float
    at: float


class RateLimit:
    """Allows `burst` requests at once and `per_minute` in the long run, for each caller by itself.

    >>> limit = RateLimit(60, 2, clock=lambda: 0.0)
    >>> [limit.seconds_to_wait("a") for _ in range(3)]
    [0.0, 0.0, 1.0]
    """

    def __init__(self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.burst, self.clock = per_minute / 60, burst, clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, caller: str) -> float:
        """0.0 when the caller may go on (and the request is counted), else the seconds until the next is allowed."""
        return self._ask(caller, cost=1)

    def seconds_shut(self, caller: str) -> float:
        """The same without counting a request."""
        return self._ask(caller, cost=0)

    def _ask(self, caller: str, *, cost: int) -> float:
        with self._lock:
            now = self.clock()
            bucket = self._buckets.pop(caller, None) or Bucket(float(self.burst), now)
            bucket.left = min(float(self.burst), bucket.left + (now - bucket.at) * self.per_second)
            bucket.at = now
            is_allowed = bucket.left >= 1
            bucket.left -= cost * is_allowed
            self._buckets[caller] = bucket
            if len(self._buckets) > KEPT:
                self._buckets.popitem(last=False)
            return 0.0 if is_allowed else (1 - bucket.left) / self.per_second
