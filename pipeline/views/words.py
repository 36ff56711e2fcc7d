"""A text in both languages, for sentences that are made outside the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Words:
    """The same text in Chinese and English."""

    zh: str
    en: str

    def __add__(self, other: Words) -> Words:
        return Words(self.zh + other.zh, self.en + other.en)


def words_of(pair: Any, fallback: str = "") -> Words:
    """A pair from plain data: `{"zh": …, "en": …}`, a Words, a text, or None for the fallback.

    >>> words_of({"zh": "及时率"}).en
    '及时率'
    """
    if isinstance(pair, Words):
        return pair
    if isinstance(pair, Mapping) and pair:
        zh = str(pair.get("zh") or pair.get("en") or fallback)
        return Words(zh, str(pair.get("en") or zh))
    return Words(str(pair or fallback), str(pair or fallback))


def joined(*sentences: Words) -> Words:
    """Sentences one after the other, with a space between English ones; empty ones are left out.

    >>> joined(Words("甲。", "A."), Words("", ""), Words("乙。", "B."))
    Words(zh='甲。乙。', en='A. B.')
    """
    return Words("".join(w.zh for w in sentences), " ".join(w.en for w in sentences if w.en))


def listed(items: Iterable[Words]) -> Words:
    """Texts as an enumeration: 、 in Chinese, commas in English.

    >>> listed([Words("甲", "A"), Words("乙", "B")])
    Words(zh='甲、乙', en='A, B')
    """
    kept = list(items)
    return Words("、".join(w.zh for w in kept), ", ".join(w.en for w in kept))
