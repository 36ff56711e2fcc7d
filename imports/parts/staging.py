"""The staging table of one file in an in-memory column store: typed columns in, one sorted Parquet part out."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from imports.limits import limits

RAW = "raw"  # the table of cells as they stand in the file


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
                "checkpoint_threshold": "1TB",
            }
        )
        definition = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        self.connection.execute(f"CREATE TABLE staged ({definition})")
        self.connection.execute("CREATE TABLE bad (row_no INTEGER, code VARCHAR, field VARCHAR)")
        self._derived: tuple[str, ...] = ()

    def beside(self) -> Staging:
        """The same store on a connection of its own, for another thread."""
        twin = copy.copy(self)
        twin.connection = self.connection.cursor()
        return twin

    def derive(self, expressions: Mapping[str, str]) -> None:
        """Compute texts from every row that is appended from now on, as further columns of `staged`."""
        for name in expressions:
            self.connection.execute(f'ALTER TABLE staged ADD COLUMN "{name}" VARCHAR')
        self._derived = tuple(f'{expression} AS "{name}"' for name, expression in expressions.items())

    def append(self, columns: Iterable[Sequence[Any]]) -> None:
        """Append rows given column by column, in the order of `columns`, row numbers first."""
        names = zip(self.columns, columns, strict=True)
        chunk = {name: np.array(cells, dtype=object) for name, cells in names}
        self.connection.register("chunk", chunk)
        self.append_query([f'"{name}"' for name in self.columns], "FROM chunk")
        self.connection.unregister("chunk")

    def append_query(self, expressions: Sequence[str], rest: str) -> None:
        """Append the rows of a query, one expression per column of `columns`, row numbers first."""
        pairs = zip(self.columns.items(), expressions, strict=True)
        typed = ", ".join(f'CAST({expression} AS {kind}) AS "{name}"' for (name, kind), expression in pairs)
        everything = ", ".join(("*", *self._derived))
        self.connection.execute(f"INSERT INTO staged SELECT {everything} FROM (SELECT {typed} {rest})")

    def append_query_in_any_order(self, expressions: Sequence[str], rest: str) -> None:
        """The same where the rows need not keep the order of the query: all threads take part in all of it."""
        self.connection.execute("SET preserve_insertion_order = false")
        self.append_query(expressions, rest)
        self.connection.execute("SET preserve_insertion_order = true")

    def insert(self, table: str, columns: Mapping[str, np.ndarray]) -> None:
        """Add rows to another table, its columns by name; those not given are NULL."""
        self.connection.register("chunk", columns)
        self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM chunk")
        self.connection.unregister("chunk")

    def insert_beside(
        self, table: str, columns: Mapping[str, np.ndarray], others: Mapping[str, np.ndarray], select: str
    ) -> None:
        """The same with further columns: those that `select` makes of `others`, row by row beside `columns`."""
        self.connection.register("others", others)
        beside = f"SELECT {select} FROM others"
        if columns:
            self.connection.register("chunk", columns)
            beside = f"SELECT * FROM chunk POSITIONAL JOIN ({beside})"
        self.connection.execute(f"INSERT INTO {table} BY NAME {beside}")
        if columns:
            self.connection.unregister("chunk")
        self.connection.unregister("others")

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
        self.connection.close()
