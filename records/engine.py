"""The counting engine: runs one text over Parquet files and small columns on embedded DuckDB, within a memory limit.

With `engine_databases`, `engine_views` and `engine_files` the only module that knows DuckDB. A statement sees exactly
the views it is given; of these nothing is kept between two runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import numpy as np

from records.engine_databases import connect, forget
from records.engine_files import ROW_GROUP, write_answer, write_answer_split
from records.engine_views import View, add_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.instance import Instance

DEFAULT_MEMORY = "2GB"
TEMPORARY_LIMIT = "50GB"


class EngineError(Exception):
    """The engine refused a statement or could not read a file."""


class PartUnreadable(EngineError):
    """A stored file is missing or damaged; `wenxiao verify` names it."""


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
        add_view(self._connection, name, view)

    def keep(self, name: str, text: str) -> None:
        """Hold the answer of a statement as one more view; it goes to disk where memory ends."""
        self._connection.execute(f'CREATE TEMP TABLE "{name}" AS {text}')

    def write(self, text: str, target: Path) -> int:
        """Write the answer as a Parquet file that appears only when it is complete; the number of rows."""
        return write_answer(self._connection, text, target)

    def write_split(self, text: str, column: str, targets: Mapping[int, Path]) -> None:
        """Write the rows of an answer to one file for each value of a whole-number column."""
        write_answer_split(self._connection, text, column, targets)

    def pieces(self, text: str, size: int = 5_000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a long answer, `size` at a time, so that they never stand in memory all together."""
        cursor = self._connection.execute(text)
        while rows := cursor.fetchmany(size):
            yield rows


@dataclass(frozen=True)
class Engine:
    """Runs statements for an instance, with the memory its settings allow unless another limit is given.

    Without an instance there is no folder for temporary files, so everything has to fit into memory.

    >>> from records.engine_views import Columns
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
            return write_answer(connection, text, target, row_group)

    def write_split(self, text: str, views: Mapping[str, View], column: str, targets: Mapping[int, Path]) -> None:
        """Write the rows of an answer to one file for each value of a whole-number column.

        Without an ORDER BY each file holds its rows about in the order in which they were read.
        """
        with self._connection(views) as connection:
            write_answer_split(connection, text, column, targets)

    @contextmanager
    def _connection(self, views: Mapping[str, View]) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = connect(self._configuration())
        try:
            for name, view in views.items():
                add_view(connection, name, view)
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
            settings["threads"] = settings["async_threads"] = self.threads
        return settings
