"""Documents that were made: each keeps its code and the hash of its bytes, so that a copy can be verified."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import or_, select

from records.access import Viewer
from records.canonical import file_sha256
from records.clock import now
from records.instance import Instance
from records.models import Assessment, IssuedDocument
from reports.codes import document_code, plain_code
from reports.packing import file_name
from reports.source import ReportSource

PACKED = {"annual": "annual", "statement": "evidence", "workbook": "workbook", "records": "cases"}
"""Documents inside an evidence pack: stem of the file name → kind, which the printed code follows from."""
DOCUMENTS = ("docx", "pdf", "xlsx")


@dataclass(frozen=True)
class Made:
    """One file: a whole order, or a document inside a pack."""

    kind: str
    format: str
    unit: str | None
    file_sha256: str
    size: int


@dataclass(frozen=True)
class Issued:
    """What is known of one made file. `is_current` says whether its result still is the stored one, not replaced."""

    code: str
    number: int
    period: str
    scheme: str
    state: str
    kind: str
    format: str
    unit: str | None
    language: str
    role: str
    file_sha256: str
    size: int
    made_at: datetime
    is_current: bool


def note(
    instance: Instance, source: ReportSource, path: Path, *, kind: str, format: str, unit: str | None, viewer: Viewer
) -> None:  # fmt: skip
    """Remember a file that was made, and every document packed in it. The same bytes are remembered once."""
    made = [Made(kind, format, unit, file_sha256(path), path.stat().st_size)]
    if kind == "evidence" or (kind == "scorecard" and unit is None):
        made += _packed(source, path)
    with instance.session() as session:
        of_result = select(IssuedDocument.code, IssuedDocument.file_sha256).filter_by(assessment_number=source.number)
        known = {(row.code, row.file_sha256) for row in session.execute(of_result)}
        result = session.scalar(select(Assessment.result_sha256).filter_by(number=source.number))
        for one in made:
            code = document_code(source.content_sha256, one.kind, one.unit)
            if (code, one.file_sha256) in known:
                continue
            session.add(
                IssuedDocument(
                    code=code, assessment_number=source.number, result_sha256=result or "", kind=one.kind,
                    format=one.format, unit_code=one.unit, language=source.language, role=source.role,
                    file_sha256=one.file_sha256, size=one.size, made_by=viewer.sign_in, made_at=now(),
                )
            )  # fmt: skip


def _packed(source: ReportSource, path: Path) -> list[Made]:
    """The documents in a pack by their names: scorecards are named by unit, those of the evidence pack by kind."""
    names = {unit.code: unit.name for unit in source.units}
    cards = {file_name(code, name): code for code, name in names.items()}
    answer = []
    with zipfile.ZipFile(path) as pack:
        for entry in pack.infolist():
            stem, _, ending = entry.filename.rpartition(".")
            unit, kind = cards.get(stem), "scorecard" if stem in cards else PACKED.get(stem)
            if kind is not None and ending in DOCUMENTS:
                digest = hashlib.sha256(pack.read(entry)).hexdigest()
                answer.append(Made(kind, ending, unit, digest, entry.file_size))
    return answer


def find(instance: Instance, *, code: str = "", digest: str = "") -> list[Issued]:
    """The made files of a code (printed on the document, or that of the result), or with this SHA-256; newest first."""
    wanted = select(IssuedDocument, Assessment).join(
        Assessment, Assessment.number == IssuedDocument.assessment_number
    )  # fmt: skip
    plain = plain_code(code)
    if plain:
        wanted = wanted.where(or_(IssuedDocument.code == plain, Assessment.verification_code == plain))
    if digest:
        wanted = wanted.where(IssuedDocument.file_sha256 == digest.lower())
    if not plain and not digest:
        return []
    with instance.session() as session:
        rows = session.execute(wanted.order_by(IssuedDocument.made_at.desc(), IssuedDocument.id.desc()).limit(50))
        return [_issued(*row) for row in rows]


def find_file(instance: Instance, path: Path) -> list[Issued]:
    """The records of a file by its bytes; empty when no file with these bytes was made here."""
    return find(instance, digest=file_sha256(path))


def _issued(row: IssuedDocument, assessment: Assessment) -> Issued:
    return Issued(
        row.code, row.assessment_number, assessment.period, f"{assessment.scheme_id} {assessment.scheme_version}",
        assessment.state, row.kind, row.format, row.unit_code, row.language, row.role, row.file_sha256, row.size,
        row.made_at, assessment.replaced_by is None and assessment.result_sha256 == row.result_sha256,
    )  # fmt: skip
