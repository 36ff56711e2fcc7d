"""Dates cell by cell: native cells, serial numbers and every written form, mixed in one column.

A cell that gives only a day returns a `date`, one with a time a `datetime` in local time; a day is never midnight.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from imports.values.cells import CellError, plain, text_of

ORDERS = ("ymd", "mdy", "dmy")
Moment = dt.datetime | dt.date

_TIME = (
    r"(?:[t,\s]*(?P<half>上午|下午|中午|晚上|凌晨|早上|am|pm)?\s*(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})?"
    r"(?:[:分](?P<second>\d{1,2})(?:\.\d+)?)?[分秒]?\s*(?P<half2>a\.?m\.?|p\.?m\.?|上午|下午)?)?"
    r"\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?$"
)
_YEAR_FIRST = re.compile(r"^(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})[日号]?" + _TIME)
_YEAR_LAST = re.compile(r"^(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _TIME)
_DAY_NAMED = re.compile(r"^(?P<day>\d{1,2})[-\s/.]?(?P<name>[a-z]{3,9})[-\s/.,]*(?P<year>\d{4}|\d{2})" + _TIME)
_NAME_FIRST = re.compile(r"^(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})" + _TIME)
_COMPACT = re.compile(
    r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?$"
)
_NO_YEAR = re.compile(r"^\d{1,2}月\d{1,2}[日号]?|^\d{1,2}[-/]\d{1,2}$")
_SERIAL = re.compile(r"^\d{1,10}(?:\.\d+)?$")
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+|[(（]?(?:星期|周)[一二三四五六日天][)）]?")
_EVIDENCE = re.compile(r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})(?!\d)")
_PLACEHOLDERS = frozenset((
    "0000-00-00", "0000/00/00", "0000-00-00 00:00:00", "00:00:00", "9999-12-31", "9999/12/31", "9999-12-31 00:00:00",
    "9999-12-31 23:59:59", "2999-12-31", "1900-01-01", "1900/01/01", "1900-01-01 00:00:00", "1970-01-01",
    "1970-01-01 08:00:00", "-", "--", "—", "/", "\\", "无", "nan", "nat", "null", "none", "n/a", "0", "0.0",
))  # fmt: skip
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_EPOCH = 1_000_000_000
FIRST_YEAR, LAST_YEAR = 1980, 2100


def parse_moment(
    cell: Any, order: str | None = None, *, is_1904: bool = False, zone: str = "Asia/Shanghai"
) -> Moment | None:
    """The moment of a cell, None for a blank one.

    Raises CellError with `date_placeholder` (not a date, counts as blank), `date_order_unknown` (month or day first?),
    `date_without_year`, `date_out_of_range` or `date_unreadable`.

    >>> parse_moment("2024年3月5日 14:05"), parse_moment("5-Mar-24"), parse_moment(45356.375)
    (datetime.datetime(2024, 3, 5, 14, 5), datetime.date(2024, 3, 5), datetime.datetime(2024, 3, 5, 9, 0))
    """
    if isinstance(cell, str):
        moment = _from_text(cell, order, is_1904, zone)
    elif isinstance(cell, dt.date):
        moment = cell
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        moment = _from_number(float(cell), is_1904, zone)
    elif cell is None:
        return None
    else:
        raise CellError("date_unreadable", text_of(cell))
    if moment is None:
        return None
    if moment.year == 9999 or (moment.year, moment.month, moment.day) in ((1899, 12, 31), (1899, 12, 30), (1900, 1, 1)):
        raise CellError("date_placeholder", text_of(cell))
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise CellError("date_out_of_range", text_of(cell))
    return moment


def _from_text(cell: str, order: str | None, is_1904: bool, zone: str) -> Moment | None:
    text = cell.strip()
    if not text:
        return None
    if len(text) == 19 and text[4] in "-/" and text[16] == ":":  # not the offset of "2024-03-05T09:10+08"
        try:  # the common form, read by the standard library many times faster than by a pattern
            return dt.datetime.fromisoformat(text.replace("/", "-"))
        except ValueError:
            pass
    word = plain(text).lstrip("'")
    if not word:
        return None
    if word in _PLACEHOLDERS:
        raise CellError("date_placeholder", text)
    word = _WEEKDAY.sub("", word).strip()
    moment = _match(word, order, zone, text)
    if moment is not None:
        return moment
    if _SERIAL.match(word):
        return _from_number(float(word), is_1904, zone)
    raise CellError("date_without_year" if _NO_YEAR.match(word) else "date_unreadable", text)


def _match(word: str, order: str | None, zone: str, text: str) -> Moment | None:
    if (found := _YEAR_FIRST.match(word)) or (found := _COMPACT.match(word)):
        return _moment(found, int(found["year"]), int(found["month"]), int(found["day"]), zone, text)
    if found := _YEAR_LAST.match(word):
        year, month, day = _ordered(int(found["a"]), int(found["b"]), found["year"], order, text)
        return _moment(found, year, month, day, zone, text)
    if (found := _DAY_NAMED.match(word)) or (found := _NAME_FIRST.match(word)):
        month = _MONTHS.get(found["name"][:3], 0)
        return _moment(found, _full_year(found["year"]), month, int(found["day"]), zone, text)
    return None


def _ordered(a: int, b: int, year: str, order: str | None, text: str) -> tuple[int, int, int]:
    if len(year) == 2 and order in (None, "ymd"):
        if order is None:
            raise CellError("date_order_unknown", text)
        return _full_year(f"{a:02d}"), b, int(year)
    if order == "mdy" or (order in (None, "ymd") and b > 12):
        return _full_year(year), a, b
    if order == "dmy" or (order in (None, "ymd") and (a > 12 or a == b)):
        return _full_year(year), b, a
    raise CellError("date_order_unknown", text)


def _full_year(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _moment(found: re.Match[str], year: int, month: int, day: int, zone: str, text: str) -> Moment:
    parts = found.groupdict()
    try:
        if parts.get("hour") is None:
            return dt.date(year, month, day)
        hour = _hour(int(parts["hour"]), parts.get("half") or parts.get("half2"))
        moment = dt.datetime(year, month, day, hour, int(parts["minute"] or 0), int(parts["second"] or 0))
    except ValueError as error:
        raise CellError("date_unreadable", text) from error
    return _local(moment, parts.get("zone"), zone)


def _hour(hour: int, half: str | None) -> int:
    half = (half or "").replace(".", "")
    if half in ("pm", "下午", "晚上") and hour < 12:
        return hour + 12
    return 0 if half in ("am", "上午", "凌晨") and hour == 12 else hour


def _local(moment: dt.datetime, offset: str | None, zone: str) -> dt.datetime:
    """A stamp with an offset brought to local time; one without is local already."""
    if not offset:
        return moment
    shift = dt.timedelta()
    if offset[0] in "+-":
        digits = offset[1:].replace(":", "")
        shift = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (1 if offset[0] == "+" else -1)
    aware = moment.replace(tzinfo=dt.timezone(shift))
    return aware.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _from_number(value: float, is_1904: bool, zone: str) -> Moment:
    """A serial date, a day written 20240305, or seconds (milliseconds) since 1970."""
    if 19000101 <= value <= 21001231 and value.is_integer():
        return _moment_of_digits(str(int(value)))
    if value >= _EPOCH:
        stamp = value / 1000 if value >= _EPOCH * 1000 else value
        if stamp > 4_102_444_800:
            raise CellError("date_out_of_range", text_of(value))
        return dt.datetime.fromtimestamp(stamp, ZoneInfo(zone)).replace(tzinfo=None)
    serial = value + 1462 if is_1904 else value
    if serial < 61:
        raise CellError("date_placeholder" if value == 0 else "date_out_of_range", text_of(value))
    if serial >= 73051:
        raise CellError("date_out_of_range", text_of(value))
    seconds = round(serial * 86400)
    moment = dt.datetime(1899, 12, 30) + dt.timedelta(seconds=seconds)
    return moment.date() if serial == int(serial) else moment


def _moment_of_digits(digits: str) -> dt.date:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise CellError("date_unreadable", digits) from error


def order_evidence(cells: Iterable[Any]) -> tuple[set[str], str | None]:
    """Which orders the column proves (a number above 12 can only be a day), and one value that proves nothing.

    >>> order_evidence(["05/03/2024", "25/03/2024"])
    ({'dmy'}, '05/03/2024')
    """
    proven: set[str] = set()
    open_value: str | None = None
    for cell in cells:
        found = _EVIDENCE.match(cell) if isinstance(cell, str) else None
        if found is None:
            continue
        first, second = int(found[1]), int(found[2])
        if first > 12 >= second:
            proven.add("dmy")
        elif second > 12 >= first:
            proven.add("mdy")
        elif first != second and open_value is None:
            open_value = cell.strip()
    return proven, open_value
