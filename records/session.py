"""The connection to the catalogue: SQLite in the instance folder, or the server that WENXIAO_DATABASE_URL names."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

BUSY_MILLISECONDS = 15_000
KEPT_OPEN = 32  # connections to the file, one for each thread that answers pages: opening one costs several statements


def normal_url(url: str) -> str:
    """The URL with the driver this project ships: plain `postgresql://` becomes `postgresql+psycopg://`.

    >>> normal_url("postgresql://office@db/wenxiao")
    'postgresql+psycopg://office@db/wenxiao'
    >>> normal_url("sqlite:///x.db")
    'sqlite:///x.db'
    """
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def is_sqlite(url: str) -> bool:
    """Is the catalogue the embedded one?"""
    return make_url(url).get_backend_name() == "sqlite"


def make_engine(url: str) -> Engine:
    """An engine for the catalogue.

    SQLite runs in WAL mode with foreign keys on. A transaction there begins with its first writing statement, so a
    session that only reads never holds a lock, and one that writes waits for its turn instead of failing.
    """
    if not is_sqlite(url):
        return create_engine(url, pool_pre_ping=True, connect_args={"options": "-c timezone=UTC"})
    engine = create_engine(url, pool_size=KEPT_OPEN, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    write_ahead(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # what is accepted survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def write_ahead(cursor: Any) -> None:
    """Switch a SQLite connection to WAL mode and let it wait for others.

    SQLite does not wait when two connections switch a new file at the same moment: it answers "locked" at once,
    whatever the busy timeout says. So the switch is asked for again until the timeout has passed.
    """
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    last_try = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > last_try:
                raise
        time.sleep(0.02)
