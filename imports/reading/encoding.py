"""Which encoding a text file has: settled by decoding all of it strictly, never by a guess from its first lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from imports.reading.east_asian import korean_or_japanese
from imports.reading.grid import Note

_BLOCK = 1 << 20
BEGINNING = 1 << 20  # bytes that tell what a large text is
_MOSTLY = 0.7  # of the characters that begin with a high byte: the others are rare ones, or damage
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CHARACTERS = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x80-\xff]")
_GB_WORDS = re.compile(rb"(?:[\xa1-\xa3\xb0-\xf7][\xa1-\xfe]){2,}")  # GB 2312: signs and its two levels of characters
_BIG5_WORDS = re.compile(rb"(?:[\xa1-\xc6][\x40-\x7e\xa1-\xfe]){2,}")  # signs and the first level
_GB_FREQUENT = re.compile(rb"(?:[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]){2,}")  # signs and the first level of GB 2312
_PAIRS = re.compile(rb"[\x81-\xfe][\x30-\x7e]|[\x81-\xfe]{2}")
_RUNS = re.compile(rb"[\x80-\xff]+")
_BESIDE_LETTERS = re.compile(rb"(?<=[a-z])[\x80-\xff]+|[\x80-\xff]+(?=[a-z])")
_LABELS = {"cp949": "euc-kr", "cp932": "shift_jis", "euc_jp": "euc-jp"}
_HIGH = re.compile(rb"[\x80-\xff]{3,}")


@dataclass(frozen=True)
class _Alphabet:
    """An encoding with one byte for each letter, whose words are written Large, LARGE or small."""

    large: bytes
    small: bytes
    vowels: bytes  # small ones; the large ones stand 32 places before

    def fits(self, word: bytes) -> bool:
        """Are the large letters of a word its first one, all, or none?"""
        return not word.rstrip(self.large) or not (word[1:] if word[0] in self.large else word).rstrip(self.small)


_ALPHABETS = {
    "cp1253": _Alphabet(bytes((0xA2, *range(0xB8, 0xBB), 0xBC, 0xBE, 0xBF, *range(0xC1, 0xD2), *range(0xD3, 0xDC))),
                        bytes((0xC0, *range(0xDC, 0xFF))), "αεηιουωάέήίόύώ".encode("cp1253")),
    "cp1251": _Alphabet(bytes((0xA8, *range(0xC0, 0xE0))), bytes((0xB8, *range(0xE0, 0x100))),
                        "аеиоуыэюя".encode("cp1251")),
}  # fmt: skip


@dataclass(frozen=True)
class Encoding:
    """`name` for open(), `label` for people, how many characters were lost, and whether it is a guess."""

    name: str
    label: str
    replaced: int = 0
    is_guess: bool = False
    is_proven: bool = True  # False: only the beginning was decoded

    def notes(self) -> Iterator[Note]:
        """What has to be told of it: a guess, or characters that were lost."""
        if self.is_guess or self.replaced:
            yield Note("encoding_guessed", 1, {"encoding": self.label, "lost": self.replaced})


def find_encoding(path: Path, *, may_hurry: bool = False) -> Encoding:
    """The encoding of a text file: BOM, UTF-16 by its zero bytes, UTF-8, GB18030, then the guesses.

    Guesses are Korean, Japanese or Big5 where their common characters prevail, Greek or Cyrillic where the bytes are
    words of these letters, UTF-8 or GB18030 with a few damaged bytes, and cp1252, which never fails. Bytes that cannot
    be read are counted as replaced. In a hurry UTF-8 and GB18030 are told by the beginning, for whoever
    reads the rest to prove.
    """
    with path.open("rb") as file:
        head = file.read(65536)
    is_proven = not may_hurry
    if head.startswith(b"\xef\xbb\xbf"):
        if may_hurry and _is_strict(path, "utf-8-sig", may_hurry):
            return Encoding("utf-8-sig", "utf-8", is_proven=False)
        return Encoding("utf-8-sig", "utf-8", _replaced(path, "utf-8-sig"))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding("utf-16", "utf-16", _replaced(path, "utf-16"))
    zeros = (head[0:2000:2].count(0), head[1:2000:2].count(0))
    if max(zeros) > len(head[:2000]) / 8:
        name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        return Encoding(name, name, _replaced(path, name))
    if _is_strict(path, "utf-8", may_hurry):
        return Encoding("utf-8", "utf-8", is_proven=is_proven)
    signs = _signs_of(path)
    if signs.neighbour is not None and _is_strict(path, signs.neighbour):
        return Encoding(signs.neighbour, _LABELS[signs.neighbour], is_guess=True)
    may_be_big5 = signs.shares["big5"] >= max(_MOSTLY, signs.shares["gb18030"] + 0.01)
    big5 = next((name for name in ("big5", "cp950") if may_be_big5 and _is_strict(path, name)), None)
    may_be_gb = signs.is_chinese and (signs.alphabet is None or signs.shares["frequent"] >= 0.5)
    if big5 is None and may_be_gb and _is_strict(path, "gb18030", may_hurry):
        return Encoding("gb18030", "gb18030", is_proven=is_proven)
    if big5 is not None:
        return Encoding(big5, "big5", is_guess=True)
    if signs.alphabet is not None:
        return Encoding(signs.alphabet, signs.alphabet, _replaced(path, signs.alphabet), is_guess=True)
    name = next((name for name in ("utf-8", "gb18030", "big5") if signs.shares[name] >= _MOSTLY), "cp1252")
    return Encoding(name, name, _replaced(path, name), is_guess=True)


def _is_strict(path: Path, name: str, only_begin: bool = False) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        with path.open("rb") as file:
            if only_begin:
                decoder.decode(file.read(BEGINNING))
                return True
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
    au" decodes as GB18030 without an error; in real Chinese text nearly every second byte is high too. `neighbour` is
    the encoding of Korean or Japanese text.
    """

    shares: Mapping[str, float]
    is_chinese: bool
    alphabet: str | None
    neighbour: str | None


