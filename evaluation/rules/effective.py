"""Effective weights of a scheme that is still being written: sums may be wrong, but every share can be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Weights:
    """Shares of the whole score (0..1) by indicator and by group, and the two sums that must be 100."""

    indicators: Mapping[str, float]
    groups: Mapping[str, float]
    leaf_sum: float
    first_level_sum: float


def effective_weights(document: Mapping[str, Any]) -> Weights:
    """The product of the shares down the tree, each child's weight over the sum of its siblings' weights.

    A group without a weight weighs as much as what stands below it. Numbers that are missing or no numbers count 0;
    a chain of parents that comes back to itself is cut. `document` is the parsed file.

    >>> found = effective_weights({"group": [{"id": "g", "weight": 60}, {"id": "h", "weight": 40}], "indicator": [
    ...     {"code": "a", "weight": 30, "group": "g"}, {"code": "b", "weight": 30, "group": "g"},
    ...     {"code": "c", "weight": 40, "group": "h"}]})
    >>> found.indicators, found.leaf_sum, found.first_level_sum
    ({'a': 0.3, 'b': 0.3, 'c': 0.4}, 100.0, 100.0)
    """
    groups = [row for row in document.get("group", []) if isinstance(row, dict) and "id" in row]
    leaves = [row for row in document.get("indicator", []) if isinstance(row, dict) and "code" in row]
    indicators: dict[str, float] = {}
    shares: dict[str, float] = {}

    def below(group: str, seen: frozenset[str]) -> float:
        own = sum(number(row.get("weight")) for row in leaves if row.get("group") == group)
        inner = (row for row in groups if row.get("parent") == group and row["id"] not in seen)
        return own + sum(weight_of(row, seen | {group}) for row in inner)

    def weight_of(row: Mapping[str, Any], seen: frozenset[str]) -> float:
        return number(row["weight"]) if "weight" in row else below(row["id"], seen)

    def descend(parent: str | None, share: float, seen: frozenset[str]) -> float:
        inner = [row for row in groups if row.get("parent") == parent and row["id"] not in seen]
        own = [row for row in leaves if row.get("group") == parent]
        weights = [weight_of(row, seen) for row in inner], [number(row.get("weight")) for row in own]
        total = sum(map(sum, weights))
        for row, weight in zip(own, weights[1], strict=True):
            indicators[row["code"]] = share * weight / total if total else 0.0
        for row, weight in zip(inner, weights[0], strict=True):
            shares[row["id"]] = share * weight / total if total else 0.0
            descend(row["id"], shares[row["id"]], seen | {row["id"]})
        return total

    first = descend(None, 1.0, frozenset())
    return Weights(indicators, shares, float(sum(number(row.get("weight")) for row in leaves)), float(first))


def number(value: Any) -> float:
    """A number of the file; 0 for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
