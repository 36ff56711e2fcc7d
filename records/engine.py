"""The counting engine: runs one text over Parquet files and small columns on embedded DuckDB, within a memory limit.

With `engine_databases` the only module that knows DuckDB. A statement sees exactly the views it is given; of these
nothing is kept between two runs.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import numpy as np

from records.engine_databases import connect, forget
from records.vocabulary import Column, ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.instance import Instance

DEFAULT_MEMORY = "2GB"
TEMPORARY_LIMIT = "50GB"
ROW_GROUP = 20_480
ROWS_HELD = 131_072  # for each file of a split answer before they are written, so that row groups stay whole

NUMPY_TYPES = {
    ColumnType.TEXT: "object",
    ColumnType.TIME: "datetime64[us]",
    ColumnType.SMALL: "int16",
    ColumnType.INTEGER: "int32",
    ColumnType.BIG: "int64",
    ColumnType.REAL: "float64",
}


class EngineError(Exception):
    """The engine refused a statement or could not read a file."""


class PartUnreadable(EngineError):
    """A stored file is missing or damaged; `wenxiao verify` names it."""


@dataclass(frozen=True)
class PartFiles:
    """Parquet files as one view.

    With `columns` the view has exactly these: a column an older file lacks is null, and no file at all is an empty
    view. With `batches` (one number for each path) the column `batch` holds the number of the file a row came from.
    With `has_rows` the column `file_row` holds the place of the row in its file, from 0; the embedded engine alone
    knows it.
    """

    paths: tuple[Path, ...]
    columns: tuple[Column, ...] = ()
    batches: tuple[int, ...] = ()
    has_rows: bool = False

    def __post_init__(self) -> None:
        if self.batches and len(self.batches) != len(self.paths):
            raise ValueError("there must be one batch number for each path")
        if not self.paths and not self.columns:
            raise ValueError("a view without files needs its columns named")


@dataclass(frozen=True)
class Columns:
    """Small columns held in memory as one view. `types` settles types that the values alone do not tell."""

    values: Mapping[str, Sequence[Any]]
    types: Mapping[str, ColumnType] | None = None


@dataclass(frozen=True)
class Query:
    """The answer of a statement over views of its own, read row by row and never stored. Embedded engine only.

    The views within share the names of the views beside it.
    """

    text: str
    views: Mapping[str, PartFiles | Columns]


View = PartFiles | Columns | Query


class Runner(Protocol):
    """The views of one question, ready for statements, on whatever engine."""

    def run(self, text: str) -> list[tuple[Any, ...]]:
        """All rows a statement answers."""

    def arrays(self, text: str) -> dict[str, np.ndarray]:
        """The answer as one numpy array per column."""


class CountingEngine(Protocol):
    """What counting needs of an engine."""

    def open(self, views: Mapping[str, View]) -> AbstractContextManager[Runner]:
        """Several statements over the same views."""


@dataclass(frozen=True)
class Statements:
    """The views of one question, ready for any number of statements."""

    _connection: duckdb.DuckDBPyConnection

    def run(self, text: str) -> list[tuple[Any, ...]]:
        """All rows a statement answers."""
        return self._connection.execute(text).fetchall()

    def arrays(self, text: str) -> dict[str, np.ndarray]:
        """The answer as one numpy array per column; masked where a column holds nulls."""
        return self._connection.execute(text).fetchnumpy()

    def add(self, name: str, view: View) -> None:
        """One more view for the statements that follow."""
        _add_view(self._connection, name, view)

    def keep(self, name: str, text: str) -> None:
        """Hold the answer of a statement as one more view; it goes to disk where memory ends."""
        self._connection.execute(f'CREATE TEMP TABLE "{name}" AS {text}')

    def write(self, text: str, target: Path) -> int:
        """Write the answer as a Parquet file that appears only when it is complete; the number of rows."""
        return _copy(self._connection, text, target)

    def write_split(self, text: str, column: str, targets: Mapping[int, Path]) -> None:
        """Write the rows of an answer to one file for each value of a whole-number column."""
        _copy_split(self._connection, text, column, targets)

    def pieces(self, text: str, size: int = 5_000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a long answer, `size` at a time, so that they never stand in memory all together."""
        cursor = self._connection.execute(text)
        while rows := cursor.fetchmany(size):
            yield rows


