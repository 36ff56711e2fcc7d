"""Periods as people write them, as half-open spans of local days."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 1, 1)
SPAN = re.compile(r"(\d{4})(?:-(\d{2})|H([12])|Q([1-4]))?")


class PeriodError(ValueError):
    """A period that cannot be read; the message shows the forms."""


@dataclass(frozen=True)
class Period:
    """Days from `start` up to, not including, `end`. A label like 2024-03@19 says the day on which its months begin."""

    label: str
    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def is_all(self) -> bool:
        return self.label.partition("@")[0] == "all"

    @property
    def own_start_day(self) -> int | None:
        """The day on which months begin where the label says one.

        >>> parse("2024-03@19").own_start_day, parse("2024-03").own_start_day
        (19, None)
        """
        return int(self.label.partition("@")[2] or 0) or None


def parse(text: str, start_day: int = 1) -> Period:
    """The period a text names: `2024`, `2024H1`, `2024Q3`, `2024-03`, `2024-02-19..2024-03-18`, `all`.

    With `start_day` 19 the month 2024-03 runs from 19 February to 18 March, and quarters, halves and years likewise. A
    text may say so itself: `2024-03@19`, whatever `start_day` is.

    >>> parse("2024-02-19..2024-03-18").end
    datetime.date(2024, 3, 19)
    >>> parse("2025-03", start_day=19).start, parse("2025-03@19").start
    (datetime.date(2025, 2, 19), datetime.date(2025, 2, 19))
    """
    text, bare, day = text.strip(), *_start_day_in(text.strip(), start_day)
    if not 1 <= day <= 28:
        raise PeriodError(f"start day {day}: use 1 to 28, so that every month has it")
    try:
        if bare == "all":
            return Period(text, FIRST_DAY, LAST_DAY)
        if ".." in bare:
            first, end = _custom(bare)
            return Period(text, first, end)
        if match := SPAN.fullmatch(bare):
            year, first_month, months = _span(match)
            return Period(text, _start(year, first_month, day), _start(year, first_month + months, day))
    except ValueError as error:
        if isinstance(error, PeriodError):
            raise
    raise PeriodError(
        f"period {text!r}: write 2024, 2024H1, 2024Q3, 2024-03, 2024-02-19..2024-03-18 (both included) or all; "
        "2024-03@19 where months begin on the 19th"
    )


def _start_day_in(text: str, start_day: int) -> tuple[str, int]:
    """The text without its start day, and the day on which months begin."""
    bare, sign, day = text.partition("@")
    if not sign:
        return bare, start_day
    if not day.isdecimal() or day.startswith("0"):
        raise PeriodError(f"period {text!r}: write the day on which months begin as in 2024-03@19")
    return bare, int(day)


def _span(match: re.Match[str]) -> tuple[int, int, int]:
    """Year, first month and number of months that a label names."""
    year, month, half, quarter = (int(g) if g else None for g in match.groups())
    return year or 0, *_months(month, half, quarter)


def _months(month: int | None, half: int | None, quarter: int | None) -> tuple[int, int]:
    if month is not None:
        if not 1 <= month <= 12:
            raise ValueError(month)
        return month, 1
    if half is not None:
        return half * 6 - 5, 6
    return (quarter * 3 - 2, 3) if quarter is not None else (1, 12)


def _custom(text: str) -> tuple[date, date]:
    first, last = (date.fromisoformat(part) for part in text.split(".."))
    if last < first:
        raise PeriodError(f"period {text!r}: the last day lies before the first")
    return first, last + timedelta(days=1)


def _start(year: int, month: int, start_day: int) -> date:
    """First day of a month (13 and 14 belong to the next year); a later start day lies in the month before."""
    index = year * 12 + month - 1 - (start_day > 1)
    return date(index // 12, index % 12 + 1, start_day)


def month_of(day: date, start_day: int = 1) -> str:
    """The label of the month a day belongs to.

    >>> month_of(date(2025, 3, 18), 19), month_of(date(2025, 3, 19), 19)
    ('2025-03', '2025-04')
    """
    index = day.year * 12 + day.month - 1 + (start_day > 1 and day.day >= start_day)
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def before(period: Period, start_day: int = 1) -> Period | None:
    """The period of the same kind just before: month before month, year before year, else as many days; None for all.

    >>> before(parse("2025-01")).label, before(parse("2024Q1")).start, before(parse("2025-03-01..2025-03-10")).label
    ('2024-12', datetime.date(2023, 10, 1), '2025-02-19..2025-02-28')
    """
    if period.is_all:
        return None
    bare, sign, day = period.label.partition("@")
    match = SPAN.fullmatch(bare)
    if match and parse(period.label, start_day) == period:
        year, first, months = _span(match)
        label = _label(bare, year, first - months, months) + sign + day
        return Period(label, _start(year, first - months, period.own_start_day or start_day), period.start)
    start = period.start - (period.end - period.start)
    return Period(f"{start}..{period.start - timedelta(days=1)}", start, period.start)


def year_before(period: Period, start_day: int = 1) -> Period | None:
    """The same period a year earlier, None for all; 29 February becomes the 28th.

    >>> year_before(parse("2025-03")).label, year_before(parse("2024-02-19..2024-03-18")).label
    ('2024-03', '2023-02-19..2023-03-18')
    """
    if period.is_all:
        return None
    if SPAN.fullmatch(period.label.partition("@")[0]) and parse(period.label, start_day) == period:
        return parse(f"{int(period.label[:4]) - 1:04d}{period.label[4:]}", start_day)
    start, last = (_earlier(day) for day in (period.start, period.end - timedelta(days=1)))
    return Period(f"{start}..{last}", start, last + timedelta(days=1))


def _earlier(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _label(like: str, year: int, month: int, months: int) -> str:
    """The label of the span of `months` months from `month` (0 and below belong to the year before), as `like`."""
    index = year * 12 + month - 1
    year, first = index // 12, index % 12 + 1
    if months == 12:
        return f"{year:04d}"
    if months == 1:
        return f"{year:04d}-{first:02d}"
    return f"{year:04d}{like[4]}{(first - 1) // months + 1}"


def months_in(period: Period, start_day: int = 1) -> list[Period]:
    """The months of a period in order; the first and last are cut to it. A start day in the period's label wins.

    >>> [(m.label, m.start.isoformat()) for m in months_in(parse("2024-02-19..2024-04-18@19"))]
    [('2024-03@19', '2024-02-19'), ('2024-04@19', '2024-03-19')]
    """
    return _cut(period, month_of, start_day)


def quarters_in(period: Period, start_day: int = 1) -> list[Period]:
    """The quarters of a period in order; the first and last are cut to it.

    >>> [(q.label, q.start.isoformat()) for q in quarters_in(parse("2024-02-19..2024-04-18"), 19)]
    [('2024Q1', '2024-02-19'), ('2024Q2', '2024-03-19')]
    """
    return _cut(period, _quarter_of, start_day)


def _quarter_of(day: date, start_day: int) -> str:
    year, month = month_of(day, start_day).split("-")
    return f"{year}Q{(int(month) + 2) // 3}"


def _cut(period: Period, label_of: Callable[[date, int], str], start_day: int) -> list[Period]:
    own = period.own_start_day
    found, day = [], period.start
    while day < period.end:
        label = label_of(day, own or start_day) + (f"@{own}" if own else "")
        whole = parse(label, start_day)
        found.append(Period(label, max(whole.start, period.start), min(whole.end, period.end)))
        day = whole.end
    return found
