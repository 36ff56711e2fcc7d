"""How often somebody may ask or try a password: a bucket for each, in one file for all web processes of an instance."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from flask import Flask, current_app, request

from pipeline.house import people

EXTENSION = "wenxiao_limits"
KEPT = 10_000  # callers remembered; the longest silent ones are forgotten first
WAIT = 2.0  # seconds for another process to let the file go; it holds it for some microseconds
TABLE = "CREATE TABLE IF NOT EXISTS buckets (caller TEXT PRIMARY KEY, remaining REAL, at REAL) WITHOUT ROWID"
PUT = "INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)"
FORGET = (
    "DELETE FROM buckets WHERE caller IN (SELECT caller FROM buckets ORDER BY at LIMIT"
    " max(0, (SELECT count(*) FROM buckets) - ?))"
)
log = logging.getLogger(__name__)


class RateLimit:
    """Allows `burst` requests at once and `per_minute` in the long run, for each caller by itself.

    The count lies in `file`, which the processes share; without one, or while it cannot be written (a full disk, a file
    system without locks: told in the log), in the memory of this process. Callers are kept as hashes. A clock set back
    gives nothing and takes nothing.

    >>> limit = RateLimit(60, 2, clock=lambda: 0.0)
    >>> [limit.seconds_to_wait("a") for _ in range(3)]
    [0.0, 0.0, 1.0]
    """

    def __init__(
        self, per_minute: float, burst: int, clock: Callable[[], float] = time.time, file: Path | None = None
    ) -> None:
        self.per_second, self.burst, self.clock, self.file = per_minute / 60, burst, clock, file
        self._lock = threading.Lock()
        self._process = 0
        self._asked = 0

    def seconds_to_wait(self, caller: str) -> float:
        """0.0 when the caller may go on (and the request is counted), else the seconds until the next is allowed."""
        return self._ask(caller, cost=1)

    def seconds_shut(self, caller: str) -> float:
        """The same without counting a request."""
        return self._ask(caller, cost=0)

    def _ask(self, caller: str, *, cost: int) -> float:
        with self._lock:
            try:
                return self._count(self._open(), caller, cost)
            except sqlite3.Error as error:
                if self.file is None:
                    raise
                log.warning("requests are counted by this process alone: %s: %s", self.file.name, error)
                self.file, self._process = None, 0
                return self._count(self._open(), caller, cost)

    def _open(self) -> sqlite3.Connection:
        """The connection of this process: a fork must not use the one of its parent."""
        if self._process != os.getpid():
            self._base = sqlite3.connect(
                self.file or ":memory:", timeout=WAIT, isolation_level=None, check_same_thread=False
            )
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = OFF")  # a count lost in a power cut harms nobody
            self._base.execute(TABLE)
            self._process = os.getpid()
        return self._base

    def _count(self, base: sqlite3.Connection, caller: str, cost: int) -> float:
        key, now = sha256(caller.encode()).hexdigest(), self.clock()
        base.execute("BEGIN IMMEDIATE")
        with base:  # commits, or rolls back when something raises
            found = base.execute("SELECT remaining, at FROM buckets WHERE caller = ?", (key,)).fetchone()
            remaining, at = found or (float(self.burst), now)
            remaining = min(float(self.burst), remaining + max(0.0, now - at) * self.per_second)
            is_allowed = remaining >= 1
            remaining -= cost * is_allowed
            base.execute(PUT, (key, remaining, now))
            if self._asked % 1000 == 0:
                base.execute(FORGET, (KEPT,))
            self._asked += 1
        return 0.0 if is_allowed else (1 - remaining) / self.per_second


def limit_callers(app: Flask) -> None:
    """Set the limits up, counted for all web processes of the instance in its file `limits.db`; `API_PER_MINUTE` and
    `API_BURST` in the configuration change them."""
    file = app.extensions["wenxiao"].folder / people.LIMITS
    app.config.setdefault("API_PER_MINUTE", 600)
    app.config.setdefault("API_BURST", 120)
    app.extensions[EXTENSION] = {
        "right": RateLimit(app.config["API_PER_MINUTE"], app.config["API_BURST"], file=file),
        "wrong": RateLimit(20, 20, file=file),
        "sign_in": RateLimit(20, 100, file=file),
    }


def limit_of(name: str) -> RateLimit:
    """A limit of this application: `right` and `wrong` for tokens of programs, `sign_in` for wrong passwords."""
    return current_app.extensions[EXTENSION][name]


def seconds_of_wrong_sign_ins(*, is_wrong: bool) -> float:
    """How long this address has to wait before it may try a password again; 0.0 when it may. A wrong one is counted.

    The limit is wide: a whole office may stand behind one address. It is there for one password tried on many names.
    """
    limit, address = limit_of("sign_in"), f"sign-in {request.remote_addr}"
    return limit.seconds_to_wait(address) if is_wrong else limit.seconds_shut(address)
