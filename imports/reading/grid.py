"""What every reader hands on: the rows of one sheet, counted from row 1 and column A, and what was odd about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imports.answer import SheetInfo
from imports.problems import Unreadable

Cell = Any  # str, float, bool, datetime, date, time, timedelta; a blank cell is ""
Row = list[Cell]


@dataclass(frozen=True)
class Note:
    """Something odd met while reading: a problem code and the words of its sentence."""

    code: str
    count: int = 1
    words: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TextSource:
    """The delimited text whose rows a grid yields exactly as they stand in the file."""

    path: Path
    encoding: str  # as open() takes it
    delimiter: str
    has_lost_characters: bool  # some bytes could not be decoded
    is_proven: bool = True  # every byte was decoded; else whoever decodes one that does not fit raises ReadAgain

    @property
    def errors(self) -> str:
        """What open() does with bytes that do not fit."""
        return "replace" if self.is_proven else "strict"


@dataclass(frozen=True)
class Grid:
    """The rows of the sheet that is read. `rows()` may be called again and starts at sheet row 1 every time."""

    format: str
    rows: Callable[[], Iterator[Row]]
    sheet: str | None = None
    sheets: tuple[SheetInfo, ...] = ()
    encoding: str | None = None
    hidden_rows: frozenset[int] = frozenset()  # 1-based
    hidden_columns: frozenset[int] = frozenset()  # 0-based
    is_1904: bool = False  # serial dates count from 1904-01-01
    is_ragged_text: bool = False  # rows may be shorter or longer than the header
    about_rows: int = 0  # how many rows there are, for showing progress only; 0 where nobody knows
    notes: tuple[Note, ...] = ()
    text: TextSource | None = None  # None where the rows are not those of one text file


def asked_for(names: Sequence[str], wanted: str) -> str:
    """The sheet of a name or a number counted from 1. Raises Unreadable where there is none.

    >>> asked_for(["本月", "上月"], "2")
    '上月'
    """
    if wanted in names:
        return wanted
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise Unreadable("sheet_missing", value=wanted, known="、".join(names))


class ReadAgain(Exception):
    """What a hurried reader took for granted does not hold: the file has to be read again without hurry."""


class UnevenPieces(ReadAgain):
    """The pieces of a sheet do not fit together as the whole would."""


class OtherText(ReadAgain):
    """The encoding told by the beginning of a text does not hold for all of it, or zero bytes stand in it."""


def column_letter(index: int) -> str:
    """The letter of a 0-based column.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def is_blank(row: Sequence[Cell]) -> bool:
    """True when no cell of the row holds anything but spaces.

    >>> is_blank(["", " \\u3000", None]), is_blank([0.0])
    (True, False)
    """
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)
