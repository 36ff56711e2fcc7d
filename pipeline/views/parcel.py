"""The page of one case: its timeline, and where each observation stands in which file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.numbers.demands import Demand, known_demand_of
from pipeline.views.timeline import timeline_of
from records.access import OPERATOR, Action, Viewer, unit_filter
from records.instance import Instance
from records.queries import batches, cases, units
from records.vocabulary.events import from_text

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
    history: list[dict[str, Any]]  # every event of an event log, else empty
    handling: Mapping[str, Any] | None  # first, final, full and net, the cycles and how often it was reopened
    holds: list[dict[str, Any]]  # which unit held the case when
    demand: tuple[str, Demand | None] | None  # the period that was grouped, and who else says the same


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
    may_compare = unit_filter(viewer, Action.SEE_CASES) is None
    received = rows[0].get("received_at")
    return Parcel(
        case=rows[0], unit_name=unit.name if unit else rows[0]["unit"], events=events, clocks=line["clocks"],
        observations=observations(rows, names),
        history=[{"what": str(e.what), "at": e.at, "by": e.by} for e in from_text(rows[0].get("history") or "")],
        handling=line["handling"], holds=line["holds"] if len(line["holds"]) > 1 else [],
        demand=known_demand_of(instance, register, case_no, received) if may_compare and received else None,
    )  # fmt: skip


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
