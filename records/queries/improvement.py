"""Reading improvement tasks and notes on good practice: each viewer sees the units the matrix lets them reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.access import Action, Viewer, can, require, state_filter, unit_filter
from records.models import Assessment, Finding, GoodPractice, RectificationTask, Unit
from records.queries.evidence import FileRow, fields_of, files_behind

WAITING = ("open", "returned")  # states in which the unit has to do something


@dataclass(frozen=True)
class TaskRow:
    """An improvement task with its proofs."""

    id: int
    assessment_number: int
    period: str
    unit_code: str
    unit_name: str
    indicator: str | None
    finding_id: int | None
    ground: str
    proof: str
    due_on: date
    state: str
    made_by: str
    made_at: datetime
    account: str | None
    handed_in_by: str | None
    handed_in_at: datetime | None
    answer: str | None
    decided_by: str | None
    decided_at: datetime | None
    detector: str | None = None  # of the finding
    files: tuple[FileRow, ...] = ()

    def state_on(self, day: date) -> str:
        """The state as a reader meets it: "overdue" where the unit let the last day pass."""
        return "overdue" if self.state in WAITING and self.due_on < day else self.state


@dataclass(frozen=True)
class PracticeRow:
    """A note on good practice."""

    id: int
    assessment_number: int
    unit_code: str
    unit_name: str
    indicator: str
    text: str
    state: str
    written_by: str
    written_at: datetime
    published_by: str | None
    published_at: datetime | None


TASK_NAMES = tuple(n for n in TaskRow.__dataclass_fields__ if n not in ("unit_name", "period", "detector", "files"))
PRACTICE_NAMES = tuple(n for n in PracticeRow.__dataclass_fields__ if n != "unit_name")


def list_tasks(
    session: Session, *, viewer: Viewer, number: int | None = None, unit: str | None = None
) -> list[TaskRow]:
    """The tasks a viewer may see, those that wait for somebody first, then by their last day."""
    require(viewer, Action.SEE_RECTIFICATION)
    wanted = (
        select(RectificationTask, Unit.name, Assessment.period, Finding.detector)
        .join(Unit, Unit.code == RectificationTask.unit_code)
        .join(Assessment, Assessment.number == RectificationTask.assessment_number)
        .outerjoin(Finding, Finding.id == RectificationTask.finding_id)
        .order_by(RectificationTask.state == "accepted", RectificationTask.due_on, RectificationTask.id)
    )
    if number is not None:
        wanted = wanted.where(RectificationTask.assessment_number == number)
    if unit is not None:
        wanted = wanted.where(RectificationTask.unit_code == unit)
    if (states := state_filter(viewer, Action.SEE_RECTIFICATION)) is not None:
        wanted = wanted.where(Assessment.state.in_(sorted(states)))
    if (units := unit_filter(viewer, Action.SEE_RECTIFICATION)) is not None:
        wanted = wanted.where(RectificationTask.unit_code.in_(sorted(units)))
    found = session.execute(wanted).all()
    files = files_behind(session, "rectification", [row.id for row, *_ in found])
    return [
        TaskRow(**fields_of(row, TASK_NAMES), unit_name=name, period=period, detector=detector,
                files=files.get(row.id, ()))
        for row, name, period, detector in found
    ]  # fmt: skip


def task(session: Session, *, viewer: Viewer, number: int) -> TaskRow | None:
    """One task the viewer may see, else None."""
    return next((row for row in list_tasks(session, viewer=viewer) if row.id == number), None)


def list_practices(session: Session, *, viewer: Viewer, number: int | None = None) -> list[PracticeRow]:
    """Notes on good practice, newest first: published ones for everybody, drafts for those who assess."""
    require(viewer, Action.SEE_RECTIFICATION)
    wanted = select(GoodPractice, Unit.name).join(Unit, Unit.code == GoodPractice.unit_code)
    if number is not None:
        wanted = wanted.where(GoodPractice.assessment_number == number)
    if not can(viewer, Action.ASSESS):
        wanted = wanted.where(GoodPractice.state == "published")
    found = session.execute(wanted.order_by(GoodPractice.id.desc())).all()
    return [PracticeRow(**fields_of(row, PRACTICE_NAMES), unit_name=name) for row, name in found]
