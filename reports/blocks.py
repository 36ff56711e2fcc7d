"""The parts a document is made of. One list of blocks feeds Word, PDF and the preview, so all say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reports.texts import say

SHORT_ROWS = 14
"""A table of at most so many rows …"""
SHORT_TEXT = 700
"""… and characters is never divided between two pages."""


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 3. `label` stands before it instead of a running number (附件1)."""

    level: int
    text: str
    label: str = ""
    is_numbered: bool = True
    is_listed: bool = True
    fact: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of body text; `fact` names where its numbers come from."""

    text: str
    fact: str = ""


@dataclass(frozen=True)
class Table:
    """A table that is never cut: rows in full, head repeated on each page.

    `widths` are relative, `numeric` says which columns stand right, `unit_note` stands above right (单位：件、%).
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numeric: tuple[bool, ...]
    unit_note: str = ""
    is_landscape: bool = False
    size: float = 10.5
    fact: str = ""
    is_numbered: bool = True

    @property
    def is_kept_whole(self) -> bool:
        """Whether it is never divided between two pages: few rows and not much text, or it would leave large gaps."""
        return len(self.rows) <= SHORT_ROWS and sum(len(cell) for row in self.rows for cell in row) <= SHORT_TEXT

    def without(self, *heads: str) -> Table:
        """The table without the columns of these heads."""
        kept = [i for i, name in enumerate(self.head) if name not in heads]

        def chosen(cells: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(cells[i] for i in kept)

        rows = tuple(chosen(row) for row in self.rows)
        return replace(
            self, head=chosen(self.head), rows=rows, widths=chosen(self.widths), numeric=chosen(self.numeric)
        )

    def __post_init__(self) -> None:
        columns = len(self.head)
        uneven = [row for row in self.rows if len(row) != columns]
        if uneven or len(self.widths) != columns or len(self.numeric) != columns:
            raise ValueError(f"table {self.title!r}: every row, widths and numeric need {columns} entries")


@dataclass(frozen=True)
class Figure:
    """A chart as a plain Plotly dict, with its caption and what a screen reader says."""

    figure: dict[str, Any]
    title: str
    alt: str
    width: int = 640
    height: int = 300
    fact: str = ""


@dataclass(frozen=True)
class Note:
    """Small print: how to read what stands above."""

    text: str


@dataclass(frozen=True)
class PageTurn:
    """What follows begins on a new page."""


@dataclass(frozen=True)
class Toc:
    """The table of contents stands here."""


Block = Heading | Paragraph | Table | Figure | Note | PageTurn | Toc


@dataclass(frozen=True)
class Document:
    """A whole document: cover, front pages without numbers, numbered body."""

    title: str
    title_lines: tuple[str, ...]
    issuer: str
    imprint: tuple[str, ...]
    body: tuple[Block, ...]
    front: tuple[Block, ...] = ()
    language: str = "zh"
    made_at: str = ""
    footer: str = ""
    keywords: tuple[str, ...] = field(default=())
    cover: Mapping[str, str] = field(default_factory=dict)  # date, state and code, for the cover of an own template
    facts: tuple[str, ...] = ()  # whose marks are printed, in the order of their numbers
    facts_at: str = ""  # what stands before the name of a fact in its address; empty where none is known


def numbered(blocks: Iterable[Block], language: str = "zh") -> tuple[Block, ...]:
    """The blocks with running numbers: 一、（一）1. before headings, 表1 and 图1 before captions."""
    return tuple(_numbered(blocks, language))


def _numbered(blocks: Iterable[Block], language: str) -> Iterator[Block]:
    counters = [0, 0, 0]
    tables = figures = 0
    for block in blocks:
        if isinstance(block, Heading):
            if block.is_numbered and not block.label:
                counters[block.level - 1] += 1
                counters[block.level :] = [0] * (3 - block.level)
                block = replace(block, label=heading_number(counters, block.level, language))
            elif block.level == 1:
                counters[1:] = [0, 0]
            yield replace(block, text=f"{block.label}{block.text}", label="")
        elif isinstance(block, Table) and block.is_numbered:
            tables += 1
            yield replace(block, title=say(language, "caption.table", n=tables, title=block.title))
        elif isinstance(block, Figure):
            figures += 1
            yield replace(block, title=say(language, "caption.figure", n=figures, title=block.title))
        else:
            yield block


def heading_number(counters: list[int], level: int, language: str = "zh") -> str:
    """The number before a heading as GB/T 9704 wants it.

    >>> heading_number([2, 11, 0], 2), heading_number([2, 11, 0], 2, "en")
    ('（十一）', '2.11 ')
    """
    if language != "zh":
        return ".".join(str(n) for n in counters[:level]) + (" " if level > 1 else ". ")
    number = counters[level - 1]
    return {1: f"{chinese_number(number)}、", 2: f"（{chinese_number(number)}）", 3: f"{number}．"}[level]


def chinese_number(number: int) -> str:
    """A number of 1 to 199 in Chinese figures.

    >>> [chinese_number(n) for n in (5, 10, 12, 40, 63, 107)]
    ['五', '十', '十二', '四十', '六十三', '一百零七']
    """
    digits = "零一二三四五六七八九"
    if number >= 100:
        rest = number % 100
        tail = (
            "" if not rest else ("零" if rest < 10 else "") + ("一" if 10 <= rest < 20 else "") + chinese_number(rest)
        )
        return f"{digits[number // 100]}百{tail}"
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else f"{digits[tens]}十")
    return head + (digits[ones] if ones or not tens else "")
