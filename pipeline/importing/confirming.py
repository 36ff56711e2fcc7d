"""Confirm, discard, withdraw, restore: the only ways in which rows become records or stop counting."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from imports.answer import CheckAnswer
from pipeline.importing.checking import BASIS, staged_rows
from pipeline.importing.directory import add_created_units, save_units
from pipeline.importing.exclusions import restore_exclusions, save_exclusions, withdraw_exclusions
from pipeline.importing.staged import staged_part, staging_folder
from pipeline.numbers.reply_prints import made_prints
from records import audit, parts
from records.clock import now
from records.instance import Instance
from records.models import Batch
from records.vocabulary import PART_COLUMNS, Kind

PREPARED_UP_TO = 50_000  # rows; with more a person would be kept waiting


class BatchConflict(Exception):
    """The batch is not in a state that allows this, or somebody was faster. The sentence says who, and what to do.

    `code` and `facts` say the same for pages, which have a sentence for each code in the reader's language. A conflict
    that the worker met is made again from its sentence when it is read from the job store, and then given the rest.
    """

    def __init__(self, sentence: str, code: str = "", **facts: Any) -> None:
        super().__init__(sentence)
        self.code, self.facts = code, facts


def confirm(instance: Instance, batch: int, by: str) -> CheckAnswer:
    """Make the rows of a checked batch records, all in one step or not at all.

    Raises BatchConflict when the batch is not waiting, or when another batch for the same records was accepted after
    this one was checked: then its counts no longer hold and it has to be checked again.
    """
    with instance.session() as session:
        # The audit entry comes first: it takes the catalogue's one write lock, so that of two people one waits here.
        audit.write(session, by, "batch.confirm", str(batch))
        row = _waiting(session, batch)
        _check_basis(instance, session, row)
        answer = CheckAnswer.from_json(row.answer or {})
        kind = Kind(row.kind)
        add_created_units(session, answer.new_units, batch=batch)
        if kind is Kind.UNITS:
            save_units(session, staged_rows(instance, batch), by=by, batch=batch)
            audit.write(session, by, "unit.list", str(batch))
        if kind is Kind.EXCLUSIONS:
            save_exclusions(session, staged_rows(instance, batch), zone=str(instance.zone), by=by, batch=batch)
        part = None
        if kind in PART_COLUMNS:
            part = parts.adopt(instance, session, staged_part(instance, batch), kind, batch, by=by)
        else:
            row.state, row.accepted_by, row.accepted_at = "accepted", by, now()
        row.staged_path = None
        answer = replace(answer, state="accepted", staged=None)
        row.answer = answer.to_json()
    shutil.rmtree(staging_folder(instance, batch), ignore_errors=True)
    if part is not None and part.rows <= PREPARED_UP_TO:
        prepare(instance, batch)
    return answer


def prepare(instance: Instance, batch: int) -> None:
    """Make what is derived from a batch's rows beforehand: the keys of its replies, as long as it is accepted.

    A large batch is left to whoever has the time, the worker or the command; after a crash in here, and where nobody
    had it, the next question by name makes them.
    """
    with instance.session() as session:
        found = [part for part in parts.accepted_parts(session, Kind.RESPONSES) if part.batch == batch]
    for part in found:
        made_prints(instance, part)


def is_accepted(instance: Instance, batch: int) -> bool:
    """Do the rows of this batch count?"""
    with instance.session() as session:
        return _known(session, batch).state == "accepted"


def confirmed_by(instance: Instance, batch: int, by: str) -> CheckAnswer | None:
    """The answer of a batch that this person has confirmed already, as after a crash on the way to telling them."""
    with instance.session() as session:
        row = _known(session, batch)
        is_own = row.state == "accepted" and row.accepted_by == by
        return CheckAnswer.from_json(row.answer or {}) if is_own else None


def discard(instance: Instance, batch: int, by: str) -> None:
    """Give up a checked batch: its staged rows are removed. Raises BatchConflict unless it waits for confirm."""
    with instance.session() as session:
        audit.write(session, by, "batch.discard", str(batch))
        row = _waiting(session, batch)
        row.state, row.staged_path = "discarded", None
    shutil.rmtree(staging_folder(instance, batch), ignore_errors=True)


def withdraw(instance: Instance, batch: int, by: str, why: str) -> None:
    """Take an accepted batch out of the numbers; its part stays as evidence. Raises BatchConflict."""
    with instance.session() as session:
        audit.write(session, by, "batch.withdraw", str(batch), {"why": why})
        if _known(session, batch).kind == Kind.UNITS:
            raise BatchConflict("a unit directory is not withdrawn; import a corrected one instead", "directory_stays")
        if not why.strip():
            raise BatchConflict(f"say why batch {batch} is withdrawn", "why_missing", batch=batch)
        withdraw_exclusions(session, batch)
        try:
            parts.withdraw(session, batch, by=by, why=why)
        except parts.PartError as error:
            raise BatchConflict(str(error), "not_to_withdraw", batch=batch) from error


def restore(instance: Instance, batch: int, by: str) -> None:
    """Bring a withdrawn batch back; the numbers return exactly. Raises BatchConflict.

    Refused when the same file was accepted again in the meantime: it would count twice.
    """
    with instance.session() as session:
        audit.write(session, by, "batch.restore", str(batch))
        row = _known(session, batch)
        again = select(Batch.id).where(
            Batch.file_sha256 == row.file_sha256, Batch.kind == row.kind, Batch.state == "accepted"
        )
        twin = session.scalar(again)
        if row.state == "withdrawn" and twin is not None:
            sentence = f"the same file is accepted as batch {twin}; withdraw that one before restoring this"
            raise BatchConflict(sentence, "same_file_in", batch=twin)
        restore_exclusions(session, batch)
        try:
            parts.restore(session, batch)
        except parts.PartError as error:
            raise BatchConflict(str(error), "not_to_restore", batch=batch) from error


def _known(session: Session, batch: int) -> Batch:
    row = session.get(Batch, batch)
    if row is None:
        raise BatchConflict(f"there is no batch {batch}; see `wenxiao batches list`", "missing", batch=batch)
    return row


def _waiting(session: Session, batch: int) -> Batch:
    row = _known(session, batch)
    if row.state == "accepted":
        sentence = f"batch {batch} was already confirmed by {row.accepted_by} at {_moment(row)}"
        raise BatchConflict(sentence, "already_confirmed", batch=batch, by=row.accepted_by, at=row.accepted_at)
    if row.state != "checked":
        raise BatchConflict(
            f"batch {batch} is {row.state}; check the file again to confirm it", "not_waiting", batch=batch
        )
    return row


def _check_basis(instance: Instance, session: Session, row: Batch) -> None:
    """Refuse a batch whose counts rest on another state of the same records."""
    basis = set(json.loads((staging_folder(instance, row.id) / BASIS).read_text(encoding="utf-8")))
    later = select(Batch).where(Batch.kind == row.kind, Batch.state == "accepted", Batch.id.not_in(basis))
    for other in session.scalars(later.order_by(Batch.id)):
        if other.file_sha256 == row.file_sha256 or _overlap(row, other):
            raise BatchConflict(
                f"batch {other.id} ({other.file_name}) of the same records was confirmed meanwhile by "
                f"{other.accepted_by} at {_moment(other)}; check this file again",
                "others_were_faster",
                batch=other.id,
                file=other.file_name,
                by=other.accepted_by,
                at=other.accepted_at,
            )


def _overlap(row: Batch, other: Batch) -> bool:
    """May two batches hold the same records: same register, periods that meet?"""
    if row.kind == Kind.UNITS:
        return True
    if (row.register or "") != (other.register or ""):
        return False
    period = (row.answer or {}).get("period") or {}
    first, last = period.get("first"), period.get("last")
    if not first or not last or other.first_at is None or other.last_at is None:
        return True
    return bool(first[:10] <= other.last_at.date().isoformat() and other.first_at.date().isoformat() <= last[:10])


def _moment(row: Batch) -> str:
    return row.accepted_at.isoformat(sep=" ", timespec="minutes") if row.accepted_at else "an unknown time"
