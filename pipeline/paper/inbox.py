"""The reader's inbox: documents that are ready. Other notices to a person are in `pipeline.house.notices`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from records.access import Viewer
from records.clock import now
from records.instance import Instance
from records.models import Notice

READY = "report_ready"


@dataclass(frozen=True)
class Message:
    """One message. `link` is the id of a job for a document that is ready."""

    id: int
    code: str
    arguments: dict[str, Any]
    link: str | None
    made_at: datetime
    read_at: datetime | None


def put(instance: Instance, person: int, code: str, arguments: dict[str, Any], link: str | None = None) -> None:
    """Leave a message; the same link is left once."""
    with instance.session() as session:
        known = select(Notice.id).filter_by(person_id=person, code=code, link=link)
        if link is None or session.scalar(known) is None:
            session.add(Notice(person_id=person, code=code, arguments=arguments, link=link, made_at=now()))


def list_own(instance: Instance, viewer: Viewer, *, limit: int = 100) -> list[Message]:
    """The viewer's messages, the newest first."""
    wanted = (
        select(Notice).filter_by(person_id=viewer.person, code=READY).order_by(Notice.made_at.desc(), Notice.id.desc())
    )
    with instance.session() as session:
        return [
            Message(row.id, row.code, row.arguments, row.link, row.made_at, row.read_at)
            for row in session.scalars(wanted.limit(limit))
        ]


def mark_read(instance: Instance, viewer: Viewer) -> None:
    """Every message of the viewer is read now."""
    with instance.session() as session:
        session.execute(
            update(Notice)
            .where(Notice.person_id == viewer.person, Notice.code == READY, Notice.read_at.is_(None))
            .values(read_at=now())
        )
