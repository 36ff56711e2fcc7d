"""The staging table of one file in an in-memory column store: typed columns in, one sorted Parquet part out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from imports.limits import limits


class Staging:
    """Rows of one file. Nothing touches the disk but the spill folder and the part that is written at the end."""

    def __init__(self, columns: Sequence[tuple[str, str]], folder: Path) -> None:
        rule = limits()
        self.columns = {"row_no": "INTEGER", **dict(columns)}
        self.connection = duckdb.connect(
            config={
                "memory_limit": rule.query_memory,
                "temp_directory": str(folder / "spill"),
                "max_temp_directory_size": rule.temporary_disk,
                "threads": "2",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "preserve_insertion_order": "true",
            }
        )
        definition = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        self.connection.execute(f"CREATE TABLE staged ({definition})")
        self.connection.execute("CREATE TABLE bad (row_no INTEGER, code VARCHAR, field VARCHAR)")
        self._derived: tuple[str, ...] = ()
        self.with_derived = "staged"  # every staged row with what was derived from it, as a FROM clause takes it
        self._background = ThreadPoolExecutor(1)
        self._running: list[Future[None]] = []

    def derive(self, expressions: Mapping[str, str]) -> None:
        """Compute texts from every row that is appended from now on, in a table `derived` beside `staged`.

        The store computes them in a thread of its own while Python goes on reading, hence on a second core.
        """
        names = ", ".join(f'"{name}" VARCHAR' for name in expressions)
        if not expressions:
            return
        self.connection.execute(f"CREATE TABLE derived (row_no INTEGER, {names})")
        self._derived = tuple(f'{expression} AS "{name}"' for name, expression in expressions.items())
        self.with_derived = "staged JOIN derived USING (row_no)"

    def derive_at_once(self, expressions: Mapping[str, str]) -> None:
        """The same for rows that a query brings: what is derived stands in `staged` itself."""
        for name in expressions:
            self.connection.execute(f'ALTER TABLE staged ADD COLUMN "{name}" VARCHAR')
        self._derived = tuple(f'{expression} AS "{name}"' for name, expression in expressions.items())

    def append_query(self, expressions: Sequence[str], rest: str) -> None:
        """Append the rows of a query, one expression per column of `columns`, row numbers first."""
        pairs = zip(self.columns.items(), expressions, strict=True)
        typed = ", ".join(f'CAST({expression} AS {kind}) AS "{name}"' for (name, kind), expression in pairs)
        everything = ", ".join(("*", *self._derived))
        self.connection.execute(f"INSERT INTO staged SELECT {everything} FROM (SELECT {typed} {rest})")

    def append(self, columns: Iterable[Sequence[Any]]) -> None:
        """Append rows given column by column, in the order of `columns`, row numbers first."""
        columns = list(columns)
        names = zip(self.columns, columns, strict=True)
        chunk = {name: np.array(cells, dtype=object) for name, cells in names}  # noqa: F841 - read by name below
        self.connection.execute("INSERT INTO staged SELECT * FROM chunk")
        if self._derived and len(columns[0]):
            self._running.append(self._background.submit(self._derive, columns[0][0], columns[0][-1]))

    def _derive(self, first: int, last: int) -> None:
        with self.connection.cursor() as connection:
            connection.execute(
                f"INSERT INTO derived SELECT row_no, {', '.join(self._derived)} FROM staged"
                f" WHERE row_no BETWEEN {int(first)} AND {int(last)}"
            )

    def wait(self) -> None:
        """Wait until everything is derived; raises what stopped it."""
        while self._running:
            self._running.pop(0).result()

    def mark_bad(self, rows: Sequence[tuple[int, str, str | None]]) -> None:
        """Note refused rows: (row number, problem code, field)."""
        if rows:
            appender = self.connection.appender("bad")
            appender.append_rows(rows)
            appender.flush()

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self.connection.execute(text).fetchall()

    def write_part(self, select: str, target: Path) -> None:
        """Write the rows of a statement as one Parquet part: temporary name, fsync, rename."""
        temporary = target.with_suffix(".writing")
        options = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480"
        quoted = str(temporary).replace("'", "''")
        self._allow_threads()
        self.connection.execute(f"COPY ({select}) TO '{quoted}' ({options})")
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(target)

    def _allow_threads(self) -> None:
        """Lift the limit where little is stored: the store sets memory aside for every column that a thread writes,
        though it never takes it, and writes with one thread where it has none to set aside."""
        rule = limits()
        stored = self.query("SELECT sum(memory_usage_bytes + temporary_storage_bytes) FROM duckdb_memory()")[0][0]
        if stored <= rule.little_stored_bytes:
            self.connection.execute(f"SET memory_limit = '{rule.query_memory_little}'")

    def close(self) -> None:
        """Release the memory."""
        self._background.shutdown(cancel_futures=True)
        self.connection.close()
