"""The first rows of a checked file as they would be stored, for a person to look at before confirming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.importing.checking import staged_rows
from pipeline.importing.differences import DERIVED, HIDDEN, PROVENANCE
from pipeline.importing.staged import staged_part, staging_folder
from records.engine import Engine
from records.engine_views import PartFiles
from records.instance import Instance
from records.vocabulary import PART_COLUMNS, Kind

ROWS = 50
_NOT_SHOWN = (PROVENANCE - {"row_no"}) | DERIVED | HIDDEN | {"register"}


@dataclass(frozen=True)
class Preview:
    """Some rows: the names of the fields that any of them fills, and one tuple for each row; texts are masked."""

    fields: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()


def first_rows(instance: Instance, batch: int, kind: Kind) -> Preview:
    """The first ROWS rows of a checked batch in the order of the file; empty for a batch that does not wait."""
    kind = Kind.SURVEYS if kind is Kind.FOLLOWUPS else kind
    if kind not in PART_COLUMNS:
        return _from_documents(staged_rows(instance, batch)) if staging_folder(instance, batch).exists() else Preview()
    staged = staged_part(instance, batch)
    if not staged.exists():
        return Preview()
    names = [column.name for column in PART_COLUMNS[kind] if column.name not in _NOT_SHOWN]
    view = PartFiles(paths=(staged,), columns=PART_COLUMNS[kind])
    found = Engine(instance).run(
        f"SELECT {', '.join(names)} FROM staged ORDER BY row_no LIMIT {ROWS}", {"staged": view}
    )
    return _from_documents([_with_days(dict(zip(names, row, strict=True))) for row in found])


def _with_days(row: dict[str, Any]) -> dict[str, Any]:
    """A moment of which only the day is known becomes that day; the flags go."""
    days = {name.removesuffix("_is_date") for name, flag in row.items() if name.endswith("_is_date") and flag}
    kept = {name: value for name, value in row.items() if not name.endswith("_is_date")}
    return {name: value.date() if name in days else value for name, value in kept.items()}


def _from_documents(rows: list[dict[str, Any]]) -> Preview:
    rows = rows[:ROWS]
    names = dict.fromkeys(name for row in rows for name in row)
    fields = tuple(name for name in names if any(row.get(name) not in (None, "", []) for row in rows))
    return Preview(fields, tuple(tuple(row.get(name) for name in fields) for row in rows))
