"""The words of the field, from `glossary.toml`: for the report's annex, the pages and the docs."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class Term:
    """One word with its meaning in both languages."""

    id: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    also: tuple[str, ...] = ()


@lru_cache
def terms() -> tuple[Term, ...]:
    """All terms, in the order of the file.

    >>> terms()[0].en
    'Case'
    """
    document = tomllib.loads(files("reports").joinpath("glossary.toml").read_text(encoding="utf-8"))
    return tuple(Term(**{**entry, "also": tuple(entry.get("also", ()))}) for entry in document["term"])
