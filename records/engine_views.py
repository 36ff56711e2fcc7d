"""What a statement of the counting engine may see: Parquet files, small columns, or the answer of another statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from records.vocabulary import Column, ColumnType

NUMPY_TYPES = {
    ColumnType.TEXT: "object",
    ColumnType.TIME: "datetime64[us]",
    ColumnType.SMALL: "int16",
    ColumnType.INTEGER: "int32",
    ColumnType.BIG: "int64",
    ColumnType.REAL: "float64",
}


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


def quoted(text: str) -> str:
    """A text as an SQL literal.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def add_view(connection: duckdb.DuckDBPyConnection, name: str, view: View) -> None:
    """Let statements on this connection read a view by its name. Files stay where they are; columns become a table."""
    if isinstance(view, PartFiles):
        connection.execute(f'CREATE TEMP VIEW "{name}" AS {_files_text(view)}')
    elif isinstance(view, Query):
        for inner, inner_view in view.views.items():
            add_view(connection, inner, inner_view)
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
