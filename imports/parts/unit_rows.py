"""Rows of a unit directory as plain data: they go into the catalogue, not into a part."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from imports.columns.checking import Check
from imports.parts.records import records_of
from imports.reading.rows import RowReader
from imports.values.units import unit_code

_ALIASES = re.compile(r"[、|;；\n]+")


def read_unit_rows(check: Check, rows: RowReader) -> list[dict[str, Any]]:
    """One mapping per unit with the fields of UNIT_FIELDS; the later row of a code counts. Days are ISO text."""
    units: dict[str, dict[str, Any]] = {}
    for number, record, is_refused in records_of(check, rows):
        if not record.get("unit_name"):
            check.say("unit_name_missing", "unit_name", number)
            check.bad.append((number, "unit_name_missing", "unit_name"))
        elif not is_refused:
            _keep(check, units, record, number)
    return list(units.values())


def _keep(check: Check, units: dict[str, dict[str, Any]], record: dict[str, Any], number: int) -> None:
    unit = {name: _plain(value) for name, value in record.items() if not name.endswith("_is_date")}
    code = unit["unit_code"] = unit.get("unit_code") or unit_code(unit["unit_name"])
    unit["aliases"] = [part.strip() for part in _ALIASES.split(unit.get("aliases") or "") if part.strip()]
    if code in units:
        check.say("duplicate_in_file", "unit_code", number, code)
    units[code] = unit


def _plain(value: Any) -> Any:
    return value.date().isoformat() if isinstance(value, dt.datetime) else value
