"""Notices to a person: a job they asked for has ended, or somebody tried to get into their account.

Documents that are ready lie in the inbox (`pipeline.paper.inbox`) and are not told twice here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from pipeline.paper.inbox import READY
from records.access import Viewer
from records.clock import now
from records.instance import Instance
from records.models import JobNote, Notice, Person

KEPT = 50  # a page of them; older ones say nothing that the pages themselves do not
SHOWN_KEYS = ("upload", "number", "period")  # arguments of a job that its notice may carry


@dataclass(frozen=True)
class NoticeRow:
    """One notice; `code` names its sentence and `arguments` fill it."""

    id: int
    code: str
    arguments: dict[str, Any]
    made_at: datetime
    is_new: bool


def tell_end(instance: Instance, job: str, answer: Any, is_done: bool) -> None:
    """Tell who asked for a job that it has ended. A job that nobody asked for, or one told before, adds nothing."""
    with instance.session() as session:
        note = session.get(JobNote, job)
        person = session.scalar(select(Person.id).where(Person.sign_in == note.made_by)) if note else None
        if note is None or person is None or _is_told(session, person, job):
            return
        about = {key: note.arguments[key] for key in SHOWN_KEYS if key in note.arguments}
        found = answer if isinstance(answer, dict) else {}
        about |= {key: value for key, value in found.items() if isinstance(value, int)}
        arguments = {"job": job, "kind": note.kind, **about}
        code = "job_done" if is_done else "job_failed"
        session.add(Notice(person_id=person, code=code, arguments=arguments, made_at=now()))


def _is_told(session: Any, person: int, job: str) -> bool:
    own = session.scalars(select(Notice.arguments).where(Notice.person_id == person))
    return any(arguments.get("job") == job for arguments in own)


def count_new(instance: Instance, viewer: Viewer) -> int:
    """How many notices the viewer has not seen."""
    with instance.session() as session:
        wanted = select(func.count()).where(
            Notice.person_id == viewer.person, Notice.read_at.is_(None), Notice.code != READY
        )
        return session.scalar(wanted) or 0


def list_notices(instance: Instance, viewer: Viewer) -> list[NoticeRow]:
    """The viewer's own notices, the newest first."""
    own = Notice.person_id == viewer.person, Notice.code != READY
    wanted = select(Notice).where(*own).order_by(Notice.id.desc()).limit(KEPT)
    with instance.session() as session:
        return [
            NoticeRow(row.id, row.code, row.arguments, row.made_at, row.read_at is None)
            for row in session.scalars(wanted)
        ]


def mark_read(instance: Instance, viewer: Viewer, *, up_to: int) -> None:
    """The viewer has seen their notices up to this one; those that came meanwhile stay new."""
    with instance.session() as session:
        own = (Notice.person_id == viewer.person, Notice.id <= up_to, Notice.read_at.is_(None), Notice.code != READY)
        session.execute(update(Notice).where(*own).values(read_at=now()))
