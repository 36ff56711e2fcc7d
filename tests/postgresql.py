"""A PostgreSQL server of the tests' own: started from the machine's binaries in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg.errors import ObjectInUse
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from records.session import normal_url

ROOM_BYTES = 3 << 30
COPY_TRIES = 12  # the server waits five seconds in each for the sessions of a database that is copied
ACCOUNT = "postgres"  # the server refuses to run as root


def binaries() -> Path:
    """The folder with initdb and pg_ctl; skips the test where there is none (fails where CI=true)."""
    candidates = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if found := shutil.which("initdb"):
        candidates.append(Path(found).parent)
    for folder in candidates:
        if (folder / "initdb").exists():
            return folder
    if os.environ.get("CI") == "true":
        pytest.fail("CI must have a PostgreSQL server: install the package postgresql")
    pytest.skip("no PostgreSQL server on this machine")


def _in_memory() -> str | None:
    """Where the machine keeps files in memory, if it has room: a database is a thousand small files."""
    place = Path("/dev/shm")  # mkdtemp makes a private folder in it
    has_room = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > ROOM_BYTES
    return str(place) if has_room else None


@contextmanager
def server() -> Iterator[str]:
    """A running server; yields the URL of an empty database reached through a socket."""
    folder = Path(tempfile.mkdtemp(prefix="wxpg", dir=_in_memory()))
    account = ACCOUNT if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT)
    data = folder / "data"
    try:
        _run(folder, "initdb", "-D", str(data), "-A", "trust", "-U", account, "--encoding=UTF8", "--no-locale")
        _control(folder, "start")
        yield f"postgresql://{account}@/postgres?host={folder}"
    finally:
        if (data / "postmaster.pid").exists():
            _control(folder, "stop")
        shutil.rmtree(folder, ignore_errors=True)


def restart(url: str) -> None:
    """Restart the server of a URL at once, as after a crash: every connection is cut."""
    folder = Path(url.partition("host=")[2])
    _control(folder, "stop")
    _control(folder, "start")


def _control(folder: Path, what: str) -> None:
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
    how = ["-m", "immediate"] if what == "stop" else ["-l", str(folder / "log"), "-o", options]
    _run(folder, "pg_ctl", "-D", str(folder / "data"), "-w", *how, what)


def _run(folder: Path, name: str, *arguments: str) -> None:
    given = [str(binaries() / name), *arguments]
    user: dict[str, Any] = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(given, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **user)


def make_database(url: str, name: str, *, template: str | None = None) -> str:
    """The URL of a new database on the server, a copy of another where `template` names one."""
    engine = create_engine(normal_url(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    copied = f' TEMPLATE "{template}"' if template else ""
    for tries_left in reversed(range(COPY_TRIES)):
        try:
            with engine.connect() as connection:
                connection.execute(text(f'CREATE DATABASE "{name}"{copied}'))
            break
        except OperationalError as error:  # a session that was closed may need a while to be gone on a busy machine
            if not isinstance(error.orig, ObjectInUse) or not tries_left:
                raise
    return database_url(url, name)


def database_url(url: str, name: str) -> str:
    """The URL of a database, given that of the server.

    >>> database_url("postgresql://me@/postgres?host=sockets", "city")
    'postgresql://me@/city?host=sockets'
    """
    return url.replace("/postgres?", f"/{name}?")


def drop_database(url: str, name: str) -> None:
    """Drop a database of the server, whoever still is connected to it."""
    engine = create_engine(normal_url(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
