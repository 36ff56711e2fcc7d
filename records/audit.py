"""The audit trail: who did what, in a chain in which every entry holds the hash of the one before."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarResult, select, update
from sqlalchemy.orm import Session

from records.canonical import document_sha256
from records.clock import now
from records.models import AuditEntry, AuditHead


@dataclass(frozen=True)
class ChainCheck:
    """The answer of a check: how many entries were read, and the first number that does not fit (None: all do)."""

    checked: int
    first_bad: int | None


def write(session: Session, who: str, action: str, subject: str, detail: dict[str, Any] | None = None) -> int:
    """Append an entry in the session's transaction and return its number.

    `detail` holds identifiers and counts, never personal data. The entry is lost with the transaction it tells of, so
    that the trail never says something happened that was rolled back.
    """
    # The update comes first: it takes the lock that keeps two writers from appending after the same entry.
    advanced = update(AuditHead).values(number=AuditHead.number + 1).returning(AuditHead.number, AuditHead.hash)
    number, previous = session.execute(advanced).one()
    entry = AuditEntry(
        number=number, at=now(), who=who, action=action, subject=subject, detail=detail or {}, previous_hash=previous
    )
    entry.hash = entry_hash(entry)
    session.add(entry)
    session.execute(update(AuditHead).values(hash=entry.hash))
    session.flush()
    return number


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over everything an entry says and the hash of the one before."""
    return document_hash(as_document(entry))


def as_document(entry: AuditEntry) -> dict[str, Any]:
    """An entry with its hashes as it leaves the system: whoever holds the file can follow the chain without it."""
    names = ("number", "who", "action", "subject", "detail", "previous_hash", "hash")
    return {name: getattr(entry, name) for name in names} | {"at": entry.at.isoformat()}


def document_hash(said: dict[str, Any]) -> str:
    """The hash that the document of an entry should have."""
    names = ("number", "at", "who", "action", "subject", "detail", "previous_hash")
    return document_sha256([said[name] for name in names])


def check_documents(documents: Iterable[dict[str, Any]]) -> ChainCheck:
    """Follow the chain through exported entries, from whatever number the first of them has."""
    checked, before = 0, None
    for said in documents:
        follows = before is None or (said["number"], said["previous_hash"]) == (before["number"] + 1, before["hash"])
        if not follows or said["hash"] != document_hash(said):
            return ChainCheck(checked, before["number"] + 1 if before else said["number"])
        checked, before = checked + 1, said
    return ChainCheck(checked, None)


def between(session: Session, first: datetime | None, end: datetime | None) -> ScalarResult[AuditEntry]:
    """Entries from `first` on and before `end` (None: open), in their order, read a thousand at a time.

    A reader who may stop early closes them, for a server keeps a cursor open until then.
    """
    wanted = select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=1000)
    if first is not None:
        wanted = wanted.where(AuditEntry.at >= first)
    return session.scalars(wanted if end is None else wanted.where(AuditEntry.at < end))


def check_chain(session: Session) -> ChainCheck:
    """Follow the chain from its start: every number, link and hash, and that the end is where the head says."""
    checked, previous = 0, "0" * 64
    with closing(between(session, None, None)) as entries:
        for expected, entry in enumerate(entries, start=1):
            if (entry.number, entry.previous_hash) != (expected, previous) or entry.hash != entry_hash(entry):
                return ChainCheck(checked, expected)
            checked, previous = checked + 1, entry.hash
    head = session.execute(select(AuditHead.number, AuditHead.hash)).one_or_none()
    return ChainCheck(checked, None if head is not None and tuple(head) == (checked, previous) else checked + 1)
