"""People who sign in, and the tokens programs use in their stead."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime


class Person(Base):
    """An account. The password is kept as an argon2id hash only."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("role IN ('admin', 'assessor', 'unit_head', 'org_dept', 'auditor')", name="role"),
        CheckConstraint("role <> 'unit_head' OR unit_code IS NOT NULL", name="unit_of_head"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sign_in: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    language: Mapped[str | None] = mapped_column(String(5))
    is_active: Mapped[bool] = mapped_column(default=True)
    has_survey_role: Mapped[bool] = mapped_column(default=False)  # may read single ratings, each read logged
    must_change_password: Mapped[bool] = mapped_column(default=False)
    failed_sign_ins: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcTime)
    session_number: Mapped[int] = mapped_column(Integer, default=1)  # raised to end all sessions of the person
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcTime)
    second_factor_salt: Mapped[str | None] = mapped_column(String(64))  # the secret is made of it and the key file
    second_factor_step: Mapped[int | None] = mapped_column(BigInteger)  # of the last code used: none is taken twice
    # SHA-256 of issuer and subject, set at the first single sign-on: the name alone may pass to somebody else.
    office_subject: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)
    made_at: Mapped[datetime] = mapped_column(UtcTime)


class ApiToken(Base):
    """A token for programs. Only its SHA-256 is kept; the token itself is shown once."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
