"""The page of one case: its timeline, and where each observation stands in which file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.timeline import timeline_of
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import batches, cases, units

LIMITS = ("due_at", "extended_due_at", "suspended_until", "extension_applied_at")
PROVENANCE = ("batch", "sheet", "row_no", "exported_at")


@dataclass(frozen=True)
class Observation:
    """What one export said: where it stands in which file, and which fields differ from the export before."""

    batch: int
    file_name: str
    sheet: str | None
    row: int | None
    exported_at: datetime | None
    state: str | None
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Parcel:
    """A case with everything its page shows. `case` holds the newest observation, as far as the viewer may see it."""

    case: Mapping[str, Any]
    unit_name: str
    events: list[dict[str, Any]]
    clocks: list[dict[str, Any]]
    observations: list[Observation]


def parcel(instance: Instance, *, viewer: Viewer, register: str, case_no: str) -> Parcel | None:
    """The case of a register, or None when there is none the viewer may see."""
    with instance.session() as session:
        rows = cases.one(instance, session, viewer=viewer, case_no=case_no, register=register)
        if not rows:
            return None
        numbers = {row["batch"] for row in rows}
        files = {number: batches.one(session, viewer=OPERATOR, number=number) for number in numbers}
        unit = units.one(session, viewer=viewer, code=rows[0]["unit"])
    names = {number: row.file_name if row else "" for number, row in files.items()}
    line = timeline_of(instance, rows)
    events = [event for event in line["events"] if event["event"] not in LIMITS]
    return Parcel(rows[0], unit.name if unit else rows[0]["unit"], events, line["clocks"], observations(rows, names))


def observations(rows: list[dict[str, Any]], names: Mapping[int, str]) -> list[Observation]:
    """Each observation, the newest first, with the fields in which it differs from the one before it.

    >>> rows = [{"batch": 2, "state": "closed"}, {"batch": 1, "state": "open"}]
    >>> [(seen.batch, seen.changed) for seen in observations(rows, {})]
    [(2, ('state',)), (1, ())]
    """
    return [
        Observation(
            batch=row["batch"],
            file_name=names.get(row["batch"], ""),
            sheet=row.get("sheet"),
            row=row.get("row_no"),
            exported_at=row.get("exported_at"),
            state=row.get("state"),
            changed=_changed(row, before),
        )
        for row, before in zip(rows, [*rows[1:], None], strict=True)
    ]


def _changed(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> tuple[str, ...]:
    if before is None:
        return ()
    return tuple(name for name in row if name not in PROVENANCE and row[name] != before.get(name))
