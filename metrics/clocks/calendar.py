"""Working days and office hours: which seconds of which day count.

A calendar is data (`calendars/*.toml`): weekly hours, exceptional days in layers, and the years whose official notice
is known. A later layer overrules an earlier one: national notice, region, unit. Days of an unknown year are refused.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

DAY = 86_400
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = tuple[tuple[int, int], ...]  # open intervals of a day in seconds from its midnight; an end may pass 24:00
Entry = str | Hours  # "work", "off" or exactly these hours


class CalendarError(ValueError):
    """A calendar that cannot be used; the message says what to correct."""


class CalendarContradiction(CalendarError):
    """One level of a calendar says two things about one day."""


class CalendarEmpty(CalendarError):
    """No open hour lies ahead, so that no limit can end."""


class CalendarUnpublished(CalendarError):
    """A day lies in a year whose official notice is not known here."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"{year} 工作日历未发布: add the official calendar of {year} first")


@dataclass(frozen=True)
class Calendar:
    """Office hours with exceptions.

    `weeks` are (first day valid, seven days of hours), oldest first; `exceptions` are the merged layers; `years` are
    the years with an official notice, None where every year follows the weekly hours.

    >>> load("office").hours_of(date(2025, 1, 26))  # a Sunday made up
    ((32400, 43200), (48600, 63000))
    """

    id: str
    zone: str
    weeks: tuple[tuple[date, tuple[Hours, ...]], ...]
    exceptions: Mapping[date, Entry] = field(default_factory=dict)
    years: frozenset[int] | None = None

    def __hash__(self) -> int:
        return hash((self.id, self.zone, self.weeks, len(self.exceptions)))

    def is_known(self, day: date) -> bool:
        """Whether the year of this day has its notice."""
        return self.years is None or day.year in self.years

    def week_of(self, day: date) -> tuple[Hours, ...]:
        """The weekly hours valid on this day."""
        return next((week for first, week in reversed(self.weeks) if first <= day), self.weeks[0][1])

    def hours_of(self, day: date) -> Hours:
        """The open intervals that begin on this day; raises CalendarUnpublished for a year without notice."""
        if not self.is_known(day):
            raise CalendarUnpublished(day.year)
        week = self.week_of(day)
        entry = self.exceptions.get(day)
        if entry is None:
            return week[day.weekday()]
        if entry == "off":
            return ()
        if entry == "work":
            return week[day.weekday()] or week[0]
        return entry  # type: ignore[return-value]

    def is_working_day(self, day: date) -> bool:
        """Whether the office opens on this day."""
        return bool(self.hours_of(day))

    def with_layer(self, entries: Mapping[date, Entry]) -> Calendar:
        """The calendar of a unit or region: its entries win over those here."""
        return replace(self, exceptions={**self.exceptions, **entries})


def merge_entries(entries: Iterable[tuple[date, Entry]], where: str) -> dict[date, Entry]:
    """One level of exceptional days; two different entries for one day are refused.

    >>> merge_entries([(date(2025, 5, 1), "off"), (date(2025, 5, 1), "work")], "town")
    Traceback (most recent call last):
    ...
    metrics.clocks.calendar.CalendarContradiction: town: 2025-05-01 is both off and work; keep one of the two
    """
    level: dict[date, Entry] = {}
    for day, entry in entries:
        if level.setdefault(day, entry) != entry:
            raise CalendarContradiction(f"{where}: {day} is both {level[day]} and {entry}; keep one of the two")
    return level


def parse_hours(text: str) -> tuple[int, int]:
    """Seconds of one interval; an end before its start runs into the next day.

    >>> parse_hours("13:30-17:30"), parse_hours("21:00-02:00")
    ((48600, 63000), (75600, 93600))
    """
    try:
        start, end = (_seconds(part) for part in text.split("-"))
    except ValueError:
        raise CalendarError(f"hours {text!r}: write them like 09:00-12:00") from None
    return (start, end) if end > start else (start, end + DAY)


def _seconds(text: str) -> int:
    parts = [int(p) for p in text.strip().split(":")]
    hours, minutes, seconds = (*parts, 0, 0)[:3]
    total = hours * 3600 + minutes * 60 + seconds
    if not (0 <= minutes < 60 and 0 <= seconds < 60 and 0 <= total <= DAY):
        raise ValueError(text)
    return total


