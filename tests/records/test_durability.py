"""What survives a power cut: files are on disk before they have their names, and commits wait for it."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from records import session
from records.engine import Engine
from records.engine_views import Columns


def test_the_catalogue_waits_for_the_disk_at_each_commit(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "catalogue.db")
    session._prepare_sqlite.__wrapped__(connection, None)  # as it is in production; other tests do not wait
    settings = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")]
    connection.close()
    assert settings == [2, "wal"]  # 2: FULL


def test_a_file_is_on_disk_before_it_has_its_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    replace = os.replace

    def note(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(os, "replace", lambda *names: (steps.append("named"), replace(*names)))
    target = tmp_path / "answer.parquet"
    assert Engine(None).write("SELECT n FROM numbers", {"numbers": Columns({"n": [1, 2]})}, target) == 2
    assert steps == ["file", "named", "folder"]
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
