"""Reading objections and the exclusion ledger: each viewer sees the units the matrix lets them reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.access import Action, Viewer, require, state_filter, unit_filter
from records.models import Assessment, EvidenceFile, Exclusion, Objection, Unit
from records.queries.bonuses import bonus
from records.queries.evidence import FileRow, fields_of, file_row, files_behind
from records.queries.improvement import task


@dataclass(frozen=True)
class ObjectionRow:
    """An objection with its files."""

    id: int
    assessment_number: int
    unit_code: str
    unit_name: str
    indicator: str | None
    register: str | None
    case_no: str | None
    claimed: float | None
    text: str
    state: str
    remedy: str | None
    effect: dict[str, Any] | None
    raised_by: str
    raised_at: datetime
    answer: str | None
    decided_by: str | None
    decided_at: datetime | None
    files: tuple[FileRow, ...] = ()


@dataclass(frozen=True)
class ExclusionRow:
    """One entry of the ledger with its files."""

    id: int
    register: str
    case_no: str
    unit_code: str
    unit_name: str
    ground: str
    note: str | None
    state: str
    batch_id: int | None
    applied_by: str
    applied_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None
    effect: dict[str, Any] | None
    files: tuple[FileRow, ...] = ()


OBJECTION_NAMES = tuple(name for name in ObjectionRow.__dataclass_fields__ if name not in ("unit_name", "files"))
EXCLUSION_NAMES = tuple(name for name in ExclusionRow.__dataclass_fields__ if name not in ("unit_name", "files"))


def list_objections(
    session: Session, *, viewer: Viewer, numbers: list[int] | None = None, state: str | None = None
) -> list[ObjectionRow]:
    """Objections to results the viewer may see, the newest first; `numbers` are assessments."""
    require(viewer, Action.SEE_SCORECARD)
    wanted = (
        select(Objection, Unit.name)
        .join(Unit, Unit.code == Objection.unit_code)
        .join(Assessment, Assessment.number == Objection.assessment_number)
        .order_by(Objection.id.desc())
    )
    if numbers is not None:
        wanted = wanted.where(Objection.assessment_number.in_(numbers))
    if state is not None:
        wanted = wanted.where(Objection.state == state)
    if (states := state_filter(viewer, Action.SEE_SCORECARD)) is not None:
        wanted = wanted.where(Assessment.state.in_(sorted(states)))
    if (units := unit_filter(viewer, Action.SEE_SCORECARD)) is not None:
        wanted = wanted.where(Objection.unit_code.in_(sorted(units)))
    found = session.execute(wanted).all()
    files = files_behind(session, "objection", [row.id for row, _ in found])
    return [
        ObjectionRow(**fields_of(row, OBJECTION_NAMES), unit_name=name, files=files.get(row.id, ()))
        for row, name in found
    ]


def objection(session: Session, *, viewer: Viewer, number: int) -> ObjectionRow | None:
    """One objection the viewer may see, else None."""
    return next((row for row in list_objections(session, viewer=viewer) if row.id == number), None)


def list_exclusions(session: Session, *, viewer: Viewer, state: str | None = None) -> list[ExclusionRow]:
    """The ledger as far as the viewer may see it, what waits for a decision first, then the newest."""
    require(viewer, Action.SEE_EXCLUSIONS)
    wanted = select(Exclusion, Unit.name).join(Unit, Unit.code == Exclusion.unit_code)
    wanted = wanted.order_by((Exclusion.state != "applied"), Exclusion.id.desc())
    if state is not None:
        wanted = wanted.where(Exclusion.state == state)
    if (units := unit_filter(viewer, Action.SEE_EXCLUSIONS)) is not None:
        wanted = wanted.where(Exclusion.unit_code.in_(sorted(units)))
    found = session.execute(wanted).all()
    files = files_behind(session, "exclusion", [row.id for row, _ in found])
    return [
        ExclusionRow(**fields_of(row, EXCLUSION_NAMES), unit_name=name, files=files.get(row.id, ()))
        for row, name in found
    ]


def exclusion(session: Session, *, viewer: Viewer, number: int) -> ExclusionRow | None:
    """One entry of the ledger the viewer may see, else None."""
    return next((row for row in list_exclusions(session, viewer=viewer) if row.id == number), None)


def file(session: Session, *, viewer: Viewer, number: int) -> FileRow | None:
    """An evidence file whose objection, exclusion or task the viewer may see, else None."""
    row = session.get(EvidenceFile, number)
    if row is None or LOOKS[row.subject](session, viewer=viewer, number=row.subject_id) is None:
        return None
    return file_row(row)


LOOKS: dict[str, Callable[..., Any]] = {
    "objection": objection,
    "exclusion": exclusion,
    "rectification": task,
    "bonus": bonus,
}
"""What a file stands behind -> the query that shows it to those who may see it."""
