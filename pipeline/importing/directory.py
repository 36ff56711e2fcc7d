"""The unit directory as imports read it, and units that an import brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from imports.options import UnitDirectory
from imports.values.units import unit_code
from records.clock import now
from records.instance import Instance
from records.models import PeerGroup, Unit, UnitAlias

PLAIN_FIELDS = ("short_name", "residents")


class UnitRowsError(ValueError):
    """Rows of a unit file contradict one another or the directory."""


def read_directory(session: Session) -> UnitDirectory:
    """Every name a file may use for a unit. A full name wins over an alias, an alias over a short name."""
    names: dict[str, str] = {}
    units = list(session.execute(select(Unit.code, Unit.name, Unit.short_name)))
    titles = {code: name for code, name, _ in units}
    ended = {
        code: (day.isoformat(), titles.get(successor or "", ""))
        for code, day, successor in session.execute(
            select(Unit.code, Unit.valid_to, Unit.merged_into).where(Unit.valid_to.is_not(None))
        )
        if day is not None
    }
    first_days = session.execute(select(Unit.code, Unit.valid_from).where(Unit.valid_from.is_not(None)))
    began = {code: day.isoformat() for code, day in first_days if day is not None}
    names.update((short, code) for code, _, short in units if short)
    names.update((alias, code) for alias, code in session.execute(select(UnitAlias.alias, UnitAlias.unit_code)))
    names.update((name, code) for code, name, _ in units)
    return UnitDirectory(names, titles, ended, began)


def current_units(instance: Instance) -> list[str]:
    """The full names of the units that are in office, in order: what a file to be filled in may choose from."""
    with instance.session() as session:
        directory = read_directory(session)
    return sorted(name for code, name in directory.titles.items() if code not in directory.ended)


def add_created_units(session: Session, created: Iterable[Mapping[str, str]], *, batch: int) -> int:
    """Units a file named and nobody knew, as `--create-units` found them; returns how many are new."""
    count = 0
    for entry in created:
        if session.get(Unit, entry["code"]) is None:
            session.add(Unit(code=entry["code"], name=entry["name"], batch_id=batch))
            count += 1
    session.flush()
    return count


def compare_units(session: Session, rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows of a unit file are new, changed and unchanged against the directory."""
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    for row in rows:
        unit = _find(session, row)
        if unit is None:
            counts["new"] += 1
        else:
            counts["changed" if _differs(unit, row) else "unchanged"] += 1
    return counts


def save_units(session: Session, rows: Iterable[Mapping[str, Any]], *, by: str, batch: int) -> int:
    """Add or change the units of a unit file: a unit is found by its code, else by its name. Returns the number.

    Parents and successors may stand in any row. Raises UnitRowsError for a parent that is nowhere, or an alias that
    already means another unit.
    """
    rows = list(rows)
    units = [_save(session, row, batch) for row in rows]
    session.flush()
    names = read_directory(session).names
    for unit, row in zip(units, rows, strict=True):
        unit.parent_code = _code_of(names, row.get("parent"), unit.parent_code)
        unit.merged_into = _code_of(names, row.get("merged_into_unit"), unit.merged_into)
        for alias in _aliases(row):
            add_alias(session, alias, unit.code, by=by)
    session.flush()
    return len(units)


def add_alias(session: Session, alias: str, code: str, *, by: str) -> None:
    """Let a name mean a unit. Raises UnitRowsError when there is no such unit or the name means another one."""
    if session.get(Unit, code) is None:
        raise UnitRowsError(f"there is no unit with the code {code}; see `wenxiao units list`")
    alias = alias.strip()
    known = session.get(UnitAlias, alias)
    if known is None:
        session.add(UnitAlias(alias=alias, unit_code=code, made_by=by, made_at=now()))
    elif known.unit_code != code:
        raise UnitRowsError(f"the name {alias} already means the unit {known.unit_code}; choose another alias")


def remove_alias(session: Session, alias: str, code: str) -> None:
    """Let a name no longer mean a unit; stored records stay with it. Raises UnitRowsError where it does not mean it."""
    known = session.get(UnitAlias, alias.strip())
    if known is None or known.unit_code != code:
        raise UnitRowsError(f"{alias.strip()} is no alias of the unit {code}; see `wenxiao units list`")
    session.delete(known)


def _find(session: Session, row: Mapping[str, Any]) -> Unit | None:
    code = row.get("unit_code")
    found = session.get(Unit, code) if code else None
    return found or session.scalar(select(Unit).where(Unit.name == row["unit_name"]))


def _wanted(row: Mapping[str, Any]) -> dict[str, Any]:
    """The catalogue values of a row; what the row leaves blank is not among them."""
    values = {"name": row["unit_name"], "peer_group": row.get("peer_group")}
    values.update({name: row.get(name) for name in PLAIN_FIELDS})
    values.update({name: _day(row.get(name)) for name in ("valid_from", "valid_to")})
    return {name: value for name, value in values.items() if value not in (None, "")}


def _differs(unit: Unit, row: Mapping[str, Any]) -> bool:
    aliases = {alias.alias for alias in unit.aliases}
    is_same = all(getattr(unit, name) == value for name, value in _wanted(row).items())
    return not is_same or not set(_aliases(row)) <= aliases


def _save(session: Session, row: Mapping[str, Any], batch: int) -> Unit:
    unit = _find(session, row)
    wanted = _wanted(row)
    group = wanted.get("peer_group")
    if group and session.get(PeerGroup, group) is None:
        session.add(PeerGroup(code=group, title=group, position=len(list(session.scalars(select(PeerGroup.code))))))
        session.flush()
    if unit is None:
        unit = Unit(code=row.get("unit_code") or unit_code(row["unit_name"]), batch_id=batch, **wanted)
        session.add(unit)
        session.flush()
    else:
        for name, value in wanted.items():
            setattr(unit, name, value)
    return unit


def _aliases(row: Mapping[str, Any]) -> list[str]:
    """The aliases of a row, whether a list or one text with separators.

    >>> _aliases({"aliases": "市人社局、人社局|HRSS"})
    ['市人社局', '人社局', 'HRSS']
    """
    value = row.get("aliases") or []
    if isinstance(value, str):
        value = value.replace("|", "、").replace("；", "、").replace(";", "、").split("、")
    return [alias.strip() for alias in value if alias.strip()]


def _code_of(names: Mapping[str, str], name: str | None, otherwise: str | None) -> str | None:
    if not name:
        return otherwise
    if name in names:
        return names[name]
    if name in names.values():
        return name
    raise UnitRowsError(f"the unit {name} is named as parent or successor and is not in the directory or the file")


def _day(value: Any) -> date | None:
    if not value:
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
