"""What is said of units once every row is read: names taken by their district, and rows after the end of a unit."""

from __future__ import annotations

from imports.columns.checking import Check
from imports.parts.staging import Staging
from imports.parts.statements import MAIN_TIME

_SHOWN = 20


def say_units(check: Check, staging: Staging) -> None:
    """Note names that were recognised by their district and units that have records after they were merged away."""
    column = check.column_of("unit")
    letter = column.letter if column else None
    matched = [f"{written} → {name}" for written, name in check.units.by_prefix.items()]
    if matched:
        shown = "、".join(matched[:_SHOWN]) + ("…" if len(matched) > _SHOWN else "")
        check.book.add("unit_by_prefix", column=letter, field="unit", count=len(matched), values=shown)
    ended = check.units.directory.ended
    time = MAIN_TIME[check.kind]
    if not ended or time not in staging.columns or "unit" not in staging.columns:
        return
    last_days = ", ".join(f"('{_escaped(code)}', DATE '{day}')" for code, (day, _) in ended.items())
    found = staging.query(
        f"SELECT staged.unit, count(*), min(row_no) FROM staged JOIN (VALUES {last_days}) AS ends(unit, day)"
        f" ON staged.unit = ends.unit WHERE CAST({time} AS DATE) > ends.day GROUP BY 1 ORDER BY 3"
    )
    for code, count, first in found[:_SHOWN]:
        check.book.add("unit_ended", column=letter, row=first, field="unit", count=count, value=_told(check, code))


def _told(check: Check, code: str) -> str:
    """The unit with the day and the way it ended, in the reader's language."""
    day, successor = check.units.directory.ended[code]
    name = check.units.directory.titles.get(code, code)
    if check.book.language == "en":
        return f"{name} ended on {day}" + (f" (merged into {successor})" if successor else "")
    return f"{name}已于 {day} 撤并" + (f"（并入{successor}）" if successor else "")


def _escaped(code: str) -> str:
    return code.replace("'", "''")
