"""Who asked for which job, and what people are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime


class JobNote(Base):
    """What the catalogue keeps of a job: who asked for what. Its progress lives in the job store."""

    __tablename__ = "job_note"

    job_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    arguments: Mapped[dict[str, Any]]  # identifiers only, never personal data
    made_by: Mapped[str] = mapped_column(String(100), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcTime)


class Notice(Base):
    """A message to one person. `code` names the sentence, `arguments` fill it in the reader's language."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[dict[str, Any]]
    link: Mapped[str | None] = mapped_column(String(300))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcTime)
