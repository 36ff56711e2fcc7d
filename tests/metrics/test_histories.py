"""What vanished and what was changed afterwards, on small hand-made exports."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from metrics.counting.histories import KINDS, rewritten_text, vanished_text
from records.vocabulary import CASE_COLUMNS

FIRST, END = "2024-01-01", "2025-01-01"


def _connection(rows: list[dict]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"create table cases ({', '.join(f'{c.name} {c.type.value}' for c in CASE_COLUMNS)})")
    for row in rows:
        names = list(row)
        places = ", ".join("?" for _ in names)
        connection.execute(f"insert into cases ({', '.join(names)}) values ({places})", list(row.values()))
    return connection


def _row(number: int, batch: int, **changes: object) -> dict:
    """Case `number`, received on that day of March, as batch 1 (1 April), 2 (1 May) … saw it."""
    return {
        "register": "hotline", "case_no": f"c{number:02d}", "unit": "u1", "received_at": datetime(2024, 3, number, 9),
        "state": "open", "category": "road", "case_type": "complaint", "batch": batch,
        "exported_at": datetime(2024, 3 + batch, 1), **changes,
    }  # fmt: skip


def _vanished(rows: list[dict]) -> list[tuple]:
    return [(r[2], r[3], r[4], r[5]) for r in _connection(rows).execute(vanished_text(FIRST, END)).fetchall()]


def test_vanished_record_missing_from_a_complete_export() -> None:
    first = [_row(n, 1) for n in range(1, 11)]
    second = [_row(n, 2) for n in range(1, 11) if n != 5]
    assert _vanished(first + second) == [("c05", 1, 2, 1)]


@pytest.mark.parametrize(
    "second",
    [
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],  # nothing is missing
        [1, 10],  # an export of changes only is not complete
        [1, 2, 3, 4],  # the span of the export ends before the others
    ],
)
def test_vanished_nothing(second: list[int]) -> None:
    assert _vanished([_row(n, 1) for n in range(1, 11)] + [_row(n, 2) for n in second]) == []


def test_vanished_record_that_came_back_is_not_listed() -> None:
    exports = [[1, 2, 3, 4, 5, 6], [1, 2, 3, 5, 6], [1, 2, 3, 4, 5, 6]]
    assert _vanished([_row(n, b) for b, numbers in enumerate(exports, 1) for n in numbers]) == []


def test_vanished_other_units_exports_say_nothing() -> None:
    first = [_row(n, 1) for n in range(1, 11)]
    second = [_row(n, 2, unit="u2", case_no=f"d{n}") for n in range(1, 11)]
    assert _vanished(first + second) == []


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ({}, {}, []),
        ({}, {"received_at": datetime(2024, 3, 3, 12)}, ["start_changed"]),
        ({"due_at": datetime(2024, 3, 9)}, {"due_at": datetime(2024, 3, 20)}, ["limit_changed"]),
        ({}, {"due_at": datetime(2024, 3, 20)}, []),
        ({}, {"category": "noise"}, ["category_changed"]),
        ({}, {"case_type": "inquiry"}, ["category_changed"]),
        ({"state": "closed", "closed_at": datetime(2024, 3, 9)}, {"state": "open"}, ["moved_backwards"]),
        (
            {"state": "closed", "closed_at": datetime(2024, 3, 9)},
            {"state": "open", "reopened_at": datetime(2024, 4, 9)},
            [],
        ),
        ({}, {"state": "closed", "closed_at": datetime(2024, 3, 9)}, ["closed_before_seen_open"]),
        ({}, {"state": "closed", "closed_at": datetime(2024, 4, 9)}, []),
    ],
)
def test_rewritten(before: dict, after: dict, kinds: list[str]) -> None:
    rows = _connection([_row(2, 1, **before), _row(2, 2, **after)]).execute(rewritten_text(FIRST, END)).fetchall()
    assert [KINDS[row[3]] for row in rows] == kinds
