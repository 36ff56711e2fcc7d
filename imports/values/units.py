"""Units of a cell resolved through the directory: lead unit first, assisting units after it."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from imports.options import UnitDirectory
from imports.values.cells import CellError, is_blank_word, plain, text_of
from imports.values.privacy import mask_text

_SEPARATORS = re.compile(r"[、，；;\n|]+|(?<=[\u4e00-\u9fff])[,/]\s*(?=[\u4e00-\u9fff@])")
_PREFIX = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:自治区|省|市|区|县|旗|州|盟)")  # of a name: the place it belongs to
_LEVELS = "省市区县旗州盟"
_SHORTEST = 3  # characters of a name without its prefix
_DECORATION = re.compile(r"^@|^(?:主办|协办|主办单位|协办单位|牵头)[:：]|[（(](?:主办|协办|牵头)[)）]$")


@dataclass
class UnitReader:
    """Reads unit cells.

    With `can_create` an unknown name becomes a new unit whose code rests on the name alone.

    Otherwise a name that differs from one of the directory by the name of a district only is taken for it and kept in
    `by_prefix`, so that a person can look at it.
    """

    directory: UnitDirectory
    can_create: bool = False
    created: dict[str, str] = field(default_factory=dict)  # code -> name
    by_prefix: dict[str, str] = field(default_factory=dict)  # name as written -> name of the directory

    def __post_init__(self) -> None:
        self._codes = {plain(name): code for name, code in self.directory.names.items()}
        self._codes.update({plain(code): code for code in self.directory.names.values()})

    def __call__(self, cell: Any) -> tuple[str, str | None] | None:
        """(lead code, assisting codes joined by |) or None for a blank cell. Raises CellError for an unknown name."""
        if is_blank_word(cell):
            return None
        text = text_of(cell)
        known = self._codes.get(plain(text))
        if known is not None:
            return known, None
        names = [name for part in _SEPARATORS.split(text) if (name := _DECORATION.sub("", part.strip()).strip())]
        found = [self._code(name) for name in names]
        if not found:
            return None
        assisting = list(dict.fromkeys(code for code in found[1:] if code != found[0]))
        return found[0], "|".join(assisting) or None

    def _code(self, name: str) -> str:
        word = plain(name)
        known = self._codes.get(word)
        if known is not None:
            return known
        if not self.can_create and (match := self._by_prefix(word)) is not None:
            self.by_prefix[name] = match[0]
            self._codes[word] = match[1]
            return match[1]
        if not self.can_create or mask_text(name)[1]:  # a name with a number of a person in it is no unit
            raise CellError("unit_unknown", name)
        code = unit_code(name)
        if code in self._codes.values():
            code = f"{code}_{_digest(word)[:4]}"
        self._codes[word] = code
        self.created[code] = name
        return code

    def _by_prefix(self, word: str) -> tuple[str, str] | None:
        """(name, code) of the only unit that has this name with a district before it, or without the one it has."""
        without = (word[found.end() - kept :] for found in _prefixes(word) for kept in (1, 0))  # 市 may belong to it
        shorter = next((name for name in without if len(name) >= _SHORTEST and name in self._codes), None)
        if shorter is not None:
            return shorter, self._codes[shorter]
        if len(word) < _SHORTEST:
            return None
        level = word[0] if word[0] in _LEVELS else ""  # "区住建委" lacks the name of its district only
        longer = {
            code: name
            for name, code in self._codes.items()
            if name.endswith(word) and name != word and _PREFIX.fullmatch(name[: -len(word)] + level)
        }
        return next(((name, code) for code, name in longer.items()), None) if len(longer) == 1 else None

    def knows(self, cell: Any) -> bool:
        """Is the cell the name of a unit of the directory?"""
        return plain(cell) in self._codes

    def similar(self, name: str) -> list[str]:
        """Names of the directory that look like this one, best first, at most three."""
        return difflib.get_close_matches(text_of(name), list(self.directory.names), 3, 0.6)


def _prefixes(word: str) -> Iterator[re.Match[str]]:
    """Places that stand one after another at the start of a name, each match ending behind one more of them.

    >>> [match.group() for match in _prefixes("北京市东城区人社局")]
    ['北京市', '东城区']
    """
    place = 0
    while found := _PREFIX.match(word, place):
        yield found
        place = found.end()


def unit_code(name: str) -> str:
    """The code of a new unit, the same wherever it is created.

    >>> unit_code("Recreation & Parks"), unit_code("市人社局") == unit_code("市人社局 ")
    ('recreation_parks', True)
    """
    word = plain(name)
    slug = re.sub(r"[^a-z0-9]+", "_", word).strip("_")
    return slug[:40] if word.isascii() and slug else f"u{_digest(word)[:8]}"


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
