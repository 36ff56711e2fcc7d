"""The counting statements on Apache Spark give the integers of DuckDB and SQLite, to the last digit."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from metrics.clocks import standard
from metrics.counting.facts import Cut, facts_text
from records.current import current_text
from records.engine import Engine
from records.spark import SparkEngine, SparkStatements
from tests.metrics.rows import AS_OF, days_of, facts_of, random_rows, views_of
from tests.metrics.test_engines import TEXTS, digest, files_of, in_sqlite, made_prints

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'wenxiao[spark]'")
if shutil.which("java") is None:
    pytest.skip("there is no Java on the path; Spark needs Java 17", allow_module_level=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, sqlite3.Connection]:
    """The folder with facts and keys of near-equal replies, and both in SQLite."""
    folder = tmp_path_factory.mktemp("spark")
    facts = facts_of([row | {"reply_fingerprint": f"{i % 5}"} for i, row in enumerate(random_rows(21, 300))], folder)
    return folder, in_sqlite(facts, made_prints(facts, folder))


@pytest.fixture(scope="module")
def folder(made: tuple[Path, sqlite3.Connection]) -> Path:
    return made[0]


@pytest.fixture(scope="module")
def spark(folder: Path) -> Iterator[SparkStatements]:
    settings = {"spark.local.dir": str(folder), "spark.sql.shuffle.partitions": "2", "spark.driver.memory": "1g"}
    views = {**files_of(folder), **views_of(folder, days_of())}
    with SparkEngine(None, settings=settings).open(views) as statements:
        yield statements


@pytest.mark.parametrize("name", list(TEXTS))
def test_equal_integers_on_three_engines(
    made: tuple[Path, sqlite3.Connection], spark: SparkStatements, name: str
) -> None:
    folder, sqlite = made
    on_duckdb = Engine(None).run(TEXTS[name], files_of(folder))
    on_spark = spark.run(TEXTS[name])
    assert len(on_duckdb) > 1
    assert digest(on_spark) == digest(on_duckdb) == digest(sqlite.execute(TEXTS[name]).fetchall())


def test_spark_chooses_the_same_newest_observations(folder: Path, spark: SparkStatements) -> None:
    text = current_text(("month", "again_at", "register", "case_no", "batch", "row_no"))
    on_duckdb = Engine(None).run(text, views_of(folder, days_of()))
    assert digest(spark.run(text)) == digest(on_duckdb)


def test_spark_builds_the_same_facts(folder: Path, spark: SparkStatements) -> None:
    text = facts_text(Cut(AS_OF, standard.load()), days_of())
    assert digest(spark.run(text)) == digest(Engine(None).run(text, views_of(folder, days_of())))
