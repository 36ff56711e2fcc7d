"""Sign-in names nobody has: they are locked like accounts, so that a lock does not tell which names there are."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

KEPT = 10_000  # names remembered; those that were tried longest ago are forgotten first
TABLE = "CREATE TABLE IF NOT EXISTS strangers (name TEXT PRIMARY KEY, failed INTEGER, until REAL, at REAL)"
READ = "SELECT failed, until FROM strangers WHERE name = ?"
PUT = "INSERT OR REPLACE INTO strangers VALUES (?, ?, ?, ?)"
FORGET = "DELETE FROM strangers WHERE name IN (SELECT name FROM strangers ORDER BY at DESC LIMIT -1 OFFSET ?)"
log = logging.getLogger("wenxiao.sign_in")


class Strangers:
    """Counts wrong attempts on unknown names in a file that the web processes of an instance share.

    Names are kept as hashes. Where the file cannot be written nothing is locked, which the log tells.
    """

    def __init__(self, file: Path, *, attempts: int, minutes: float, clock: Callable[[], float] = time.time) -> None:
        self.file, self.attempts, self.seconds, self.clock = file, attempts, minutes * 60, clock

    def is_shut(self, name: str) -> bool:
        """Is this name locked now?"""
        return self._ask(name, lambda failed, until, now: (failed, until, until > now))

    def note(self, name: str) -> bool:
        """Count a wrong attempt; True when this one locked the name."""

        def count(failed: int, _until: float, now: float) -> tuple[int, float, bool]:
            is_locked = failed + 1 >= self.attempts
            return (0, now + self.seconds, True) if is_locked else (failed + 1, 0.0, False)

        return self._ask(name, count)

    def _ask(self, name: str, step: Callable[[int, float, float], tuple[int, float, bool]]) -> bool:
        key, now = sha256(name.encode("utf-8", "replace")).hexdigest(), self.clock()
        try:
            with closing(sqlite3.connect(self.file, timeout=2.0, isolation_level=None)) as base:
                base.execute("PRAGMA synchronous = OFF")  # a count lost in a power cut harms nobody
                base.execute(TABLE)
                base.execute("BEGIN IMMEDIATE")
                with base:
                    known = base.execute(READ, (key,)).fetchone() or (0, 0.0)
                    failed, until, answer = step(known[0], known[1], now)
                    if failed or until:
                        base.execute(PUT, (key, failed, until, now))
                        base.execute(FORGET, (KEPT,))
                return answer
        except sqlite3.Error as error:
            log.warning("attempts on unknown names are not counted: %s: %s", self.file.name, error)
            return False
