"""How long something took, and when it was due: working seconds, calendar seconds, limits, pauses.

Arrays are `datetime64[s]` of naive local times; no function here loops over rows. An unknown year gives an unknown
duration, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from metrics.clocks.calendar import DAY, Calendar, CalendarEmpty, CalendarUnpublished
from metrics.clocks.daytable import DayTable, day_date, day_number, day_table

LIMIT_UNITS = ("hour", "business_hour", "working_day", "calendar_day")
HORIZON = 800  # days searched for the end of a limit
Moments = np.ndarray
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Limit:
    """An amount of time allowed.

    >>> Limit.parse("5 working_day")
    Limit(amount=5, unit='working_day', roll_forward=True)
    """

    amount: int
    unit: str
    roll_forward: bool = True  # calendar days only: a last day off moves to the next working day

    @classmethod
    def parse(cls, text: str) -> Limit:
        """A limit from `AMOUNT UNIT`; raises ValueError with what to write."""
        amount, _, unit = text.strip().partition(" ")
        unit = unit.strip().removesuffix("s")
        if not amount.isdigit() or unit not in LIMIT_UNITS:
            raise ValueError(f'limit {text!r}: write it like "5 working_day", with one of {", ".join(LIMIT_UNITS)}')
        return cls(int(amount), unit)


def local(moment: datetime, zone: str) -> datetime:
    """A moment as naive local time of the zone; a naive one is taken as it is."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment.tzinfo else moment


