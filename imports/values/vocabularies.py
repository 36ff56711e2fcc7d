"""Words of source files brought to the closed vocabularies; ratings with the direction of their scale."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from imports.values.cells import CellError, is_blank_word, plain, text_of
from records.vocabulary import codes

_SCALE = re.compile(r"(\d{1,3})\s*=\s*best(?:\s+of\s+(\d{1,3}))?")


@cache
def word_lists() -> dict[str, dict[str, str]]:
    """Vocabulary name -> {normalised word: code}; every code is also a word of itself.

    >>> word_lists()["State"]["已办结"], word_lists()["State"]["closed"]
    ('closed', 'closed')
    """
    document = tomllib.loads(Path(__file__).with_name("vocabularies.toml").read_text("utf-8"))
    lists = {name: {plain(word): code for word, code in words.items()} for name, words in document.items()}
    for name, words in lists.items():
        if name != "Rating":
            words.update({code: code for code in known_codes(name)})
    return lists


def known_codes(vocabulary: str) -> list[str]:
    """The codes of a vocabulary, as people write them on the command line."""
    return [str(entry.value) for entry in getattr(codes, vocabulary)]


@dataclass(frozen=True)
class CodeReader:
    """Reads cells of a closed vocabulary; `given` are the decisions of a person or layout and win."""

    vocabulary: str
    given: Mapping[str, str]

    def __call__(self, cell: Any) -> str | None:
        word = plain(cell)
        code = self.given.get(word)
        if code is None:
            code = word_lists()[self.vocabulary].get(word)
        if code is not None:
            return code or None
        if is_blank_word(cell):
            return None
        raise CellError("value_unknown", text_of(cell))


@dataclass(frozen=True)
class Scale:
    """The direction of a numeric scale: `levels` steps, the best one at the top or at 1."""

    levels: int
    is_one_best: bool

    def code(self, value: float) -> int:
        """The five-level rating code of a number on this scale. Raises CellError outside the scale.

        >>> Scale(5, True).code(1), Scale(3, False).code(3), Scale(10, False).code(7)
        (5, 4, 4)
        """
        if not float(value).is_integer() or not 1 <= value <= self.levels:
            raise CellError("rating_out_of_range", text_of(value))
        step = self.levels + 1 - int(value) if self.is_one_best else int(value)
        if self.levels == 3:
            return step + 1
        return step if self.levels == 5 else math.ceil(step * 5 / self.levels)


def parse_scale(text: str) -> Scale:
    """`5=best`, `1=best` of five levels, or `1=best of 7`. Raises ValueError for anything else.

    >>> parse_scale("10=best"), parse_scale("1=best"), parse_scale("1=best of 7")
    (Scale(levels=10, is_one_best=False), Scale(levels=5, is_one_best=True), Scale(levels=7, is_one_best=True))
    """
    found = _SCALE.fullmatch(text.strip())
    best, levels = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    if best == 1 and levels in (0, *range(2, 101)):
        return Scale(levels or 5, True)
    if 2 <= best <= 100 and not levels:
        return Scale(best, False)
    raise ValueError(f"a scale is written 5=best, 1=best or 1=best of 10, not {text!r}")


def is_scale(text: str) -> bool:
    """Can this be read as the direction of a scale?"""
    try:
        return bool(parse_scale(text))
    except ValueError:
        return False


@dataclass(frozen=True)
class RatingReader:
    """Reads ratings: words by their meaning, bare numbers only with a known scale."""

    given: Mapping[str, str]
    scale: Scale | None

    def __call__(self, cell: Any) -> int | None:
        word = plain(cell)
        code = self.given.get(word)
        if code is None:
            code = word_lists()["Rating"].get(word)
        if code is not None:
            return int(code) if code else None
        if is_blank_word(cell):
            return None
        value = _bare_number(word)
        if value is None:
            raise CellError("value_unknown", text_of(cell))
        if self.scale is None:
            raise CellError("scale_direction_unknown", text_of(cell))
        return self.scale.code(value)


def _bare_number(word: str) -> float | None:
    try:
        return float(word.removesuffix("分"))
    except ValueError:
        return None
