"""Published results for everybody: CSV and Parquet with a data dictionary, as a Frictionless Data Package."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from records.engine import Engine
from records.engine_views import Columns
from records.instance import Instance
from records.vocabulary import ColumnType
from reports import open_tables
from reports.open_tables import Table
from reports.packing import add_bytes
from reports.source import ReportSource

TYPES = {"string": ColumnType.TEXT, "number": ColumnType.REAL, "integer": ColumnType.BIG, "boolean": ColumnType.SMALL}


class NotPublished(ValueError):
    """Only published results are open data."""


def write(instance: Instance, source: ReportSource, path: Path) -> Path:
    """Write the package as a zip. Raises NotPublished for a result in any other state."""
    if source.state != "published":
        raise NotPublished(f"assessment {source.number} is {source.state}; only a published one becomes open data")
    contents: dict[str, bytes] = {}
    for table in open_tables.tables(source):
        contents[f"{table.name}.csv"] = open_tables.as_csv(table)
        contents[f"{table.name}.parquet"] = _parquet(instance, table)
    descriptor = open_tables.descriptor(source, {name: _entry(content) for name, content in contents.items()})
    with zipfile.ZipFile(path, "w") as pack:
        for name, content in sorted(contents.items()):
            add_bytes(pack, name, content)
        add_bytes(pack, "datapackage.json", descriptor)
    return path


def _entry(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def _parquet(instance: Instance, table: Table) -> bytes:
    names = [field.name for field in table.fields]
    columns: Mapping[str, Sequence[Any]] = {name: [row[i] for row in table.rows] for i, name in enumerate(names)}
    view = Columns(columns, {field.name: TYPES[field.type] for field in table.fields})
    with TemporaryDirectory(dir=instance.reports_folder) as folder:
        target = Path(folder) / "table.parquet"
        Engine(instance).write("SELECT * FROM rows", {"rows": view}, target)
        return target.read_bytes()
