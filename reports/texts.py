"""Sentences and labels of charts and documents, kept as data in `wording/*.toml` in Chinese and English."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "wording"
LANGUAGES = ("zh", "en")
COUNTED = ("unit", "case", "indicator", "group", "row", "item", "topic", "place", "pair", "document", "batch(?=es)")
ONE = re.compile(rf"(?<![\d.,–—−-])1 ({'|'.join(COUNTED)})e?s\b")
"""One of what English counts in the plural."""


class UnknownText(KeyError):
    """A key that no wording file holds."""

    def __str__(self) -> str:
        return f"no wording for {self.args[0]!r}: add it to reports/wording"


def say(language: str, key: str, /, *, otherwise: str | None = None, **values: Any) -> str:
    """The text of `key` in a language with the values filled in; values are never read as templates themselves.

    >>> say("en", "trend.peers")
    'Peer median'
    >>> say("en", "notice.unit_value", unit="u1", value="90.0%", n="1")
    'u1 (90.0%, 1 case)'
    """
    entry = wordings().get(key)
    if entry is None:
        if otherwise is None:
            raise UnknownText(key)
        return otherwise
    text = (entry.get(language) or entry["zh"]).format(**values) if values else entry.get(language) or entry["zh"]
    return ONE.sub(r"1 \1", text) if language == "en" and values else text


@lru_cache
def wordings() -> dict[str, dict[str, str]]:
    """Every key with its languages, all files together."""
    entries: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        entries.update(_flatten("", tomllib.loads(path.read_text(encoding="utf-8"))))
    return entries


def _flatten(prefix: str, table: dict[str, Any]) -> dict[str, dict[str, str]]:
    if "zh" in table:
        return {prefix: table}
    found: dict[str, dict[str, str]] = {}
    for name, child in table.items():
        found.update(_flatten(f"{prefix}.{name}" if prefix else name, child))
    return found
