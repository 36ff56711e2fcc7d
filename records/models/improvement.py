"""What follows from a published assessment: improvement tasks of the units and notes on good practice."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime


class RectificationTask(Base):
    """What a unit is to put right: a weak indicator or a confirmed finding, until when, and what counts as proof.

    A task is overdue when it is open or returned and its last day has passed; that is read, never stored.
    """

    __tablename__ = "rectification_task"
    __table_args__ = (
        UniqueConstraint("assessment_number", "unit_code", "indicator"),
        UniqueConstraint("assessment_number", "finding_id"),
        CheckConstraint("state IN ('open', 'handed_in', 'accepted', 'returned')", name="state"),
        CheckConstraint("(indicator IS NULL) <> (finding_id IS NULL)", name="subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_number: Mapped[int] = mapped_column(ForeignKey("assessment.number"), index=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    indicator: Mapped[str | None] = mapped_column(String(40))
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("finding.id"))
    ground: Mapped[str] = mapped_column(String(30))  # why it was opened, a code of pipeline.judgement.rectification
    proof: Mapped[str] = mapped_column(Text)  # what counts as proof
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(20), default="open", index=True)
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    account: Mapped[str | None] = mapped_column(Text)  # what the unit says it did
    handed_in_by: Mapped[str | None] = mapped_column(String(100))
    handed_in_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answer: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)


class GoodPractice(Base):
    """What a person wrote about a unit that improved beyond chance; others read it once it is published."""

    __tablename__ = "good_practice"
    __table_args__ = (
        UniqueConstraint("assessment_number", "unit_code", "indicator"),
        CheckConstraint("state IN ('draft', 'published')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_number: Mapped[int] = mapped_column(ForeignKey("assessment.number"), index=True)  # of the later period
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    indicator: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), default="draft")
    written_by: Mapped[str] = mapped_column(String(100))
    written_at: Mapped[datetime] = mapped_column(UtcTime)
    published_by: Mapped[str | None] = mapped_column(String(100))
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
