"""Import batches and saved layouts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime


class Batch(Base):
    """One file that was checked, and the part that came of it once it was accepted.

    Local times (`exported_at`, `first_at`, `last_at`) are naive, as in the parts. A part is evidence exactly when a
    row here names it; `withdrawn` takes it out of the numbers and leaves it where it is.
    """

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("state IN ('checked', 'refused', 'accepted', 'withdrawn', 'discarded')", name="state"),
        CheckConstraint("part_path IS NULL OR part_sha256 IS NOT NULL", name="part_has_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    file_name: Mapped[str] = mapped_column(String(300))
    file_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    options: Mapped[dict[str, Any] | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)  # the whole CheckAnswer
    layout: Mapped[str | None] = mapped_column(String(100))
    register: Mapped[str | None] = mapped_column(String(100))
    channel: Mapped[str | None] = mapped_column(String(20))
    source: Mapped[str | None] = mapped_column(String(20))
    exported_at: Mapped[datetime | None] = mapped_column(DateTime)
    staged_path: Mapped[str | None] = mapped_column(Text)  # relative to the instance folder
    part_path: Mapped[str | None] = mapped_column(Text)  # relative to the parts folder
    part_sha256: Mapped[str | None] = mapped_column(String(64))
    row_count: Mapped[int | None] = mapped_column(BigInteger)
    first_at: Mapped[datetime | None] = mapped_column(DateTime)
    last_at: Mapped[datetime | None] = mapped_column(DateTime)
    n_new: Mapped[int | None] = mapped_column(Integer)
    n_changed: Mapped[int | None] = mapped_column(Integer)
    n_unchanged: Mapped[int | None] = mapped_column(Integer)
    n_rejected: Mapped[int | None] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    accepted_by: Mapped[str | None] = mapped_column(String(100))
    accepted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(100))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_why: Mapped[str | None] = mapped_column(Text)
    anonymised_at: Mapped[datetime | None] = mapped_column(UtcTime)  # texts and tokens are gone since then


class Layout(Base):
    """A mapping of headers that an office saved under a name."""

    __tablename__ = "layout"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    document: Mapped[dict[str, Any]]
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
