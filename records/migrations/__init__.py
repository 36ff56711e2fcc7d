"""The history of the catalogue's tables. Migrations run by themselves when an instance is opened.

Opening compares the stored revision with HEAD; Alembic is only imported when there is something to do.
"""

from __future__ import annotations

from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

HEAD = "0014"
"""The newest revision. A test keeps it equal to the newest file under `versions`."""


class MigrationError(Exception):
    """The catalogue cannot be brought to the revision of this program."""


def stored_revision(engine: Engine) -> str | None:
    """The revision the catalogue is at, None for an empty database."""
    try:
        with engine.connect() as connection:
            return connection.scalar(text("SELECT version_num FROM alembic_version"))
    except DatabaseError as error:
        reason = str(error.orig)
        if "no such table" in reason or "does not exist" in reason:
            return None
        raise MigrationError(f"the catalogue cannot be opened: {reason}") from error


def ensure_current(engine: Engine, url: str) -> None:
    """Bring the catalogue to HEAD when it is not there yet."""
    if stored_revision(engine) != HEAD:
        from records.migrations.runner import upgrade

        upgrade(url)
