"""What the days of the national notices are called, so that an explanation can name them."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib import resources

from metrics.clocks.calendar import Calendar


@cache
def _holidays() -> tuple[tuple[date, date, str, str], ...]:
    text = (resources.files("metrics") / "holidays.toml").read_text(encoding="utf-8")
    return tuple((h["first"], h["last"], h["zh"], h["en"]) for h in tomllib.loads(text)["holiday"])


def holiday_of(calendar: Calendar, day: date) -> tuple[str, str] | None:
    """Chinese and English name of the holiday that makes this day an exception, None for an ordinary day.

    Days worked to make up for a holiday carry its name too.

    >>> from metrics.clocks.calendar import load
    >>> holiday_of(load(), date(2025, 1, 29)), holiday_of(load(), date(2025, 1, 25))
    (('春节', 'Spring Festival'), None)
    """
    if day not in calendar.exceptions:
        return None
    return next(((zh, en) for first, last, zh, en in _holidays() if first <= day <= last), None)
