"""What a canonical field is: its name, how its cells are read, its labels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """How a cell of this field is read."""

    TEXT = "text"
    LONG_TEXT = "long_text"  # free text: masked before it is stored
    EVENTS = "events"  # the events of a case as `records.vocabulary.events.as_text` writes them
    NUMBER_TEXT = "number_text"  # a record number: stays text, a rounded float is refused
    TIME = "time"
    YES_NO = "yes_no"
    COUNT = "count"
    NUMBER = "number"
    PERIOD = "period"  # a month, quarter, half-year, year or span of months, as two days
    CODE = "code"  # mapped to a closed vocabulary
    RATING = "rating"
    UNIT = "unit"  # resolved through the unit directory
    PERSON = "person"  # becomes a keyed token, never stored in clear
    PERSONAL = "personal"  # recognised and not imported


@dataclass(frozen=True)
class Field:
    """One canonical field.

    >>> make_field("received_at", FieldType.TIME, "来电时间", "Received at", "required").required
    True
    """

    name: str
    type: FieldType
    label_zh: str
    label_en: str
    required: bool = False
    recommended: bool = False
    vocabulary: str | None = None  # name of the enum in `codes` for CODE fields


def make_field(name: str, kind: FieldType, zh: str, en: str, need: str = "", vocabulary: str | None = None) -> Field:
    """A field; `need` is `required`, `recommended` or empty."""
    return Field(name, kind, zh, en, need == "required", need == "recommended", vocabulary)
