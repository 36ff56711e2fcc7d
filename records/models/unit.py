"""The unit directory: a tree with aliases and validity dates."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, UtcTime


class PeerGroup(Base):
    """Units that may be compared with one another."""

    __tablename__ = "peer_group"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str | None] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(Integer, default=0)


class Unit(Base):
    """A government unit. A unit that was merged keeps its row and points to its successor."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("parent_code <> code", name="own_parent"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="validity"),
    )

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    short_name: Mapped[str | None] = mapped_column(String(100))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"), index=True)
    peer_group: Mapped[str | None] = mapped_column(ForeignKey("peer_group.code"), index=True)
    residents: Mapped[int | None] = mapped_column(Integer)
    is_assessed: Mapped[bool] = mapped_column(default=True)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    batch_id: Mapped[int | None] = mapped_column(Integer)  # the import that created it

    aliases: Mapped[list[UnitAlias]] = relationship(back_populates="unit", cascade="all, delete-orphan")


class UnitAlias(Base):
    """Another name a file may use for a unit. One alias means one unit."""

    __tablename__ = "unit_alias"

    alias: Mapped[str] = mapped_column(String(200), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    made_by: Mapped[str | None] = mapped_column(String(100))
    made_at: Mapped[datetime | None] = mapped_column(UtcTime)

    unit: Mapped[Unit] = relationship(back_populates="aliases")


class PostTenure(Base):
    """Who held a leading post of a unit, as days only: the post and its term. No name of a person is kept."""

    __tablename__ = "post_tenure"
    __table_args__ = (
        UniqueConstraint("unit_code", "post", "from_day"),
        CheckConstraint("to_day IS NULL OR from_day <= to_day", name="term"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    post: Mapped[str] = mapped_column(String(100))
    from_day: Mapped[date] = mapped_column(Date)
    to_day: Mapped[date | None] = mapped_column(Date)  # the last day in office; None while it lasts
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
