"""What the person who imports a file may say about it, and the unit directory the file is read against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


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
    repaired: tuple[str, ...] = ()  # paths of corrected workbooks of refused rows, the last one winning
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
class UnitDirectory:
    """Every name, short name, alias and code of the units that answer, with the unit's code."""

    names: Mapping[str, str] = field(default_factory=dict)
