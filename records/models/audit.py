"""The audit trail: entries that each hold the hash of the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, UtcTime

BigNumber = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up by itself only for INTEGER


class AuditEntry(Base):
    """One thing that somebody did."""

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(BigNumber, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    who: Mapped[str] = mapped_column(String(100), index=True)
    action: Mapped[str] = mapped_column(String(60), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain, one row. Writing takes its lock first, and a cut-off tail no longer matches it."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigNumber)
    hash: Mapped[str] = mapped_column(String(64))
