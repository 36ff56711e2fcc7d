"""New, changed, unchanged and vanished: a checked file against the newest observation of each record."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.importing.comparing import COMPLETE_SHARE, compare
from records.instance import Instance
from records.parts import adopt
from records.vocabulary import Kind
from tests.records.conftest import add_batch, case, write_part


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def store(instance: Instance, rows: list[dict[str, Any]]) -> int:
    number = add_batch(instance)
    staged = write_part(instance.staging_folder / f"{number}.parquet", rows)
    with instance.session() as session:
        adopt(instance, session, staged, Kind.RESPONSES, number, by="ann")
    return number


def row(number: int, digest: str = "a", exported: str = "2024-04-01", day: int = 1, **more: Any) -> dict[str, Any]:
    received = (datetime(2024, 3, 1) + timedelta(days=day - 1)).isoformat(sep=" ")
    return case(f"c{number:03d}", received=received, row_hash=digest, exported_at=datetime.fromisoformat(exported),
                **more)  # fmt: skip


def staged(instance: Instance, rows: list[dict[str, Any]]) -> Path:
    return write_part(instance.staging_folder / "waiting.parquet", rows)


def test_compare_with_an_empty_store_all_are_new(instance: Instance) -> None:
    found = compare(instance, staged(instance, [row(1), row(2)]), Kind.RESPONSES)
    assert (found.new, found.changed, found.unchanged, found.vanished) == (2, 0, 0, ())


def test_compare_counts_against_the_newest_observation(instance: Instance) -> None:
    store(instance, [row(1, "old"), row(2, "old"), row(3, "old")])
    store(instance, [row(1, "new", exported="2024-05-01")])
    found = compare(instance, staged(instance, [row(1, "new"), row(2, "other"), row(3, "old"), row(4)]), Kind.RESPONSES)
    assert (found.new, found.changed, found.unchanged) == (1, 1, 2)


def test_compare_same_number_in_another_register_is_new(instance: Instance) -> None:
    store(instance, [row(1)])
    found = compare(instance, staged(instance, [row(1, register="board")]), Kind.RESPONSES)
    assert (found.new, found.unchanged) == (1, 0)


def test_vanished_records_of_a_complete_export(instance: Instance) -> None:
    store(instance, [row(i, day=i % 3 + 1) for i in range(30)])
    later = [row(i, exported="2024-05-01", day=i % 3 + 1) for i in range(30) if i not in (7, 21)]
    assert compare(instance, staged(instance, later), Kind.RESPONSES).vanished == ("c007", "c021")


def test_vanished_first_and_last_of_the_first_and_last_day_are_missed(instance: Instance) -> None:
    def at(number: int, exported: str) -> dict[str, Any]:
        received = datetime(2024, 3, 1 + number // 10, 8 + number % 10).isoformat(sep=" ")
        return case(f"c{number:03d}", received=received, exported_at=datetime.fromisoformat(exported), row_hash="a")

    store(instance, [at(number, "2024-04-01") for number in range(30)])
    later = [at(number, "2024-05-01") for number in range(1, 29)]
    assert compare(instance, staged(instance, later), Kind.RESPONSES).vanished == ("c000", "c029")


def test_vanished_needs_a_complete_export_not_one_of_what_moved_on(instance: Instance) -> None:
    store(instance, [row(i, day=i % 3 + 1) for i in range(30)])
    moved = [row(i, "b", exported="2024-05-01", day=i % 3 + 1) for i in range(5)]
    assert compare(instance, staged(instance, moved), Kind.RESPONSES).vanished == ()


def test_vanished_looks_at_the_units_and_days_of_the_file_only(instance: Instance) -> None:
    store(instance, [row(i, unit="u1") for i in range(10)] + [row(i, unit="u2") for i in range(10, 20)])
    store(instance, [row(i, day=20) for i in range(20, 30)])
    later = [row(i, exported="2024-05-01", unit="u1") for i in range(9)]
    assert compare(instance, staged(instance, later), Kind.RESPONSES).vanished == ("c009",)


def test_vanished_never_from_an_export_older_than_what_is_known(instance: Instance) -> None:
    store(instance, [row(i, exported="2024-06-01") for i in range(10)])
    earlier = [row(i, exported="2024-05-01") for i in range(9)]
    assert compare(instance, staged(instance, earlier), Kind.RESPONSES).vanished == ()


@settings(max_examples=15, deadline=None)
@given(kept=st.sets(st.integers(0, 19), min_size=1), changed=st.sets(st.integers(0, 19)))
def test_compare_as_a_naive_count_would(kept: set[int], changed: set[int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        instance = Instance.open(Path(folder) / "instance")
        store(instance, [row(i) for i in range(20)])
        later = [row(i, "b" if i in changed else "a", exported="2024-05-01") for i in sorted(kept)]
        found = compare(instance, staged(instance, later), Kind.RESPONSES)
        instance.close()
    assert (found.changed, found.unchanged) == (len(kept & changed), len(kept - changed))
    expected = 20 - len(kept) if len(kept) >= COMPLETE_SHARE * 20 else 0
    assert len(found.vanished) == expected
