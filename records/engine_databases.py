"""The embedded databases of this process: one for each set of limits, opened once and shared by its questions.

Opening a database costs about fifteen milliseconds, a connection to an open one half of one, and a page asks several
questions. Views and tables of a question are temporary, so no question sees another's; the memory limit holds for
all questions of the process together.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import Any

import duckdb

MOST_DATABASES = 4
_databases: OrderedDict[tuple, duckdb.DuckDBPyConnection] = OrderedDict()
_of_parent: list[duckdb.DuckDBPyConnection] = []
_lock = threading.Lock()


def connect(settings: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A new connection to the database with these settings, which the caller closes.

    The database least asked is let go when there are more than `MOST_DATABASES`; connections to it go on.
    """
    key = tuple(sorted(settings.items()))
    with _lock:
        database = _databases.pop(key, None)
        if database is None:
            database = duckdb.connect(":memory:", config=settings)
        _databases[key] = database
        while len(_databases) > MOST_DATABASES:
            _databases.popitem(last=False)
        return database.cursor()


def forget(settings: dict[str, Any]) -> None:
    """Let a database go that reported a fatal error; the next question opens a new one."""
    with _lock:
        _databases.pop(tuple(sorted(settings.items())), None)


def _leave_to_parent() -> None:
    """After a fork the threads of a database are the parent's: the child opens its own and closes none of them."""
    global _lock
    _lock = threading.Lock()
    _of_parent.extend(_databases.values())
    _databases.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
