"""The review desk: assign a finding, ask the unit, take its answer, decide with a reason. Every step is audited.

A finding never changes a score by itself. Only a confirmed one can enter, and only where a scheme has a rule for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from integrity.rules.finding import DISCLAIMER
from metrics.clocks.calendar import CalendarUnpublished
from metrics.clocks.clock import Limit, due
from pipeline.house.jobs import Steps
from pipeline.integrity.findings import DECIDED, find, store
from pipeline.numbers.counting import calendar_of
from pipeline.numbers.surges import early_notices
from records import audit
from records.access import OPERATOR, Action, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import Finding, Person
from records.queries.findings import FindingRow
from records.vocabulary import Role

ANSWER_WORKING_DAYS = 10
CONFIRMED_AS = ("", "untrue_records", "forced_rating", "identity_leak", "site_security", "site_unreachable",
                "home_stale", "columns_stale", "no_interaction", "service_useless",
                "media_stale", "app_stale", "media_silent")  # fmt: skip


class ReviewRefused(Exception):
    """A step the state of the finding does not allow; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class DeskLine:
    """How the desk dealt with the findings of one detector or peer group."""

    name: str
    findings: int
    open: int
    explained: int
    confirmed: int
    data_error: int
    days: float | None  # median days from finding to decision

    @property
    def decided(self) -> int:
        return self.explained + self.confirmed + self.data_error

    @property
    def confirmed_share(self) -> float | None:
        return self.confirmed / self.decided if self.decided else None


def find_job(
    instance: Instance, steps: Steps, period: str, start_day: int = 1, asked_by: str = "", scheme: str = ""
) -> dict[str, int]:
    """Look for findings of a period and keep them: the job behind the button of the desk."""
    steps.expect(1)
    return {"findings": steps.step("find", _find_and_store, instance, period, start_day, asked_by, scheme)}


def _find_and_store(instance: Instance, period: str, start_day: int, by: str, scheme: str) -> int:
    found = find(instance, period, start_day, scheme or None)
    kept = store(instance, period, found, by=by, scheme=scheme or None)
    early_notices(instance, viewer=OPERATOR)  # so that the start page can say what grew
    return len(kept)


def assign(instance: Instance, number: int, *, to: str, viewer: Viewer) -> None:
    """Give a finding to an assessor by sign-in name."""
    with instance.session() as session:
        finding = _open(session, number, viewer)
        assessor = select(Person).where(Person.sign_in == to, Person.role == Role.ASSESSOR.value, Person.is_active)
        if session.scalar(assessor) is None:
            raise ReviewRefused("no_such_assessor")
        finding.assigned_to = to
        audit.write(session, viewer.sign_in, "assign_finding", str(number), {"to": to})


def ask(instance: Instance, number: int, *, question: str, viewer: Viewer) -> date:
    """Ask the unit, which has ten working days; the day its answer is due comes back."""
    with instance.session() as session:
        finding = _open(session, number, viewer)
        if finding.unit_code is None:
            raise ReviewRefused("no_unit")
        if finding.asked_at is not None:
            raise ReviewRefused("asked_already")
        finding.state, finding.question = "asked", question.strip()
        finding.asked_by, finding.asked_at = viewer.sign_in, now()
        finding.answer_due = _answer_due(instance)
        audit.write(session, viewer.sign_in, "ask_unit", str(number), {"due": finding.answer_due.isoformat()})
        return finding.answer_due


def _answer_due(instance: Instance) -> date:
    """Ten working days from today; where the notice of the year is missing, fourteen calendar days."""
    office = calendar_of(instance)
    today = now().astimezone(ZoneInfo(office.zone)).replace(tzinfo=None)
    try:
        return due(office, today, Limit(ANSWER_WORKING_DAYS, "working_day")).date()
    except CalendarUnpublished:
        return date.fromordinal(today.toordinal() + 14)


