"""Layouts an office saves beside those of the program: a mapping that worked, kept under a name."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from imports.answer import CheckAnswer
from imports.layouts import list_layouts
from imports.options import ImportOptions
from records import audit
from records.clock import now
from records.instance import Instance
from records.models import Layout
from records.vocabulary import Kind

NAME = re.compile(r"[\w-]{1,60}")
KEPT = ("sheet", "header_row", "date_order", "timezone", "channel", "register", "source")


class LayoutNameError(ValueError):
    """A layout cannot be saved under this name."""


def all_layouts(instance: Instance) -> list[dict[str, Any]]:
    """Every layout as plain rows: those of the program, then those saved here."""
    shipped = [
        {"id": entry.id, "kind": entry.kind.value, "zh": entry.title_zh, "en": entry.title_en, "saved": False}
        for entry in list_layouts()
    ]
    with instance.session() as session:
        saved = [
            {"id": row.id, "kind": row.kind, "zh": row.title, "en": row.title, "saved": True}
            for row in session.scalars(select(Layout).order_by(Layout.id))
        ]
    return shipped + saved


def save_layout(instance: Instance, name: str, answer: CheckAnswer, options: ImportOptions, *, by: str) -> None:
    """Keep the mapping of a checked file under a name; a saved layout of that name is replaced.

    Raises LayoutNameError for a name with other characters than letters, digits, - and _, or one of the program's.
    """
    if not NAME.fullmatch(name) or name in {entry.id for entry in list_layouts()}:
        raise LayoutNameError(f"{name!r} cannot name a layout: use letters, digits, - and _, and no shipped name")
    fields = [[f, c.header] for c in answer.columns for f in (c.fields or (c.field,)) if f and c.how != "ignored"]
    document = {
        "layout": options.layout or answer.layout,
        "map": fields,
        "value_map": [list(entry) for entry in options.value_map],
        "scale": [list(entry) for entry in options.scale],
        **{key: getattr(options, key) for key in KEPT},
    }
    with instance.session() as session:
        audit.write(session, by, "layout.save", name, {"fields": len(fields)})
        row = session.get(Layout, name) or Layout(id=name, title=name)
        row.kind, row.document, row.made_by, row.made_at = Kind(answer.kind).value, document, by, now()
        session.add(row)


def with_saved_layout(session: Session, options: ImportOptions) -> ImportOptions:
    """The options with a saved layout written out; options given beside it win. Others come back as they are."""
    row = session.get(Layout, options.layout) if options.layout else None
    if row is None:
        return options
    saved = ImportOptions.from_json(row.document)
    given_fields = {field for field, _ in options.map}
    given_values = {(field, raw) for field, raw, _ in options.value_map}
    given_scales = {field for field, _ in options.scale}
    return replace(
        options,
        layout=saved.layout,
        map=(*options.map, *(entry for entry in saved.map if entry[0] not in given_fields)),
        value_map=(*options.value_map, *(entry for entry in saved.value_map if entry[:2] not in given_values)),
        scale=(*options.scale, *(entry for entry in saved.scale if entry[0] not in given_scales)),
        **{key: getattr(options, key) or getattr(saved, key) for key in KEPT},
    )
