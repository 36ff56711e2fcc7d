"""An instance: one folder with keys, settings, catalogue and parts. Everything starts by opening it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from records.clock import now
from records.keys import Keys, read_or_make_keys
from records.migrations import MigrationError, ensure_current
from records.session import is_sqlite, make_engine, normal_url
from records.settings import Settings, read_or_make_settings

SUBFOLDERS = ("parts", "staging", "facts", "reports", "scratch")


class InstanceError(Exception):
    """The folder cannot be used as an instance."""


@dataclass(frozen=True)
class Instance:
    """An open instance. Cheap to open, safe to share between threads; close it with `close()` in tests."""

    folder: Path
    database_url: str = field(repr=False)  # may hold a password
    keys: Keys = field(repr=False)
    settings: Settings
    engine: Engine = field(repr=False)

    @classmethod
    def open(cls, folder: Path | None = None) -> Instance:
        """Open the folder (default `$WENXIAO_INSTANCE`, else `./instance`); create and migrate it when needed.

        Raises InstanceError when the folder cannot be made, KeyFileError, SettingsError, or MigrationError when the
        catalogue is newer than this program.
        """
        folder = Path(folder or os.environ.get("WENXIAO_INSTANCE") or "instance").absolute()
        _make_folders(folder)
        url = normal_url(os.environ.get("WENXIAO_DATABASE_URL") or f"sqlite:///{folder / 'catalogue.db'}")
        keys, settings = read_or_make_keys(folder), read_or_make_settings(folder)
        engine = make_engine(url)
        try:
            ensure_current(engine, url)
        except MigrationError:
            engine.dispose()
            raise
        _protect_catalogue(folder)
        return cls(folder, url, keys, settings, engine)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back and raises when the block raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    def today(self) -> date:
        """The day it is in the zone of the office, whatever zone the machine keeps."""
        return now().astimezone(self.zone).date()

    @property
    def is_embedded(self) -> bool:
        """Is the catalogue the SQLite file of this folder?"""
        return is_sqlite(self.database_url)

    @property
    def jobs_url(self) -> str:
        """Where the job store lives: a file of its own beside SQLite, the same server otherwise."""
        return f"sqlite:///{self.folder / 'jobs.db'}" if self.is_embedded else self.database_url

    @property
    def parts_folder(self) -> Path:
        return self.folder / "parts"

    @property
    def staging_folder(self) -> Path:
        return self.folder / "staging"

    @property
    def facts_folder(self) -> Path:
        return self.folder / "facts"

    @property
    def reports_folder(self) -> Path:
        return self.folder / "reports"

    @property
    def scratch_folder(self) -> Path:
        """Temporary files of the counting engine."""
        return self.folder / "scratch"


def _make_folders(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in SUBFOLDERS:
            (folder / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise InstanceError(f"the instance folder {folder} cannot be made or written: {error.strerror}") from error


def _protect_catalogue(folder: Path) -> None:
    for path in folder.glob("catalogue.db*"):
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
