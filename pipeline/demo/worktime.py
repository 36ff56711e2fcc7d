"""Office time of the city as plain positions, so that a course of events can be drawn in working time.

A position is the number of office seconds (09:00-12:00, 13:30-17:30 of every working day) since the first day held.
Times are whole seconds since 1970 of the local clock, without a zone.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]

DAY = 86_400
MORNING, NOON, AFTERNOON, EVENING = (h * 3600 for h in (9, 12, 13.5, 17.5))
OFFICE_DAY = 7 * 3600
FIRST, LAST = date(2023, 12, 1), date(2026, 12, 31)
NEVER = np.int64(2**60)


def day_number(day: date) -> int:
    """Days since 1970.

    >>> day_number(date(2024, 1, 1))
    19723
    """
    return (day - date(1970, 1, 1)).days


def at(year: int, month: int, day: int, hour: int = 0) -> int:
    """Seconds since 1970 of a local time."""
    return day_number(date(year, month, day)) * DAY + hour * 3600


@cache
def is_working() -> NDArray[np.bool_]:
    """For each day from FIRST to LAST: is it a working day by the published calendars?

    >>> int(is_working()[31:397].sum())  # 2024
    251
    """
    answer = []
    days: dict[str, object] = {}
    for year in range(FIRST.year, LAST.year + 1):
        text = (files("metrics") / "calendars" / f"cn_{year}.toml").read_text(encoding="utf-8")
        days.update(tomllib.loads(text)["days"])
    day = FIRST
    while day <= LAST:
        mark = days.get(day.isoformat())
        answer.append(mark == "work" if mark is not None else day.weekday() < 5)
        day += timedelta(days=1)
    return np.array(answer)


@cache
def _tables() -> tuple[Seconds, Seconds]:
    """Day numbers of the working days, and for each day the working days before it."""
    working = is_working()
    return np.flatnonzero(working) + day_number(FIRST), np.concatenate([[0], np.cumsum(working)])


def _day_index(times: Seconds) -> Seconds:
    """Place of each time's day in the table; what lies beyond the last day (never) stays on the last day."""
    return np.clip(times // DAY - day_number(FIRST), 0, len(is_working()) - 1)


def position(times: Seconds) -> Seconds:
    """Office seconds elapsed at each time."""
    _, before = _tables()
    index = _day_index(times)
    clock = times % DAY
    spent = np.clip(clock, MORNING, NOON) - MORNING + np.clip(clock, AFTERNOON, EVENING) - AFTERNOON
    return (before[index] * OFFICE_DAY + np.where(is_working()[index], spent, 0)).astype(np.int64)


def time_at(positions: Seconds) -> Seconds:
    """The inverse of `position`, inside office hours."""
    days, _ = _tables()
    index = np.minimum(positions // OFFICE_DAY, len(days) - 1)
    spent = positions % OFFICE_DAY
    half = int(NOON - MORNING)
    clock = np.where(spent < half, MORNING + spent, AFTERNOON + spent - half)
    return (days[index] * DAY + clock).astype(np.int64)


def after(times: Seconds, office_seconds: NDArray[np.float64]) -> Seconds:
    """The time reached when so many office seconds have passed since each time."""
    return time_at(position(times) + np.maximum(office_seconds, 0).astype(np.int64))


def end_of_working_day(times: Seconds, days: NDArray[np.int64]) -> Seconds:
    """23:59:59 of the days-th working day after each time (the day itself is day 0).

    >>> int(end_of_working_day(np.array([at(2024, 2, 8, 10)]), np.array([5]))[0]) == at(2024, 2, 22) - 1
    True
    """
    working, before = _tables()
    index = _day_index(times)
    return working[np.minimum(before[index + 1] - 1 + days, len(working) - 1)] * DAY + DAY - 1
