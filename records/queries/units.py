"""Reading the unit directory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from records.access import Action, Viewer, require
from records.models import PeerGroup, Unit, UnitAlias


@dataclass(frozen=True)
class UnitRow:
    """A unit with its other names."""

    code: str
    name: str
    short_name: str | None
    parent_code: str | None
    peer_group: str | None
    residents: int | None
    is_assessed: bool
    valid_from: date | None
    valid_to: date | None
    merged_into: str | None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeerGroupRow:
    """A group of units that may be compared."""

    code: str
    title: str
    title_en: str | None


def list_units(session: Session, *, viewer: Viewer) -> list[UnitRow]:
    """All units by code. Everybody who is signed in may read the directory."""
    require(viewer, Action.SEE_DIRECTORY)
    aliases = _aliases(session)
    return [_row(unit, aliases.get(unit.code, ())) for unit in session.scalars(select(Unit).order_by(Unit.code))]


def moves(session: Session) -> list[tuple[str, date, str]]:
    """Units that were merged or renamed on a day: whose cases from that day on are another unit's, and whose.

    A chain of merges gives one entry for each step, the latest first, so that of those that fit a day the first holds.
    A unit merged without a date keeps all its cases, and a ring ends where it closes.
    """
    wanted = select(Unit.code, Unit.valid_to, Unit.merged_into).where(
        Unit.valid_to.is_not(None), Unit.merged_into.is_not(None)
    )
    steps = {code: (day, into) for code, day, into in session.execute(wanted.order_by(Unit.code)) if day and into}
    found: list[tuple[str, date, str]] = []
    for unit in steps:
        code, since, seen, own = unit, date.min, {unit}, []
        while code in steps and steps[code][1] not in seen:
            day, code = steps[code]
            since = max(since, day)
            seen.add(code)
            own.append((unit, since, code))
        found += reversed(own)
    return found


def count_units(session: Session) -> int:
    """How many units the directory holds."""
    return session.scalar(select(func.count()).select_from(Unit)) or 0


def one(session: Session, *, viewer: Viewer, code: str) -> UnitRow | None:
    """One unit by its code, None when there is none."""
    require(viewer, Action.SEE_DIRECTORY)
    unit = session.get(Unit, code)
    if unit is None:
        return None
    return _row(unit, tuple(session.scalars(_alias_texts().where(UnitAlias.unit_code == code))))


def list_peer_groups(session: Session) -> list[PeerGroupRow]:
    """The peer groups in their order."""
    groups = session.scalars(select(PeerGroup).order_by(PeerGroup.position, PeerGroup.code))
    return [PeerGroupRow(group.code, group.title, group.title_en) for group in groups]


def peer_group_titles(session: Session, language: str) -> dict[str, str]:
    """What each peer group is called, by code: in English where it has such a title and that is asked for."""
    return {g.code: (g.title_en if language == "en" else None) or g.title for g in list_peer_groups(session)}


def directory_names(session: Session) -> dict[str, str]:
    """Every name a file may use for a unit -> its code: codes, names, short names that are unambiguous, aliases."""
    names: dict[str, str] = {}
    taken_twice: set[str] = set()
    units = list(session.execute(select(Unit.code, Unit.name, Unit.short_name)))
    for code, _, short_name in units:
        if short_name in names:
            taken_twice.add(short_name)
        elif short_name:
            names[short_name] = code
    names = {name: code for name, code in names.items() if name not in taken_twice}
    names.update((alias, code) for alias, code in session.execute(select(UnitAlias.alias, UnitAlias.unit_code)))
    names.update((name, code) for code, name, _ in units)
    names.update((code, code) for code, _, _ in units)
    return names


def codes_below(session: Session, *, code: str) -> frozenset[str]:
    """The code itself and the codes of all units below it; a ring in the tree ends where it closes."""
    below = select(Unit.code).where(Unit.code == code).cte("below", recursive=True)
    below = below.union(select(Unit.code).join(below, Unit.parent_code == below.c.code))
    return frozenset(session.scalars(select(below.c.code)))


def _alias_texts() -> Select[str]:
    return select(UnitAlias.alias).order_by(UnitAlias.alias)


def _aliases(session: Session) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, alias in session.execute(select(UnitAlias.unit_code, UnitAlias.alias).order_by(UnitAlias.alias)):
        found[code] = (*found.get(code, ()), alias)
    return found


def _row(unit: Unit, aliases: tuple[str, ...]) -> UnitRow:
    return UnitRow(
        code=unit.code, name=unit.name, short_name=unit.short_name, parent_code=unit.parent_code,
        peer_group=unit.peer_group, residents=unit.residents, is_assessed=unit.is_assessed,
        valid_from=unit.valid_from, valid_to=unit.valid_to, merged_into=unit.merged_into, aliases=aliases,
    )  # fmt: skip
