"""What waits for somebody: counts for the start pages, each as far as the viewer may see the thing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    is_owner, assesses = bool(own), can(viewer, Action.ASSESS)
    to_review = [Finding.state.in_(("open", "answered")), Finding.is_current.is_(True)]
    waits: dict[str, tuple[bool, Sequence[ColumnElement[bool]]]] = {
        "checked_batches": (can(viewer, Action.IMPORT), [Batch.state == "checked"]),
        "open_objections": (assesses or is_owner, [Objection.state == "open", *_of(Objection, own)]),
        "applied_exclusions": (can(viewer, Action.DECIDE_EXCLUSIONS), [Exclusion.state == "applied"]),
        "proposed_bonuses": (can(viewer, Action.DECIDE_BONUSES), [Bonus.state == "proposed"]),
        "findings_to_review": (can(viewer, Action.SEE_FINDINGS), to_review),
        "findings_to_answer": (is_owner, [Finding.state == "asked", *_of(Finding, own)]),
        "tasks_to_do": (is_owner, [RectificationTask.state.in_(UNDONE), *_of(RectificationTask, own)]),
        "tasks_to_accept": (assesses, [RectificationTask.state == "handed_in"]),
    }
    asked = [
        select(func.count()).where(*conditions).scalar_subquery().label(name)
        for name, (is_open, conditions) in waits.items()
        if is_open
    ]
    found = session.execute(select(*asked)).one()._asdict() if asked else {}
    return Waiting(**{name: found.get(name, 0) for name in waits})


def _of(
    model: type[Objection | Finding | RectificationTask], units: frozenset[str] | None
) -> list[ColumnElement[bool]]:
    return [model.unit_code.in_(sorted(units))] if units else []
