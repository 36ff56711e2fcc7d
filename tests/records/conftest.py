"""Instances and small parts for the tests of `records`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from records.clock import now
from records.engine import Engine
from records.engine_views import Columns
from records.instance import Instance
from records.models import Batch
from records.parts import PartInfo, adopt
from records.vocabulary import PART_COLUMNS, Kind


@pytest.fixture
def instance(tmp_path: Path, database: str) -> Iterator[Instance]:
    """A fresh instance, once on SQLite and once on PostgreSQL."""
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def write_part(path: Path, rows: list[dict[str, Any]], kind: Kind = Kind.RESPONSES) -> Path:
    """A typed part with the given values; every other column is null, `batch` is 0 as the checker leaves it."""
    columns = PART_COLUMNS[kind]
    values = {c.name: [0 if c.name == "batch" else row.get(c.name) for row in rows] for c in columns}
    path.parent.mkdir(parents=True, exist_ok=True)
    Engine(None).write("SELECT * FROM rows", {"rows": Columns(values, {c.name: c.type for c in columns})}, path)
    return path


def add_batch(instance: Instance, **values: Any) -> int:
    """A checked batch; returns its number."""
    with instance.session() as session:
        given = {
            "kind": Kind.RESPONSES,
            "state": "checked",
            "file_name": "cases.xlsx",
            "made_by": "ann",
            "made_at": now(),
        }
        batch = Batch(**{**given, **values})
        session.add(batch)
        session.flush()
        return batch.id


@pytest.fixture
def accept(instance: Instance) -> Callable[..., PartInfo]:
    """Accepts rows as a new batch and returns its part."""

    def accept_rows(rows: list[dict[str, Any]], kind: Kind = Kind.RESPONSES) -> PartInfo:
        number = add_batch(instance, kind=kind)
        staged = write_part(instance.staging_folder / f"{number}" / "part.parquet", rows, kind)
        with instance.session() as session:
            return adopt(instance, session, staged, kind, number, by="ann")

    return accept_rows


def case(number: str, unit: str = "u1", received: str = "2024-03-01 09:00", **more: Any) -> dict[str, Any]:
    """The least a stored case needs."""
    at = datetime.fromisoformat(received)
    return {"register": "hotline", "case_no": number, "unit": unit, "received_at": at, "row_no": 2, **more}
