"""What people decide about single cases and results: exclusions, objections, findings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
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
    answer: Mapped[str | None] = mapped_column(Text)
    effect: Mapped[dict[str, Any] | None]  # on the score of the unit, as it was shown to the one who decided


class Objection(Base):
    """A unit's objection to a result of an assessment, and the answer to it."""

    __tablename__ = "objection"
    __table_args__ = (CheckConstraint("state IN ('open', 'accepted', 'refused', 'withdrawn')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_number: Mapped[int] = mapped_column(ForeignKey("assessment.number"), index=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    indicator: Mapped[str | None] = mapped_column(String(40))
    register: Mapped[str | None] = mapped_column(String(100))
    case_no: Mapped[str | None] = mapped_column(String(100))
    claimed: Mapped[float | None] = mapped_column(Float)  # what the unit says the value of the indicator is
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    remedy: Mapped[str | None] = mapped_column(String(20))  # what follows: exclude, import, none
    effect: Mapped[dict[str, Any] | None]  # on the score of the unit, as it was shown to the one who decided
    raised_by: Mapped[str] = mapped_column(String(100))
    raised_at: Mapped[datetime] = mapped_column(UtcTime)
    answer: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)


class EvidenceFile(Base):
    """A file behind an objection, an exclusion, a task or a bonus. Its bytes lie under their hash and never change."""

    __tablename__ = "evidence_file"
    __table_args__ = (
        CheckConstraint("subject IN ('objection', 'exclusion', 'rectification', 'bonus')", name="subject"),
        Index(None, "subject", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcTime)


class Finding(Base):
    """Something that needs a human look. It never changes a score by itself.

    `variant` tells apart the patterns of one detector. `is_current` is False once a newer run no longer finds it.
    """

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'asked', 'answered', 'explained', 'confirmed', 'data_error')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    detector: Mapped[str] = mapped_column(String(20), index=True)
    variant: Mapped[str] = mapped_column(String(40), default="")
    period: Mapped[str] = mapped_column(String(40), index=True)
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"), index=True)
    is_named: Mapped[bool] = mapped_column(default=False)
    is_current: Mapped[bool] = mapped_column(default=True)
    strength: Mapped[float] = mapped_column(Float(53), default=0.0)
    document: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20), default="open")
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    assigned_to: Mapped[str | None] = mapped_column(String(100), index=True)
    asked_by: Mapped[str | None] = mapped_column(String(100))
    asked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    question: Mapped[str | None] = mapped_column(Text)
    answer_due: Mapped[date | None]
    unit_answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(100))
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    note: Mapped[str | None] = mapped_column(Text)
    reviewed_by: Mapped[str | None] = mapped_column(String(100))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class VerificationSample(Base):
    """A seeded draw of closed cases to be called back. `document` keeps what the estimate needs of the population."""

    __tablename__ = "verification_sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(40), index=True)
    seed: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]]
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)


class SampleCase(Base):
    """One case of a sample. The caller sees neither `is_claimed` nor `reason` nor `detectors`."""

    __tablename__ = "sample_case"
    __table_args__ = (
        UniqueConstraint("sample_id", "register", "case_no"),
        CheckConstraint("result IS NULL OR result IN ('yes', 'partly', 'no', 'unreachable')", name="result"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("verification_sample.id"), index=True)
    place: Mapped[int] = mapped_column(Integer)
    register: Mapped[str] = mapped_column(String(100), default="")
    case_no: Mapped[str] = mapped_column(String(100))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    stratum: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(20))
    is_claimed: Mapped[bool]
    detectors: Mapped[list[Any]]
    result: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Text)
    entered_by: Mapped[str | None] = mapped_column(String(100))
    entered_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ProtectedReport(Base):
    """A citizen tells that a unit contacted them after a rating. Kept outside the sight of the unit."""

    __tablename__ = "protected_report"
    __table_args__ = (CheckConstraint("state IN ('open', 'closed')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), default="open")
    recorded_by: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)
    outcome: Mapped[str | None] = mapped_column(Text)
    closed_by: Mapped[str | None] = mapped_column(String(100))
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
