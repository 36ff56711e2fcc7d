"""One cell at a time: texts, record numbers, counts, yes and no. Each function returns a value or raises CellError."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

INVISIBLE_CHARACTERS = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_INVISIBLE = re.compile(f"[{INVISIBLE_CHARACTERS}]")
_SPACES = re.compile(r"\s+")
_BROKEN = re.compile(r"\s*[\r\n]+\s*")
_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_LOST = re.compile(r"^[+-]?\d(?:\.\d+)?[Ee]\+\d+$")
_POINT_ZERO = re.compile(r"^(\d+)\.0+$")
_QUOTED = re.compile(r'^="(.*)"$')
_NUMBER = re.compile(
    r"^([+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?|[+-]?\.\d+)\s*(%|件|个|次|人|条|分|天|星)?$"
)
_DURATION = re.compile(r"^(?:(\d+)(?:小时|时|h))?(?:(\d+)(?:分钟|分|min|m))?(?:(\d+(?:\.\d+)?)(?:秒|s|sec)?)?$")
MOST_OF_A_SHARE = 1.0001  # shares that were computed and rounded may end a little above 1
_YES = frozenset((
    "是", "有", "已", "对", "y", "yes", "true", "1", "t", "成功", "接通", "已接通", "已联系", "有效", "已公开", "公开",
    "默认", "默认评价", "系统默认",
    "√", "✓", "已完成", "完成",
))  # fmt: skip
_NO = frozenset((
    "否", "无", "未", "错", "n", "no", "false", "0", "f", "失败", "未接通", "未联系", "无效", "未公开", "不公开",
    "主动", "主动评价", "×", "✗", "未完成", "没有", "不是",
))  # fmt: skip
_BLANK_WORDS = frozenset(("", "-", "--", "—", "/", "\\", "n/a", "na", "null", "none", "nan", "无数据", "#n/a"))


class CellError(ValueError):
    """A cell that cannot be taken. Carries the problem code and the cell as the reader shows it."""

    def __init__(self, code: str, value: object = None) -> None:
        super().__init__(code)
        self.code = code
        self.value = value


def text_of(cell: Any) -> str:
    """The cell as trimmed text: whole floats without point, zero-width characters gone, U+3000 and NBSP are blanks.

    >>> text_of(12.0), text_of("\\u3000东\\u200b城区\\xa0"), text_of(None), text_of(dt.timedelta(hours=27, seconds=5))
    ('12', '东城区', '', '27:00:05')
    """
    if isinstance(cell, str):
        return (cell if cell.isascii() else _INVISIBLE.sub("", cell)).strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.timedelta):
        return _clock(cell)
    return str(cell)


def _clock(duration: dt.timedelta) -> str:
    """Hours, which may pass 24, minutes and seconds."""
    sign, whole = ("-" if duration < dt.timedelta() else ""), round(abs(duration.total_seconds()))
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def plain(cell: Any) -> str:
    """Text for comparing: full-width forms made half-width, inner spaces single and between Han characters none.

    >>> plain("１２Ａ  b"), plain("承办\\n单\\xa0位 A")
    ('12a b', '承办单位 a')
    """
    word = _SPACES.sub(" ", unicodedata.normalize("NFKC", text_of(cell))).strip().casefold()
    return _BETWEEN_HAN.sub("", word) if " " in word else word


def heading(cell: Any) -> str:
    """A heading for comparing: the star of a column that must be filled, and a colon behind it, say nothing.

    >>> heading("*工单\\n编号："), heading("办结时间＊")
    ('工单编号', '办结时间')
    """
    return plain(cell).strip("*: ")


def one_line(text: str) -> str:
    """A text of several lines as one line.

    >>> one_line("承办单位\\n（责任单位）"), one_line("Case\\nnumber")
    ('承办单位（责任单位）', 'Case number')
    """
    return _BROKEN.sub(lambda found: "" if text[found.start() - 1 : found.start()] >= "\u2e80" else " ", text)


def is_blank_word(cell: Any) -> bool:
    """True for an empty cell and for the usual signs of "nothing here"."""
    return cell is None or (isinstance(cell, str) and plain(cell) in _BLANK_WORDS)


def number_text(cell: Any) -> str | None:
    """A record number as text. A float beyond 15 digits has lost digits and is refused, never repaired.

    >>> number_text(20240305.0), number_text("188006.0"), number_text('="0012"'), number_text("'0012")
    ('20240305', '188006', '0012', '0012')
    """
    if isinstance(cell, float):
        if not cell.is_integer() or abs(cell) >= 1e15:
            raise CellError("number_lost_digits", f"{cell:.15g}" if abs(cell) >= 1e21 else f"{cell:.0f}")
        return str(int(cell))
    text = text_of(cell)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.lstrip("'\t").strip()
    if found := _QUOTED.match(text):
        text = found[1].strip()
    if _LOST.match(text):
        raise CellError("number_lost_digits", text)
    if found := _POINT_ZERO.match(text):
        text = found[1]
    return text or None


def number(cell: Any) -> float | None:
    """A number: thousands commas, percent and count words allowed; a percentage becomes a fraction.

    >>> number("1,234"), number("95.00％"), number("１２件"), number("-")
    (1234.0, 0.95, 12.0, None)
    """
    if isinstance(cell, bool):
        return float(cell)
    if isinstance(cell, (int, float)):
        return float(cell)
    if isinstance(cell, dt.timedelta):
        return cell.total_seconds()
    if is_blank_word(cell):
        return None
    found = _NUMBER.match(plain(cell))
    if found is None:
        raise CellError("number_unreadable", text_of(cell))
    value = float(found[1].replace(",", ""))
    return value / 100 if found[2] == "%" else value


def rate(cell: Any, *, in_percent: bool = False) -> float | None:
    """A share as a fraction; `in_percent`: the bare numbers of its column are percentages.

    There a bare number of 1 or less may be either, and is refused.

    >>> rate("95%"), rate(0.95), rate("95", in_percent=True), rate("95%", in_percent=True), rate(0, in_percent=True)
    (0.95, 0.95, 0.95, 0.95, 0.0)
    """
    value = number(cell)
    if value is None or not in_percent or plain(cell).endswith("%"):
        return value
    if 0 < abs(value) <= 1:
        raise CellError("rate_unclear", text_of(cell))
    return value / 100


def is_percentage(cell: Any) -> bool:
    """Is this a bare number beyond 1, which as a share can only be a percentage?"""
    try:
        value = number(cell)
    except CellError:
        return False
    return value is not None and value > MOST_OF_A_SHARE and not plain(cell).endswith("%")


def count(cell: Any) -> int | None:
    """A whole number that is not negative.

    >>> count("3次"), count("")
    (3, None)
    """
    value = number(cell)
    if value is None:
        return None
    if value < 0 or not value.is_integer() or value > 2_000_000_000:
        raise CellError("number_unreadable", text_of(cell))
    return int(value)


def seconds(cell: Any) -> int | None:
    """A time used, in seconds: 95秒, 1分35秒, a duration cell, or a bare number of seconds.

    >>> seconds("1分35秒"), seconds("95秒"), seconds(95.0)
    (95, 95, 95)
    """
    if isinstance(cell, dt.time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if not isinstance(cell, str):
        value = number(cell)
        return None if value is None else round(value)
    if is_blank_word(cell):
        return None
    found = _DURATION.match(plain(cell).replace(" ", ""))
    if found is None:
        raise CellError("number_unreadable", text_of(cell))
    hours, minutes, rest = (float(part or 0) for part in found.groups())
    return round(hours * 3600 + minutes * 60 + rest)


def yes_no(cell: Any) -> int | None:
    """1, 0 or None.

    >>> yes_no("是"), yes_no("否"), yes_no(1.0), yes_no("")
    (1, 0, 1, None)
    """
    word = plain(cell)
    if word in _YES:
        return 1
    if word in _NO:
        return 0
    if word in _BLANK_WORDS:
        return None
    raise CellError("yes_no_unreadable", text_of(cell))
