"""What people decide about single cases and results: exclusions, objections, findings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime


class Exclusion(Base):
    """A case that is left out of the assessment, for a ground, decided by two persons."""

    __tablename__ = "exclusion"
    __table_args__ = (
        UniqueConstraint("register", "case_no", "unit_code"),
        CheckConstraint("state IN ('applied', 'approved', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> applied_by", name="two_persons"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    register: Mapped[str] = mapped_column(String(100), default="")
    case_no: Mapped[str] = mapped_column(String(100))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    ground: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), index=True)
    batch_id: Mapped[int | None] = mapped_column(Integer)  # where it came with a file
    applied_by: Mapped[str] = mapped_column(String(100))
    applied_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Objection(Base):
    """A unit's objection to a result of an assessment, and the answer to it."""

    __tablename__ = "objection"
    __table_args__ = (CheckConstraint("state IN ('open', 'accepted', 'refused', 'withdrawn')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_number: Mapped[int] = mapped_column(ForeignKey("assessment.number"), index=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    indicator: Mapped[str | None] = mapped_column(String(40))
    case_no: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    raised_by: Mapped[str] = mapped_column(String(100))
    raised_at: Mapped[datetime] = mapped_column(UtcTime)
    answer: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Finding(Base):
    """Something that needs a human look. It never changes a score by itself."""

    __tablename__ = "finding"
    __table_args__ = (CheckConstraint("state IN ('open', 'explained', 'confirmed', 'dismissed')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    detector: Mapped[str] = mapped_column(String(20), index=True)
    period: Mapped[str] = mapped_column(String(40), index=True)
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"), index=True)
    is_named: Mapped[bool] = mapped_column(default=False)
    document: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20), default="open")
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    note: Mapped[str | None] = mapped_column(Text)
    reviewed_by: Mapped[str | None] = mapped_column(String(100))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcTime)
