"""Files in: upload, look at the check, confirm or cancel; batches, withdraw and restore."""

from __future__ import annotations

from typing import Any

from flask import request

from imports.answer import CheckAnswer
from imports.layouts import list_layouts
from imports.options import ImportOptions
from pipeline import importing
from pipeline.house.jobs import JobProgress
from pipeline.importing import upload_jobs, uploads
from records.access import Action
from records.queries import batches
from records.queries.batches import BatchRow
from records.vocabulary import Kind
from web.api.operations import FORM, Parameter, Table, in_path
from web.api.problems import ApiError
from web.api.schema import Unfit, body, one_of, schema_of, text, whole
from web.session import instance, viewer

KINDS = tuple(Kind)
UPLOAD = in_path("upload", "Id of the upload.", text("^[0-9a-f]{16}$"))
NUMBER = in_path("number", "Number of the batch.", whole(1, 2**31 - 1))
PAIRS = {"type": "array", "items": text("^[^=]+="), "maxItems": 200}
CHECK = schema_of(CheckAnswer)
FOLLOWED = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "state": one_of("stored", "checking", "checked", "refused", "failed"),
        "name": {"type": "string"},
        "kind": {"type": "string"},
        "size": {"type": "integer"},
        "error": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "progress": {"anyOf": [schema_of(JobProgress), {"type": "null"}]},
        "answer": {"anyOf": [CHECK, {"type": "null"}]},
    },
    "required": ["id", "state", "name", "kind", "size", "error", "progress", "answer"],
}
FILE_FORM = body(
    ("file", "kind"),
    file={"type": "string", "format": "binary"},
    kind=one_of(*(kind.value for kind in KINDS)),
    sheet=text(longest=100),
    header_row=whole(1, 1000),
    layout=text("^[A-Za-z0-9_.@-]+$", longest=100),
    date_order=one_of("ymd", "mdy", "dmy"),
    timezone=text("^[A-Za-z0-9_+/-]+$", longest=60),
    channel=text("^[a-z0-9_]+$", longest=40),
    exported_at=text("^[0-9]{4}-[0-9]{2}-[0-9]{2}", longest=40),
    unit=text(longest=100),
    period=text(longest=20),
    declared_rows=whole(0, 10_000_000),
    declared_totals={**text(longest=200), "description": "What columns add up to, as the sender says: Received=400."},
    create_units={"type": "boolean"},
    partial={"type": "boolean"},
    register=text(longest=100),
    source=text("^[a-z0-9_]+$", longest=40),
    language=one_of("zh", "en"),
    map={**PAIRS, "description": "FIELD=HEADER; several FIELDs may read one HEADER."},
)
uploading = Table()
add = uploading.add


@add(
    "POST", "/uploads", "Give a file; it is checked, and becomes records only when it is confirmed.",
    action=Action.IMPORT, answer=FOLLOWED, body=FILE_FORM, body_type=FORM, status=202,
)  # fmt: skip
def create_upload(*, body: dict[str, Any]) -> dict[str, Any]:
    file = request.files.get("file")
    if file is None:
        raise Unfit("body needs a file in the field 'file'")
    wanted = {name: value for name, value in body.items() if name not in ("file", "kind", "language")}
    upload = uploads.store(
        instance(),
        stream=file.stream,
        name=file.filename or "",
        kind=Kind(body["kind"]),
        options=_options(wanted),
        by=viewer().sign_in,
        language=body.get("language", "zh"),
    )
    upload_jobs.start_check(instance(), upload.id)
    return _followed(upload.id)


@add(
    "GET", "/uploads/{upload}", "How far the check of a file is, and what it found.",
    action=Action.IMPORT, answer=FOLLOWED, parameters=(UPLOAD,),
)  # fmt: skip
def show_upload(*, upload: str) -> dict[str, Any]:
    return _followed(upload)


@add(
    "POST", "/uploads/{upload}/confirm", "Make the rows of a checked file records, all or none.",
    action=Action.IMPORT, answer=CHECK, parameters=(UPLOAD,), errors=(409,),
)  # fmt: skip
def confirm_upload(*, upload: str) -> CheckAnswer:
    return uploads.confirm(instance(), upload, viewer().sign_in)


@add(
    "DELETE", "/uploads/{upload}", "Forget a file that was not confirmed.",
    action=Action.IMPORT, answer={"type": "object"}, parameters=(UPLOAD,), errors=(409,),
)  # fmt: skip
def cancel_upload(*, upload: str) -> dict[str, str]:
    uploads.cancel(instance(), upload)
    return {"cancelled": upload}


@add(
    "GET", "/batches", "Batches, the newest first.",
    action=Action.SEE_BATCHES,
    answer={"type": "object", "properties": {"batches": {"type": "array", "items": schema_of(BatchRow)}}},
    parameters=(
        Parameter("kind", one_of(*(kind.value for kind in KINDS)), "Only one kind."),
        Parameter("limit", whole(1, 500), "At most so many; 100 without."),
        Parameter("offset", whole(0, 10**9), "Leave out so many."),
    ),
)  # fmt: skip
def list_batches(*, kind: str | None = None, limit: int = 100, offset: int = 0) -> dict[str, Any]:
    chosen = Kind(kind) if kind else None
    with instance().session() as session:
        found = batches.list_batches(session, viewer=viewer(), kind=chosen, limit=limit, offset=offset)
    return {"batches": found}


@add(
    "GET", "/batches/{number}", "One batch.",
    action=Action.SEE_BATCHES, answer=schema_of(BatchRow), parameters=(NUMBER,),
)  # fmt: skip
def show_batch(*, number: int) -> BatchRow:
    with instance().session() as session:
        found = batches.one(session, viewer=viewer(), number=number)
    if found is None:
        raise ApiError(404)
    return found


@add(
    "POST", "/batches/{number}/withdraw", "Take an accepted batch out of the numbers; its part stays as evidence.",
    action=Action.IMPORT, answer=schema_of(BatchRow), parameters=(NUMBER,), body=body(("why",), why=text()),
    errors=(409,),
)  # fmt: skip
def withdraw_batch(*, number: int, body: dict[str, Any]) -> BatchRow:
    show_batch(number=number)
    importing.withdraw(instance(), number, viewer().sign_in, body["why"])
    return show_batch(number=number)


@add(
    "POST", "/batches/{number}/restore", "Bring a withdrawn batch back; the numbers return exactly.",
    action=Action.IMPORT, answer=schema_of(BatchRow), parameters=(NUMBER,), errors=(409,),
)  # fmt: skip
def restore_batch(*, number: int) -> BatchRow:
    show_batch(number=number)
    importing.restore(instance(), number, viewer().sign_in)
    return show_batch(number=number)


def _options(wanted: dict[str, Any]) -> ImportOptions:
    """Import options from the fields of the form. Where the workbook of bad rows goes is never the caller's choice."""
    layout = wanted.get("layout")
    if layout is not None and layout not in {known.id for known in list_layouts()}:
        raise Unfit(f"body.layout: there is no layout {layout!r}")
    pairs = tuple(tuple(pair.split("=", 1)) for pair in wanted.pop("map", ()))
    return ImportOptions(**wanted, map=pairs)


def _followed(upload_id: str) -> dict[str, Any]:
    upload, progress = upload_jobs.follow(instance(), upload_id)
    told = {name: getattr(upload, name) for name in ("id", "state", "name", "kind", "size", "error")}
    return {**told, "progress": progress, "answer": upload.check_answer}
