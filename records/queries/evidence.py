"""The files that stand behind objections, exclusions and improvement tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import EvidenceFile


@dataclass(frozen=True)
class FileRow:
    """An evidence file; its bytes lie under the hash."""

    id: int
    subject: str
    subject_id: int
    file_name: str
    sha256: str
    size: int
    by: str
    at: datetime


FILE_NAMES = tuple(FileRow.__dataclass_fields__)


def file_row(row: EvidenceFile) -> FileRow:
    """A stored file as it is read."""
    return FileRow(**fields_of(row, FILE_NAMES))


def files_behind(session: Session, subject: str, ids: list[int]) -> dict[int, tuple[FileRow, ...]]:
    """The files by the number of what they stand behind, in the order they came."""
    if not ids:
        return {}
    wanted = select(EvidenceFile).where(EvidenceFile.subject == subject, EvidenceFile.subject_id.in_(ids))
    found: dict[int, tuple[FileRow, ...]] = {}
    for row in session.scalars(wanted.order_by(EvidenceFile.id)):
        found[row.subject_id] = (*found.get(row.subject_id, ()), file_row(row))
    return found


def fields_of(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Some columns of a stored row by their names."""
    return {name: getattr(row, name) for name in names}
