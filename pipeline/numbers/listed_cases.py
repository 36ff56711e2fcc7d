"""Unit and group of a split of cases that are known by register and number, such as those of a demand or a sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from metrics.counting.listed import groups_text
from records.engine import CountingEngine
from records.engine_views import Columns, View
from records.vocabulary import ColumnType

Group = tuple[str, str]
"""Unit and group of the split."""


def groups_of(
    engine: CountingEngine, views: Mapping[str, View], split: str, listed: Iterable[tuple[int, str, str]]
) -> dict[int, set[Group]]:
    """By place, every unit and group that a case of the list has there; `listed` is place, register and number."""
    rows, found = list(listed), dict[int, set[Group]]()
    if not rows:
        return found
    places, registers, numbers = (list(column) for column in zip(*rows, strict=True))
    view = Columns({"register": registers, "case_no": numbers, "place": places}, {"place": ColumnType.BIG})
    with engine.open({"facts": views["facts"], "listed": view}) as statements:
        for place, unit, group in statements.run(groups_text(split)):
            found.setdefault(place, set()).add((unit, group))
    return found
