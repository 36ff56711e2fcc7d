"""The doctor: each trouble is planted, named, and nothing else is named with it."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError

import pytest
from sqlalchemy import text

from pipeline.house import calendar_years
from pipeline.house.doctor import examine
from pipeline.numbers.counting import calendar_of
from records.access import OPERATOR
from records.instance import Instance
from tests.pipeline.kept_house import kept_house, run

__all__ = ["kept_house"]  # the fixture `instance`


def test_doctor_on_a_good_instance_has_nothing_bad(instance: Instance) -> None:
    assert [finding.name for finding in examine(instance) if finding.state == "bad"] == []


def test_a_year_begins_when_it_does_for_the_office(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half past four in the afternoon of the last day of a year in UTC is the next year in Shanghai already."""
    last = max(calendar_of(instance).years or ())
    monkeypatch.setattr("records.instance.now", lambda: datetime(last, 12, 31, 16, 30, tzinfo=UTC))
    (told,) = [finding for finding in examine(instance) if finding.name == "calendars"]
    assert told.state == "warn"
    assert f"no calendar for {last + 1}" in told.en


def test_doctor_names_what_is_wrong(instance: Instance) -> None:
    (instance.folder / "keys.json").chmod(0o644)
    instance.folder.chmod(0o755)
    (instance.parts_folder / "responses" / "stray.parquet").write_bytes(b"")
    states = {finding.name: finding.state for finding in examine(instance)}
    assert {name: states[name] for name in ("key_file", "folder", "orphans", "database", "soundness")} == {
        "key_file": "bad", "folder": "warn", "orphans": "warn", "database": "ok", "soundness": "ok",
    }  # fmt: skip


def no_fonts(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = instance.folder / "no fonts"
    empty.mkdir()
    monkeypatch.setattr("reports.fonts.folders", lambda: [str(empty)])


def no_font_package(_: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylopdf_fonts_zh_cn", None)
    monkeypatch.delitem(sys.modules, "reports.fonts", raising=False)


def no_year(_: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.instance.now", lambda: datetime(2041, 1, 5, tzinfo=UTC))


def full_disk(_: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, (1 << 40) - 5, 5))


def no_package(_: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("pipeline.house.doctor.version", version)


def old_catalogue(instance: Instance, _: pytest.MonkeyPatch) -> None:
    with instance.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def damaged_jobs(instance: Instance, _: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(instance.folder / "jobs.db")) as base:
        base.executescript("CREATE TABLE x (a TEXT UNIQUE); INSERT INTO x VALUES ('a'), ('b');")
        base.executescript("PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = 2 WHERE type = 'index';")


@pytest.mark.parametrize(
    ("trouble", "name", "state"),
    [(no_fonts, "fonts", "bad"), (no_font_package, "fonts", "bad"), (no_year, "calendars", "warn"),
     (full_disk, "disk", "bad"), (no_package, "packages", "bad"), (old_catalogue, "database", "bad"),
     (damaged_jobs, "jobs", "bad")],
)  # fmt: skip
def test_doctor_names_each_trouble_and_nothing_else(
    instance: Instance, monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Instance, pytest.MonkeyPatch], None], name: str, state: str,
) -> None:  # fmt: skip
    if trouble is damaged_jobs and not instance.is_embedded:
        pytest.skip("the job store is a file beside SQLite alone")
    trouble(instance, monkeypatch)
    told = [finding for finding in examine(instance) if finding.state != "ok"]
    assert [(finding.name, finding.state) for finding in told] == [(name, state)]


def test_year_added_in_the_browser_satisfies_the_doctor(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    no_year(instance, monkeypatch)
    added = calendar_years.read("2041.csv", "日期,安排\n2041-01-01,放假\n".encode())
    calendar_years.keep(instance, OPERATOR, added, source="2041.csv")
    assert [finding.name for finding in examine(instance) if finding.state != "ok"] == []


@pytest.mark.parametrize("content", [None, "{"])
def test_without_its_key_file_every_command_says_what_to_do(instance: Instance, content: str | None) -> None:
    keys = instance.folder / "keys.json"
    keys.unlink()
    if content is not None:
        keys.write_text(content)
    assert "restore it from a backup" in run(instance, "doctor", code=1)


def test_doctor_says_that_the_database_does_not_answer(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENXIAO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert "the catalogue cannot be opened" in run(instance, "doctor", code=1)
