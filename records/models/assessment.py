"""Published schemes and frozen assessments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, UtcTime


class SchemePublication(Base):
    """A scheme an office published. One version is one text for ever; a correction is a new version."""

    __tablename__ = "scheme_publication"
    __table_args__ = (UniqueConstraint("scheme_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text, deferred=True)  # the TOML text
    state: Mapped[str] = mapped_column(String(20), default="published")  # proposed | published | retired
    proposed_by: Mapped[str | None] = mapped_column(String(100))
    published_by: Mapped[str | None] = mapped_column(String(100))
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)


class SchemeDraft(Base):
    """A version of a scheme that is being written. Only its publication is a scheme; drafts score nothing."""

    __tablename__ = "scheme_draft"
    __table_args__ = (
        CheckConstraint("state IN ('editing', 'proposed', 'published', 'dropped')", name="state"),
        CheckConstraint("published_by IS NULL OR published_by <> proposed_by", name="two_persons"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    based_on: Mapped[str] = mapped_column(String(100))  # id@version it began as a copy of
    text: Mapped[str] = mapped_column(Text, deferred=True)  # TOML, with faults or without
    state: Mapped[str] = mapped_column(String(20), default="editing")
    revision: Mapped[int] = mapped_column(Integer, default=1)  # grows with every change
    edited_by: Mapped[str] = mapped_column(String(100))
    edited_at: Mapped[datetime] = mapped_column(UtcTime)
    proposed_by: Mapped[str | None] = mapped_column(String(100))
    published_by: Mapped[str | None] = mapped_column(String(100))


class Assessment(Base):
    """A scored period with its frozen result; `result_sha256` is `records.canonical.document_sha256(result)`."""

    __tablename__ = "assessment"
    __table_args__ = (CheckConstraint("state IN ('draft', 'review', 'appeal', 'final', 'published')", name="state"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[str] = mapped_column(String(64))
    scheme_version: Mapped[str] = mapped_column(String(20))
    scheme_sha256: Mapped[str] = mapped_column(String(64))
    scheme_text: Mapped[str | None] = mapped_column(Text, deferred=True)  # the scheme as it was used
    period: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    as_of: Mapped[str | None] = mapped_column(String(40))  # local time, as the result prints it
    seed: Mapped[int] = mapped_column(Integer)
    draws: Mapped[int] = mapped_column(Integer)
    result: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    result_sha256: Mapped[str] = mapped_column(String(64))
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    verification_code: Mapped[str | None] = mapped_column(String(40))
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("assessment.number"))
    review_until: Mapped[date | None] = mapped_column(Date)  # last day of comments
    objections_until: Mapped[date | None] = mapped_column(Date)  # last day of objections
    job: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)  # made by it, once

    events: Mapped[list[AssessmentEvent]] = relationship(
        back_populates="assessment", cascade="all, delete-orphan", order_by="AssessmentEvent.id"
    )


class AssessmentEvent(Base):
    """A step in the life of an assessment."""

    __tablename__ = "assessment_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_number: Mapped[int] = mapped_column(ForeignKey("assessment.number"), index=True)
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcTime)
    why: Mapped[str | None] = mapped_column(Text)

    assessment: Mapped[Assessment] = relationship(back_populates="events")


class AssessmentComment(Base):
    """What a unit says to its draft, about one indicator or the whole. It changes nothing by itself."""

    __tablename__ = "assessment_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_number: Mapped[int] = mapped_column(ForeignKey("assessment.number"), index=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    indicator: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcTime)
