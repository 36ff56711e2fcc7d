"""What can still be judged of a scheme with ill-typed or missing keys, so that everything wrong is said at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from evaluation.rules.lines import Place
from evaluation.rules.scheme_rules import Found, rules

STAND_INS: dict[str, Any] = {"id": "x", "version": "1", "title": {}, "indicator": []}
HARMLESS = {"weight": 0.0, "title": {}}  # a row without them is judged as any other, but for sums
DEPENDENT = {
    "indicator": frozenset({"weights_sum", "group_weights_sum", "empty_group"}),
    "group": frozenset({"weights_sum", "group_weights_sum", "empty_group", "unknown_group", "group_cycle", "too_deep"}),
    "grades": frozenset({"unknown_grade"}),
    "peer_groups": frozenset({"unknown_peer_group"}),
}
"""Rules that say nothing certain where a part of this table cannot be read."""


def judged(document: dict[str, Any], shape: Sequence[Found]) -> Iterator[Found]:
    """The broken rules of a document whose keys are partly missing or of the wrong kind, as far as they are certain.

    Ill-typed values are taken out; so is the row of a table that has one, but for its weight and title.
    """
    broken = [found for found in shape if found.code in {"wrong_kind", "missing_key"}]
    places = [(*f.place, f.details["key"]) if f.code == "missing_key" else f.place for f in broken]
    uncertain = {code for place in places for code in DEPENDENT.get(str(place[0]), frozenset())}
    rest, numbers = _readable(document, places)
    for found in rules(rest):
        if found.code not in uncertain:
            yield Found(_back(found.place, numbers), found.code, found.details)


def _readable(document: dict[str, Any], places: Iterable[Place]) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """The document without what cannot be read, and for each table of rows the numbers that its rows had."""
    rest: dict[str, Any] = {
        key: [dict(row) if isinstance(row, dict) else row for row in value] if isinstance(value, list)
        else dict(value) if isinstance(value, dict) else value
        for key, value in document.items()
    }  # fmt: skip
    lost: dict[str, set[int]] = {}
    for place in places:
        table = str(place[0])
        if len(place) == 1:
            rest.pop(table, None)
        elif not isinstance(place[1], int):
            rest[table].pop(place[1], None)
        elif len(place) == 3 and place[2] in HARMLESS:
            rest[table][place[1]][place[2]] = HARMLESS[str(place[2])]
        else:
            lost.setdefault(table, set()).add(place[1])
    numbers = {table: [n for n in range(len(rest[table])) if n not in gone] for table, gone in lost.items()}
    kept = {table: [rest[table][n] for n in left] for table, left in numbers.items()}
    return {**STAND_INS, **rest, **kept}, numbers


def _back(place: Place, numbers: dict[str, list[int]]) -> Place:
    """The place in the file of a place in what could be read."""
    if len(place) < 2 or place[0] not in numbers or not isinstance(place[1], int):
        return place
    return (place[0], numbers[place[0]][place[1]], *place[2:])
