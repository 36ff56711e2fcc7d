"""Choices of a list as WTForms wants them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import SelectChoice


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Value and text of each choice, in order.

    >>> [choice.value for choice in choices([("a", "A"), ("b", "B")])]
    ['a', 'b']
    """
    return [SelectChoice(value, text) for value, text in pairs]
