"""Days on which an office's calendar differs from the shipped one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime


class CalendarDay(Base):
    """One day of one calendar: worked, off, or worked in the given intervals (`[["09:00", "12:00"], …]`)."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("state IN ('work', 'off', 'hours')", name="state"),)

    calendar: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    intervals: Mapped[list[Any] | None]
    title: Mapped[str | None] = mapped_column(String(100))
    source: Mapped[str | None] = mapped_column(String(300))
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
