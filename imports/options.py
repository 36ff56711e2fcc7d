"""What the person who imports a file may say about it, and the unit directory the file is read against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

KEPT = ("sheet", "header_row", "date_order", "timezone", "channel", "register", "source")  # by a saved layout


@dataclass(frozen=True)
class ImportOptions:
    """Decisions handed in with a file. Everything left empty is found out from the file.

    `map` holds (field, header), an empty field meaning that the column is not imported; `value_map` holds (field, raw
    value, code), `scale` (field, "5=best" or "1=best").
    """

    sheet: str | None = None  # name, or 1-based number
    header_row: int | None = None
    layout: str | None = None
    map: tuple[tuple[str, str], ...] = ()
    value_map: tuple[tuple[str, str, str], ...] = ()
    date_order: str | None = None  # ymd | mdy | dmy
    timezone: str | None = None  # stamps with an offset are brought to this zone
    scale: tuple[tuple[str, str], ...] = ()
    channel: str | None = None
    exported_at: str | None = None
    unit: str | None = None
    period: str | None = None  # counts: the period of the whole table, such as 2025-03
    create_units: bool = False
    partial: bool = False
    register: str | None = None
    source: str | None = None  # surveys: who asked
    needs_case: bool = False  # surveys: every answer names the case it is about
    declared_rows: int | None = None  # how many rows the sender says the file has
    repaired: tuple[str, ...] = ()  # paths of corrected workbooks of refused rows, the last one winning
    declared_totals: str | None = None  # what its columns add up to: 受理量=400; 办结量=390
    completes: int | None = None  # the batch whose refused rows this file is the corrected list of
    errors: str | None = None  # path of the workbook that receives the refused rows

    def to_json(self) -> dict[str, Any]:
        """Plain data for the child process."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ImportOptions:
        """The inverse of `to_json`.

        >>> options = ImportOptions(map=(("unit", "Agency"),))
        >>> ImportOptions.from_json(options.to_json()) == options
        True
        """
        lists = ("map", "value_map", "scale")
        pairs = {name: tuple(tuple(entry) for entry in document.get(name) or ()) for name in lists}
        return cls(**{**document, **pairs, "repaired": tuple(document.get("repaired") or ())})


@dataclass(frozen=True)
class SavedLayout:
    """A mapping an office keeps under a name, and the signature and headings of the files it is recognised by."""

    id: str
    signature: str | None
    options: ImportOptions
    headings: tuple[str, ...] = ()


def with_saved(options: ImportOptions, saved: ImportOptions) -> ImportOptions:
    """The options with everything a saved layout adds to them; what was given beside it wins.

    >>> with_saved(ImportOptions(map=(("unit", "B"),)), ImportOptions(map=(("unit", "A"), ("title", "B")))).map
    (('unit', 'B'),)
    """
    taken = {field for field, _ in options.map if field}
    headers = {header for _, header in options.map}
    values = {(field, raw) for field, raw, _ in options.value_map}
    scales = {field for field, _ in options.scale}
    return replace(
        options,
        layout=saved.layout,
        map=(*options.map, *((f, header) for f, header in saved.map if f not in taken and header not in headers)),
        value_map=(*options.value_map, *(entry for entry in saved.value_map if entry[:2] not in values)),
        scale=(*options.scale, *(entry for entry in saved.scale if entry[0] not in scales)),
        **{key: getattr(options, key) or getattr(saved, key) for key in KEPT},
    )


@dataclass(frozen=True)
class UnitDirectory:
    """Every name, short name, alias and code of the units that answer, with the unit's code.

    `titles` holds the full name of each code; `ended` the last day of units that were merged away or closed, with the
    name of the successor ("" where there is none), `began` the first day of those that were formed later.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    ended: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    began: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the child process."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> UnitDirectory:
        """The inverse of `to_json`."""
        ended = {code: (day, successor) for code, (day, successor) in document["ended"].items()}
        return cls(document["names"], document["titles"], ended, document["began"])
