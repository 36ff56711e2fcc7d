"""The data rows below the header, in chunks; blank, hidden, repeated, subtotal and note rows are counted and left."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from imports.limits import limits
from imports.problems import Unreadable
from imports.reading.grid import Cell, Grid, Row, is_blank
from imports.values.cells import INVISIBLE_CHARACTERS, plain, text_of

_TOTALS = frozenset((
    "合计", "总计", "小计", "汇总", "总数", "共计", "累计", "平均", "均值", "合 计", "总 计", "小 计",
    "total", "subtotal", "grand total", "sum", "average",
))  # fmt: skip
_GROUP_TOTAL = re.compile(r"[^:]{0,10}(?:合计|总计|小计|共计|累计|平均|total):?")  # 本页小计, 全市合计:
NOTES = (
    "注：", "注:", "备注：", "备注:", "说明：", "说明:", "统计时间", "统计人", "制表人", "制表时间", "制表单位",
    "填表人", "填表单位", "填表日期", "填报人", "填报单位", "填报日期", "单位负责人", "数据来源", "审核人",
    "打印时间", "导出时间", "note:", "notes:", "source:", "generated",
)  # fmt: skip
_LABEL = re.compile(r"[\u4e00-\u9fff]{2,8}:")  # of a line to be signed: 审核人：
_LONGEST = 40  # characters of such words
_SHOWN = 10  # numbers of rows of each sort that were left out


@dataclass(frozen=True)
class Chunk:
    """Some data rows, column by column, with their 1-based row numbers in the sheet."""

    numbers: list[int]
    columns: list[tuple[Cell, ...]]


@dataclass
class RowReader:
    """Reads the data rows once. `skipped`, `ragged` and `total` tell afterwards what was met."""

    grid: Grid
    header_row: int
    header: Row
    key: int | None  # column of the record number, None when the file has none
    extra_header_rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, list[int]] = field(default_factory=dict)  # the first rows of each sort that was left out
    totals: list[tuple[int, Row]] = field(default_factory=list)  # the total rows left out, with their row numbers
    ragged: list[int] = field(default_factory=list)
    total: int = 0

    @cached_property
    def _header_words(self) -> list[str]:
        return [plain(cell) for cell in self.header]

    @property
    def first(self) -> int:
        """How many rows of the sheet stand above the first data row."""
        return self.header_row + self.extra_header_rows

    def chunks(self, most: int | None = None) -> Iterator[Chunk]:
        """The data rows in chunks of `most`, or `limits.chunk_rows`. Raises Unreadable beyond the row limit."""
        width = len(self.header)
        rows = itertools.islice(self.grid.rows(), self.first, None)
        number = self.first + 1
        while part := list(itertools.islice(rows, most or limits().chunk_rows)):
            if number + len(part) > limits().rows:
                raise Unreadable("file_too_large", limit=str(limits().rows))
            if self.grid.is_ragged_text:
                self._straighten(part, number, width)
            chunk = self._data_rows(part, number)
            number += len(part)
            if chunk.numbers:
                self.total += len(chunk.numbers)
                yield chunk

    def _straighten(self, part: list[Row], number: int, width: int) -> None:
        for offset, row in enumerate(part):
            if len(row) == width:
                continue
            if row and not (len(row) > width and is_blank(row[width:])) and not is_blank(row):
                self.ragged.append(number + offset)
            part[offset] = [*row, *[""] * (width - len(row))] if len(row) < width else row[:width]

    def _data_rows(self, part: list[Row], number: int) -> Chunk:
        hidden = self.grid.hidden_rows
        columns = list(zip(*part, strict=True))
        left_out: set[int] = set()
        for offset in self._suspects(part, columns):
            if self.is_left_out(number + offset, part[offset]):
                left_out.add(offset)
        for row in hidden:
            if number <= row < number + len(part) and row - number not in left_out:
                left_out.add(row - number)
                self.skipped["hidden"] += 1
        if not left_out:
            return Chunk(list(range(number, number + len(part))), columns)
        kept = [row for offset, row in enumerate(part) if offset not in left_out]
        numbers = [number + offset for offset in range(len(part)) if offset not in left_out]
        return Chunk(numbers, list(zip(*kept, strict=True)))

    def is_left_out(self, number: int, row: Row) -> bool:
        """Is this no data row? Counts it under its reason then, and keeps it where it is a row of totals."""
        reason = self._reason(row)
        if reason is None:
            return False
        self.skipped[reason] += 1
        if len(rows := self.left_out.setdefault(reason, [])) < _SHOWN:
            rows.append(number)
        if reason == "subtotal":
            self.totals.append((number, row))
        return True

    @cached_property
    def odd_keys(self) -> frozenset[str]:
        """Words that stand in the place of the record number only where a row may be no data row."""
        return frozenset() if self.key is None else self._own(self.key)

    def is_odd_key(self, cell: Cell) -> bool:
        """May the row of this record number be no data row?"""
        return not cell or _is_odd(cell, self.odd_keys)

    @property
    def label(self) -> int | None:
        """The first column, where it is not the one of the record number: there words of totals and notes stand."""
        return 0 if self.key else None

    @staticmethod
    def is_label(cell: Cell) -> bool:
        """Does the first cell of a row name a total or a note?"""
        if not isinstance(cell, str) or not cell or cell.isascii() or len(cell) >= _LONGEST:
            return False
        word = plain(cell)
        return bool(_GROUP_TOTAL.fullmatch(word)) or word.startswith(NOTES)

    def _suspects(self, part: list[Row], columns: list[tuple[Cell, ...]]) -> list[int]:
        """Rows whose key cell is blank, a total word or the heading itself: only these are looked at one by one."""
        if self.key is None:
            own = self._own(0)
            return [i for i, row in enumerate(part) if len(row) - row.count("") <= 2 or (row and plain(row[0]) in own)]
        odd, cells = self.odd_keys, columns[self.key]
        labelled = {} if self.label is None else {i for i, cell in enumerate(columns[0]) if self.is_label(cell)}
        if set(map(type, cells)) == {str} and all(map(str.strip, cells)):
            joined = "\n".join(cells).casefold()
            if not any(word in joined for word in (*odd, *NOTES, *INVISIBLE_CHARACTERS)):
                return sorted(labelled)
        return [i for i, cell in enumerate(cells) if i in labelled or self.is_odd_key(cell)]

    def _own(self, column: int) -> frozenset[str]:
        return _TOTALS | {self._header_words[column]}

    def _reason(self, row: Row) -> str | None:
        """Why a row is no data row, or None when it is one."""
        if is_blank(row):
            return "blank"
        words = [plain(cell) for cell in row]
        same = sum(1 for word, head in zip(words, self._header_words, strict=False) if word and word == head)
        filled = [word for word in words if word]
        if not filled:  # nothing but invisible characters
            return "blank"
        if same >= max(2, len(filled) // 2) or (same and len(filled) == same):
            return "repeated_header"
        if any(word in _TOTALS for word in filled[:3]) or self._is_group_total(words):
            return "subtotal"
        if filled[0].startswith(NOTES) and (len(filled) <= 3 or sum(map(bool, map(_LABEL.match, filled))) >= 2):
            return "note"
        return "note" if self.key is not None and len(filled) == 1 and len(self.header) > 3 else None

    def _is_group_total(self, words: list[str]) -> bool:
        """A total of some rows, named in place of the record number, or first in a row without one or nearly blank."""
        key = "" if self.key is None or self.key >= len(words) else words[self.key]
        if _GROUP_TOTAL.fullmatch(key):
            return True
        is_bare = not key or sum(map(bool, words)) * 2 <= sum(map(bool, self._header_words))
        return is_bare and _GROUP_TOTAL.fullmatch(words[0]) is not None


def _is_odd(cell: Cell, words: frozenset[str]) -> bool:
    if not isinstance(cell, str) or len(cell) >= _LONGEST or cell.isdigit():
        return False
    word = text_of(cell).casefold()
    return not word or word in words or word.startswith(NOTES) or RowReader.is_label(cell)
