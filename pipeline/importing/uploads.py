"""Uploads: a file given through a page, from its arrival over the check to the confirmation.

An upload is a folder below the instance's staging folder with the file and one JSON document about it. It lives only
until it is confirmed or cancelled: then the folder, and with it the unmasked file, is gone.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from imports.answer import CheckAnswer
from imports.options import ImportOptions
from imports.progress import Tell
from pipeline import importing
from records.clock import now
from records.instance import Instance
from records.vocabulary import Kind

INLINE_BYTES = 2 << 20  # a smaller file is checked while the person waits
ID_PATTERN = re.compile(r"[0-9a-f]{16}")
DOCUMENT = "upload.json"
UNUSABLE_LISTS = frozenset({"repair_unusable", "repair_of_other_file"})  # problems of a corrected list, not of the file
REPAIRS = "repairs"  # the folder that holds the corrected lists of refused rows, 1, 2, …
ORIGINAL = "original"  # the folder that holds the file under its own name
JOB = "job.txt"  # beside the document, which the worker may rewrite before the page knows the number of its job


class UploadMissing(LookupError):
    """There is no such upload: it was confirmed, cancelled or never made."""


class NotChecked(ValueError):
    """The upload has not passed its check, so that nothing can be confirmed."""


@dataclass(frozen=True)
class Upload:
    """One file on its way in. `state` is stored, checking, checked, refused or failed."""

    id: str
    name: str  # as the person's machine calls the file
    size: int  # bytes
    kind: str
    by: str  # sign-in name
    at: str  # ISO time in UTC
    options: dict[str, Any]  # ImportOptions as plain data
    state: str = "stored"
    job: str | None = None
    answer: dict[str, Any] | None = None
    error: str | None = None
    language: str = "zh"  # of the sentences in the answer

    @property
    def is_waiting(self) -> bool:
        """Is the worker still to check it?"""
        return self.state == "checking"

    @property
    def is_small(self) -> bool:
        """Is it checked and confirmed while the person waits, instead of by the worker?"""
        return self.size <= INLINE_BYTES

    @property
    def check_answer(self) -> CheckAnswer | None:
        """What the last check said, or None before the first."""
        return CheckAnswer.from_json(self.answer) if self.answer else None


def store(
    instance: Instance,
    *,
    stream: IO[bytes],
    name: str,
    kind: Kind,
    options: ImportOptions,
    by: str,
    language: str = "zh",
) -> Upload:
    """Keeps the bytes of a file for the check; nothing becomes a record."""
    upload_id = secrets.token_hex(8)
    folder = _uploads_folder(instance) / upload_id / ORIGINAL
    folder.mkdir(mode=0o700, parents=True)
    target = folder / safe_name(name)
    with target.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
    upload = Upload(
        upload_id,
        target.name,
        target.stat().st_size,
        kind.value,
        by,
        now().isoformat(),
        options.to_json(),
        language=language,
    )
    write(instance, upload)
    return upload


def load(instance: Instance, upload_id: str) -> Upload:
    """The upload of this id.

    Raises:
        UploadMissing: if there is none.
    """
    folder = folder_of(instance, upload_id)
    try:
        upload = Upload(**json.loads((folder / DOCUMENT).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise UploadMissing(upload_id) from error
    job = folder / JOB
    return replace(upload, job=job.read_text() if upload.is_waiting and job.exists() else None)


def list_uploads(instance: Instance) -> list[Upload]:
    """Every upload that waits for something, the newest first."""
    folder = _uploads_folder(instance)
    found = [load(instance, entry.parent.name) for entry in folder.glob(f"*/{DOCUMENT}")] if folder.exists() else []
    return sorted(found, key=lambda upload: (upload.at, upload.id), reverse=True)


def change_options(instance: Instance, upload_id: str, **changes: Any) -> Upload:
    """Sets import options (a mapping, a sheet …); the file has to be checked again."""
    upload = load(instance, upload_id)
    _discard_batch(instance, upload)
    options = replace(options_of(upload), **changes)
    return write(instance, replace(upload, options=options.to_json(), state="stored", answer=None, error=None))


def repair(instance: Instance, upload_id: str, stream: IO[bytes]) -> Upload:
    """Lays a corrected list of refused rows over the file of the same upload; it has to be checked again."""
    folder = folder_of(instance, upload_id) / REPAIRS
    repaired = options_of(load(instance, upload_id)).repaired
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / str(len(repaired) + 1)
    with target.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
    return change_options(instance, upload_id, repaired=(*repaired, str(target)))


def mark_failed(instance: Instance, upload_id: str, sentence: str) -> Upload:
    """Keeps why a job on this upload could not be finished."""
    return write(instance, replace(load(instance, upload_id), state="failed", error=sentence))


def check(instance: Instance, upload_id: str, tell: Tell | None = None) -> Upload:
    """Checks the file with the upload's options and keeps the answer; `tell` hears how far it is."""
    upload = load(instance, upload_id)
    options = replace(options_of(upload), errors=str(errors_path(instance, upload_id)))
    errors_path(instance, upload_id).unlink(missing_ok=True)  # the list of an earlier check
    path = file_path(instance, upload_id)
    answer = importing.check(
        instance, path, kind=Kind(upload.kind), options=options, by=upload.by, language=upload.language,
        tell=tell,
    )  # fmt: skip
    fault = next((problem.message for problem in answer.problems if problem.code in UNUSABLE_LISTS), None)
    if fault is not None:  # what was known before stays; the file is read without the list that is none
        change_options(instance, upload_id, repaired=options.repaired[:-1])
        return write(instance, replace(check(instance, upload_id, tell), error=fault))
    return write(instance, replace(upload, state=answer.state, answer=answer.to_json(), error=None))


