"""Reading findings: the desk sees all of them, a unit only what it was asked about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records.access import Action, Viewer, can, require, unit_filter
from records.models import AuditEntry, Finding

SEARCHED = "find_findings"  # the entry of the audit trail
VOICE_FAMILIES = frozenset({"ratings", "citizen_voice"})
PROCESS_ONLY = frozenset({"D15", "D18", "D20"})  # of those families, but their cases tell nothing a citizen answered


@dataclass(frozen=True)
class FindingRow:
    """A finding with everything that was done about it."""

    id: int
    detector: str
    variant: str
    period: str
    unit_code: str | None
    is_named: bool
    is_current: bool
    strength: float
    document: Mapping[str, Any]
    state: str
    made_at: datetime
    assigned_to: str | None
    asked_by: str | None
    asked_at: datetime | None
    question: str | None
    answer_due: date | None
    unit_answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    note: str | None
    reviewed_by: str | None
    reviewed_at: datetime | None

    @property
    def key(self) -> str:
        """The detector entry: code, or code and pattern."""
        return f"{self.detector}.{self.variant}" if self.variant else self.detector

    @property
    def shows_cases_to_unit(self) -> bool:
        """Single cases behind ratings, follow-ups or repeated calls are never shown to the unit concerned."""
        return self.document.get("family") not in VOICE_FAMILIES

    @property
    def cases_show_answers(self) -> bool:
        """Whether a case in the list of this finding tells what its citizen answered."""
        return self.document.get("family") in VOICE_FAMILIES and self.detector not in PROCESS_ONLY


NAMES = tuple(FindingRow.__dataclass_fields__)


def list_findings(
    session: Session,
    *,
    viewer: Viewer,
    period: str | None = None,
    detector: str | None = None,
    state: str | None = None,
    unit: str | None = None,
) -> list[FindingRow]:
    """The queue of the desk, strongest first. Raises Forbidden for who may not see findings."""
    require(viewer, Action.SEE_FINDINGS)
    wanted = select(Finding).order_by(Finding.is_current.desc(), Finding.strength.desc(), Finding.id)
    for column, value in ((Finding.period, period), (Finding.detector, detector), (Finding.state, state),
                          (Finding.unit_code, unit)):  # fmt: skip
        if value:
            wanted = wanted.where(column == value)
    return [_shown(_row(found), viewer) for found in session.scalars(wanted)]


def about_case(session: Session, *, viewer: Viewer, register: str, case_no: str) -> list[FindingRow]:
    """Current findings whose list of cases holds this one; empty for who may not see findings."""
    if not can(viewer, Action.SEE_FINDINGS):
        return []
    wanted = select(Finding).where(Finding.is_current).order_by(Finding.detector, Finding.id)
    rows = (_shown(_row(found), viewer) for found in session.scalars(wanted))
    return [row for row in rows if [register, case_no] in row.document.get("cases", [])]


def one(session: Session, *, viewer: Viewer, number: int) -> FindingRow | None:
    """One finding for the desk, None when there is none."""
    require(viewer, Action.SEE_FINDINGS)
    found = session.get(Finding, number)
    return _shown(_row(found), viewer) if found else None


def every_current(session: Session, *, period: str) -> list[FindingRow]:
    """Current findings of a period whole, in the order they were made: who hands them on closes them for its reader."""
    wanted = select(Finding).where(Finding.period == period, Finding.is_current).order_by(Finding.id)
    return [_row(found) for found in session.scalars(wanted)]


def was_searched(session: Session, *, period: str) -> bool:
    """Whether findings of a period were ever looked for: none found is not the same as none looked for."""
    searched = select(AuditEntry.number).where(AuditEntry.action == SEARCHED, AuditEntry.subject == period)
    kept = select(Finding.id).where(Finding.period == period)
    return any(session.scalar(wanted.limit(1)) is not None for wanted in (searched, kept))


def list_asked(session: Session, *, viewer: Viewer) -> list[FindingRow]:
    """What the units of the viewer were asked, the newest first."""
    require(viewer, Action.OBJECT)
    return [_row(found) for found in session.scalars(_asked(viewer).order_by(Finding.asked_at.desc(), Finding.id))]


def one_asked(session: Session, *, viewer: Viewer, number: int) -> FindingRow | None:
    """One finding the viewer's unit was asked about, None for all others."""
    require(viewer, Action.OBJECT)
    found = session.scalar(_asked(viewer).where(Finding.id == number))
    return _row(found) if found else None


def _asked(viewer: Viewer) -> Select[Finding]:
    wanted = select(Finding).where(Finding.asked_at.is_not(None))
    own = unit_filter(viewer, Action.OBJECT)
    return wanted if own is None else wanted.where(Finding.unit_code.in_(sorted(own)))


def _shown(row: FindingRow, viewer: Viewer) -> FindingRow:
    """Without its list of cases where that list would tell single answers to somebody who may not read them."""
    if not row.cases_show_answers or can(viewer, Action.SEE_RATINGS):
        return row
    return replace(row, document={**row.document, "cases": []})


def _row(found: Finding) -> FindingRow:
    return FindingRow(**{name: getattr(found, name) for name in NAMES})
