"""The first rows of an upload in the words of the reader."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from pipeline.importing.preview import first_rows
from pipeline.importing.uploads import Upload
from pipeline.numbers.counting import unit_names
from records.instance import Instance
from records.vocabulary import Kind
from web.shown.upload_changes import label_of, text_of_value

TEXT_SHOWN = 60  # characters of a long text


def rows_page(instance: Instance, upload: Upload) -> dict[str, Any]:
    """Headings and cells of `uploads/rows.html`; both empty where the file was refused."""
    answer, kind = upload.check_answer, Kind(upload.kind)
    found = first_rows(instance, answer.batch, kind) if answer and answer.batch and answer.state == "checked" else None
    if found is None:
        return {"headings": [], "rows": [], "answer": answer}
    names = unit_names(instance)
    headings = [gettext("原行号") if name == "row_no" else label_of(name, kind) for name in found.fields]
    rows = [[_short(text_of_value(n, v, names)) for n, v in zip(found.fields, row, strict=True)] for row in found.rows]
    return {"headings": headings, "rows": rows, "answer": answer}


def _short(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN else f"{text[: TEXT_SHOWN - 1]}…"