def table_around(calendar: Calendar, *moments: datetime | date, ahead: int = HORIZON) -> DayTable:
    """A day table that holds these moments and the days ahead of them."""
    years = [m.year for m in moments]
    first = date(max(min(years) - 1, 1), 1, 1)
    return day_table(calendar, first, date(min(max(years) + 1 + ahead // 365, 9999), 12, 31))


def _split(moments: Moments) -> tuple[np.ndarray, np.ndarray]:
    seconds = moments.astype("datetime64[s]").astype(np.int64)
    return seconds // DAY, seconds % DAY


def working_before(table: DayTable, moments: Moments) -> tuple[np.ndarray, np.ndarray]:
    """W(t) in seconds and whether the day of each moment is known; NaT is unknown."""
    days, seconds = _split(moments)
    index = days - table.first
    is_known = (index >= 0) & (index < table.length) & ~np.isnat(moments)
    if not table.length:
        return np.zeros(len(index), np.int64), is_known
    index = np.where(is_known, index, 0)
    total = table.before[index].astype(np.int64)
    for j in range(table.starts.shape[1]):
        start, end = table.starts[index, j], table.ends[index, j]
        total += np.clip(seconds, start, end) - start
    return total, is_known


def working_seconds(table: DayTable, starts: Moments, ends: Moments) -> tuple[np.ndarray, np.ndarray]:
    """Working seconds from each start to each end and whether both days are known; reversed pairs are negative."""
    (before, knows_start), (after, knows_end) = working_before(table, starts), working_before(table, ends)
    return after - before, knows_start & knows_end


def _one(moment: datetime) -> Moments:
    return np.array([np.datetime64(moment.replace(microsecond=0), "s")])


def business_seconds(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Working seconds from start to end; negative where end lies first. Raises CalendarUnpublished."""
    start, end = local(start, calendar.zone), local(end, calendar.zone)
    for moment in (start, end):
        if not calendar.is_known(moment.date()):
            raise CalendarUnpublished(moment.year)
    seconds, _ = working_seconds(table_around(calendar, start, end), _one(start), _one(end))
    return int(seconds[0])


def calendar_seconds(zone: str, start: datetime, end: datetime) -> int:
    """Real seconds from start to end, both local times of the zone unless they carry an offset."""
    place = ZoneInfo(zone)
    a, b = (m if m.tzinfo else m.replace(tzinfo=place) for m in (start, end))
    return int(b.timestamp()) - int(a.timestamp())


def working_days(calendar: Calendar, start: date, end: date) -> int:
    """Working days after the day of start up to the day of end: the start is day 0.

    >>> from metrics.clocks.calendar import load
    >>> working_days(load(), date(2025, 3, 5), date(2025, 3, 7))
    2
    """
    if start > end:
        return -working_days(calendar, end, start)
    days = (start + timedelta(days=i + 1) for i in range((end - start).days))
    return sum(calendar.is_working_day(day) for day in days)


def due(calendar: Calendar, start: datetime, limit: Limit) -> datetime:
    """The last moment that is in time, local: the exact second for hours, 23:59:59 of the last day for days.

    Raises CalendarUnpublished where the limit runs into a year without notice, CalendarEmpty where it never ends.
    """
    start = local(start, calendar.zone)
    match limit.unit:
        case "hour":
            place = ZoneInfo(calendar.zone)
            after = start.replace(tzinfo=place).timestamp() + limit.amount * 3600
            return datetime.fromtimestamp(after, place).replace(tzinfo=None)
        case "business_hour":
            return after_working_seconds(calendar, start, limit.amount * 3600)
        case "working_day":
            return _last_second(_nth_working_day(calendar, start.date(), limit.amount))
        case _:
            return _last_second(_calendar_day(calendar, start.date(), limit))


def _last_second(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59)


def _nth_working_day(calendar: Calendar, day: date, amount: int) -> date:
    remaining, idle = amount, 0
    while remaining > 0:
        day += timedelta(days=1)
        is_working = calendar.is_working_day(day)
        remaining -= is_working
        idle = 0 if is_working else idle + 1
        if idle > HORIZON:
            raise CalendarEmpty(f"calendar_empty: calendar {calendar.id} has no working day within {HORIZON} days")
    return day


def _calendar_day(calendar: Calendar, day: date, limit: Limit) -> date:
    last = day + timedelta(days=limit.amount)
    return _next_open(calendar, last) if limit.roll_forward else last


def _next_open(calendar: Calendar, day: date) -> date:
    return day if calendar.is_working_day(day) else _nth_working_day(calendar, day, 1)


def after_working_seconds(calendar: Calendar, start: datetime, seconds: int) -> datetime:
    """The earliest moment by which so many working seconds have passed since start."""
    if not calendar.is_known(start.date()):
        raise CalendarUnpublished(start.year)
    table = table_around(calendar, start, ahead=HORIZON + seconds // 3600)
    target = int(working_before(table, _one(start))[0][0]) + seconds
    worked = (table.ends - table.starts).sum(axis=1)
    index = int(np.searchsorted(table.before + worked, target))
    if index >= table.length:
        beyond = day_date(table.last + 1)
        if not calendar.is_known(beyond):
            raise CalendarUnpublished(beyond.year)
        raise CalendarEmpty(f"calendar_empty: calendar {calendar.id} does not open long enough after {start}")
    rest = target - int(table.before[index])
    at = int(table.starts[index][0])
    for begin, end in sorted(zip(table.starts[index].tolist(), table.ends[index].tolist(), strict=True)):
        if end > begin and rest > 0:
            at, rest = begin + min(rest, end - begin), rest - min(rest, end - begin)
    day = day_date(table.first + index)
    return datetime(day.year, day.month, day.day) + timedelta(seconds=at)


def is_met(event: datetime, due_at: datetime) -> bool:
    """Whether the event is not later than the due moment, to the second."""
    return event <= due_at


def explain(calendar: Calendar, start: datetime, end: datetime) -> list[Span]:
    """Every counted interval between start and end; their lengths add up to the working seconds."""
    start, end = local(start, calendar.zone), local(end, calendar.zone)
    if end <= start:
        return []
    for moment in (start, end):
        if not calendar.is_known(moment.date()):
            raise CalendarUnpublished(moment.year)
    table = table_around(calendar, start, end)
    spans = []
    for number in range(day_number(start.date()), day_number(end.date()) + 1):
        day = day_date(number)
        midnight = datetime(day.year, day.month, day.day)
        row = number - table.first
        for begin, close in zip(table.starts[row].tolist(), table.ends[row].tolist(), strict=True):
            first = max(start, midnight + timedelta(seconds=begin))
            last = min(end, midnight + timedelta(seconds=close))
            if last > first:
                spans.append((first, last))
    return sorted(spans)


def merge_pauses(pauses: Iterable[tuple[datetime, datetime | None]], start: datetime, end: datetime) -> list[Span]:
    """Pauses cut to start..end and joined where they overlap; an open one ends at `end`."""
    cut = sorted((max(a, start), min(b or end, end)) for a, b in pauses)
    merged: list[Span] = []
    for a, b in cut:
        if b <= a:
            continue
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], b))
        else:
            merged.append((a, b))
    return merged


def pause_seconds(
    calendar: Calendar, pauses: Sequence[tuple[datetime, datetime | None]], start: datetime, end: datetime
) -> int:
    """Working seconds of the merged pauses between start and end."""
    return sum(business_seconds(calendar, a, b) for a, b in merge_pauses(pauses, start, end))


def due_after_pauses(
    calendar: Calendar, start: datetime, limit: Limit, pauses: Sequence[tuple[datetime, datetime | None]], end: datetime
) -> datetime:
    """The due moment moved by the pauses that began before it; a pause after it cannot undo lateness."""
    strict = due(calendar, start, limit)
    merged = [span for span in merge_pauses(pauses, start, end) if span[0] <= strict]
    if limit.unit == "working_day":
        extra = sum(working_days(calendar, a.date(), b.date()) for a, b in merged)
        return due(calendar, start, Limit(limit.amount + extra, limit.unit))
    if limit.unit == "business_hour":
        extra = sum(business_seconds(calendar, a, b) for a, b in merged)
        return after_working_seconds(calendar, local(start, calendar.zone), limit.amount * 3600 + extra)
    if limit.unit == "hour":
        return strict + sum((b - a for a, b in merged), timedelta())
    extra = sum((b.date() - a.date()).days for a, b in merged)
    return due(calendar, start, Limit(limit.amount + extra, limit.unit, limit.roll_forward))
