"""The switch `WENXIAO_TEST_DATABASE=postgresql`: every instance a test opens has its catalogue on PostgreSQL.

Tests that take the fixture `database` choose for themselves either way. A copied folder starts with a copy of its
first one's database, which a small file in it names; a folder with a catalogue file is a copy of the demonstration
city, which is restored once from a backup.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from records.instance import Instance
from tests.postgresql import database_url, drop_database, make_database

SWITCH = "WENXIAO_TEST_DATABASE"
URL = "WENXIAO_DATABASE_URL"
DEMO = "demo-template"
MARK = ".database-of-the-test"


def is_asked() -> bool:
    """Shall the whole run use PostgreSQL?"""
    return os.environ.get(SWITCH) == "postgresql"


@dataclass
class Databases:
    """A database for each folder opened on a server; `restore_demo` fills one with the demonstration city.

    Tests of pages close few of the instances they open, and a server has so many connections only: `give_back` ends
    those of a finished test and drops the databases of the folders below its own.
    """

    server_url: str
    restore_demo: Callable[[str], None]
    names: dict[Path, str] = field(default_factory=dict)
    opened: list[Instance] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def url_of(self, folder: Path) -> str:
        """The URL of a folder's database, made at the first question."""
        if folder not in self.names:
            name = uuid.uuid4().hex
            make_database(self.server_url, name, template=self._template_of(folder))
            self.names[folder] = name
            if not (folder / "catalogue.db").exists() and not folder.is_file():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                (folder / MARK).write_text(name, "utf-8")
        return database_url(self.server_url, self.names[folder])

    def give_back(self, below: Path | None) -> None:
        """End all connections; drop what belongs to folders below the given one."""
        for instance in self.opened:
            instance.engine.dispose()
        for folder in [folder for folder in self.names if below and below in folder.parents]:
            drop_database(self.server_url, self.names.pop(folder))
            self.opened = [instance for instance in self.opened if instance.folder != folder]

    def opener(self) -> Callable[..., Instance]:
        """What stands for `Instance.open`."""
        original = Instance.open.__func__  # type: ignore[attr-defined]

        def open_on_server(cls: type[Instance], folder: Path | None = None) -> Any:
            if URL in os.environ or (folder is None and "WENXIAO_INSTANCE" not in os.environ):
                return original(cls, folder)
            with self.lock, pytest.MonkeyPatch.context() as patch:
                place = Path(folder or os.environ["WENXIAO_INSTANCE"]).absolute()
                patch.setenv(URL, self.url_of(place))
                self.opened.append(original(cls, place))
                return self.opened[-1]

        return open_on_server

    def _template_of(self, folder: Path) -> str:
        if (folder / MARK).exists():
            return (folder / MARK).read_text("utf-8")
        if not (folder / "catalogue.db").exists():
            return "migrated"
        if Path(DEMO) not in self.names:
            self.names[Path(DEMO)] = DEMO
            self.restore_demo(make_database(self.server_url, DEMO, template="migrated"))
        return DEMO
