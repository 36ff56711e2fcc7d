"""One unit of the directory changed by hand: its place, peer group, validity, and the unit it went into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy.orm import Session

from records import audit
from records.access import Action, Viewer, require
from records.instance import Instance
from records.models import PeerGroup, Unit


class ChangeRefused(ValueError):
    """A unit cannot be changed like this; `code` names the sentence."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class UnitFields:
    """What of a unit may be changed. Cases of a merged unit are its successor's from the last day of validity on."""

    short_name: str | None
    parent_code: str | None
    peer_group: str | None
    is_assessed: bool
    valid_from: date | None
    valid_to: date | None
    merged_into: str | None


def fields_of(instance: Instance, viewer: Viewer, code: str) -> tuple[str, UnitFields] | None:
    """Name and fields of a unit, None where there is none. Raises Forbidden for those who may not edit."""
    require(viewer, Action.EDIT_UNITS)
    with instance.session() as session:
        unit = session.get(Unit, code)
        if unit is None:
            return None
        return unit.name, UnitFields(**{name: getattr(unit, name) for name in UnitFields.__annotations__})


def change_unit(instance: Instance, viewer: Viewer, code: str, wanted: UnitFields) -> list[str]:
    """Take the fields over and note the change; answers the names of those that differ.

    Raises Forbidden, KeyError for an unknown unit, ChangeRefused for a ring, a merger without a day, or days the
    wrong way round.
    """
    require(viewer, Action.EDIT_UNITS)
    with instance.session() as session:
        unit = session.get(Unit, code)
        if unit is None:
            raise KeyError(code)
        _check(session, code, wanted)
        changed = {name: value for name, value in asdict(wanted).items() if getattr(unit, name) != value}
        for name, value in changed.items():
            setattr(unit, name, value)
        if changed:
            told = {name: "—" if value is None else str(value) for name, value in changed.items()}
            audit.write(session, viewer.sign_in, "unit.change", f"unit {code}", told)
    return sorted(changed)


def _check(session: Session, code: str, wanted: UnitFields) -> None:
    if wanted.valid_from and wanted.valid_to and wanted.valid_from > wanted.valid_to:
        raise ChangeRefused("days_turned_round")
    if wanted.merged_into and not wanted.valid_to:
        raise ChangeRefused("merger_without_day")
    if wanted.peer_group and session.get(PeerGroup, wanted.peer_group) is None:
        raise ChangeRefused("unknown_group")
    _check_way(session, code, wanted.parent_code, lambda unit: unit.parent_code, "ring_of_parents")
    _check_way(session, code, wanted.merged_into, lambda unit: unit.merged_into, "ring_of_mergers")


def _check_way(
    session: Session, code: str, first: str | None, following: Callable[[Unit], str | None], refusal: str
) -> None:
    """From one unit to the next, never back to the unit itself."""
    seen: set[str] = set()
    place = first
    while place is not None and place not in seen:
        if place == code:
            raise ChangeRefused(refusal)
        seen.add(place)
        unit = session.get(Unit, place)
        if unit is None:
            raise ChangeRefused("unknown_unit")
        place = following(unit)
