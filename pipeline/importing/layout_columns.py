"""The layouts of an instance with their columns, for people who want to know what a file must look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from imports.layouts import list_layouts
from pipeline.importing.layouts import saved_options
from records.access import Action, Viewer, require
from records.instance import Instance
from records.models import Layout
from records.vocabulary import FIELDS_BY_KIND, Field, Kind


@dataclass(frozen=True)
class LayoutColumn:
    """A field and the headers that mean it, the best one first."""

    field: Field
    headers: tuple[str, ...]


@dataclass(frozen=True)
class LayoutPage:
    """One layout; `made_by` and `made_at` are empty for those of the program."""

    id: str
    kind: Kind
    title_zh: str
    title_en: str
    columns: tuple[LayoutColumn, ...]
    signature: tuple[str, ...] = ()
    made_by: str | None = None
    made_at: datetime | None = None

    @property
    def is_saved(self) -> bool:
        return self.made_at is not None


def list_pages(instance: Instance, viewer: Viewer) -> list[LayoutPage]:
    """Those saved here by name, then those of the program. Raises Forbidden for a viewer who sees no batches."""
    require(viewer, Action.SEE_BATCHES)
    with instance.session() as session:
        saved = [_saved(row) for row in session.scalars(select(Layout).order_by(Layout.id))]
    shipped = [
        LayoutPage(e.id, e.kind, e.title_zh, e.title_en, _columns(e.kind, e.fields), e.signature)
        for e in list_layouts()
    ]  # fmt: skip
    return [*saved, *shipped]


def one_page(instance: Instance, viewer: Viewer, layout_id: str) -> LayoutPage | None:
    """The layout of this id, None for no such."""
    return next((page for page in list_pages(instance, viewer) if page.id == layout_id), None)


def _saved(row: Layout) -> LayoutPage:
    headers: dict[str, tuple[str, ...]] = {}
    for name, header in saved_options(row).map:
        headers[name] = (*headers.get(name, ()), header)
    kind = Kind(row.kind)
    return LayoutPage(row.id, kind, row.title, row.title, _columns(kind, headers), (), row.made_by, row.made_at)


def _columns(kind: Kind, headers: Mapping[str, tuple[str, ...]]) -> tuple[LayoutColumn, ...]:
    """In the order of the vocabulary; a name that is no field of the kind any more is left out."""
    return tuple(LayoutColumn(field, tuple(headers[n])) for n, field in FIELDS_BY_KIND[kind].items() if headers.get(n))
