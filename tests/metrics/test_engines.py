"""One text, several engines: the counting statements give the same integers on DuckDB and on SQLite."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from metrics.counting import backlog, counts, months, replies_alike
from metrics.counting.counts import Cells
from records.columns import FACT_COLUMNS
from records.engine import Engine
from records.engine_views import Columns, PartFiles, View
from records.vocabulary import PRINT_COLUMNS, ColumnType
from tests.metrics.rows import facts_of, random_rows

CELLS = Cells(0, 100_000, split="category")
TEXTS = {
    "counts": counts.counts_text(CELLS),
    "all": counts.counts_text(Cells(0, 100_000, scope="all")),
    "times": counts.times_text(CELLS, [("close", True), ("reply", False)], ["close"]),
    "months": counts.counts_text(Cells(0, 100_000, has_periods=True)),
    "times of some units": counts.times_text(Cells(0, 100_000, has_periods=True, places=(0, 2)), [("close", True)]),
    "closings": counts.closings_text(CELLS),
    "backlog": backlog.backlog_text("kept", "category", (19_800, 20_100)),
    "fingerprints": replies_alike.fingerprints_text(CELLS),
    "near": replies_alike.near_prints_text(CELLS),
}
SMALL = {"unit_places": {"unit": ["u0", "u1", "u2"], "place": [0, 1, 2]},
         "period_days": {"day": list(range(19_000, 21_000)), "period": [d % 3 for d in range(2000)]}}  # fmt: skip
SMALL_TYPES = {
    name: ColumnType.TEXT if name == "unit" else ColumnType.BIG for name in ("unit", "place", "day", "period")
}
OTHERS = {"months": months.months_text(), "overlap": months.overlap_text(0, 100_000)}


def digest(rows: list[tuple[Any, ...]]) -> str:
    return hashlib.sha256(repr(sorted(map(str, rows))).encode()).hexdigest()


def made_prints(facts: list[dict[str, Any]], folder: Path) -> list[tuple[Any, ...]]:
    """Keys of near-equal replies for each case, written to `prints.parquet`; cases close in the list share some."""
    prints = [(f["register"], f["case_no"], f["batch"], *(i // (band + 2) for band in range(10)))
              for i, f in enumerate(facts)]  # fmt: skip
    types = {column.name: column.type for column in PRINT_COLUMNS}
    columns = Columns({name: [row[i] for row in prints] for i, name in enumerate(types)}, types)
    Engine(None).write("SELECT * FROM prints", {"prints": columns}, folder / "prints.parquet")
    return prints


def in_sqlite(facts: list[dict[str, Any]], prints: list[tuple[Any, ...]]) -> sqlite3.Connection:
    """The same facts and keys as tables of SQLite."""
    connection = sqlite3.connect(":memory:")
    names = [column.name for column in FACT_COLUMNS]
    small = {name: (list(columns), list(zip(*columns.values(), strict=True))) for name, columns in SMALL.items()}
    tables = small | {"facts": (names, [[fact[name] for name in names] for fact in facts]),
                      "prints": ([column.name for column in PRINT_COLUMNS], prints)}  # fmt: skip
    for table, (columns, rows) in tables.items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
    return connection


def files_of(folder: Path) -> dict[str, View]:
    """The views that the statements read."""
    files = {name: PartFiles((folder / f"{name}.parquet",)) for name in ("facts", "prints")}
    return files | {name: Columns(columns, SMALL_TYPES) for name, columns in SMALL.items()}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, View], sqlite3.Connection]:
    folder = tmp_path_factory.mktemp("engines")
    rows = [row | {"reply_fingerprint": f"{i % 5}"} for i, row in enumerate(random_rows(21, 300))]
    facts = facts_of(rows, folder)
    connection = in_sqlite(facts, made_prints(facts, folder))
    return files_of(folder), connection


@pytest.mark.parametrize("name", list(TEXTS))
def test_equal_integers_on_both_engines(both: tuple, name: str) -> None:
    views, connection = both
    on_duckdb = Engine(None).run(TEXTS[name], views)
    on_sqlite = connection.execute(TEXTS[name]).fetchall()
    assert len(on_duckdb) > 1
    assert digest(on_duckdb) == digest(on_sqlite)


@pytest.mark.parametrize("name", list(TEXTS))
def test_answers_hold_integers_only(both: tuple, name: str) -> None:
    values = [value for row in Engine(None).run(TEXTS[name], both[0]) for value in row]
    assert all(value is None or isinstance(value, int | str) for value in values)


@pytest.mark.parametrize("name", list(TEXTS))
def test_texts_divide_nothing_and_bind_nothing(name: str) -> None:
    assert " / " not in TEXTS[name]
    assert "%(" not in TEXTS[name]
    assert " :" not in TEXTS[name]


@pytest.mark.parametrize("name", [*TEXTS, *OTHERS])
def test_no_name_needs_quotes(name: str) -> None:
    """A word of SQL as a name is quoted by SQLAlchemy, and Spark takes such quotes for a text."""
    assert '"' not in (TEXTS | OTHERS)[name]
