"""Rounds of rating by a form: a seeded draw, two raters for each item, a third where they differ."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime


class RubricRound(Base):
    """One draw of items for one form and period. `document` keeps the raters and the size of what was drawn from."""

    __tablename__ = "rubric_round"

    id: Mapped[int] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(40), index=True)
    seed: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]]
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)


class RubricItem(Base):
    """One reply, visit or call. The raters never see the unit of a reply, nor each other's marks."""

    __tablename__ = "rubric_item"
    __table_args__ = (UniqueConstraint("round_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rubric_round.id"), index=True)
    place: Mapped[int] = mapped_column(Integer)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    register: Mapped[str] = mapped_column(String(100), default="")
    case_no: Mapped[str] = mapped_column(String(100), default="")
    raters: Mapped[list[Any]]  # sign-in names of the two who are asked


class RubricReading(Base):
    """The marks of one rater for one item; entered once."""

    __tablename__ = "rubric_reading"
    __table_args__ = (UniqueConstraint("item_id", "rater"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("rubric_item.id"), index=True)
    rater: Mapped[str] = mapped_column(String(100))
    marks: Mapped[dict[str, Any]]
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