def _signs_of(path: Path) -> _Signs:
    with path.open("rb") as file:
        block = file.read(_BLOCK)
    high = sum(1 for byte in block if byte >= 0x80) or 1
    pairs = _PAIRS.findall(block)
    low = sum(1 for pair in pairs if pair[1] < 0x80)
    whole = sum(len(found) for found in _UTF8.findall(block))
    shares = {"utf-8": whole / high, "gb18030": _share(_GB_WORDS, block), "big5": _share(_BIG5_WORDS, block)}
    shares["frequent"] = _share(_GB_FREQUENT, block)
    is_chinese = low * 2 <= len(pairs) and (shares["gb18030"] > 0 or not _are_accents(block))
    return _Signs(shares, is_chinese, _alphabet_of(block, high), korean_or_japanese(block))


def _are_accents(block: bytes) -> bool:
    """Does every high byte stand beside a small letter, as in "północny", which reads as "p蟪nocny"?"""
    return len(_BESIDE_LETTERS.findall(block)) == len(_RUNS.findall(block))


def _alphabet_of(block: bytes, high: int) -> str | None:
    """The alphabet whose words nearly all high bytes are; of two, the one that makes more of the letters vowels.

    Greek "Λεωνιδας" decodes as GB18030 without an error, into rare characters.
    """
    words = _HIGH.findall(block)
    fitting = {name: [word for word in words if alphabet.fits(word)] for name, alphabet in _ALPHABETS.items()}
    possible = [name for name, found in fitting.items() if sum(map(len, found)) >= 0.9 * high]
    return max(possible, key=lambda name: _vowels(_ALPHABETS[name], fitting[name]), default=None)


def _vowels(alphabet: _Alphabet, words: list[bytes]) -> int:
    large = bytes(vowel - 32 for vowel in alphabet.vowels)
    return sum(len(word) - len(word.translate(None, alphabet.vowels + large)) for word in words)


def _share(words: re.Pattern[bytes], block: bytes) -> float:
    """The part of the characters beginning with a high byte that stand in words of two or more common ones.

    A degree sign before a letter is one Big5 character by its bytes, and stands alone.
    """
    common = sum(len(word) // 2 for word in words.findall(block))
    return common / (len(_CHARACTERS.findall(block)) or 1)
