"""Periods as tables write them: a year, half-year, quarter, month or span of months, as two half-open days."""

from __future__ import annotations

import datetime as dt
import re

from imports.values.cells import plain

_YEAR = r"(?P<year>(?:19|20)\d{2})\s*[年./-]?\s*"
_FORMS = (
    re.compile(_YEAR + r"(?P<first>\d{1,2})\s*月?\s*[-~—–至到]\s*(?P<last>\d{1,2})\s*月"),
    re.compile(_YEAR + r"(?:第?(?P<quarter>[1-4一二三四])季度|q(?P<q>[1-4]))"),
    re.compile(_YEAR + r"(?P<half>[上下])半年"),
    re.compile(_YEAR + r"(?P<month>1[0-2]|0?[1-9])(?:\s*月|$|(?![\d.]))"),
    re.compile(r"(?P<year>(?:19|20)\d{2})\s*(?:年度?|$)"),
)
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4}


def parse_period(text: str) -> tuple[dt.date, dt.date] | None:
    """The first day of the period and the first day after it; None where the text names none.

    >>> parse_period("2025年1-6月办结率统计结果")
    (datetime.date(2025, 1, 1), datetime.date(2025, 7, 1))
    >>> parse_period("2025Q1") == parse_period("2025年第一季度")
    True
    """
    word = plain(text)
    for form in _FORMS:
        if found := form.search(word):
            first, last = _months(found.groupdict())
            if 1 <= first <= last <= 12:
                year = int(found["year"])
                return dt.date(year, first, 1), dt.date(year + last // 12, last % 12 + 1, 1)
    return None


def _months(parts: dict[str, str | None]) -> tuple[int, int]:
    if parts.get("first"):
        return int(parts["first"] or 0), int(parts["last"] or 0)
    if quarter := parts.get("quarter") or parts.get("q"):
        number = _CHINESE.get(quarter) or int(quarter)
        return 3 * number - 2, 3 * number
    if half := parts.get("half"):
        return (1, 6) if half == "上" else (7, 12)
    month = int(parts.get("month") or 0)
    return (month, month) if month else (1, 12)
