"""Whole columns at once: where no cell of a chunk needs a look of its own, no cell costs a call.

Each function answers None when the chunk has to be read cell by cell.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from imports.reading.grid import Cell
from imports.values.cells import INVISIBLE_CHARACTERS
from imports.values.privacy import SUSPECT_PATTERNS, SUSPECT_WORDS

_FIRST, _LAST = dt.datetime(1980, 1, 1), dt.datetime(2100, 12, 31, 23, 59, 59, 999_999)
_LOOKED_AT = 400
# Signs of a number that a spreadsheet program or a person wrapped: quotes, exponents, a decimal point.
_WRAPPED = ("'", '"', "\t", "E+", "e+", ".0", "=")


def times(cells: Sequence[Cell], kinds: set[type]) -> tuple[list[Any], list[int | None]] | None:
    """Moments, native or written as year-month-day hour:minute:second, and which give only a day; blank cells as None.

    >>> times((dt.datetime(2024, 3, 5, 9), ""), {dt.datetime, str})
    ([datetime.datetime(2024, 3, 5, 9, 0), None], [0, None])
    >>> times(("2024-03-05 09:00:00", ""), {str}), times(("2024-03-05T09:10+08",), {str})
    (([datetime.datetime(2024, 3, 5, 9, 0), None], [0, None]), None)
    """
    if kinds == {str}:
        return _written_times(cells)
    if kinds == {dt.datetime}:
        return (list(cells), [0] * len(cells)) if min(cells) >= _FIRST and max(cells) <= _LAST else None
    if not kinds <= {dt.datetime, dt.date, str} or (str in kinds and any(type(c) is str and c for c in cells)):
        return None
    moments: list[Any]
    if dt.date in kinds:
        moments = [dt.datetime(c.year, c.month, c.day) if type(c) is dt.date else c or None for c in cells]
    else:
        moments = [cell or None for cell in cells] if str in kinds else list(cells)
    known: list[Any] = [moment for moment in moments if moment] if str in kinds else moments
    if known and not (min(known) >= _FIRST and max(known) <= _LAST):
        return None
    if dt.date in kinds:
        return moments, [int(type(c) is dt.date) if c else None for c in cells]
    return moments, [0 if cell else None for cell in cells]


def _written_times(cells: Sequence[Cell]) -> tuple[list[Any], list[int | None]] | None:
    """The common written form alone, read by the standard library; anything else is a cell of its own."""
    if not all(not cell or (len(cell) == 19 and cell[4] == "-" and cell[16] == ":") for cell in cells):
        return None
    try:
        moments = [dt.datetime.fromisoformat(cell) if cell else None for cell in cells]
    except ValueError:
        return None
    known = [moment for moment in moments if moment]
    if known and not (min(known) >= _FIRST and max(known) <= _LAST):
        return None
    return moments, [0 if cell else None for cell in cells]


def texts(cells: Sequence[Cell], kinds: set[type], parse: Callable[[Cell], Any]) -> list[Any] | None:
    """Trimmed texts; only cells that may hold personal data, invisible characters or a tuple are parsed one by one.

    >>> texts((" 路灯不亮 ", "", "电话13812345678"), {str}, len)
    ['路灯不亮', None, 13]
    """
    if kinds != {str} or len(set(cells[:_LOOKED_AT])) * 4 < min(len(cells), _LOOKED_AT):
        return None  # of few distinct cells each is read once, which is faster still
    found = [cell.strip() or None for cell in cells]
    for place in _odd_cells(cells):
        found[place] = parse(cells[place])
    return found


def _odd_cells(cells: Sequence[str]) -> set[int]:
    """The cells in which something stands that needs a look: each search runs once over the whole column."""
    joined = "\n".join(cells)
    starts: list[int] = []
    odd: set[int] = set()
    for search in _SEARCHES:
        at = search(joined, 0)
        if at >= 0 and not starts:
            starts = [0, *itertools.accumulate(map(_ONE_MORE, map(len, cells)))]
        while at >= 0:
            place = bisect_right(starts, at) - 1
            odd.add(place)
            at = search(joined, starts[place + 1])
    return odd


def _word(word: str) -> Callable[[str, int], int]:
    return lambda text, start: text.find(word, start)


def _pattern(pattern: re.Pattern[str]) -> Callable[[str, int], int]:
    def search(text: str, start: int) -> int:
        found = pattern.search(text, start)
        return found.start() if found else -1

    return search


_ONE_MORE = (1).__add__
_WORDS = [word for word in SUSPECT_WORDS if not any(other in word and other != word for other in SUSPECT_WORDS)]
_SEARCHES = (*map(_word, (*_WORDS, *INVISIBLE_CHARACTERS, "(")), *map(_pattern, SUSPECT_PATTERNS))


def numbers(cells: Sequence[Cell], kinds: set[type]) -> list[str | None] | None:
    """Record numbers that are plain text already.

    >>> numbers(("热线-240305-000123", ""), {str}), numbers(("'0012",), {str})
    (['热线-240305-000123', None], None)
    """
    if kinds != {str}:
        return None
    joined = "\n".join(cells)
    if any(sign in joined for sign in (*_WRAPPED, *INVISIBLE_CHARACTERS)):
        return None
    if not joined.isascii() and not unicodedata.is_normalized("NFKC", joined):
        return None
    return [cell.strip() or None for cell in cells]
