"""An exclusion ledger from a file: each row becomes an application that a second person has to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.clock import now
from records.models import Exclusion


def compare_exclusions(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows are new, changed, unchanged against the ledger; a file never changes a decided application."""
    known = _known(session)
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    for row in rows:
        stored = known.get(_key(row))
        is_same = stored is not None and (_is_decided(stored) or _text_of(stored) == (row["ground"], row["note"]))
        counts["new" if stored is None else "unchanged" if is_same else "changed"] += 1
    return counts


def save_exclusions(session: Session, rows: Sequence[Mapping[str, Any]], *, zone: str, by: str, batch: int) -> None:
    """Write the rows into the ledger as applications of this batch."""
    known = _known(session)
    for row in rows:
        stored = known.get(_key(row))
        if stored is None:
            session.add(
                Exclusion(
                    register=row["register"],
                    case_no=row["case_no"],
                    unit_code=row["unit"],
                    ground=row["ground"],
                    note=row["note"],
                    state="applied",
                    batch_id=batch,
                    applied_by=by,
                    applied_at=_moment(row, zone),
                )
            )
        elif not _is_decided(stored):
            stored.ground, stored.note, stored.batch_id, stored.state = row["ground"], row["note"], batch, "applied"


def withdraw_exclusions(session: Session, batch: int) -> None:
    """Take the applications of a batch out of the ledger; refused ones stay refused."""
    for stored in session.scalars(_of(batch).where(Exclusion.state.in_(("applied", "approved")))):
        stored.state = "withdrawn"


def restore_exclusions(session: Session, batch: int) -> None:
    """Bring the applications of a batch back as they stood: decided ones decided, the others waiting."""
    for stored in session.scalars(_of(batch).where(Exclusion.state == "withdrawn")):
        stored.state = "approved" if stored.decided_by else "applied"


def _of(batch: int) -> Any:
    return select(Exclusion).where(Exclusion.batch_id == batch)


def _known(session: Session) -> dict[tuple[str, str, str], Exclusion]:
    return {(row.register, row.case_no, row.unit_code): row for row in session.scalars(select(Exclusion))}


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["register"], row["case_no"], row["unit"]


def _is_decided(stored: Exclusion) -> bool:
    return stored.decided_by is not None


def _moment(row: Mapping[str, Any], zone: str) -> datetime:
    """When it was applied for; the file tells local time."""
    if not row["applied_at"]:
        return now()
    return datetime.fromisoformat(row["applied_at"]).replace(tzinfo=ZoneInfo(zone))


def _text_of(stored: Exclusion) -> tuple[str, str | None]:
    return stored.ground, stored.note
