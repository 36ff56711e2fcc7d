"""One text, several engines: the counting statements give the same integers on DuckDB and on SQLite."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Any

import pytest

from metrics import counts
from metrics.counts import Cells
from records.columns import FACT_COLUMNS
from records.engine import Columns, Engine, PartFiles
from records.vocabulary import PRINT_COLUMNS
from tests.metrics.rows import facts_of, random_rows

CELLS = Cells(0, 100_000, split="category")
TEXTS = {
    "counts": counts.counts_text(CELLS),
    "all": counts.counts_text(Cells(0, 100_000, scope="all")),
    "histogram": counts.histogram_text(CELLS, "close", True),
    "minutes": counts.histogram_text(CELLS, "reply", False, resolution=60),
    "use": counts.use_text(CELLS, "close"),
    "closings": counts.closings_text(CELLS),
    "backlog": counts.backlog_text(Cells(0, 20_100)),
    "fingerprints": counts.fingerprints_text(CELLS),
    "near": counts.near_prints_text(CELLS),
}


def digest(rows: list[tuple[Any, ...]]) -> str:
    return hashlib.sha256(repr(sorted(map(str, rows))).encode()).hexdigest()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, PartFiles], sqlite3.Connection]:
    folder = tmp_path_factory.mktemp("engines")
    rows = [row | {"reply_fingerprint": f"{i % 5}"} for i, row in enumerate(random_rows(21, 300))]
    facts = facts_of(rows, folder)
    names = [column.name for column in FACT_COLUMNS]
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE facts ({', '.join(names)})")
    places = ", ".join("?" * len(names))
    connection.executemany(f"INSERT INTO facts VALUES ({places})", [[f[name] for name in names] for f in facts])
    prints = [(f["register"], f["case_no"], f["batch"], *(i // (band + 2) for band in range(10)))
              for i, f in enumerate(facts)]  # fmt: skip
    types = {column.name: column.type for column in PRINT_COLUMNS}
    columns = Columns({name: [row[i] for row in prints] for i, name in enumerate(types)}, types)
    connection.execute(f"CREATE TABLE prints ({', '.join(types)})")
    connection.executemany(f"INSERT INTO prints VALUES ({', '.join('?' * len(types))})", prints)
    return {"facts": PartFiles((folder / "facts.parquet",)), "prints": columns}, connection


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
