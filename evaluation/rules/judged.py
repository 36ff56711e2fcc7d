"""Weights of the children of one parent from judgements in pairs, as values to write into a scheme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.rules.lines import Place
from evaluation.rules.weighting import RANDOM_INDEX

DECIMALS = 4
MOST = len(RANDOM_INDEX)  # children that can be judged at once


@dataclass(frozen=True)
class Child:
    """A group or an indicator below a parent, with its weight today."""

    kind: str  # group | indicator
    place: int
    code: str
    title: Mapping[str, str]
    weight: float


def children(document: Mapping[str, Any], parent: str | None) -> list[Child]:
    """What stands directly below a group, or at the top for None, in the order of the file."""
    groups = [
        Child("group", place, row["id"], row.get("title", {}), _weight(document, row))
        for place, row in enumerate(document.get("group", []))
        if row.get("parent") == parent
    ]
    leaves = [
        Child("indicator", place, row["code"], row.get("title", {}), float(row["weight"]))
        for place, row in enumerate(document.get("indicator", []))
        if row.get("group") == parent
    ]
    return [*groups, *leaves]


def judged_weights(document: Mapping[str, Any], parent: str | None, shares: Sequence[float]) -> dict[Place, float]:
    """The weights to write so that the children weigh by `shares` (sum 1): their sum and every other weight stay.

    Indicators below a group keep their shares of it. Weights have four decimals; what rounding leaves goes to the
    heaviest, so that all weights still sum to 100.
    """
    found = children(document, parent)
    total = sum(child.weight for child in found)
    changed: dict[Place, float] = {}
    for child, weight in zip(found, settled([share * total for share in shares], total), strict=True):
        if child.kind == "indicator" or "weight" in document["group"][child.place]:
            changed[child.kind, child.place, "weight"] = weight
        if child.kind == "group":
            changed |= _below(document, child, weight)
    return changed


def settled(parts: Sequence[float], total: float) -> list[float]:
    """Parts rounded to four decimals that sum to the total; the largest takes what rounding leaves.

    >>> settled([33.33333, 33.33333, 33.33334], 100)
    [33.3333, 33.3333, 33.3334]
    """
    rounded = [round(part, DECIMALS) for part in parts]
    largest = max(range(len(parts)), key=lambda place: parts[place])
    rounded[largest] = round(rounded[largest] + total - sum(rounded), DECIMALS)
    return rounded


def _below(document: Mapping[str, Any], group: Child, weight: float) -> dict[Place, float]:
    """Every group and indicator below a group, at its share of the new weight."""
    found = children(document, group.code)
    before = sum(child.weight for child in found)
    if before <= 0:
        return {}
    return judged_weights(_at(document, group, found, weight / before), group.code, [c.weight / before for c in found])


def _at(document: Mapping[str, Any], group: Child, found: Sequence[Child], factor: float) -> dict[str, Any]:
    """The document with the children of a group already scaled, so that their sum is the new weight of the group."""
    copy = {**document, "group": list(document.get("group", [])), "indicator": list(document["indicator"])}
    for child in found:
        row = copy[child.kind][child.place]
        if child.kind == "indicator" or "weight" in row:
            copy[child.kind][child.place] = {**row, "weight": child.weight * factor}
        else:  # a group without a weight of its own weighs as its indicators do
            inner = children(copy, child.code)
            copy = _at(copy, child, inner, factor)
    return copy


def _weight(document: Mapping[str, Any], row: Mapping[str, Any]) -> float:
    if "weight" in row:
        return float(row["weight"])
    return sum(child.weight for child in children(document, row["id"]))
