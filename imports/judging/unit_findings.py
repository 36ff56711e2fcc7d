"""What is said of units once every row is read: names taken by their district, and rows outside the days of a unit."""

from __future__ import annotations

from collections.abc import Mapping

from imports.columns.checking import Check
from imports.parts.staging import Staging
from imports.parts.statements import MAIN_TIME

_SHOWN = 20


def say_units(check: Check, staging: Staging) -> None:
    """Note names that were recognised by their district, and units with records outside their days."""
    column = check.column_of("unit")
    letter = column.letter if column else None
    matched = [f"{written} → {name}" for written, name in check.units.by_prefix.items()]
    if matched:
        shown = "、".join(matched[:_SHOWN]) + ("…" if len(matched) > _SHOWN else "")
        check.book.add("unit_by_prefix", column=letter, field="unit", count=len(matched), values=shown)
    directory = check.units.directory
    last_days = {code: day for code, (day, _) in directory.ended.items()}
    for code, count, first in _outside(check, staging, last_days, ">"):
        check.book.add("unit_ended", column=letter, row=first, field="unit", count=count, value=_told(check, code))
    for code, count, first in _outside(check, staging, directory.began, "<"):
        check.book.add("unit_not_yet", column=letter, row=first, field="unit", count=count, value=_began(check, code))


def _outside(check: Check, staging: Staging, days: Mapping[str, str], sign: str) -> list[tuple[str, int, int]]:
    """(unit, rows, first of them) of the units whose rows lie before (`<`) or after (`>`) the day of each."""
    time = MAIN_TIME[check.kind]
    if not days or time not in staging.columns or "unit" not in staging.columns:
        return []
    listed = ", ".join(f"('{_escaped(code)}', DATE '{day}')" for code, day in days.items())
    found = staging.query(
        f"SELECT staged.unit, count(*), min(row_no) FROM staged JOIN (VALUES {listed}) AS days(unit, day)"
        f" ON staged.unit = days.unit WHERE CAST({time} AS DATE) {sign} days.day GROUP BY 1 ORDER BY 3"
    )
    return found[:_SHOWN]


def _told(check: Check, code: str) -> str:
    """The unit with the day and the way it ended, in the reader's language."""
    day, successor = check.units.directory.ended[code]
    name = check.units.directory.titles.get(code, code)
    if check.book.language == "en":
        return f"{name} ended on {day}" + (f" (merged into {successor})" if successor else "")
    return f"{name}已于 {day} 撤并" + (f"（并入{successor}）" if successor else "")


def _began(check: Check, code: str) -> str:
    name, day = check.units.directory.titles.get(code, code), check.units.directory.began[code]
    return f"{name} (formed on {day})" if check.book.language == "en" else f"{name}（{day} 设立）"


def _escaped(code: str) -> str:
    return code.replace("'", "''")
