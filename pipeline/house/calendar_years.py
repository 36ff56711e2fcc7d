"""Years of the working calendar that an office adds: read from a file, checked, shown, then kept.

A file (csv or xlsx) has a date in each row and what that day is: off, worked, or its hours. Days that are not named
follow the week. What is kept are rows of the table `calendar_day`; the newest upload of a year holds.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError  # nosec B405: nothing is parsed here
from zipfile import BadZipFile, ZipFile

from sqlalchemy import delete, select

from metrics.clocks.calendar import Calendar, CalendarError, Entry, merge_entries, parse_hours
from records import audit
from records.access import Action, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import CalendarDay

OFFICE = "office"  # the calendar of the whole instance
MOST_BYTES = 1 << 20
MOST_UNPACKED = 20 << 20
MOST_ROWS = 400
WORDS = {
    "off": ("off", "holiday", "rest", "放假", "休", "休息", "休息日", "节假日"),
    "work": ("work", "workday", "working", "上班", "班", "补班", "调休上班", "工作日"),
}
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\Z")


class YearRefused(ValueError):
    """A file that is no year of a calendar; `code` names the sentence, `detail` fills it."""

    def __init__(self, code: str, **detail: object) -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code} {detail}")


@dataclass(frozen=True)
class NewYear:
    """The exceptional days of one year as a file says them."""

    year: int
    days: Mapping[date, Entry]

    @property
    def n_off(self) -> int:
        return sum(entry == "off" for entry in self.days.values())

    @property
    def n_work(self) -> int:
        return len(self.days) - self.n_off


def read(name: str, content: bytes) -> NewYear:
    """The year of a file. Raises YearRefused naming the row that cannot be used.

    >>> read("2027.csv", "日期,安排\\n2027-01-01,放假\\n".encode()).days
    {datetime.date(2027, 1, 1): 'off'}
    """
    if len(content) > MOST_BYTES:
        raise YearRefused("too_large")
    entries = list(_entries(_rows(name, content)))
    if not entries:
        raise YearRefused("empty")
    years = {day.year for day, _ in entries}
    if len(years) > 1:
        raise YearRefused("several_years", years="、".join(map(str, sorted(years))))
    try:
        return NewYear(years.pop(), merge_entries(entries, name))
    except CalendarError as error:
        raise YearRefused("contradiction", detail=str(error)) from None


def _rows(name: str, content: bytes) -> list[list[Any]]:
    if Path(name).suffix.lower() == ".xlsx":
        rows = _workbook_rows(content)
    else:
        rows = list(csv.reader(io.StringIO(_decoded(content))))
    if len(rows) > MOST_ROWS:
        raise YearRefused("too_many_rows", most=MOST_ROWS)
    return rows


def _workbook_rows(content: bytes) -> list[list[Any]]:
    from openpyxl import load_workbook  # only the year of a workbook needs it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        if sum(part.file_size for part in ZipFile(io.BytesIO(content)).infolist()) > MOST_UNPACKED:
            raise YearRefused("too_large")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return [list(row) for row in book.worksheets[0].iter_rows(max_row=MOST_ROWS + 1, max_col=3, values_only=True)]
    except (BadZipFile, InvalidFileException, OSError, LookupError, ParseError):
        raise YearRefused("unreadable") from None


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise YearRefused("unreadable")


def _entries(rows: Iterable[list[Any]]) -> Iterator[tuple[date, Entry]]:
    for number, row in enumerate(rows, start=1):
        cells = [*row, None, None][:2]
        if all(cell is None or not str(cell).strip() for cell in cells):
            continue
        day = _day(cells[0])
        if day is None:
            if number == 1:
                continue  # the head of the table
            raise YearRefused("no_date", row=number, value=str(cells[0] or "")[:40])
        yield day, _entry(cells[1], number)


def _day(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = DATE.match(str(cell or "").strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _entry(cell: Any, number: int) -> Entry:
    text = str(cell or "").strip()
    for entry, words in WORDS.items():
        if text.casefold() in words:
            return entry
    try:
        hours = tuple(sorted(parse_hours(part) for part in re.split(r"[,，;；\s]+", text) if part))
    except CalendarError:
        hours = ()
    if not hours:
        raise YearRefused("no_state", row=number, value=text[:40])
    return hours


def as_csv(year: NewYear) -> str:
    """The year as lines that `read` understands, to be carried from looking at it to keeping it.

    >>> as_csv(read("x.csv", b"2027-1-1,off\\n2027-1-2,9:00-12:00\\n"))
    '2027-01-01,off\\n2027-01-02,09:00-12:00\\n'
    """
    return "".join(f"{day},{_written(entry)}\n" for day, entry in sorted(year.days.items()))


def _written(entry: Entry) -> str:
    return entry if isinstance(entry, str) else " ".join(f"{_clock(a)}-{_clock(b)}" for a, b in entry)


def _clock(seconds: int) -> str:
    minutes = seconds // 60 % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def keep(instance: Instance, viewer: Viewer, year: NewYear, *, source: str) -> None:
    """Make this year of the calendar what the file says; an earlier upload of the same year is replaced.

    Numbers that are frozen with an assessment stay; everything counted from now on uses the new days. Raises Forbidden.
    """
    require(viewer, Action.EDIT_CALENDARS)
    first, last = date(year.year, 1, 1), date(year.year, 12, 31)
    with instance.session() as session:
        of_year = (CalendarDay.calendar == OFFICE, CalendarDay.day.between(first, last))
        replaced = session.execute(delete(CalendarDay).where(*of_year)).rowcount  # type: ignore[attr-defined]
        at = now()
        session.add_all(
            CalendarDay(
                calendar=OFFICE, day=day, state=entry if isinstance(entry, str) else "hours",
                intervals=None if isinstance(entry, str) else [list(part) for part in entry],
                source=source[:300], made_by=viewer.sign_in, made_at=at,
            )
            for day, entry in sorted(year.days.items())
        )  # fmt: skip
        detail = {"off": year.n_off, "work": year.n_work, "file": source[:100], "replaced_days": replaced}
        audit.write(session, viewer.sign_in, "calendar.year", f"year {year.year}", detail)


def with_years(instance: Instance, calendar: Calendar) -> Calendar:
    """The calendar with the years that were added here; an added year takes the place of the shipped one."""
    with instance.session() as session:
        rows = list(session.scalars(select(CalendarDay).where(CalendarDay.calendar == OFFICE)))
    return with_days(calendar, {row.day: _stored(row) for row in rows}) if rows else calendar


def with_days(calendar: Calendar, days: Mapping[date, Entry]) -> Calendar:
    """The calendar in which the years of `days` have these exceptions and no others.

    >>> from metrics.clocks.calendar import load
    >>> added = with_days(load("office"), {date(2027, 1, 1): "off"})
    >>> added.is_working_day(date(2027, 1, 1)), added.is_working_day(date(2027, 1, 4))
    (False, True)
    """
    years = {day.year for day in days}
    others = {day: entry for day, entry in calendar.exceptions.items() if day.year not in years}
    known = None if calendar.years is None else calendar.years | years
    return replace(calendar, exceptions={**others, **days}, years=known)


def _stored(row: CalendarDay) -> Entry:
    return tuple((a, b) for a, b in row.intervals or ()) if row.state == "hours" else row.state
