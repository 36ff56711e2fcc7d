"""The counting engine: views of files and columns, nulls, limits, errors that say what to do."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from records.engine import Engine, EngineError, PartUnreadable
from records.engine_views import Columns, PartFiles, quoted
from records.instance import Instance
from records.vocabulary import Column, ColumnType

NUMBERS = {"numbers": Columns({"n": [1, 2, 3], "name": ["a", None, "c"]})}


def test_run_columns_keeps_nulls() -> None:
    assert Engine(None).run("SELECT n, name FROM numbers ORDER BY n", NUMBERS) == [(1, "a"), (2, None), (3, "c")]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (ColumnType.TEXT, ["问", None]),
        (ColumnType.TIME, [None, datetime(2024, 2, 29, 23, 59, 59)]),
        (ColumnType.SMALL, [None, 5]),
        (ColumnType.INTEGER, [7, None]),
        (ColumnType.BIG, [None, 2**40]),
        (ColumnType.REAL, [0.25, None]),
        (ColumnType.INTEGER, [None, None]),
        (ColumnType.TEXT, [None, None]),
        (ColumnType.TIME, []),
    ],
)
def test_run_typed_columns_come_back_equal(kind: ColumnType, values: list) -> None:
    views = {"t": Columns({"i": list(range(len(values))), "v": values}, {"v": kind, "i": ColumnType.BIG})}
    assert [row[0] for row in Engine(None).run("SELECT v FROM t ORDER BY i", views)] == values
    assert Engine(None).run("DESCRIBE SELECT v FROM t", views)[0][1] == kind.value


def test_arrays_mask_nulls() -> None:
    with Engine(None).open(NUMBERS) as statements:
        answer = statements.arrays("SELECT nullif(n, 2) AS n FROM numbers ORDER BY numbers.n")
    assert np.ma.getmaskarray(answer["n"]).tolist() == [False, True, False]


def test_dictionaries_name_the_columns() -> None:
    assert Engine(None).dictionaries("SELECT max(n) AS top FROM numbers", NUMBERS) == [{"top": 3}]


def test_write_then_read_replaces_the_batch_number(tmp_path: Path) -> None:
    engine = Engine(None)
    paths = []
    for number in (1, 2):
        target = tmp_path / f"{number}.parquet"
        assert engine.write(f"SELECT n + {number * 10} AS n, 0::BIGINT AS batch FROM numbers", NUMBERS, target) == 3
        paths.append(target)
    view = PartFiles(tuple(paths), batches=(7, 9))
    assert engine.run("SELECT batch, min(n), count(*) FROM p GROUP BY batch ORDER BY batch", {"p": view}) == [
        (7, 11, 3),
        (9, 21, 3),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.parquet", "2.parquet"]


def test_files_of_an_older_layout_read_null_for_new_columns(tmp_path: Path) -> None:
    Engine(None).write("SELECT n FROM numbers", NUMBERS, tmp_path / "old.parquet")
    columns = (Column("n", ColumnType.BIG), Column("added_later", ColumnType.TEXT))
    rows = Engine(None).run("SELECT * FROM p ORDER BY n", {"p": PartFiles((tmp_path / "old.parquet",), columns)})
    assert rows == [(1, None), (2, None), (3, None)]


def test_no_files_are_an_empty_view_with_its_columns() -> None:
    view = PartFiles((), (Column("n", ColumnType.BIG),))
    assert Engine(None).run("SELECT count(*), sum(n) FROM p", {"p": view}) == [(0, None)]


@pytest.mark.parametrize("broken", ["missing", "damaged"])
def test_run_on_a_lost_or_damaged_file_says_verify(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "part.parquet"
    if broken == "damaged":
        path.write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(EngineError, match="verify" if broken == "missing" else "stored file|refused"):
        Engine(None).run("SELECT count(*) FROM p", {"p": PartFiles((path,))})
    assert issubclass(PartUnreadable, EngineError)


def test_write_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        Engine(None).write("SELECT nonsense FROM numbers", NUMBERS, tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


def test_engine_of_an_instance_uses_its_limits(instance: Instance) -> None:
    wanted = "SELECT current_setting('temp_directory'), current_setting('memory_limit')"
    folder, memory = Engine(instance, memory_limit="512MiB").run(wanted, {})[0]
    assert Path(folder) == instance.scratch_folder
    assert memory == "512.0 MiB"


@pytest.mark.parametrize("name", ["plain", "it's", "';--"])
def test_quoted_path_is_one_literal(name: str) -> None:
    assert Engine(None).run(f"SELECT {quoted(name)}", {}) == [(name,)]


def test_part_files_refuse_a_wrong_number_of_batches(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one batch number"):
        PartFiles((tmp_path,), batches=(1, 2))
