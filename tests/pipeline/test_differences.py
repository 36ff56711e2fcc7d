"""Changed records field by field: what is shown, what is only said to have changed, and where the list ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import importing
from pipeline.importing.differences import KEPT, FieldChange, changed_records, differences
from pipeline.importing.staged import staging_folder
from records.instance import Instance
from records.vocabulary import Kind
from tests.pipeline.test_comparing import row, staged, store
from tests.pipeline.test_importing import LATER, line, orders, take_in


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"state": "open"}, {"state": "closed"}, FieldChange("state", "open", "closed")),
        ({}, {"closed_at": datetime(2024, 3, 5, 10)}, FieldChange("closed_at", None, "2024-03-05 10:00:00")),
        (
            {"due_at": datetime(2024, 3, 5), "due_at_is_date": 1},
            {"due_at": datetime(2024, 3, 5), "due_at_is_date": 0},
            FieldChange("due_at", "2024-03-05", "2024-03-05 00:00:00"),
        ),
        ({"n_returns": 0}, {"n_returns": 2}, FieldChange("n_returns", 0, 2)),
        ({"n_returns": 0}, {}, FieldChange("n_returns", 0, None)),
        ({"content": "旧"}, {"content": "新"}, FieldChange("content", None, None, is_hidden=True)),
        ({"person_token": "a"}, {"person_token": "b"}, FieldChange("person_token", None, None, is_hidden=True)),
    ],
)
def test_differences_of_one_field(
    instance: Instance, before: dict[str, Any], after: dict[str, Any], expected: FieldChange
) -> None:
    store(instance, [row(1, "old", **before)])
    (found,) = changed_records(instance, staged(instance, [row(1, "new", **after)]), Kind.RESPONSES)
    assert (found.number, found.fields) == ("c001", (expected,))


def test_differences_are_against_the_newest_observation(instance: Instance) -> None:
    store(instance, [row(1, "b", exported="2024-05-01", state="replied")])
    store(instance, [row(1, "a", exported="2024-04-01", state="open")])
    (found,) = changed_records(instance, staged(instance, [row(1, "c", state="closed")]), Kind.RESPONSES)
    assert found.fields == (FieldChange("state", "replied", "closed"),)


def test_differences_leave_out_unchanged_and_new_and_end_at_the_limit(instance: Instance) -> None:
    store(instance, [row(i, "a", state="open") for i in range(1, 9)])
    rows = [row(i, "a" if i < 4 else "b", state="open" if i < 4 else "closed") for i in range(1, 12)]
    found = changed_records(instance, staged(instance, rows), Kind.RESPONSES, limit=3)
    assert [record.number for record in found] == ["c004", "c005", "c006"]


def test_differences_keep_registers_apart(instance: Instance) -> None:
    store(instance, [row(1, "a", state="open"), row(1, "x", register="board", state="new")])
    later = [row(1, "b", register="board", state="closed")]
    (found,) = changed_records(instance, staged(instance, later), Kind.RESPONSES)
    assert (found.register, found.fields) == ("board", (FieldChange("state", "new", "closed"),))


def test_differences_of_a_checked_batch(instance: Instance, tmp_path: Path) -> None:
    take_in(instance, orders(tmp_path, "a.csv", *(line(i) for i in range(1, 11)), line(11, "")))
    path = orders(tmp_path, "b.csv", *(line(i) for i in range(2, 12)))
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=LATER, by="wang")
    found = differences(instance, answer.batch or 0, Kind.RESPONSES)
    assert found.vanished == ("热线-000001",)
    assert [(change.number, [field.field for field in change.fields]) for change in found.changed] == [
        ("热线-000011", ["state", "closed_at"])
    ]


def test_what_the_check_found_is_told_again_until_another_batch_is_in(instance: Instance, tmp_path: Path) -> None:
    """The confirm page compares nothing again; a batch that comes in between makes it compare."""
    take_in(instance, orders(tmp_path, "a.csv", line(1), line(2, "")))
    path = orders(tmp_path, "b.csv", line(1), line(2))
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=LATER, by="wang")
    kept = staging_folder(instance, answer.batch or 0) / KEPT
    document = json.loads(kept.read_text("utf-8"))
    document["changed"][0]["number"] = "as kept"
    kept.write_text(json.dumps(document), "utf-8")
    assert differences(instance, answer.batch or 0, Kind.RESPONSES).changed[0].number == "as kept"
    take_in(instance, orders(tmp_path, "c.csv", line(2), line(3)), LATER)
    assert differences(instance, answer.batch or 0, Kind.RESPONSES).changed == ()


@pytest.mark.parametrize(("name", "code"), [("2024-03.csv", "records_vanished"), ("b.csv", "records_beyond")])
def test_a_record_gone_alone_on_the_last_day_is_told(instance: Instance, tmp_path: Path, name: str, code: str) -> None:
    """A file named after the month says that it holds the month; of another one the last day may be its end."""
    lines = [line(day, "").replace("2024-03-05", f"2024-03-{day:02d}") for day in range(1, 32)]
    take_in(instance, orders(tmp_path, "a.csv", *lines))
    path = orders(tmp_path, name, *lines[:-1])
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=LATER, by="wang")
    assert [problem.code for problem in answer.problems if problem.code.startswith("records_")] == [code]
    assert (answer.vanished, answer.beyond) == ((1, 0) if code == "records_vanished" else (0, 1))
    for _ in ("kept by the check", "compared again"):
        found = differences(instance, answer.batch or 0, Kind.RESPONSES)
        assert {"records_vanished": found.vanished, "records_beyond": found.beyond}[code] == ("热线-000031",)
        (staging_folder(instance, answer.batch or 0) / KEPT).unlink()
