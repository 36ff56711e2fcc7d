"""Objections: a unit disputes a record or a figure with evidence; the office decides, seeing what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from pipeline.judgement import cycle, effects, exclusions
from pipeline.judgement.effects import Effect
from pipeline.judgement.evidence_files import Given, keep
from records import audit
from records.access import Action, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import Assessment, Objection
from records.queries import cases

REMEDIES = ("none", "exclude", "import")


class ObjectionRefused(ValueError):
    """The objection cannot be raised or decided like this; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(code.replace("_", " "))
        self.code = code


@dataclass(frozen=True)
class Claim:
    """What a unit disputes: an indicator, perhaps with the value it holds to be right, or one record; and why."""

    text: str
    indicator: str | None = None
    claimed: float | None = None
    register: str | None = None
    case_no: str | None = None


def raise_objection(
    instance: Instance, viewer: Viewer, *, number: int, unit: str, claim: Claim, files: Sequence[Given] = ()
) -> int:
    """Put an objection to an assessment in its objection period; answers with its number.

    Raises Forbidden for another unit's result, Closed outside the period, ObjectionRefused for an objection to nothing
    or to a record that is not the unit's, EvidenceRefused, and LookupError for an unknown assessment.
    """
    if not claim.text.strip():
        raise ObjectionRefused("no_reason_given")
    if not claim.indicator and not claim.case_no:
        raise ObjectionRefused("nothing_disputed")
    with instance.session() as session:
        row = session.get(Assessment, number)
        if row is None:
            raise LookupError(f"there is no assessment {number}")
        require(viewer, Action.OBJECT, unit=unit, state=row.state)
        if not cycle.is_open(row, cycle.OBJECTIONS_IN, instance.today()):
            raise cycle.Closed(f"assessment {number} takes no objections in state {row.state}")
        register = _register_of(instance, session, viewer, unit, claim) if claim.case_no else None
        made = Objection(
            assessment_number=number, unit_code=unit, indicator=claim.indicator, register=register,
            case_no=claim.case_no, claimed=claim.claimed, text=cycle.masked(claim.text), state="open",
            raised_by=viewer.sign_in, raised_at=now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        keep(instance, session, subject="objection", subject_id=made.id, files=files, by=viewer.sign_in)
        detail = {"assessment": number, "unit": unit, "indicator": claim.indicator, "files": len(files)}
        audit.write(session, viewer.sign_in, "objection.raise", f"objection {made.id}", detail)
        return made.id


def _register_of(instance: Instance, session: Session, viewer: Viewer, unit: str, claim: Claim) -> str:
    """The register of the disputed record, which must be the unit's own."""
    case_no = claim.case_no or ""
    rows = cases.one(instance, session, viewer=viewer, case_no=case_no, register=claim.register)
    own = {row["register"] or "" for row in rows if row["unit"] == unit}
    if not own:
        raise ObjectionRefused("no_such_record")
    if len(own) > 1:
        raise ObjectionRefused("record_in_several_registers")
    return own.pop()


def withdraw(instance: Instance, viewer: Viewer, objection: int) -> None:
    """Take an open objection back. Raises Forbidden for another unit's, ObjectionRefused when it was decided."""
    with instance.session() as session:
        row = _open(session, objection)
        require(viewer, Action.OBJECT, unit=row.unit_code)
        row.state, row.decided_by, row.decided_at = "withdrawn", viewer.sign_in, now()
        audit.write(session, viewer.sign_in, "objection.withdraw", f"objection {objection}")


def preview(instance: Instance, viewer: Viewer, objection: int) -> Effect | None:
    """What accepting would do to the unit's score: the record left out, or the claimed value in the frozen one's place.

    None where an objection names neither a record nor a value. Raises Forbidden unless the viewer may decide it.
    """
    with instance.session() as session:
        row = _any(session, objection)
        require(viewer, Action.ASSESS, unit=row.unit_code)
    if row.case_no is not None:
        return effects.of_exclusion(instance, row.assessment_number, row.unit_code, row.register or "", row.case_no)
    if row.indicator is not None and row.claimed is not None:
        return effects.of_claim(instance, row.assessment_number, row.unit_code, row.indicator, row.claimed)
    return None


def decide(
    instance: Instance, viewer: Viewer, objection: int, *, is_accepted: bool, answer: str, remedy: str = "none"
) -> None:
    """Decide an open objection with reasons.

    Accepted with the remedy "exclude", the record goes into the exclusion ledger: requested by the unit, approved by
    the one who decides. "import" says that the data are put right by a new file. Results change when the assessment is
    counted again. Raises Forbidden for one's own unit, ObjectionRefused without reasons or for one's own objection.
    """
    if not answer.strip():
        raise ObjectionRefused("no_reason_given")
    effect = preview(instance, viewer, objection)
    with instance.session() as session:
        row = _open(session, objection)
        require(viewer, Action.ASSESS, unit=row.unit_code)
        if row.raised_by == viewer.sign_in:
            raise ObjectionRefused("same_person")
        row.state = "accepted" if is_accepted else "refused"
        row.remedy = remedy if is_accepted and remedy in REMEDIES else "none"
        row.answer, row.decided_by, row.decided_at = cycle.masked(answer), viewer.sign_in, now()
        row.effect = effect.to_json() if effect else None
        if row.remedy == "exclude" and row.case_no is not None:
            try:
                exclusions.enter_from_objection(session, row, by=viewer.sign_in)
            except exclusions.ExclusionRefused as refused:
                raise ObjectionRefused(refused.code) from refused
        detail = {"state": row.state, "remedy": row.remedy}
        audit.write(session, viewer.sign_in, "objection.decide", f"objection {objection}", detail)


def _any(session: Session, objection: int) -> Objection:
    row = session.get(Objection, objection)
    if row is None:
        raise LookupError(f"there is no objection {objection}")
    return row


def _open(session: Session, objection: int) -> Objection:
    row = _any(session, objection)
    if row.state != "open":
        raise ObjectionRefused("already_decided")
    return row
