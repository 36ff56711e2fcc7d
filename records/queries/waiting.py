"""What waits for somebody: counts for the start pages, each as far as the viewer may see the thing itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from records.access import Action, Viewer, can, unit_filter
from records.models import Batch, Bonus, Exclusion, Finding, Objection, RectificationTask
from records.queries.improvement import WAITING as UNDONE


@dataclass(frozen=True)
class Waiting:
    """How many of each wait; 0 for what the viewer may not see."""

    checked_batches: int  # uploaded and checked, not yet confirmed
    open_objections: int
    applied_exclusions: int  # asked for, not yet decided
    proposed_bonuses: int  # proposed, not yet decided
    findings_to_review: int
    findings_to_answer: int  # a unit was asked and has not answered
    tasks_to_do: int  # improvement tasks the own units have not handed in
    tasks_to_accept: int  # handed in, not yet decided


def waiting(session: Session, *, viewer: Viewer) -> Waiting:
    """The counts as they stand now. A unit head's objections and questions are those of the own units."""
    own = unit_filter(viewer, Action.OBJECT)
    reviews = can(viewer, Action.SEE_FINDINGS)
    return Waiting(
        checked_batches=_count(session, can(viewer, Action.IMPORT), Batch, Batch.state == "checked"),
        open_objections=_count(
            session, can(viewer, Action.ASSESS) or bool(own), Objection, Objection.state == "open", *_of(Objection, own)
        ),
        applied_exclusions=_count(
            session, can(viewer, Action.DECIDE_EXCLUSIONS), Exclusion, Exclusion.state == "applied"
        ),
        proposed_bonuses=_count(session, can(viewer, Action.DECIDE_BONUSES), Bonus, Bonus.state == "proposed"),
        findings_to_review=_count(
            session, reviews, Finding, Finding.state.in_(("open", "answered")), Finding.is_current.is_(True)
        ),
        findings_to_answer=_count(session, bool(own), Finding, Finding.state == "asked", *_of(Finding, own)),
        tasks_to_do=_count(
            session, bool(own), RectificationTask, RectificationTask.state.in_(UNDONE), *_of(RectificationTask, own)
        ),
        tasks_to_accept=_count(
            session, can(viewer, Action.ASSESS), RectificationTask, RectificationTask.state == "handed_in"
        ),
    )


def _of(
    model: type[Objection | Finding | RectificationTask], units: frozenset[str] | None
) -> list[ColumnElement[bool]]:
    return [model.unit_code.in_(sorted(units))] if units else []


def _count(session: Session, is_open: bool, model: type[Any], *conditions: ColumnElement[bool]) -> int:
    if not is_open:
        return 0
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0
