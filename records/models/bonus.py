"""Bonuses: documented projects that add points, proposed by one person and decided by another."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime


class Bonus(Base):
    """A documented piece of work under one bonus rule of a scheme. It counts from its day to its last valid day."""

    __tablename__ = "bonus"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'approved', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_persons"),
        CheckConstraint("items > 0", name="items"),
        CheckConstraint("done_on <= valid_until", name="validity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    scheme_id: Mapped[str] = mapped_column(String(64))
    rule: Mapped[str] = mapped_column(String(40))  # code of the bonus in the scheme
    title: Mapped[str] = mapped_column(String(200))
    ground: Mapped[str] = mapped_column(Text)
    items: Mapped[int] = mapped_column(Integer)  # how many times the points of the rule
    done_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(20), default="proposed", index=True)
    proposed_by: Mapped[str] = mapped_column(String(100))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    answer: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
