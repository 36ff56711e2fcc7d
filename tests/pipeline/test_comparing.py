"""New, changed, unchanged and vanished: a checked file against the newest observation of each record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
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


JANUARY = (date(2024, 1, 1), date(2024, 2, 1))
WEEKS = [tuple(range(first, min(first + 7, 32))) for first in range(1, 32, 7)]


def month_of(days: Iterable[int], exported: str, month: int = 1) -> list[dict[str, Any]]:
    """One record of each day, numbered by it."""
    at = datetime.fromisoformat(exported)
    received = ((day, datetime(2024, month, day, 9).isoformat(sep=" ")) for day in days)
    return [case(f"{month:02d}{day:02d}", received=text, exported_at=at, row_hash="a") for day, text in received]


@pytest.mark.parametrize(("kept", "gone"), [(range(1, 31), "0131"), (range(2, 32), "0101")])
def test_vanished_alone_on_the_first_or_last_day(instance: Instance, kept: range, gone: str) -> None:
    store(instance, month_of(range(1, 32), "2024-02-01"))
    later = staged(instance, month_of(kept, "2024-03-01"))
    as_named = compare(instance, later, Kind.RESPONSES, period=JANUARY)
    assert (as_named.vanished, as_named.beyond) == ((gone,), ())
    unnamed = compare(instance, later, Kind.RESPONSES)
    assert (unnamed.vanished, unnamed.beyond) == ((), (gone,))


@pytest.mark.parametrize(
    ("stored", "kept", "exported"),
    [
        ([range(1, 32)], range(1, 16), "2024-03-01"),  # half a month was exported
        ([range(1, 32)], range(1, 29), "2024-01-31 20:00"),  # the month was not over
        (WEEKS, [1, 2, 3, 4, 5, 6, 7], "2024-03-01"),  # the first week of what came in by weeks
        ([range(1, 16), range(16, 32)], range(1, 16), "2024-03-01"),
    ],
)
def test_an_export_that_ends_within_the_month_misses_nothing_after_it(
    instance: Instance, stored: list[Iterable[int]], kept: Iterable[int], exported: str
) -> None:
    for days in stored:
        store(instance, month_of(days, "2024-01-31"))
    found = compare(instance, staged(instance, month_of(kept, exported)), Kind.RESPONSES)
    assert (found.vanished, found.beyond) == ((), ())


def test_a_month_cut_off_near_its_end_is_told_as_perhaps_unless_the_file_is_named_after_it(instance: Instance) -> None:
    store(instance, month_of(range(1, 32), "2024-02-01"))
    later = staged(instance, month_of(range(1, 29), "2024-03-01"))
    unnamed, named = (compare(instance, later, Kind.RESPONSES, period=period) for period in (None, JANUARY))
    last_days = ("0129", "0130", "0131")
    assert (unnamed.vanished, unnamed.beyond) == ((), last_days)
    assert (named.vanished, named.beyond) == (last_days, ())


def test_half_a_month_named_as_a_whole_one_misses_nothing(instance: Instance) -> None:
    store(instance, month_of(range(1, 32), "2024-02-01"))
    later = staged(instance, month_of(range(1, 16), "2024-03-01"))
    found = compare(instance, later, Kind.RESPONSES, period=JANUARY)
    assert (found.vanished, found.beyond) == ((), ())


def test_an_export_of_other_months_is_no_measure(instance: Instance) -> None:
    store(instance, month_of(range(1, 32), "2024-03-01") + month_of(range(1, 30), "2024-03-01", month=2))
    found = compare(instance, staged(instance, month_of(range(1, 31), "2024-04-01")), Kind.RESPONSES)
    assert (found.vanished, found.beyond) == ((), ())


def test_a_period_that_the_rows_leave_is_none(instance: Instance) -> None:
    """The name of a file may hold the month in which it was made."""
    store(instance, month_of(range(1, 32), "2024-02-01") + month_of([1], "2024-02-01", month=2))
    later = staged(instance, month_of(range(1, 32), "2024-03-01"))
    found = compare(instance, later, Kind.RESPONSES, period=(date(2024, 2, 1), date(2024, 3, 1)))
    assert (found.vanished, found.beyond) == ((), ())


def test_a_year_named_by_the_file_takes_nothing_from_what_is_missed_within_its_days(instance: Instance) -> None:
    store(instance, month_of(range(1, 32), "2024-04-01") + month_of(range(1, 30), "2024-04-01", month=2))
    kept = [day for day in range(1, 32) if day != 9]
    later = staged(instance, month_of(kept, "2024-05-01"))
    found = compare(instance, later, Kind.RESPONSES, period=(date(2024, 1, 1), date(2025, 1, 1)))
    assert (found.vanished, found.beyond) == (("0109",), ())


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
