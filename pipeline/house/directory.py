"""The unit directory as a tree with its other names and mergers, and the working calendar as a year to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.clocks.calendar import Calendar
from metrics.clocks.holidays import holiday_of
from pipeline.house.calendar_years import NewYear, with_days
from pipeline.importing.directory import add_alias, remove_alias
from pipeline.numbers.counting import calendar_of
from pipeline.views.words import Words
from records import audit
from records.access import Action, Viewer, require
from records.instance import Instance
from records.queries import units
from records.queries.units import UnitRow

NO_GROUP = Words("", "")


@dataclass(frozen=True)
class Branch:
    """A unit at its depth in the tree; `merged_name` is what it went into."""

    unit: UnitRow
    depth: int
    group: Words
    merged_name: str | None


@dataclass(frozen=True)
class Day:
    """One day of a calendar; `hours` is empty on a day off."""

    day: date
    hours: tuple[tuple[int, int], ...]
    is_changed: bool  # other than the week says: a holiday on a working day, or a day made up
    holiday: Words | None


@dataclass(frozen=True)
class Year:
    """A year of the calendar of the instance, by month; not published years have no months."""

    year: int
    years: tuple[int, ...]  # all published years
    months: tuple[tuple[Day, ...], ...]
    working_days: int
    zone: str


def tree(instance: Instance, viewer: Viewer) -> list[Branch]:
    """All units, each below its parent, by code; a ring in the tree is cut where it closes."""
    with instance.session() as session:
        rows = units.list_units(session, viewer=viewer)
        groups = {g.code: Words(g.title, g.title_en or g.title) for g in units.list_peer_groups(session)}
    known = {row.code: row for row in rows}
    below: dict[str | None, list[UnitRow]] = defaultdict(list)
    for row in rows:
        below[row.parent_code if row.parent_code in known else None].append(row)
    found: list[Branch] = []
    seen: set[str] = set()

    def add(row: UnitRow, depth: int) -> None:
        if row.code in seen:
            return
        seen.add(row.code)
        merged = known.get(row.merged_into or "")
        found.append(Branch(row, depth, groups.get(row.peer_group or "", NO_GROUP), merged.name if merged else None))
        for child in below[row.code]:
            add(child, depth + 1)

    for row in [*below[None], *rows]:  # units of a ring hang below nobody and come at the end
        add(row, 0)
    return found


def name_unit(instance: Instance, viewer: Viewer, *, alias: str, code: str) -> None:
    """Let another name mean a unit. Raises Forbidden, and UnitRowsError when it means another one already."""
    require(viewer, Action.EDIT_UNITS)
    with instance.session() as session:
        add_alias(session, alias, code, by=viewer.sign_in)
        audit.write(session, viewer.sign_in, "unit.alias", f"unit {code}", {"alias": alias.strip()})


def other_names(instance: Instance, viewer: Viewer, code: str) -> list[str]:
    """The aliases of a unit in order. Raises Forbidden for those who may not edit."""
    require(viewer, Action.EDIT_UNITS)
    with instance.session() as session:
        return next((sorted(row.aliases) for row in units.list_units(session, viewer=viewer) if row.code == code), [])


def forget_name(instance: Instance, viewer: Viewer, *, alias: str, code: str) -> None:
    """Take back another name of a unit; records stored under it stay. Raises Forbidden, UnitRowsError if it is none."""
    require(viewer, Action.EDIT_UNITS)
    with instance.session() as session:
        remove_alias(session, alias, code)
        audit.write(session, viewer.sign_in, "unit.alias_removed", f"unit {code}", {"alias": alias.strip()})


def name_units_of_file(instance: Instance, viewer: Viewer, names: Iterable[tuple[str, str]]) -> None:
    """Keep what the person who imports a file said its names mean: (name, code of the unit), all or none.

    Whoever imports may name units, as they may have unknown ones created. Raises Forbidden, and UnitRowsError when a
    name means another unit already.
    """
    require(viewer, Action.IMPORT)
    with instance.session() as session:
        for alias, code in names:
            add_alias(session, alias, code, by=viewer.sign_in)
            audit.write(session, viewer.sign_in, "unit.alias", f"unit {code}", {"alias": alias.strip()})


def year_of(instance: Instance, year: int | None = None) -> Year:
    """A year of the calendar; without one, the newest that is published."""
    calendar = calendar_of(instance)
    if year is None:
        year = max(calendar.years) if calendar.years else instance.today().year
    return year_in(calendar, year)


def year_with(instance: Instance, added: NewYear) -> Year:
    """The year as it would be with what a file says."""
    return year_in(with_days(calendar_of(instance), added.days), added.year)


def year_in(calendar: Calendar, year: int) -> Year:
    """A year of some calendar; without months where the calendar does not know it."""
    years = tuple(sorted(calendar.years or ()))
    first, last = date(year, 1, 1), date(year, 12, 31)
    if not calendar.is_known(first):
        return Year(year, years, (), 0, calendar.zone)
    days = [_day(calendar, first + timedelta(days=i)) for i in range((last - first).days + 1)]
    months = tuple(tuple(day for day in days if day.day.month == month) for month in range(1, 13))
    return Year(year, years, months, sum(1 for day in days if day.hours), calendar.zone)


def _day(calendar: Calendar, day: date) -> Day:
    hours, usual = calendar.hours_of(day), calendar.week_of(day)[day.weekday()]
    holiday = holiday_of(calendar, day)
    return Day(day, hours, bool(hours) != bool(usual), Words(*holiday) if holiday else None)
