"""Answers of the counting engine as Parquet files that have their names only when they are complete and on disk."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

import duckdb

from records.engine_views import quoted

ROW_GROUP = 20_480
ROWS_HELD = 131_072  # for each file of a split answer before they are written, so that row groups stay whole


def write_answer(connection: duckdb.DuckDBPyConnection, text: str, target: Path, row_group: int = ROW_GROUP) -> int:
    """Write an answer as a Parquet file that has its name only when it is complete; the number of rows."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        options = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {row_group})"
        rows = connection.execute(f"COPY ({text}) TO {quoted(str(temporary))} {options}").fetchone()
        publish_file(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return int(rows[0]) if rows else 0


def write_answer_split(
    connection: duckdb.DuckDBPyConnection, text: str, column: str, targets: Mapping[int, Path]
) -> None:
    """One pass over the answer; a value without rows gets an empty file, so that every target is there afterwards."""
    if len(targets) == 1:
        write_answer(connection, text, next(iter(targets.values())))
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
                write_answer(connection, f"SELECT * FROM ({text}) AS answer WHERE {column} = {int(value)}", target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