@dataclass(frozen=True)
class Engine:
    """Runs statements for an instance, with the memory its settings allow unless another limit is given.

    Without an instance there is no folder for temporary files, so everything has to fit into memory.

    >>> Engine(None).run("SELECT sum(n) FROM numbers", {"numbers": Columns({"n": [1, 2, 3]})})
    [(6,)]
    """

    instance: Instance | None
    memory_limit: str | None = None
    threads: int | None = None

    def run(self, text: str, views: Mapping[str, View]) -> list[tuple[Any, ...]]:
        """All rows a statement answers. Raises EngineError, or PartUnreadable for a lost or damaged file."""
        with self._connection(views) as connection:
            return connection.execute(text).fetchall()

    def dictionaries(self, text: str, views: Mapping[str, View]) -> list[dict[str, Any]]:
        """The answer as one dictionary per row."""
        with self._connection(views) as connection:
            cursor = connection.execute(text)
            names = [entry[0] for entry in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @contextmanager
    def open(self, views: Mapping[str, View]) -> Iterator[Statements]:
        """Several statements over the same views, without preparing the views for each."""
        with self._connection(views) as connection:
            yield Statements(connection)

    def write(self, text: str, views: Mapping[str, View], target: Path, *, row_group: int = ROW_GROUP) -> int:
        """Write the answer as a Parquet file (zstd) and return the number of rows.

        The file appears under its name only when it is complete and on disk.
        """
        with self._connection(views) as connection:
            return _copy(connection, text, target, row_group)

    def write_split(self, text: str, views: Mapping[str, View], column: str, targets: Mapping[int, Path]) -> None:
        """Write the rows of an answer to one file for each value of a whole-number column.

        Without an ORDER BY each file holds its rows about in the order in which they were read.
        """
        with self._connection(views) as connection:
            _copy_split(connection, text, column, targets)

    @contextmanager
    def _connection(self, views: Mapping[str, View]) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = connect(self._configuration())
        try:
            for name, view in views.items():
                _add_view(connection, name, view)
            yield connection
        except duckdb.IOException as error:
            raise PartUnreadable(f"a stored file cannot be read, run `wenxiao verify`: {error}") from error
        except duckdb.OutOfMemoryException as error:
            raise EngineError(f"the count needs more than {self._memory()}; raise engine_memory: {error}") from error
        except (duckdb.FatalException, duckdb.InternalException) as error:
            forget(self._configuration())
            raise EngineError(f"the counting engine stopped and is opened anew: {error}") from error
        except duckdb.Error as error:
            raise EngineError(f"the counting engine refused a statement: {error}") from error
        finally:
            connection.close()

    def _memory(self) -> str:
        return self.memory_limit or (self.instance.settings.engine_memory if self.instance else DEFAULT_MEMORY)

    def _configuration(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "memory_limit": self._memory(),
            "autoinstall_known_extensions": False,
            "enable_external_file_cache": False,  # files of parts would fill the memory up to the limit
            "parquet_metadata_cache": True,
        }
        if self.instance:
            settings["temp_directory"] = str(self.instance.scratch_folder)
            settings["max_temp_directory_size"] = TEMPORARY_LIMIT
        else:
            settings["max_temp_directory_size"] = "0B"
        if self.threads:
            settings["threads"] = self.threads
        return settings


def _copy(connection: duckdb.DuckDBPyConnection, text: str, target: Path, row_group: int = ROW_GROUP) -> int:
    """Write an answer as a Parquet file that has its name only when it is complete; the number of rows."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        options = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {row_group})"
        rows = connection.execute(f"COPY ({text}) TO {quoted(str(temporary))} {options}").fetchone()
        publish_file(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return int(rows[0]) if rows else 0


def _copy_split(connection: duckdb.DuckDBPyConnection, text: str, column: str, targets: Mapping[int, Path]) -> None:
    """One pass over the answer; a value without rows gets an empty file, so that every target is there afterwards."""
    if len(targets) == 1:
        _copy(connection, text, next(iter(targets.values())))
        return
    if not targets:
        return
    folder = next(iter(targets.values())).parent / f".split-{os.getpid()}-{threading.get_ident()}.tmp"
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
    options += f", PARTITION_BY ({column}), WRITE_PARTITION_COLUMNS"
    try:
        connection.execute(f"SET partitioned_write_flush_threshold = {ROWS_HELD}")
        connection.execute(f"COPY ({text}) TO {quoted(str(folder))} ({options})")
        for value, target in targets.items():
            found = list((folder / f"{column}={int(value)}").glob("*.parquet"))
            if len(found) == 1:
                publish_file(found[0], target)
            else:  # no rows, or several files
                _copy(connection, f"SELECT * FROM ({text}) AS answer WHERE {column} = {int(value)}", target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def quoted(text: str) -> str:
    """A text as an SQL literal.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def publish_file(temporary: Path, target: Path) -> None:
    """Bring a finished file to disk and then to its name, so that a crash leaves all of it or nothing."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(temporary, target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk, where the system can."""
    if os.name == "nt":  # Windows cannot open a folder; it writes the entry with the file
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _add_view(connection: duckdb.DuckDBPyConnection, name: str, view: View) -> None:
    if isinstance(view, PartFiles):
        connection.execute(f'CREATE TEMP VIEW "{name}" AS {_files_text(view)}')
    elif isinstance(view, Query):
        for inner, inner_view in view.views.items():
            _add_view(connection, inner, inner_view)
        connection.execute(f'CREATE TEMP VIEW "{name}" AS {view.text}')
    else:
        _add_columns(connection, name, view)


def _files_text(view: PartFiles) -> str:
    empty = ", ".join(f'CAST(NULL AS {column.type.value}) AS "{column.name}"' for column in view.columns)
    if not view.paths:
        return f"SELECT {empty} WHERE false"
    paths = ", ".join(quoted(str(path)) for path in view.paths)
    rows = ", file_row_number AS file_row" if view.has_rows else ""
    files = f"read_parquet([{paths}], union_by_name = true{', file_row_number = true' if rows else ''})"
    if view.batches:
        numbers = ", ".join(str(int(number)) for number in view.batches)
        batch = f"([{numbers}]::BIGINT[])[CAST(file_index AS BIGINT) + 1] AS batch"
        files = f"SELECT * EXCLUDE (batch), {batch}{rows} FROM {files}"
    else:
        files = f"SELECT *{rows} FROM {files}"
    if not view.columns:
        return files
    names = ", ".join(f'"{column.name}"' for column in view.columns)
    return f"SELECT {names} FROM (SELECT {empty} WHERE false UNION ALL BY NAME {files})"


def _add_columns(connection: duckdb.DuckDBPyConnection, name: str, view: Columns) -> None:
    types = view.types or {}
    arrays = {key: as_array(values, types.get(key)) for key, values in view.values.items()}
    connection.register(f"{name} given", arrays)
    casts = ", ".join(
        f'CAST("{key}" AS {types[key].value}) AS "{key}"' if key in types else f'"{key}"' for key in arrays
    )
    connection.execute(f'CREATE TEMP TABLE "{name}" AS SELECT {casts} FROM "{name} given"')
    connection.unregister(f"{name} given")


def as_array(values: Sequence[Any], kind: ColumnType | None = None) -> np.ndarray:
    """Values as an array; nulls make it masked, so that they arrive as nulls and never as 0."""
    missing = np.fromiter((value is None for value in values), bool, len(values))
    wanted = NUMPY_TYPES[kind] if kind else ("object" if any(isinstance(v, str) for v in values) else None)
    if wanted == "object":
        return np.array(values, dtype=object)
    if not missing.any():
        return np.asarray(values, dtype=wanted)
    known = next((value for value in values if value is not None), 0)
    filled = np.asarray([known if value is None else value for value in values], dtype=wanted)
    return np.ma.masked_array(filled, mask=missing)
