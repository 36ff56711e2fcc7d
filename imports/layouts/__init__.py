"""Layouts: the expected columns of each source file, per version, one TOML file each, beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from records.vocabulary import FIELDS_BY_KIND, Kind

_FOLDER = Path(__file__).parent


class LayoutError(Exception):
    """A layout that does not exist or names a field that does not."""


@dataclass(frozen=True)
class Layout:
    """What is known of a source: which headers mean which field, and how its values are written.

    `fields` lists headers by field, the best one first. `signature` headers must all be present for the layout to be
    recognised by itself.
    """

    id: str
    kind: Kind
    title_zh: str
    title_en: str
    fields: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    signature: tuple[str, ...] = ()
    register: str | None = None
    channel: str | None = None
    source: str | None = None
    date_order: str | None = None
    scale: Mapping[str, str] = field(default_factory=dict)
    extra_header_rows: int = 0  # rows between the header and the data that are no answers
    items: str | None = None  # pattern of further questions kept in `items`
    blanks: tuple[str, ...] = ()  # words that stand for "no answer"
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # header of a day -> headers of its time
    parted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # header of tuples -> headers for their words
    emptied: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # header -> words in it that say nothing
    overruled: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict
    )  # header -> column, words in it, what is said
    twins: Mapping[str, str] = field(default_factory=dict)  # word of the title -> register of that one of equal tables
    unlike: tuple[str, ...] = ()  # headers that resemble a field and are none
    completed_by: str | None = None  # time field whose blank tells that an answer was not completed


@cache
def list_layouts() -> tuple[Layout, ...]:
    """Every layout that comes with the program, by id.

    >>> "baltimore_311" in [layout.id for layout in list_layouts()]
    True
    """
    return tuple(load_layout(path.stem) for path in sorted(_FOLDER.glob("*.toml")))


@cache
def load_layout(layout_id: str) -> Layout:
    """The layout of this id. Raises LayoutError when there is none."""
    path = _FOLDER / f"{layout_id}.toml"
    if not layout_id.replace("_", "").isalnum() or not path.is_file():
        raise LayoutError(f"no layout {layout_id!r}; see `wenxiao layouts`")
    return layout_from(layout_id, tomllib.loads(path.read_text("utf-8")))


def layout_from(layout_id: str, document: Mapping[str, Any]) -> Layout:
    """A layout from its TOML document, with the fields of the layouts it extends behind its own.

    Raises LayoutError where it names a field that the kind does not have.
    """
    kind = Kind(document["kind"])
    fields = {name: tuple(headers) for name, headers in document.get("fields", {}).items()}
    unknown = set(fields) - set(FIELDS_BY_KIND[kind])
    if unknown:
        raise LayoutError(f"layout {layout_id}: unknown fields {', '.join(sorted(unknown))}")
    for base in document.get("extends", ()):
        for name, headers in load_layout(base).fields.items():
            fields[name] = (*fields.get(name, ()), *headers)
    plain_keys = (
        "register", "channel", "source", "date_order", "scale", "extra_header_rows", "items", "values", "completed_by",
        "joined", "parted", "emptied", "overruled", "twins",
    )  # fmt: skip
    return Layout(
        id=layout_id,
        kind=kind,
        title_zh=document["title"]["zh"],
        title_en=document["title"]["en"],
        fields=fields,
        signature=tuple(document.get("signature", ())),
        blanks=tuple(document.get("blanks", ())),
        unlike=tuple(document.get("unlike", ())),
        **{key: document[key] for key in plain_keys if key in document},
    )
