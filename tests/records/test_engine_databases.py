"""Databases are shared, what a question makes is not."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from records import engine_databases
from records.engine import Engine, EngineError
from records.engine_views import Columns

ONE = {"t": Columns({"n": [1]})}


def test_questions_share_a_database_and_see_nothing_of_each_other() -> None:
    with Engine(None).open(ONE) as first, Engine(None).open({}) as second:
        first.run("CREATE TEMP TABLE kept AS SELECT 7 AS n")
        for name in ("kept", "t"):
            with pytest.raises(duckdb.CatalogException):
                second.run(f"SELECT * FROM {name}")
    with pytest.raises(EngineError, match="kept"):
        Engine(None).run("SELECT * FROM kept", {})


def test_many_at_once_each_with_a_view_of_the_same_name() -> None:
    def ask(number: int) -> int:
        return Engine(None).run("SELECT sum(n) FROM t", {"t": Columns({"n": [number, number]})})[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(50))) == [2 * number for number in range(50)]


def test_an_open_question_survives_that_its_database_is_let_go() -> None:
    with Engine(None).open(ONE) as statements:
        for threads in range(1, engine_databases.MOST_DATABASES + 3):
            Engine(None, threads=threads).run("SELECT 1", {})
        assert statements.run("SELECT n FROM t") == [(1,)]
    assert len(engine_databases._databases) <= engine_databases.MOST_DATABASES


def test_after_a_fatal_error_the_next_question_has_a_new_database() -> None:
    settings = Engine(None)._configuration()
    before = engine_databases.connect(settings)
    with pytest.raises(EngineError, match="opened anew"), Engine(None).open({}):
        raise duckdb.FatalException("invented")
    Engine(None).run("SELECT 1", {})
    with engine_databases.connect(settings) as after:
        before.execute("CREATE TABLE only_in_the_old AS SELECT 1")
        with pytest.raises(duckdb.CatalogException):
            after.execute("FROM only_in_the_old")
    before.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system starts no process by fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_asks_a_database_of_its_own() -> None:
    assert Engine(None).run("SELECT sum(n) FROM t", ONE) == [(1,)]
    child = os.fork()
    if child == 0:
        answer = Engine(None).run("SELECT sum(n) FROM t", ONE)
        os._exit(0 if answer == [(1,)] else 1)
    assert os.waitpid(child, 0)[1] == 0
