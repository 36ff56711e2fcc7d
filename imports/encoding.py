"""Which encoding a text file has: settled by decoding all of it strictly, never by a guess from its first lines."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20
_PAIRS = re.compile(rb"[\x81-\xfe][\x30-\x7e]|[\x81-\xfe]{2}")


@dataclass(frozen=True)
class Encoding:
    """`name` for open(), `label` for people, how many characters were lost, and whether it is a guess."""

    name: str
    label: str
    replaced: int = 0
    is_guess: bool = False


def find_encoding(path: Path) -> Encoding:
    """The encoding of a text file: BOM, UTF-16 by its zero bytes, UTF-8, GB18030, then Big5 and cp1252 as guesses.

    cp1252 comes last and never fails: bytes it does not know are counted as replaced.
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
    if _is_strict(path, "gb18030") and _reads_as_chinese(path):
        return Encoding("gb18030", "gb18030")
    if _is_strict(path, "big5") and _reads_as_chinese(path):
        return Encoding("big5", "big5", is_guess=True)
    return Encoding("cp1252", "cp1252", _replaced(path, "cp1252"), is_guess=True)


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


def _reads_as_chinese(path: Path) -> bool:
    """True unless high bytes stand alone before ASCII letters, as the accents of Western text do.

    "café au" decodes as GB18030 without an error; in real Chinese text nearly every second byte is high too.
    """
    with path.open("rb") as file:
        pairs = _PAIRS.findall(file.read(_BLOCK))
    low = sum(1 for pair in pairs if pair[1] < 0x80)
    return low * 2 <= len(pairs)
