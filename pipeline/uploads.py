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
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from imports.answer import CheckAnswer
from imports.options import ImportOptions
from pipeline import importing
from records.instance import Instance
from records.vocabulary import Kind

ID_PATTERN = re.compile(r"[0-9a-f]{16}")
DOCUMENT = "upload.json"


class UploadMissing(LookupError):
    """There is no such upload: it was confirmed, cancelled or never made."""


@dataclass(frozen=True)
class Upload:
    """One file on its way in. `state` is stored, checking, checked, refused, failed or confirmed."""

    id: str
    name: str  # as the person's machine calls the file
    size: int  # bytes
    kind: str
    by: str  # sign-in name
    at: str  # local ISO time
    options: dict[str, Any]  # ImportOptions as plain data
    state: str = "stored"
    job: str | None = None
    answer: dict[str, Any] | None = None
    error: str | None = None

    @property
    def check_answer(self) -> CheckAnswer | None:
        """What the last check said, or None before the first."""
        return CheckAnswer.from_json(self.answer) if self.answer else None


def store(instance: Instance, *, stream: BinaryIO, name: str, kind: Kind, options: ImportOptions, by: str) -> Upload:
    """Keeps the bytes of a file for the check; nothing becomes a record."""
    upload_id = secrets.token_hex(8)
    folder = _uploads_folder(instance) / upload_id
    folder.mkdir(mode=0o700, parents=True)
    clean_name = Path(name.replace("\\", "/")).name or "file"
    target = folder / f"file{Path(clean_name).suffix.lower()[:8]}"
    with target.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
    now = datetime.now().replace(microsecond=0).isoformat()
    upload = Upload(upload_id, clean_name, target.stat().st_size, kind.value, by, now, _plain(options))
    _write(instance, upload)
    return upload


def load(instance: Instance, upload_id: str) -> Upload:
    """The upload of this id.

    Raises:
        UploadMissing: if there is none.
    """
    try:
        return Upload(**json.loads((_folder(instance, upload_id) / DOCUMENT).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise UploadMissing(upload_id) from error


def list_uploads(instance: Instance) -> list[Upload]:
    """Every upload that waits for something, the newest first."""
    folder = _uploads_folder(instance)
    found = [load(instance, entry.parent.name) for entry in folder.glob(f"*/{DOCUMENT}")] if folder.exists() else []
    return sorted(found, key=lambda upload: (upload.at, upload.id), reverse=True)


def change_options(instance: Instance, upload_id: str, **changes: Any) -> Upload:
    """Sets import options (a mapping, a sheet …); the file has to be checked again."""
    upload = load(instance, upload_id)
    options = replace(options_of(upload), **changes)
    return _write(instance, replace(upload, options=_plain(options), state="stored", answer=None, error=None))


def mark_checking(instance: Instance, upload_id: str, job: str) -> Upload:
    """Notes that a job checks the file."""
    return _write(instance, replace(load(instance, upload_id), state="checking", job=job))


def mark_failed(instance: Instance, upload_id: str, sentence: str) -> Upload:
    """Notes why the check could not be finished."""
    return _write(instance, replace(load(instance, upload_id), state="failed", error=sentence))


def check(instance: Instance, upload_id: str) -> Upload:
    """Checks the file with the upload's options and keeps the answer."""
    upload = load(instance, upload_id)
    options = replace(options_of(upload), errors=str(errors_path(instance, upload_id)))
    answer = importing.check(
        instance, file_path(instance, upload_id), kind=Kind(upload.kind), options=options, by=upload.by
    )
    document = answer.to_json()
    document["file"]["name"] = upload.name
    return _write(instance, replace(upload, state=answer.state, answer=document, job=None, error=None))


def confirm(instance: Instance, upload_id: str, by: str) -> CheckAnswer:
    """Makes the checked rows records and forgets the file.

    Raises:
        UploadMissing: if there is no such upload.
        ValueError: if it has not passed its check.
    """
    upload = load(instance, upload_id)
    if upload.state != "checked" or upload.answer is None:
        raise ValueError("This upload has not passed its check; check it again before confirming.")
    answer = importing.confirm(instance, upload.answer["batch"], by)
    shutil.rmtree(_folder(instance, upload_id))
    return answer


def cancel(instance: Instance, upload_id: str) -> None:
    """Forgets the file; what was stored before stays as it is."""
    load(instance, upload_id)
    shutil.rmtree(_folder(instance, upload_id))


def options_of(upload: Upload) -> ImportOptions:
    """The upload's options as the import takes them."""
    known = {field.name for field in fields(ImportOptions)}
    return ImportOptions(**{name: _tuples(value) for name, value in upload.options.items() if name in known})


def file_path(instance: Instance, upload_id: str) -> Path:
    """Where the bytes of the file lie."""
    return next(_folder(instance, upload_id).glob("file*"))


def errors_path(instance: Instance, upload_id: str) -> Path:
    """Where the check writes the workbook of the rows to repair."""
    return _folder(instance, upload_id) / "errors.xlsx"


def _uploads_folder(instance: Instance) -> Path:
    return instance.staging_folder / "uploads"


def _folder(instance: Instance, upload_id: str) -> Path:
    if not ID_PATTERN.fullmatch(upload_id):
        raise UploadMissing(upload_id)
    return _uploads_folder(instance) / upload_id


def _write(instance: Instance, upload: Upload) -> Upload:
    target = _folder(instance, upload.id) / DOCUMENT
    draft = target.with_suffix(".new")
    draft.write_text(json.dumps(asdict(upload), ensure_ascii=False), encoding="utf-8")
    os.replace(draft, target)
    return upload


def _plain(options: ImportOptions) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(options), default=str))


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
