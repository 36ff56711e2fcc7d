"""Parts: the immutable Parquet files of accepted rows. A part is evidence when a batch of the catalogue names it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.canonical import file_sha256
from records.clock import now
from records.engine import Engine
from records.engine_files import publish_file
from records.engine_views import PartFiles
from records.instance import Instance
from records.models import Batch
from records.vocabulary import PART_COLUMNS, Kind

DATE_COLUMN = {
    Kind.RESPONSES: "received_at",
    Kind.SURVEYS: "answered_at",
    Kind.COUNTS: "period_start",
    Kind.CHANNELS: "checked_at",
}


class PartError(Exception):
    """A part cannot be taken over, or a batch is not in a state that allows what was asked."""


@dataclass(frozen=True)
class PartInfo:
    """What the catalogue knows of a part. Times are naive local times, None where no row has one."""

    batch: int
    kind: Kind
    path: str  # relative to the parts folder
    sha256: str
    rows: int
    first_at: datetime | None
    last_at: datetime | None


def adopt(
    instance: Instance, session: Session, staged: Path, kind: Kind, batch_id: int, *, by: str | None = None
) -> PartInfo:
    """Take a staged file over as the part of a batch: check, hash, fsync, name, and say so in the catalogue row.

    The row counts once the session commits. The staged file stays where it is until the caller removes it after the
    commit, so that a crash in between can be repeated. Raises PartError when the file does not hold the columns of
    its kind or the batch is already accepted.
    """
    batch = _batch_in(session, batch_id, ("checked",))
    rows, first_at, last_at = _look_into(staged, kind)
    sha256 = file_sha256(staged)
    relative = f"{kind.value}/{batch_id:06d}-{sha256[:12]}.parquet"
    target = instance.parts_folder / relative
    if not target.exists() or file_sha256(target) != sha256:
        _take_over(staged, target)
    batch.part_path, batch.part_sha256, batch.row_count = relative, sha256, rows
    batch.first_at, batch.last_at = first_at, last_at
    batch.state, batch.accepted_at, batch.accepted_by = "accepted", now(), by
    session.flush()
    return PartInfo(batch_id, kind, relative, sha256, rows, first_at, last_at)


def withdraw(session: Session, batch_id: int, *, by: str, why: str) -> None:
    """Take an accepted batch out of the numbers. Its part stays. Raises PartError unless it is accepted."""
    batch = _batch_in(session, batch_id, ("accepted",))
    if not why.strip():
        raise PartError(f"say why batch {batch_id} is withdrawn")
    batch.state, batch.withdrawn_at, batch.withdrawn_by, batch.withdrawn_why = "withdrawn", now(), by, why.strip()


def restore(session: Session, batch_id: int) -> None:
    """Bring a withdrawn batch back into the numbers. Raises PartError unless it is withdrawn."""
    batch = _batch_in(session, batch_id, ("withdrawn",))
    batch.state, batch.withdrawn_at, batch.withdrawn_by, batch.withdrawn_why = "accepted", None, None, None


def replace(instance: Instance, session: Session, staged: Path, batch_id: int) -> PartInfo:
    """Put a file without texts and tokens in the place of a batch's part, once; the earlier part it answers.

    The file of the earlier part stays until the caller removes it after the commit. Raises PartError when the batch
    holds no part, was done already, or the file does not hold the same columns and number of rows.
    """
    batch = _batch_in(session, batch_id, ("accepted", "withdrawn"))
    kind = Kind(batch.kind)
    if batch.part_path is None or batch.part_sha256 is None or batch.anonymised_at is not None:
        raise PartError(f"batch {batch_id} holds no texts or tokens")
    rows, first_at, last_at = _look_into(staged, kind)
    if (rows, first_at, last_at) != (batch.row_count, batch.first_at, batch.last_at):
        raise PartError(f"the new file of batch {batch_id} has other rows than its part")
    earlier = PartInfo(batch_id, kind, batch.part_path, batch.part_sha256, rows, first_at, last_at)
    sha256 = file_sha256(staged)
    relative = f"{kind.value}/{batch_id:06d}-{sha256[:12]}.parquet"
    _take_over(staged, instance.parts_folder / relative)
    batch.part_path, batch.part_sha256, batch.anonymised_at = relative, sha256, now()
    session.flush()
    return earlier


def accepted_parts(session: Session, kind: Kind) -> list[PartInfo]:
    """The parts that count, in the order of their batches."""
    return _parts(session, kind, ("accepted",))


def all_parts(session: Session) -> list[PartInfo]:
    """Every part that is evidence, of accepted and withdrawn batches alike."""
    return [part for kind in PART_COLUMNS for part in _parts(session, kind, ("accepted", "withdrawn"))]


def orphans(instance: Instance, session: Session) -> list[Path]:
    """Files in the parts folder that no batch names: what a crash before the commit leaves. They are not evidence."""
    known = {path for path in session.scalars(select(Batch.part_path)) if path}
    files = (path for path in instance.parts_folder.rglob("*") if path.is_file())
    return sorted(path for path in files if path.relative_to(instance.parts_folder).as_posix() not in known)


def _parts(session: Session, kind: Kind, states: tuple[str, ...]) -> list[PartInfo]:
    wanted = select(Batch).where(Batch.kind == kind, Batch.state.in_(states), Batch.part_path.is_not(None))
    return [
        PartInfo(b.id, kind, b.part_path or "", b.part_sha256 or "", b.row_count or 0, b.first_at, b.last_at)
        for b in session.scalars(wanted.order_by(Batch.id))
    ]


def _batch_in(session: Session, batch_id: int, states: tuple[str, ...]) -> Batch:
    batch = session.get(Batch, batch_id, with_for_update=True)
    if batch is None:
        raise PartError(f"there is no batch {batch_id}")
    if batch.state not in states:
        raise PartError(f"batch {batch_id} is {batch.state}; this needs it to be {' or '.join(states)}")
    return batch


def _look_into(staged: Path, kind: Kind) -> tuple[int, datetime | None, datetime | None]:
    engine, views = Engine(None), {"part": PartFiles((staged,))}
    found = [(name, type_name) for name, type_name, *_ in engine.run("DESCRIBE part", views)]
    expected = [(column.name, column.type.value) for column in PART_COLUMNS[kind]]
    if found != expected:
        raise PartError(
            f"{staged.name} does not hold the columns of {kind.value}: {_first_difference(found, expected)}"
        )
    day = DATE_COLUMN[kind]
    rows, first_at, last_at = engine.run(f"SELECT count(*), min({day}), max({day}) FROM part", views)[0]
    return rows, first_at, last_at


def _first_difference(found: list[tuple[str, str]], expected: list[tuple[str, str]]) -> str:
    for position, (have, want) in enumerate(zip(found, expected, strict=False), start=1):
        if have != want:
            return f"column {position} is {' '.join(have)} and should be {' '.join(want)}"
    return f"it has {len(found)} columns and should have {len(expected)}"


def _take_over(staged: Path, target: Path) -> None:
    """Put the staged bytes under their final name: a second link to them, or a copy across file systems."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        try:
            os.link(staged, temporary)
        except OSError:
            shutil.copyfile(staged, temporary)
        temporary.chmod(0o400)
        publish_file(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
