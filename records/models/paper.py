"""Paper: documents that were made, and texts people wrote for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime


class IssuedDocument(Base):
    """A file that was made: its code, printed on every page, and the hash of its bytes.

    The code follows from what the file says, so the same content gives the same code; a second making is kept once.
    """

    __tablename__ = "issued_document"
    __table_args__ = (UniqueConstraint("code", "file_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    assessment_number: Mapped[int] = mapped_column(ForeignKey("assessment.number"), index=True)
    result_sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    format: Mapped[str] = mapped_column(String(10))
    unit_code: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(10))
    role: Mapped[str] = mapped_column(String(20))
    file_sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)


class TextBlock(Base):
    """What a person wrote for a chapter of a report, or for a unit in it; the newest text of a place holds.

    `{metric.H2}` and the like are filled with the printed number when a document is made. A later period under the
    same scheme takes over what it has no own text for.
    """

    __tablename__ = "text_block"
    __table_args__ = (UniqueConstraint("scheme_id", "period", "chapter", "unit_code", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[str] = mapped_column(String(64))
    period: Mapped[str] = mapped_column(String(40))
    chapter: Mapped[str] = mapped_column(String(40))
    unit_code: Mapped[str] = mapped_column(String(64), default="")  # empty for the chapter itself
    language: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcTime)


class StandingOrder(Base):
    """A document a person wants again and again, made by the worker when its day, month or year is over."""

    __tablename__ = "standing_order"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    rhythm: Mapped[str] = mapped_column(String(10))  # daily, monthly, yearly
    scheme_id: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    format: Mapped[str] = mapped_column(String(10))
    unit_code: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(5))
    mail_to: Mapped[str | None] = mapped_column(String(200))  # of the person's office; empty: the inbox alone
    last_made: Mapped[str] = mapped_column(String(10), default="")  # the latest day, month or year it was made for
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
