"""Lists while files are coming in: nobody waits for the reader who takes them in, nobody sees what does not count."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from records import listed
from records.access import OPERATOR
from records.derived import READ_SECONDS, YOUNG_SECONDS, forget_unused, write_json
from records.instance import Instance
from records.listed import listed_cases
from records.locking import FolderLock
from records.parts import accepted_parts, withdraw
from records.queries import cases
from records.vocabulary import Kind
from tests.metrics.rows import case_row
from tests.pipeline.test_counting import adopt_rows


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """An instance with one batch of three cases."""
    made = Instance.open(tmp_path / "instance")
    add(made, "a", 3)
    return made


def add(instance: Instance, prefix: str, count: int) -> int:
    first = datetime(2025, 1, 1)
    rows = [case_row(f"{prefix}{i}", first + timedelta(hours=i), row_no=i) for i in range(count)]
    return adopt_rows(instance, rows, Kind.RESPONSES, prefix)


def total(instance: Instance) -> int:
    with instance.session() as session:
        return cases.page(instance, session, viewer=OPERATOR).total


def lock(instance: Instance) -> FolderLock:
    """What another process holds while it makes the files of the list."""
    return FolderLock(instance.facts_folder / "lists.lock")


def test_list_is_answered_from_the_last_files_while_another_reader_makes_the_new_ones(instance: Instance) -> None:
    assert total(instance) == 3
    add(instance, "b", 2)
    with lock(instance):
        assert total(instance) == 3
    assert total(instance) == 5


def test_withdrawn_cases_are_never_listed_from_the_last_files(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = add(instance, "b", 2)
    assert total(instance) == 5
    with instance.session() as session:
        withdraw(session, batch, by="ann", why="wrong file")
    add(instance, "c", 1)
    monkeypatch.setattr(listed, "TURN_SECONDS", 0.0)  # the other reader never ends: this one counts by itself
    with lock(instance):
        assert total(instance) == 4


def test_list_does_not_stay_behind_for_long(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "BEHIND_SECONDS", -1.0)
    monkeypatch.setattr(listed, "TURN_SECONDS", 0.0)
    assert total(instance) == 3
    add(instance, "b", 2)
    with lock(instance):
        assert total(instance) == 5


def test_first_list_of_a_process_waits_for_the_reader_who_makes_the_files(instance: Instance) -> None:
    with lock(instance), pytest.MonkeyPatch.context() as patch:
        patch.setattr(listed, "TURN_SECONDS", 0.0)
        assert total(instance) == 3


def test_page_is_read_once_while_its_months_stay_the_same(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    def page() -> cases.CasePage:
        with instance.session() as session:
            return cases.page(instance, session, viewer=OPERATOR, limit=2)

    first = page()
    with monkeypatch.context() as patch:
        patch.setattr(cases, "Engine", None)  # whoever asks the engine fails
        assert page() is first
    add(instance, "b", 1)
    assert page().total == 4


def test_listed_months_are_those_asked_for(instance: Instance) -> None:
    adopt_rows(instance, [case_row("m", datetime(2025, 3, 1))], Kind.RESPONSES, "march")
    with instance.session() as session:
        parts = accepted_parts(session, Kind.RESPONSES)
    found = listed_cases(instance, parts, lambda month: month.month == 202503)
    assert [month.month for month in found.months] == [202503]
    assert len(found.files.paths) == 1


def test_files_of_a_listing_somebody_may_be_reading_stay(tmp_path: Path) -> None:
    long_ago = time.time() - 2 * YOUNG_SECONDS
    for name, age in (("old", 2 * READ_SECONDS), ("read", READ_SECONDS / 2), ("new", 0)):
        (tmp_path / f"{name}.parquet").touch()
        os.utime(tmp_path / f"{name}.parquet", (long_ago, long_ago))
        write_json(tmp_path / f"list-{name}.json", [name])
        os.utime(tmp_path / f"list-{name}.json", (time.time() - age, time.time() - age))
    forget_unused(tmp_path, keeps=1)
    assert sorted(path.stem for path in tmp_path.glob("*.parquet")) == ["new", "read"]
