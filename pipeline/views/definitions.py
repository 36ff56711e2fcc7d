"""What an indicator is called and measured in on pages: the scheme's own title first, then the registry's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metrics.registry import REGISTRY
from pipeline.views.words import Words, words_of


@dataclass(frozen=True)
class Definition:
    """Name, measure (rate, hours, count …) and direction of an indicator."""

    code: str
    name: Words
    measure: str
    is_higher_better: bool


def definition(code: str, written: Mapping[str, Any] | None = None) -> Definition:
    """The definition of an indicator code; a column of a plain table that no registry knows is a plain number.

    >>> definition("R5").name.en, definition("R5", {"title": {"zh": "回复率", "en": "Replies"}}).name.en
    ('Reply rate', 'Replies')
    """
    written = written or {}
    known = REGISTRY.get(code)
    if known is None:
        return Definition(code, words_of(written.get("title"), code), _measure(written), _rises(written))
    name = words_of(written["title"]) if written.get("title") else Words(known.name_zh, known.name_en)
    return Definition(code, name, known.unit, known.direction != "-")


def _measure(written: Mapping[str, Any]) -> str:
    """A column whose goalposts lie in 0..1 holds fractions, any other holds plain numbers."""
    ends = (written.get("zero"), written.get("full"))
    return "rate" if all(isinstance(end, (int, float)) and 0 <= end <= 1 for end in ends) else "points"


def _rises(written: Mapping[str, Any]) -> bool:
    """Whether the scheme counts a higher value as better: by its goalposts or its method, else by its direction."""
    zero, full = written.get("zero"), written.get("full")
    if zero is not None and full is not None:
        return full >= zero
    if written.get("method") == "deduction":
        return False
    return written.get("direction", "higher") == "higher"
