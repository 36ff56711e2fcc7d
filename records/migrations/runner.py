"""Runs the migrations in one transaction that keeps other processes out, so that a crash leaves the old state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from records.migrations import MigrationError
from records.session import is_sqlite, write_ahead

LOCK_NUMBER = 7_403_118  # an arbitrary number that only this program locks on PostgreSQL


def make_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; the scripts are those of this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str | None:
    """The newest revision among the scripts."""
    return ScriptDirectory.from_config(make_config()).get_current_head()


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the catalogue up to a revision. Raises MigrationError when it was made by a newer program."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Bring the catalogue down to a revision (`base` empties it)."""
    _run(url, lambda config: command.downgrade(config, revision))


def _run(url: str, act: Callable[[Config], None]) -> None:
    engine = create_engine(url, poolclass=NullPool)
    if is_sqlite(url):
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin_as_only_writer)
    try:
        with engine.begin() as connection:
            if not is_sqlite(url):
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
            act(make_config(connection))
    except CommandError as error:
        raise MigrationError(f"the catalogue was made by another version of this program ({error})") from error
    except DBAPIError as error:
        raise MigrationError(f"the catalogue cannot be migrated: {error.orig}") from error
    finally:
        engine.dispose()


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    write_ahead(connection)


def _begin_as_only_writer(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
