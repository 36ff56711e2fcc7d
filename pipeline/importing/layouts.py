"""Layouts an office saves beside those of the program: a mapping that worked, kept under a name."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from imports.answer import CheckAnswer
from imports.layouts import list_layouts
from imports.options import KEPT, ImportOptions, SavedLayout, with_saved
from records import audit
from records.clock import now
from records.instance import Instance
from records.models import Layout
from records.vocabulary import Kind

_OF_THE_FILE = ("signature", "headings")  # by which it is recognised; the rest are import options
NAME = re.compile(r"[\w-]{1,60}")


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
    with instance.session() as session:
        if (known := session.get(Layout, answer.saved_layout or "")) is not None:
            options = with_saved(options, saved_options(known))
        document = _document(answer, options)
        audit.write(session, by, "layout.save", name, {"fields": len(document["map"])})
        row = session.get(Layout, name) or Layout(id=name, title=name)
        row.kind, row.document, row.made_by, row.made_at = Kind(answer.kind).value, document, by, now()
        session.add(row)


def _document(answer: CheckAnswer, options: ImportOptions) -> dict[str, Any]:
    """What is kept: every column with its field, those left out by hand, decisions on values, and the signature."""
    fields = [[f, c.header] for c in answer.columns for f in (c.fields or (c.field,)) if f]
    left_out = [["", header] for field, header in options.map if not field]
    is_file = bool(options.layout and options.layout.endswith(".toml"))
    return {
        "layout": options.layout if is_file else answer.layout,
        "map": [*fields, *left_out],
        "signature": answer.signature,
        "headings": [column.header for column in answer.columns],
        "value_map": [list(entry) for entry in options.value_map],
        "scale": [list(entry) for entry in options.scale],
        **{key: getattr(options, key) for key in KEPT},
    }


def with_saved_layout(session: Session, options: ImportOptions) -> ImportOptions:
    """The options with a saved layout written out; options given beside it win. Others come back as they are."""
    row = session.get(Layout, options.layout) if options.layout else None
    if row is None:
        return options
    return with_saved(options, saved_options(row))


def saved_layouts(session: Session, kind: Kind) -> list[SavedLayout]:
    """The layouts of this office for a kind, the newest first."""
    rows = session.scalars(select(Layout).where(Layout.kind == kind.value).order_by(Layout.made_at.desc(), Layout.id))
    return [
        SavedLayout(
            row.id, row.document.get("signature"), saved_options(row), tuple(row.document.get("headings") or ())
        )
        for row in rows
    ]


def saved_options(row: Layout) -> ImportOptions:
    """What a saved layout says about a file."""
    return ImportOptions.from_json({name: value for name, value in row.document.items() if name not in _OF_THE_FILE})
