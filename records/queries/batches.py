"""Reading import batches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from records.access import Action, Viewer, require
from records.models import Batch
from records.vocabulary import Kind


@dataclass(frozen=True)
class BatchRow:
    """A batch without its long answer. Local times are naive, the others in UTC."""

    id: int
    kind: str
    state: str
    file_name: str
    file_sha256: str | None
    layout: str | None
    register: str | None
    exported_at: datetime | None
    row_count: int | None
    first_at: datetime | None
    last_at: datetime | None
    n_new: int | None
    n_changed: int | None
    n_unchanged: int | None
    n_rejected: int | None
    part_path: str | None
    part_sha256: str | None
    made_by: str
    made_at: datetime
    accepted_by: str | None
    accepted_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_why: str | None
    anonymised_at: datetime | None


BATCH_NAMES = tuple(BatchRow.__dataclass_fields__)


def list_batches(
    session: Session,
    *,
    viewer: Viewer,
    kind: Kind | None = None,
    states: tuple[str, ...] = ("accepted", "withdrawn"),
    limit: int | None = None,
    offset: int = 0,
) -> list[BatchRow]:
    """Batches in some states, the newest first. Raises Forbidden for roles without a view of batches."""
    require(viewer, Action.SEE_BATCHES)
    wanted = select(Batch).where(Batch.state.in_(states)).order_by(Batch.id.desc()).limit(limit).offset(offset)
    if kind is not None:
        wanted = wanted.where(Batch.kind == kind)
    return [batch_row(batch) for batch in session.scalars(wanted)]


def count_batches(session: Session) -> int:
    """Number of accepted batches."""
    return session.scalar(select(func.count()).select_from(Batch).where(Batch.state == "accepted")) or 0


def one(session: Session, *, viewer: Viewer, number: int) -> BatchRow | None:
    """One batch by its number, None when there is none."""
    require(viewer, Action.SEE_BATCHES)
    batch = session.get(Batch, number)
    return batch_row(batch) if batch else None


def file_names(session: Session, numbers: Collection[int]) -> dict[int, str]:
    """The file each of these batches came from."""
    found = select(Batch.id, Batch.file_name).where(Batch.id.in_(sorted(numbers)))
    return {number: name for number, name in session.execute(found)}


def answer_of(session: Session, *, viewer: Viewer, number: int) -> dict[str, Any] | None:
    """The whole answer of the check as plain data, None when there is no such batch."""
    require(viewer, Action.SEE_BATCHES)
    batch = session.get(Batch, number, options=[undefer(Batch.answer)])
    return batch.answer if batch else None


def options_of(session: Session, *, viewer: Viewer, number: int) -> dict[str, Any]:
    """How the file of a batch was read, as far as a person said so; empty when there is no such batch."""
    require(viewer, Action.SEE_BATCHES)
    batch = session.get(Batch, number)
    return dict(batch.options or {}) if batch else {}


def batch_row(batch: Batch) -> BatchRow:
    """The row of a loaded batch."""
    return BatchRow(**{name: getattr(batch, name) for name in BATCH_NAMES})
