"""Reading who asked for which job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.access import Viewer
from records.models import JobNote


@dataclass(frozen=True)
class JobNoteRow:
    """A job a person asked for. Its progress lives in the job store."""

    job: str
    kind: str
    arguments: dict[str, Any]
    made_by: str
    made_at: datetime


def list_own_jobs(session: Session, *, viewer: Viewer, kind: str, limit: int = 50) -> list[JobNoteRow]:
    """The newest jobs of one kind that the viewer asked for."""
    wanted = select(JobNote).where(JobNote.made_by == viewer.sign_in, JobNote.kind == kind)
    return [_row(note) for note in session.scalars(wanted.order_by(JobNote.made_at.desc()).limit(limit))]


def one_own_job(session: Session, *, viewer: Viewer, job: str) -> JobNoteRow | None:
    """One job of the viewer; None for an unknown one and for that of somebody else."""
    note = session.get(JobNote, job)
    return _row(note) if note is not None and note.made_by == viewer.sign_in else None


def _row(note: JobNote) -> JobNoteRow:
    return JobNoteRow(note.job_id, note.kind, note.arguments, note.made_by, note.made_at)
