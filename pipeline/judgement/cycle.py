"""The cycle of an assessment: what is open and what is locked in each state, deadlines, comments of the units.

draft (the office alone) -> review (units read and comment) -> appeal (units object, the office decides) -> final (a
result, locked) -> published (locked, by a second person). A correction afterwards is a new version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evaluation.rules.scheme import load
from imports.values.privacy import mask_text
from pipeline.judgement.bonus_evidence import valid_bonuses
from pipeline.numbers.ledger import decided
from records import audit
from records.access import Action, Viewer, require, unit_filter
from records.clock import now
from records.instance import Instance
from records.models import Assessment, AssessmentComment, Objection

STATES = ("draft", "review", "appeal", "final", "published")
COMMENTS_IN, OBJECTIONS_IN = "review", "appeal"
DEADLINES = {"review": "review_until", "appeal": "objections_until"}
LONGEST_TEXT = 4_000


class StepRefused(ValueError):
    """The state of the assessment does not allow this step, or it needs another person."""


class Closed(ValueError):
    """What the unit wants is not open in this state, or its last day has passed."""


@dataclass(frozen=True)
class Comment:
    """What a unit said to its draft."""

    unit: str
    indicator: str | None
    text: str
    by: str
    at: datetime


def masked(text: str) -> str:
    """A text people wrote, without phone numbers, identity numbers and the like, and not endless."""
    return mask_text(text.strip()[:LONGEST_TEXT])[0]


def is_open(row: Assessment, state: str, day: date) -> bool:
    """Does the assessment take comments ("review") or objections ("appeal") on this day?"""
    until = getattr(row, DEADLINES[state])
    return row.state == state and row.replaced_by is None and (until is None or day <= until)


def set_deadline(row: Assessment, until: date | None, day: date) -> None:
    """Fix the last day of the state the assessment is in. Raises StepRefused for a day that has passed."""
    if until is not None and until < day:
        raise StepRefused(f"the last day {until} has passed; choose today or later")
    if row.state in DEADLINES:
        setattr(row, DEADLINES[row.state], until)


def refuse_unless_ready(instance: Instance, session: Session, row: Assessment, to: str) -> None:
    """Raise StepRefused when a result is to become final with open objections or undone decisions."""
    if to != "final":
        return
    waiting = open_objections(session, row.number)
    if waiting:
        raise StepRefused(f"assessment {row.number} has {waiting} open objections; decide them first")
    if is_outdated(instance, row):
        raise StepRefused(
            f"exclusions or bonuses were decided since assessment {row.number} was counted; "
            "count it again before it becomes final"
        )


def is_outdated(instance: Instance, row: Assessment) -> bool:
    """Were exclusions or bonuses decided or taken back since the result was counted?"""
    if row.provenance.get("ledger") != decided(instance).sha256:
        return True
    valid = [] if row.scheme_text is None else valid_bonuses(instance, load(row.scheme_text), row.period)
    return row.provenance.get("bonuses", []) != [piece.document for piece in valid]


def open_objections(session: Session, number: int) -> int:
    """How many objections to this assessment, or to the versions it replaces, wait for a decision."""
    wanted = select(func.count()).where(
        Objection.assessment_number.in_(versions_of(session, number)), Objection.state == "open"
    )
    return session.scalar(wanted) or 0


def versions_of(session: Session, number: int) -> list[int]:
    """This assessment and the versions it replaced, the newest first."""
    chain, seen = [number], {number}
    while (before := session.scalar(select(Assessment.number).where(Assessment.replaced_by == chain[-1]))) is not None:
        if before in seen:
            break
        chain.append(before)
        seen.add(before)
    return chain


def comment(
    instance: Instance, viewer: Viewer, *, number: int, unit: str, text: str, indicator: str | None = None
) -> None:
    """Keep what a unit says to its draft, about one indicator or the whole. Raises Forbidden, Closed, LookupError."""
    with instance.session() as session:
        row = session.get(Assessment, number)
        if row is None:
            raise LookupError(f"there is no assessment {number}")
        require(viewer, Action.OBJECT, unit=unit, state=row.state)
        if not is_open(row, COMMENTS_IN, instance.today()):
            raise Closed(f"assessment {number} takes no comments in state {row.state}")
        said = AssessmentComment(
            assessment_number=number, unit_code=unit, indicator=indicator, text=masked(text),
            by=viewer.sign_in, at=now(),
        )  # fmt: skip
        session.add(said)
        detail = {"unit": unit, "indicator": indicator}
        audit.write(session, viewer.sign_in, "assessment.comment", f"assessment {number}", detail)


def comments_on(session: Session, *, viewer: Viewer, number: int, versions: list[int] | None = None) -> list[Comment]:
    """The comments on an assessment and the versions it replaced that the viewer may see, the oldest first.

    `versions` are those of `versions_of` where the caller has them already.
    """
    numbers = versions_of(session, number) if versions is None else versions
    wanted = select(AssessmentComment).where(AssessmentComment.assessment_number.in_(numbers))
    units = unit_filter(viewer, Action.SEE_SCORECARD)
    return [
        Comment(row.unit_code, row.indicator, row.text, row.by, row.at)
        for row in session.scalars(wanted.order_by(AssessmentComment.id))
        if units is None or row.unit_code in units
    ]