def _hours(entry: Any, where: str) -> Hours:
    hours = tuple(sorted(parse_hours(text) for text in entry))
    for (_, end), (start, _) in itertools.pairwise(hours):
        if start < end:
            raise CalendarContradiction(f"{where}: hours overlap; join them into one interval")
    return hours


def _entries(days: Mapping[str, Any] | list[Mapping[str, Any]], where: str) -> dict[date, Entry]:
    pairs = days.items() if isinstance(days, Mapping) else [(str(d["date"]), d["is"]) for d in days]
    read: list[tuple[date, Entry]] = []
    for text, entry in pairs:
        if isinstance(entry, str) and entry not in ("work", "off"):
            raise CalendarError(f"{where}: {text} is {entry!r}; write work, off or a list of hours")
        read.append((date.fromisoformat(text), entry if isinstance(entry, str) else _hours(entry, f"{where} {text}")))
    return merge_entries(read, where)


def _week(table: Mapping[str, Any], where: str) -> tuple[Hours, ...]:
    unknown = set(table) - set(WEEKDAYS)
    if unknown:
        raise CalendarError(f"{where}: unknown weekdays {sorted(unknown)}; use {', '.join(WEEKDAYS)}")
    return tuple(_hours(table.get(day, ()), f"{where} {day}") for day in WEEKDAYS)


def from_document(document: Mapping[str, Any], name: str = "calendar") -> Calendar:
    """A calendar from its TOML document: `timezone`, `[week]`, `[days]`, optionally `national` and `[[weeks]]`."""
    weeks = [(date.min, _week(document.get("week", {}), name))] if "week" in document else []
    weeks += [(w["from"], _week(w["week"], name)) for w in document.get("weeks", [])]
    if not weeks:
        raise CalendarError(f"{name}: a calendar needs its weekly hours in [week]")
    exceptions: dict[date, Entry] = {}
    years = None
    if national := document.get("national"):
        exceptions, years = national_days(national)
    merged = {**exceptions, **_entries(document.get("days", {}), name)}
    ordered = tuple(sorted(weeks, key=lambda pair: pair[0]))
    return Calendar(document.get("id", name), document.get("timezone", "Asia/Shanghai"), ordered, merged, years)


@cache
def national_days(country: str) -> tuple[dict[date, Entry], frozenset[int]]:
    """Days off and make-up days of every year with a notice, and those years."""
    files = sorted(f for f in _folder().iterdir() if f.name.startswith(f"{country}_") and f.name.endswith(".toml"))
    if not files:
        raise CalendarError(f"no notices of {country!r} are here")
    documents = [tomllib.loads(f.read_text(encoding="utf-8")) for f in files]
    pairs = [pair for d in documents for pair in _entries(d["days"], str(d["year"])).items()]
    return merge_entries(pairs, country), frozenset(d["year"] for d in documents)


def _folder() -> Any:
    return resources.files("metrics") / "calendars"


@cache
def load(source: str | Path = "office") -> Calendar:
    """The calendar of a TOML file, or one shipped here by its id."""
    path = Path(source)
    if path.suffix == ".toml":
        if not path.exists():
            raise CalendarError(f"no calendar file {source}")
        text, name = path.read_text(encoding="utf-8"), path.stem
    else:
        file = _folder() / f"{source}.toml"
        if not file.is_file():
            raise CalendarError(f"no calendar {source!r}; give a .toml file or one of: {', '.join(list_calendars())}")
        text, name = file.read_text(encoding="utf-8"), str(source)
    try:
        return from_document(tomllib.loads(text), name)
    except tomllib.TOMLDecodeError as error:
        # A date written twice in one table is a contradiction that TOML itself already refuses.
        raise CalendarContradiction(f"{name}: {error}") from None


def list_calendars() -> list[str]:
    """Ids of the calendars shipped here that have weekly hours."""
    return sorted(f.name[:-5] for f in _folder().iterdir() if f.name.endswith(".toml") and not f.name.startswith("cn_"))


def days_between(first: date, last: date) -> list[date]:
    """Every day from first to last, both included."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def moved(calendar: Calendar, zone: str) -> Calendar:
    """The same hours and days read in another zone."""
    return replace(calendar, zone=zone)


@cache
def in_zone(calendar: Calendar, zone: str) -> Calendar:
    """The same hours in another zone; State Council notices do not hold there, so every year follows the week."""
    return replace(calendar, zone=zone, exceptions={}, years=None)