def confirm(instance: Instance, upload_id: str, by: str) -> CheckAnswer:
    """Makes the checked rows records and forgets the file; a file whose rows this person confirmed before a crash too.

    Raises:
        UploadMissing: if there is no such upload.
        NotChecked: if it has not passed its check.
    """
    upload = checked(instance, upload_id)
    batch = (upload.answer or {})["batch"]
    answer = importing.confirmed_by(instance, batch, by) or importing.confirm(instance, batch, by)
    shutil.rmtree(folder_of(instance, upload_id))
    return answer


def cancel(instance: Instance, upload_id: str) -> None:
    """Forgets the file; what was stored before stays as it is."""
    _discard_batch(instance, load(instance, upload_id))
    shutil.rmtree(folder_of(instance, upload_id))


def options_of(upload: Upload) -> ImportOptions:
    """The upload's options as the import takes them."""
    return ImportOptions.from_json(upload.options)


def file_path(instance: Instance, upload_id: str) -> Path:
    """Where the bytes of the file lie."""
    return next((folder_of(instance, upload_id) / ORIGINAL).iterdir())


def errors_path(instance: Instance, upload_id: str) -> Path:
    """Where the check writes the workbook of the rows to repair."""
    return folder_of(instance, upload_id) / "errors.xlsx"


def checked(instance: Instance, upload_id: str) -> Upload:
    """The upload of this id, if it has passed its check. Raises UploadMissing, NotChecked."""
    upload = load(instance, upload_id)
    if upload.state != "checked" or upload.answer is None:
        raise NotChecked("This upload has not passed its check; check it again before confirming.")
    return upload


def _discard_batch(instance: Instance, upload: Upload) -> None:
    batch = (upload.answer or {}).get("batch")
    if upload.state == "checked" and batch is not None:
        importing.discard(instance, batch, upload.by)


def safe_name(name: str) -> str:
    """The last part of a file name as a browser sent it, without characters that could lead elsewhere.

    >>> safe_name("C:\\\\data\\\\12345 工单.xlsx"), safe_name("../../etc/passwd"), safe_name("..")
    ('12345 工单.xlsx', 'passwd', 'file')
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(character for character in last if character.isprintable()).strip(" .")
    stem, suffix = Path(kept).stem[:80], Path(kept).suffix[:10]
    return f"{stem}{suffix}" or "file"


def _uploads_folder(instance: Instance) -> Path:
    return instance.staging_folder / "uploads"


def folder_of(instance: Instance, upload_id: str) -> Path:
    """The folder of an upload; UploadMissing where the id is none."""
    if not ID_PATTERN.fullmatch(upload_id):
        raise UploadMissing(upload_id)
    return _uploads_folder(instance) / upload_id


def write(instance: Instance, upload: Upload) -> Upload:
    """Replaces the document in one step, so that a reader never sees half of it."""
    target = folder_of(instance, upload.id) / DOCUMENT
    draft = target.with_suffix(".new")
    draft.write_text(json.dumps({**asdict(upload), "job": None}, ensure_ascii=False), encoding="utf-8")
    os.replace(draft, target)
    return upload
