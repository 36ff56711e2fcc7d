"""Evidence files: what a unit or an office hands in behind an objection or an exclusion, kept under its hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.importing.uploads import safe_name
from records.canonical import file_sha256
from records.clock import now
from records.engine_files import publish_file
from records.instance import Instance
from records.models import EvidenceFile

FOLDER = "evidence"
LARGEST_BYTES = 20 << 20
MOST_FILES = 10
# Suffix -> how such a file begins. A file that is not what its name says is refused.
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".ofd": (b"PK\x03\x04",),
    ".doc": (b"\xd0\xcf\x11\xe0",),
    ".xls": (b"\xd0\xcf\x11\xe0",),
}


class EvidenceRefused(ValueError):
    """The file cannot be kept as evidence; `code` names the sentence for the reader."""

    def __init__(self, code: str, name: str) -> None:
        super().__init__(f"{name}: {code.replace('_', ' ')}")
        self.code, self.name = code, name


@dataclass(frozen=True)
class Given:
    """A file as it arrives: the name the person's machine gives it, and its bytes."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True)
class Kept:
    """A file as it is kept."""

    id: int
    file_name: str
    sha256: str
    size: int  # bytes
    by: str
    at: datetime


def keep(
    instance: Instance, session: Session, *, subject: str, subject_id: int, files: Sequence[Given], by: str
) -> list[Kept]:
    """Keep files with what they stand behind, in the session's transaction.

    The bytes are written first, under their SHA-256, read-only; a rolled back transaction leaves at most a file that
    nothing names. Raises EvidenceRefused for more than ten files, more than 20 MB, an empty file, or a kind that is not
    a document or a picture.
    """
    if len(files) > MOST_FILES:
        raise EvidenceRefused("too_many_files", files[-1].name)
    kept = []
    for given in files:
        name, content = safe_name(given.name), given.stream.read(LARGEST_BYTES + 1)
        _refuse_strange(name, content)
        sha256 = _write(instance, content)
        row = EvidenceFile(
            subject=subject, subject_id=subject_id, file_name=name, sha256=sha256, size=len(content), by=by, at=now()
        )
        session.add(row)
        session.flush()
        kept.append(_kept(row))
    return kept


def carry_over(session: Session, *, source: tuple[str, int], target: tuple[str, int]) -> None:
    """Let the files behind one thing stand behind another too, as they came; the bytes stay where they are."""
    held = {row.sha256 for row in files_of(session, subject=target[0], subject_id=target[1])}
    for row in files_of(session, subject=source[0], subject_id=source[1]):
        if row.sha256 not in held:
            session.add(
                EvidenceFile(
                    subject=target[0], subject_id=target[1], file_name=row.file_name, sha256=row.sha256, size=row.size,
                    by=row.by, at=row.at,
                )
            )  # fmt: skip
    session.flush()


def files_of(session: Session, *, subject: str, subject_id: int) -> list[Kept]:
    """The files behind one objection or exclusion, in the order they came."""
    wanted = select(EvidenceFile).filter_by(subject=subject, subject_id=subject_id).order_by(EvidenceFile.id)
    return [_kept(row) for row in session.scalars(wanted)]


def path_of(instance: Instance, sha256: str) -> Path:
    """Where the bytes of this hash lie."""
    return instance.folder / FOLDER / sha256[:2] / sha256


def changed_files(instance: Instance) -> tuple[int, list[str]]:
    """How many evidence files were checked, and the hashes of those that are gone or no longer what they were."""
    with instance.session() as session:
        hashes = sorted(set(session.scalars(select(EvidenceFile.sha256))))
    paths = {sha256: path_of(instance, sha256) for sha256 in hashes}
    return len(hashes), [sha256 for sha256, path in paths.items() if not path.exists() or file_sha256(path) != sha256]


def _refuse_strange(name: str, content: bytes) -> None:
    beginnings = BEGINNINGS.get(Path(name).suffix.lower())
    if not content:
        raise EvidenceRefused("empty_file", name)
    if len(content) > LARGEST_BYTES:
        raise EvidenceRefused("file_too_large", name)
    if beginnings is None or not content.startswith(beginnings):
        raise EvidenceRefused("unknown_kind_of_file", name)


def _write(instance: Instance, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    target = path_of(instance, sha256)
    if target.exists():
        return sha256
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.with_name(f".{sha256}.{os.getpid()}.tmp")
    temporary.write_bytes(content)
    temporary.chmod(0o400)
    publish_file(temporary, target)
    return sha256


def _kept(row: EvidenceFile) -> Kept:
    return Kept(row.id, row.file_name, row.sha256, row.size, row.by, row.at)
