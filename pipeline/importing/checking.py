"""The check of a file: allocates its batch, reads it in a child process, compares it with what is stored."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from imports.answer import CheckAnswer, FileInfo, Problem
from imports.check import Reader, check_file
from imports.options import ImportOptions, with_saved
from imports.problems import problem_codes, sentence
from imports.progress import Tell
from pipeline.importing.comparing import compare, declared_period
from pipeline.importing.differences import keep_differences
from pipeline.importing.directory import compare_units, read_directory
from pipeline.importing.exclusions import compare_exclusions
from pipeline.importing.layouts import saved_layouts, with_saved_layout
from pipeline.importing.staged import PART, staging_folder
from records.canonical import file_sha256
from records.clock import now
from records.engine import Engine
from records.engine_views import PartFiles
from records.instance import Instance
from records.models import Batch
from records.parts import accepted_parts
from records.tables import files_view
from records.vocabulary import PART_COLUMNS, Kind

BASIS = "basis.json"  # beside the staged part: the batches its counts rest on


class FileMissing(FileNotFoundError):
    """The file to be imported is not there."""


def check(
    instance: Instance,
    path: Path,
    *,
    kind: Kind,
    options: ImportOptions | None = None,
    by: str,
    language: str = "zh",
    tell: Tell | None = None,
) -> CheckAnswer:
    """Check a file; nothing becomes a record before `confirm`.

    The answer's `state` is `checked` (the batch waits for confirm) or `refused`. The same file that an accepted batch
    came from is refused with `same_as_batch`. `tell` hears how far it is. Raises FileMissing.
    """
    started = time.perf_counter()
    options = options or ImportOptions()
    if kind is Kind.FOLLOWUPS:
        kind, options = Kind.SURVEYS, as_follow_ups(options)
    path = Path(path)
    if not path.is_file():
        raise FileMissing(f"there is no file {path}; check the name")
    with Reader() as reader:  # it gets ready meanwhile
        sha256 = file_sha256(path)
        with instance.session() as session:
            options = with_saved_layout(session, options)
            first = _same_file(session, sha256, kind, options)
            directory, saved = read_directory(session), saved_layouts(session, kind)
            basis = list(session.scalars(select(Batch.id).where(Batch.kind == kind, Batch.state == "accepted")))
        if first is not None:
            return _refuse_same(path, sha256, kind, first, language, started)
        number = _allocate(instance, path, sha256, kind, options, by)
        staging = staging_folder(instance, number)
        staging.mkdir(mode=0o700, parents=True, exist_ok=True)
        (staging / BASIS).write_text(json.dumps(basis), encoding="utf-8")
        answer = check_file(
            path, kind=kind, options=options, directory=directory, keys=instance.keys.by_purpose(), staging=staging,
            language=language, sha256=sha256, tell=tell, saved=saved, reader=reader,
        )  # fmt: skip
    answer = replace(answer, batch=number)
    options = next((with_saved(options, s.options) for s in saved if s.id == answer.saved_layout), options)
    if answer.state == "checked" and options.completes:
        answer = _prove_rest(instance, answer, kind, options.completes, language)
    if answer.state == "checked":
        if tell is not None:
            tell(answer.rows.read, answer.rows.read, "comparing")
        answer = _count(instance, answer, kind, staging, language, options.period)
    answer = replace(answer, seconds=round(time.perf_counter() - started, 3))
    _note(instance, number, answer, options)
    if answer.state != "checked":
        shutil.rmtree(staging, ignore_errors=True)
    return answer


def as_follow_ups(options: ImportOptions) -> ImportOptions:
    """How a file of follow-ups is read: as answers that the office itself asked for, each of a case."""
    return replace(options, source="follow_up", layout=options.layout or "telephone_follow_up", needs_case=True)


def staged_rows(instance: Instance, batch: int) -> list[dict[str, object]]:
    """The rows of a checked file whose kind goes into the catalogue."""
    document = json.loads((staging_folder(instance, batch) / "rows.json").read_text(encoding="utf-8"))
    return list(document)


def _same_file(session: Session, sha256: str, kind: Kind, options: ImportOptions) -> int | None:
    """The accepted batch that came from the same bytes, kind and sheet and would hold no other rows now.

    A batch that left rows out may be followed by the same file with those rows corrected, or read by other options.
    """
    same = select(Batch).where(Batch.file_sha256 == sha256, Batch.kind == kind, Batch.state == "accepted")
    wanted = {name: value for name, value in kept_options(options).items() if not name.startswith("declared_")}
    for batch in session.scalars(same.order_by(Batch.id)):
        before = batch.options or {}
        is_read_otherwise = batch.n_rejected and any((before.get(k) or None) != (v or None) for k, v in wanted.items())
        if before.get("sheet") == options.sheet and not is_read_otherwise:
            return batch.id
    return None


def _refuse_same(path: Path, sha256: str, kind: Kind, first: int, language: str, started: float) -> CheckAnswer:
    return CheckAnswer(
        state="refused", kind=kind.value, file=FileInfo(name=path.name, sha256=sha256), same_as_batch=first,
        problems=[_problem("same_file", language, value=str(first))], seconds=round(time.perf_counter() - started, 3),
    )  # fmt: skip


def _problem(code: str, language: str, *, value: str, count: int = 1) -> Problem:
    message = sentence(code, language, value=value, count=count)
    return Problem(code=code, severity=problem_codes()[code].severity, message=message, value=value, count=count)


def _allocate(instance: Instance, path: Path, sha256: str, kind: Kind, options: ImportOptions, by: str) -> int:
    """A row for the batch, `refused` until the check says otherwise: a broken check leaves nothing to confirm."""
    with instance.session() as session:
        batch = Batch(
            kind=kind.value, state="refused", file_name=path.name, file_sha256=sha256, options=kept_options(options),
            made_by=by, made_at=now(),
        )  # fmt: skip
        session.add(batch)
        session.flush()
        return batch.id


def kept_options(options: ImportOptions) -> dict[str, Any]:
    """What is kept of the options: all but the places of files that are gone when the batch is in.

    Of a corrected workbook the hash of its bytes is kept.
    """
    kept = {name: value for name, value in options.to_json().items() if name not in ("errors", "repaired")}
    kept["repaired_sha256"] = [file_sha256(Path(path)) for path in options.repaired]
    as_stored: dict[str, Any] = json.loads(json.dumps(kept))
    return as_stored


def _count(
    instance: Instance, answer: CheckAnswer, kind: Kind, staging: Path, language: str, period: str | None
) -> CheckAnswer:
    """Fill in new, changed, unchanged and vanished."""
    if kind in (Kind.UNITS, Kind.EXCLUSIONS):
        compare_rows = compare_units if kind is Kind.UNITS else compare_exclusions
        with instance.session() as session:
            counts = compare_rows(session, json.loads((staging / "rows.json").read_text(encoding="utf-8")))
        rows = replace(answer.rows, new=counts["new"], changed=counts["changed"], unchanged=counts["unchanged"])
        return replace(answer, rows=rows)
    if kind not in PART_COLUMNS:
        return answer
    months = declared_period((period, answer.file.sheet, Path(answer.file.name).stem))
    found = compare(instance, staging / PART, kind, period=months)
    rows = replace(answer.rows, new=found.new, changed=found.changed, unchanged=found.unchanged)
    problems = list(answer.problems)
    told = {
        "records_vanished": found.vanished, "records_beyond": found.beyond,
        "state_moved_backwards": found.moved_backwards,
    }  # fmt: skip
    for code, numbers in told.items():
        if numbers:
            problems.append(_problem(code, language, value=numbers[0], count=len(numbers)))
    if found.changed or found.vanished or found.beyond:
        keep_differences(instance, staging, kind, found)
    return replace(
        answer, rows=rows, vanished=len(found.vanished), beyond=len(found.beyond), problems=problems,
        known_numbers=list(found.known),
    )  # fmt: skip


def _prove_rest(instance: Instance, answer: CheckAnswer, kind: Kind, first: int, language: str) -> CheckAnswer:
    """Refuse a list that holds a row which the batch it is to complete took in: it is a list of another file."""
    if kind not in PART_COLUMNS or answer.staged is None:
        return answer
    with instance.session() as session:
        parts = [part for part in accepted_parts(session, kind) if part.batch == first]
    views = {
        "stored": files_view(instance, parts, kind),
        "staged": PartFiles(paths=(Path(answer.staged),), columns=PART_COLUMNS[kind]),
    }
    row = Engine(instance).run("SELECT min(row_no) FROM staged SEMI JOIN stored USING (row_no)", views)[0][0]
    if row is None:
        return answer
    return replace(
        answer, state="refused", staged=None, problems=[_problem("repair_of_other_file", language, value=str(row))]
    )


def _note(instance: Instance, number: int, answer: CheckAnswer, options: ImportOptions) -> None:
    """Write what the check found into the batch row."""
    with instance.session() as session:
        batch = session.get_one(Batch, number)
        batch.state, batch.answer = answer.state, answer.to_json()
        batch.layout, batch.register = answer.layout, options.register
        batch.channel, batch.source = options.channel, options.source
        batch.exported_at = datetime.fromisoformat(answer.exported_at) if answer.exported_at else None
        batch.n_new, batch.n_changed, batch.n_unchanged = answer.rows.new, answer.rows.changed, answer.rows.unchanged
        batch.n_rejected = answer.rows.rejected
        if answer.state == "checked":
            staged = staging_folder(instance, number).relative_to(instance.folder)
            batch.staged_path = staged.as_posix()
