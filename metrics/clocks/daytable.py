"""The day table: cumulative working time before each day plus its open intervals, so that no row needs a loop.

W(t) = before(day) + sum over intervals of clamp(second of day, start, end) - start; working time = W(b) - W(a).
Times are naive local times. Where clocks change, the hour that is skipped is not open and the hour that comes twice is
listed twice, so that differences across the change are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from metrics.clocks.calendar import DAY, Calendar, CalendarError, Hours, days_between

EPOCH = date(1970, 1, 1)
NEVER = 2 * DAY
BEYOND = 10_000_000  # a day number past every table


@dataclass(frozen=True)
class DayTable:
    """One row a day; day i is `first` + i. Arrays have one entry a day, `starts` and `ends` are days × intervals."""

    first: int  # days since 1970-01-01
    before: np.ndarray  # working seconds before this day
    starts: np.ndarray
    ends: np.ndarray
    is_working: np.ndarray
    working_through: np.ndarray  # working days up to and including this day
    next_working: np.ndarray  # first working day from this day on, days since 1970-01-01; -1 beyond the table

    @property
    def length(self) -> int:
        return len(self.before)

    @property
    def last(self) -> int:
        return self.first + self.length - 1


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


def day_date(number: int) -> date:
    """The inverse of `day_number`."""
    return EPOCH + timedelta(days=int(number))


@lru_cache(maxsize=64)
def day_table(calendar: Calendar, first: date, last: date) -> DayTable:
    """The table of a calendar for first..last, cut to its known years (which must follow one another)."""
    days = [day for day in days_between(first, last) if calendar.is_known(day)]
    if not days:
        return _empty(first)
    if day_number(days[-1]) - day_number(days[0]) + 1 != len(days):
        missing = next(day for day in days_between(days[0], days[-1]) if not calendar.is_known(day))
        raise CalendarError(f"calendar {calendar.id}: a year is missing between others: {missing.year}")
    own = [calendar.hours_of(day) for day in days]
    changes = [_change(ZoneInfo(calendar.zone), day) for day in days]
    hours = _with_changes(_split_at_midnight(own), changes)
    width = max(2, max(len(h) for h in hours))
    starts, ends = np.zeros((len(days), width), np.int64), np.zeros((len(days), width), np.int64)
    for i, intervals in enumerate(hours):
        for j, (start, end) in enumerate(intervals):
            starts[i, j], ends[i, j] = start, end
    worked = (ends - starts).sum(axis=1)
    is_working = np.array([bool(h) for h in own])
    numbers = np.arange(len(days)) + day_number(days[0])
    return DayTable(
        int(numbers[0]), np.r_[0, worked.cumsum()[:-1]], starts, ends, is_working, is_working.cumsum(),
        _next_working(numbers, is_working),
    )  # fmt: skip


def _empty(first: date) -> DayTable:
    none = np.zeros(0, np.int64)
    grid = np.zeros((0, 2), np.int64)
    return DayTable(day_number(first), none, grid, grid, none.astype(bool), none, none)


def _split_at_midnight(own: list[Hours]) -> list[Hours]:
    """Shifts that pass midnight end there; what remains opens the next day."""
    rest: Hours = ()
    split = []
    for hours in own:
        today = [*rest, *((start, min(end, DAY)) for start, end in hours)]
        rest = tuple((0, end - DAY) for _, end in hours if end > DAY)
        split.append(tuple(sorted(today)))
    return split


def _change(zone: ZoneInfo, day: date) -> tuple[int, int]:
    """(wall second at which the clocks change, shift in seconds) of a day; (0, 0) on all other days."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    next_day = day + timedelta(days=1)
    next_midnight = datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone)
    low, high = (int(m.timestamp()) for m in (midnight, next_midnight))
    shift = int((next_midnight.utcoffset() - midnight.utcoffset()).total_seconds())  # type: ignore[operator]
    if not shift:
        return 0, 0
    start, offset = low, midnight.utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, UTC).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high - start, shift


def _with_changes(hours: list[Hours], changes: list[tuple[int, int]]) -> list[Hours]:
    changed = []
    for intervals, (at, shift) in zip(hours, changes, strict=True):
        if shift > 0:  # at..at+shift does not exist
            pieces = [piece for s, e in intervals for piece in ((s, min(e, at)), (max(s, at + shift), e))]
        else:  # at+shift..at comes twice
            pieces = [*intervals, *((max(s, at + shift), min(e, at)) for s, e in intervals if shift)]
        changed.append(tuple(sorted((s, e) for s, e in pieces if e > s)))
    return changed


def _elapsed(zone: ZoneInfo, days: list[date], changes: list[tuple[int, int]]) -> tuple[np.ndarray, ...]:
    midnights = [int(datetime(d.year, d.month, d.day, tzinfo=zone).timestamp()) for d in days]
    shift_from = [at + max(shift, 0) if shift else NEVER for at, shift in changes]
    return np.array(midnights), np.array(shift_from), np.array([-shift for _, shift in changes])


def _next_working(numbers: np.ndarray, is_working: np.ndarray) -> np.ndarray:
    following, found = np.full(len(numbers), -1), -1
    for i in range(len(numbers) - 1, -1, -1):
        found = int(numbers[i]) if is_working[i] else found
        following[i] = found
    return following


@lru_cache(maxsize=16)
def sql_columns(calendar: Calendar, first: date, last: date) -> dict[str, list[int | str | None]]:
    """The table as columns for the statements, one row for every day first..last; made once, so not to be changed.

    `date_text` and `day` name the day; the working columns (`before_day`, `start_1`, `end_1`, … `working_through`,
    `working_before`, `next_working`) are null in a year without notice; `elapsed`, `shift_from`, `shift` always hold.
    """
    known = day_table(calendar, first, last)
    days = days_between(first, last)
    zone = ZoneInfo(calendar.zone)
    elapsed, shift_from, shift = _elapsed(zone, days, [_change(zone, day) for day in days])
    columns: dict[str, list[int | str | None]] = {"date_text": [day.isoformat() for day in days]}
    columns["day"] = [day_number(day) for day in days]
    ahead = known.first - day_number(first) if known.length else len(days)
    behind = len(days) - ahead - known.length

    def spread(values: np.ndarray) -> list[int | str | None]:
        return [*[None] * ahead, *values.tolist(), *[None] * behind]

    columns["before_day"] = spread(known.before)
    for j in range(known.starts.shape[1]):
        columns[f"start_{j + 1}"] = spread(known.starts[:, j])
        columns[f"end_{j + 1}"] = spread(known.ends[:, j])
    columns["working_through"] = spread(known.working_through)
    columns["working_before"] = spread(known.working_through - known.is_working)
    columns["next_working"] = spread(np.where(known.next_working < 0, BEYOND, known.next_working))
    columns["elapsed"], columns["shift_from"], columns["shift"] = elapsed.tolist(), shift_from.tolist(), shift.tolist()
    return columns