def answer(instance: Instance, number: int, *, text: str, viewer: Viewer) -> None:
    """The unit's answer. It may be changed until the desk decides."""
    with instance.session() as session:
        finding = session.get(Finding, number)
        if finding is None:
            raise ReviewRefused("no_such_finding")
        require(viewer, Action.OBJECT, unit=finding.unit_code)
        if finding.state not in ("asked", "answered"):
            raise ReviewRefused("not_asked")
        finding.state, finding.unit_answer = "answered", text.strip()
        finding.answered_by, finding.answered_at = viewer.sign_in, now()
        audit.write(session, viewer.sign_in, "answer_finding", str(number))


def decide(
    instance: Instance, number: int, *, outcome: str, reason: str, viewer: Viewer, confirmed_as: str = ""
) -> None:
    """Close a finding as explained, confirmed or data error, with the reason.

    A finding about a unit is confirmed only after the unit was asked and answered, or let its ten days pass.
    `confirmed_as` names the matter a scheme's rule looks for; without it the detector's code is what counts.
    """
    if outcome not in DECIDED or not reason.strip() or confirmed_as not in CONFIRMED_AS:
        raise ReviewRefused("reason_missing" if outcome in DECIDED else "no_such_outcome")
    with instance.session() as session:
        finding = _open(session, number, viewer)
        if outcome == "confirmed" and finding.unit_code is not None and not _was_heard(finding):
            raise ReviewRefused("unit_not_heard")
        finding.state, finding.note = outcome, reason.strip()
        finding.reviewed_by, finding.reviewed_at = viewer.sign_in, now()
        said = {k: v for k, v in finding.document.items() if k != "disclaimer"}  # it is verified now
        finding.document = said | ({"confirmed_as": confirmed_as} if outcome == "confirmed" and confirmed_as else {})
        audit.write(session, viewer.sign_in, "decide_finding", str(number), {"outcome": outcome, "as": confirmed_as})


def reopen(instance: Instance, number: int, *, reason: str, viewer: Viewer) -> None:
    """Take a decision back, with the reason; what was said before stays in the audit trail."""
    with instance.session() as session:
        finding = _known(session, number, viewer)
        if finding.state not in DECIDED:
            raise ReviewRefused("not_decided")
        if not reason.strip():
            raise ReviewRefused("reason_missing")
        audit.write(session, viewer.sign_in, "reopen_finding", str(number), {"was": finding.state})
        finding.state = "answered" if finding.answered_at else "asked" if finding.asked_at else "open"
        finding.note, finding.reviewed_by, finding.reviewed_at = reason.strip(), None, None
        said = {k: v for k, v in finding.document.items() if k != "confirmed_as"}
        finding.document = {**said, "disclaimer": DISCLAIMER}


def _was_heard(finding: Finding) -> bool:
    if finding.answered_at is not None:
        return True
    return finding.answer_due is not None and now().date() > finding.answer_due


def _known(session: Session, number: int, viewer: Viewer) -> Finding:
    finding = session.get(Finding, number)
    if finding is None:
        raise ReviewRefused("no_such_finding")
    require(viewer, Action.ASSESS, unit=finding.unit_code)
    return finding


def _open(session: Session, number: int, viewer: Viewer) -> Finding:
    finding = _known(session, number, viewer)
    if finding.state in DECIDED:
        raise ReviewRefused("decided_already")
    return finding


def desk_statistics(rows: Iterable[FindingRow], name_of: dict[int, str]) -> list[DeskLine]:
    """Findings, outcomes and days by the name given to each finding: a check on the desk itself.

    A detector or a peer group whose findings are hardly ever confirmed, or wait longer, shows here.
    """
    groups: dict[str, list[FindingRow]] = {}
    for row in rows:
        groups.setdefault(name_of[row.id], []).append(row)
    return [_line(name, found) for name, found in sorted(groups.items())]


def _line(name: str, rows: list[FindingRow]) -> DeskLine:
    states = Counter(row.state for row in rows)
    days = [(row.reviewed_at - row.made_at).total_seconds() / 86_400 for row in rows if row.reviewed_at]
    waiting = sum(states[state] for state in ("open", "asked", "answered"))
    return DeskLine(name, len(rows), waiting, states["explained"], states["confirmed"], states["data_error"],
                    median(days) if days else None)  # fmt: skip
