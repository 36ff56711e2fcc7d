"""Reading assessments: who may see which state of which result is settled here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, undefer

from records.access import Action, Viewer, require, state_filter, unit_filter
from records.models import Assessment, AssessmentEvent


@dataclass(frozen=True)
class AssessmentRow:
    """An assessment without its result."""

    number: int
    scheme_id: str
    scheme_version: str
    scheme_sha256: str
    period: str
    state: str
    as_of: str | None
    seed: int
    draws: int
    result_sha256: str
    verification_code: str | None
    made_by: str
    made_at: datetime
    replaced_by: int | None
    review_until: date | None = None
    objections_until: date | None = None


@dataclass(frozen=True)
class EventRow:
    """One step in the life of an assessment."""

    from_state: str | None
    to_state: str
    by: str
    at: datetime
    why: str | None


NAMES = tuple(AssessmentRow.__dataclass_fields__)


def list_assessments(
    session: Session, *, viewer: Viewer, period: str | None = None, scheme_id: str | None = None
) -> list[AssessmentRow]:
    """The assessments the viewer may see at all, the newest first."""
    wanted = _visible(viewer).order_by(Assessment.number.desc())
    if period is not None:
        wanted = wanted.where(Assessment.period == period)
    if scheme_id is not None:
        wanted = wanted.where(Assessment.scheme_id == scheme_id)
    return [_row(found) for found in session.scalars(wanted)]


def one(session: Session, *, viewer: Viewer, number: int) -> AssessmentRow | None:
    """One assessment, None when there is none. Raises Forbidden when its state is closed to the viewer."""
    found = session.get(Assessment, number)
    if found is None:
        return None
    require(viewer, Action.SEE_SCORECARD, state=found.state)
    return _row(found)


def latest(session: Session, *, viewer: Viewer, period: str | None = None) -> AssessmentRow | None:
    """The newest assessment the viewer may see, None when there is none."""
    return next(iter(list_assessments(session, viewer=viewer, period=period)), None)


def result_of(session: Session, *, viewer: Viewer, number: int) -> dict[str, Any] | None:
    """The frozen result as plain data, without the units the viewer may not see.

    `evaluation.scores.result.Assessment.from_json` reads it. None when there is no such assessment. Raises Forbidden
    when its state is closed to the viewer.
    """
    found = session.get(Assessment, number, options=[undefer(Assessment.result)])
    if found is None:
        return None
    require(viewer, Action.SEE_SCORECARD, state=found.state)
    units = unit_filter(viewer, Action.SEE_SCORECARD)
    if units is None:
        return found.result
    return {**found.result, "units": [unit for unit in found.result["units"] if unit["unit"] in units]}


def scheme_text_of(session: Session, *, number: int) -> str | None:
    """The text of the scheme as the assessment used it; schemes may be read by everybody who is signed in."""
    return session.scalar(select(Assessment.scheme_text).where(Assessment.number == number))


def events_of(session: Session, *, viewer: Viewer, number: int) -> list[EventRow]:
    """What happened to an assessment, the oldest first."""
    if one(session, viewer=viewer, number=number) is None:
        return []
    wanted = select(AssessmentEvent).where(AssessmentEvent.assessment_number == number).order_by(AssessmentEvent.id)
    return [EventRow(e.from_state, e.to_state, e.by, e.at, e.why) for e in session.scalars(wanted)]


def _visible(viewer: Viewer) -> Select[Assessment]:
    states = state_filter(viewer, Action.SEE_SCORECARD)
    return select(Assessment) if states is None else select(Assessment).where(Assessment.state.in_(sorted(states)))


def _row(found: Assessment) -> AssessmentRow:
    return AssessmentRow(**{name: getattr(found, name) for name in NAMES})
