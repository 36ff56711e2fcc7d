"""The exclusion ledger: a case is left out only for a ground, with a document, by two persons; its effect is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.judgement import cycle, effects
from pipeline.judgement.effects import Effect
from pipeline.judgement.evidence_files import Given, carry_over, files_of, keep
from records import audit
from records.access import Action, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import Assessment, Exclusion, Objection
from records.queries import cases

GROUNDS = ("unreasonable", "not_responsible", "duplicate", "withdrawn", "law", "force_majeure", "other")


class ExclusionRefused(ValueError):
    """The case cannot be left out like this; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(code.replace("_", " "))
        self.code = code


@dataclass(frozen=True)
class Wanted:
    """Which case is to be left out, and why. `ground` is one of GROUNDS; the register may be left to be found."""

    unit: str
    case_no: str
    ground: str
    note: str = ""
    register: str | None = None


def request(instance: Instance, viewer: Viewer, wanted: Wanted, files: Sequence[Given] = ()) -> int:
    """Ask that a case is left out; answers with the number in the ledger.

    Raises Forbidden for another unit, EvidenceRefused, and ExclusionRefused without a document, for an unknown ground,
    for a record that is not the unit's or stands in the ledger already.
    """
    if wanted.ground not in GROUNDS:
        raise ExclusionRefused("unknown_ground")
    if not files:
        raise ExclusionRefused("no_document")
    require(viewer, Action.REQUEST_EXCLUSIONS, unit=wanted.unit)
    with instance.session() as session:
        row = _enter(session, wanted, _register_of(instance, session, viewer, wanted), by=viewer.sign_in)
        keep(instance, session, subject="exclusion", subject_id=row.id, files=files, by=viewer.sign_in)
        detail = {"unit": wanted.unit, "ground": wanted.ground}
        audit.write(session, viewer.sign_in, "exclusion.request", f"exclusion {row.id}", detail)
        return row.id


def _register_of(instance: Instance, session: Session, viewer: Viewer, wanted: Wanted) -> str:
    rows = cases.one(instance, session, viewer=viewer, case_no=wanted.case_no, register=wanted.register)
    own = {row["register"] or "" for row in rows if row["unit"] == wanted.unit}
    if not own:
        raise ExclusionRefused("no_such_record")
    if len(own) > 1:
        raise ExclusionRefused("record_in_several_registers")
    return own.pop()


def _enter(session: Session, wanted: Wanted, register: str, *, by: str) -> Exclusion:
    """A new entry; one that was refused or withdrawn before is asked for anew in its own row."""
    key = {"register": register, "case_no": wanted.case_no, "unit_code": wanted.unit}
    row = session.scalar(select(Exclusion).filter_by(**key))
    if row is not None and row.state in ("applied", "approved"):
        raise ExclusionRefused("already_in_the_ledger")
    if row is None:
        row = Exclusion(**key)
        session.add(row)
    row.ground, row.note, row.state, row.batch_id = wanted.ground, cycle.masked(wanted.note) or None, "applied", None
    row.applied_by, row.applied_at = by, now()
    row.decided_by, row.decided_at, row.answer, row.effect = None, None, None, None
    session.flush()
    return row


def enter_from_objection(session: Session, objection: Objection, *, by: str) -> None:
    """The entry an accepted objection makes: requested by the unit, approved by the one who decided.

    The files behind the objection stand behind the entry too. A request for the same case that still waits is approved
    with it; a case that is out already stays as it is. Raises
    ExclusionRefused when the one who decides has asked for it.
    """
    key = {"register": objection.register or "", "case_no": objection.case_no or "", "unit_code": objection.unit_code}
    row = session.scalar(select(Exclusion).filter_by(**key, state="approved"))
    if row is not None:  # the case is out already, nothing is to be added
        audit.write(session, by, "exclusion.known", f"exclusion {row.id}", {"objection": objection.id})
        return
    row = session.scalar(select(Exclusion).filter_by(**key, state="applied"))
    if row is None:
        wanted = Wanted(objection.unit_code, objection.case_no or "", "other", objection.text)
        row = _enter(session, wanted, objection.register or "", by=objection.raised_by)
    if row.applied_by == by:
        raise ExclusionRefused("same_person")
    row.state, row.decided_by, row.decided_at = "approved", by, now()
    row.answer, row.effect = objection.answer, objection.effect
    carry_over(session, source=("objection", objection.id), target=("exclusion", row.id))
    audit.write(
        session, by, "exclusion.decide", f"exclusion {row.id}", {"state": "approved", "objection": objection.id}
    )


def preview(instance: Instance, viewer: Viewer, exclusion: int) -> Effect | None:
    """What leaving the case out would do to the unit in the assessment that is open, else in the newest one.

    None without an assessment. Raises Forbidden unless the viewer may decide.
    """
    with instance.session() as session:
        row = _any(session, exclusion)
        require(viewer, Action.DECIDE_EXCLUSIONS, unit=row.unit_code)
        number = _concerned(session)
    if number is None:
        return None
    return effects.of_exclusion(instance, number, row.unit_code, row.register, row.case_no)


def decide(instance: Instance, viewer: Viewer, exclusion: int, *, is_approved: bool, answer: str) -> None:
    """Approve or refuse a request with reasons; the effect on the score is kept with the decision.

    Raises Forbidden, and ExclusionRefused for the person who asked, without reasons, or when it was decided.
    """
    if not answer.strip():
        raise ExclusionRefused("no_reason_given")
    effect = preview(instance, viewer, exclusion)
    with instance.session() as session:
        row = _any(session, exclusion)
        if row.state != "applied":
            raise ExclusionRefused("already_decided")
        if row.applied_by == viewer.sign_in:
            raise ExclusionRefused("same_person")
        if is_approved and row.batch_id is None and not files_of(session, subject="exclusion", subject_id=row.id):
            raise ExclusionRefused("no_document")
        row.state = "approved" if is_approved else "refused"
        row.answer, row.decided_by, row.decided_at = cycle.masked(answer), viewer.sign_in, now()
        row.effect = effect.to_json() if effect else None
        audit.write(session, viewer.sign_in, "exclusion.decide", f"exclusion {exclusion}", {"state": row.state})


def take_back(instance: Instance, viewer: Viewer, exclusion: int, *, why: str) -> None:
    """Take a request back (whoever asked), or an approved exclusion (whoever may decide); the case counts again.

    Raises Forbidden, and ExclusionRefused without reasons or when there is nothing to take back.
    """
    if not why.strip():
        raise ExclusionRefused("no_reason_given")
    with instance.session() as session:
        row = _any(session, exclusion)
        if row.state not in ("applied", "approved"):
            raise ExclusionRefused("already_decided")
        if row.state == "approved" or row.applied_by != viewer.sign_in:
            require(viewer, Action.DECIDE_EXCLUSIONS, unit=row.unit_code)
        row.state, row.answer = "withdrawn", cycle.masked(why)
        audit.write(session, viewer.sign_in, "exclusion.withdraw", f"exclusion {exclusion}", {"unit": row.unit_code})


def _concerned(session: Session) -> int | None:
    """The newest assessment that still changes, else the newest one."""
    current = select(Assessment.number).where(Assessment.replaced_by.is_(None)).order_by(Assessment.number.desc())
    changing = session.scalar(current.where(Assessment.state.in_(("draft", "review", "appeal"))).limit(1))
    return changing if changing is not None else session.scalar(current.limit(1))


def _any(session: Session, exclusion: int) -> Exclusion:
    row = session.get(Exclusion, exclusion)
    if row is None:
        raise LookupError(f"there is no entry {exclusion} in the ledger")
    return row
