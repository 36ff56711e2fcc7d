"""Which encoding a text file has: settled by decoding all of it strictly, never by a guess from its first lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20
_MOSTLY = 0.7  # of the characters that begin with a high byte: the others are rare ones, or damage
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CHARACTERS = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x80-\xff]")
_GB_WORDS = re.compile(rb"(?:[\xa1-\xa3\xb0-\xf7][\xa1-\xfe]){2,}")  # GB 2312: signs and its two levels of characters
_BIG5_WORDS = re.compile(rb"(?:[\xa1-\xc6][\x40-\x7e\xa1-\xfe]){2,}")  # signs and the first level
_PAIRS = re.compile(rb"[\x81-\xfe][\x30-\x7e]|[\x81-\xfe]{2}")


@dataclass(frozen=True)
class Encoding:
    """`name` for open(), `label` for people, how many characters were lost, and whether it is a guess."""

    name: str
    label: str
    replaced: int = 0
    is_guess: bool = False


def find_encoding(path: Path) -> Encoding:
    """The encoding of a text file: BOM, UTF-16 by its zero bytes, UTF-8, GB18030, then the guesses.

    Guesses are Big5 where its common characters prevail, UTF-8 or GB18030 with a few damaged bytes, and cp1252, which
    never fails. Bytes that cannot be read are counted as replaced.
    """
    with path.open("rb") as file:
        head = file.read(65536)
    if head.startswith(b"\xef\xbb\xbf"):
        return Encoding("utf-8-sig", "utf-8", _replaced(path, "utf-8-sig"))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding("utf-16", "utf-16", _replaced(path, "utf-16"))
    zeros = (head[0:2000:2].count(0), head[1:2000:2].count(0))
    if max(zeros) > len(head[:2000]) / 8:
        name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        return Encoding(name, name, _replaced(path, name))
    if _is_strict(path, "utf-8"):
        return Encoding("utf-8", "utf-8")
    signs = _signs_of(path)
    is_big5 = signs.shares["big5"] >= max(_MOSTLY, signs.shares["gb18030"] + 0.01) and _is_strict(path, "big5")
    if not is_big5 and signs.is_chinese and _is_strict(path, "gb18030"):
        return Encoding("gb18030", "gb18030")
    if is_big5:
        return Encoding("big5", "big5", is_guess=True)
    name = next((name for name in ("utf-8", "gb18030", "big5") if signs.shares[name] >= _MOSTLY), "cp1252")
    return Encoding(name, name, _replaced(path, name), is_guess=True)


def _is_strict(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _replaced(path: Path, name: str) -> int:
    decoder = codecs.getincrementaldecoder(name)("replace")
    count = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            count += decoder.decode(block).count("\ufffd")
    return count + decoder.decode(b"", final=True).count("\ufffd")


@dataclass(frozen=True)
class _Signs:
    """Shares of the high bytes at the beginning of a file that are common characters of an encoding, or at least valid.

    `is_chinese` is False where high bytes stand alone before ASCII letters, as the accents of Western text do: "café
    au" decodes as GB18030 without an error; in real Chinese text nearly every second byte is high too.
    """

    shares: Mapping[str, float]
    is_chinese: bool


def _signs_of(path: Path) -> _Signs:
    with path.open("rb") as file:
        block = file.read(_BLOCK)
    high = sum(1 for byte in block if byte >= 0x80) or 1
    pairs = _PAIRS.findall(block)
    low = sum(1 for pair in pairs if pair[1] < 0x80)
    whole = sum(len(found) for found in _UTF8.findall(block))
    shares = {"utf-8": whole / high, "gb18030": _share(_GB_WORDS, block), "big5": _share(_BIG5_WORDS, block)}
    return _Signs(shares, low * 2 <= len(pairs))


def _share(words: re.Pattern[bytes], block: bytes) -> float:
    """The part of the characters beginning with a high byte that stand in words of two or more common ones.

    A degree sign before a letter is one Big5 character by its bytes, and stands alone.
    """
    common = sum(len(word) // 2 for word in words.findall(block))
    return common / (len(_CHARACTERS.findall(block)) or 1)
