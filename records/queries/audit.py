"""Reading the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.access import Action, Viewer, require
from records.models import AuditEntry

QUIET = (
    "rating.read",
    "rating.export",
    "read_case_texts",
    "read_protected_reports",
    "read_work_list",
    "rubric.read",
    "sign_in",
    "sign_in.failed",
    "sign_in.locked",
    "sign_out",
    "report.made",
    "token.add",
    "token.revoke",
    "token.used",
    "second_factor.on",
    "second_factor.off",
    "person.change_password",
    "person.reset",
    "key.rotate",
    "self_check",
    "audit.export",
    "batch.confirm",  # the numbers of an assessment are frozen; a list of units writes an entry of its own
    "batch.discard",
)


@dataclass(frozen=True)
class AuditRow:
    """One entry."""

    number: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: dict[str, Any]


def list_entries(
    session: Session,
    *,
    viewer: Viewer,
    who: str | None = None,
    action: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[AuditRow]:
    """Entries, the newest first. Raises Forbidden for everybody but admins and auditors."""
    require(viewer, Action.SEE_AUDIT)
    wanted = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(limit).offset(offset)
    if who is not None:
        wanted = wanted.where(AuditEntry.who == who)
    if action is not None:
        wanted = wanted.where(AuditEntry.action == action)
    return [AuditRow(e.number, e.at, e.who, e.action, e.subject, e.detail) for e in session.scalars(wanted)]


def list_changes(
    session: Session, *, viewer: Viewer, actions: tuple[str, ...], limit: int, subject: str | None = None
) -> list[AuditRow]:
    """The newest entries of some kinds of change to what an office sets up. Raises Forbidden for those outside it."""
    require(viewer, Action.SEE_BATCHES)
    wanted = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.number.desc()).limit(limit)
    if subject is not None:
        wanted = wanted.where(AuditEntry.subject == subject)
    return [AuditRow(e.number, e.at, e.who, e.action, e.subject, e.detail) for e in session.scalars(wanted)]


def actions(session: Session, *, viewer: Viewer) -> list[str]:
    """Every kind of action that was ever written, in order of name."""
    require(viewer, Action.SEE_AUDIT)
    return list(session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))


def count_entries(session: Session, *, viewer: Viewer, who: str | None = None, action: str | None = None) -> int:
    """How many entries fit."""
    require(viewer, Action.SEE_AUDIT)
    wanted = select(func.count()).select_from(AuditEntry)
    if who is not None:
        wanted = wanted.where(AuditEntry.who == who)
    if action is not None:
        wanted = wanted.where(AuditEntry.action == action)
    return session.scalar(wanted) or 0


def last_change(session: Session) -> int:
    """The number of the newest entry that may have changed what pages of an assessment show.

    Reading and signing in change nothing, nor do records that come in: the numbers are frozen with the draft. A batch
    that is withdrawn may take approved exclusions along, which the pages tell of.
    """
    wanted = select(AuditEntry.number).where(AuditEntry.action.not_in(QUIET)).order_by(AuditEntry.number.desc())
    return session.scalar(wanted.limit(1)) or 0
