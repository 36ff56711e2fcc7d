"""Rows of an exclusion ledger as plain data: they go into the catalogue, where a second person decides each."""

from __future__ import annotations

from typing import Any

from imports.columns.checking import Check
from imports.parts.records import records_of
from imports.reading.rows import RowReader


def read_exclusion_rows(check: Check, rows: RowReader) -> list[dict[str, Any]]:
    """One mapping per case and unit with register, case_no, unit, ground, note and applied_at; the last one counts."""
    register = check.options.register or check.layout.register or ""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for number, record, is_refused in records_of(check, rows):
        missing = next((name for name in ("case_no", "unit", "ground") if not record.get(name)), None)
        if missing and not is_refused:
            check.say("exclusion_incomplete", missing, number)
            check.bad.append((number, "exclusion_incomplete", missing))
        elif not is_refused:
            _keep(check, found, record, number, register)
    return list(found.values())


def _keep(
    check: Check, found: dict[tuple[str, str], dict[str, Any]], record: dict[str, Any], number: int, register: str
) -> None:
    key = (record["case_no"], record["unit"])
    if key in found:
        check.say("duplicate_in_file", "case_no", number, record["case_no"])
    applied_at = record.get("applied_at")
    found[key] = {
        "register": register,
        "case_no": record["case_no"],
        "unit": record["unit"],
        "ground": record["ground"],
        "note": record.get("note"),
        "applied_at": None if applied_at is None else applied_at.isoformat(sep=" "),
    }
