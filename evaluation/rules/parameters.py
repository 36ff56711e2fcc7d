"""The parameters of a scheme (methods: weights of chance, small numbers, proof), each with its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from evaluation.rules.scheme import Comparison, SmallNumbers, Uncertainty

TABLES: Mapping[str, type[Any]] = {"small_n": SmallNumbers, "uncertainty": Uncertainty, "comparison": Comparison}
AGGREGATE = {"across": "arithmetic", "missing_below": 0.8, "bonus_cap": None, "deduction_cap": None}


@dataclass(frozen=True)
class Parameter:
    """One parameter as a scheme sets it; `value` is the default where the scheme is silent."""

    table: str
    key: str
    value: Any
    default: Any

    @property
    def name(self) -> str:
        """How texts name it."""
        return f"{self.table}.{self.key}"


def parameters(document: Mapping[str, Any]) -> list[Parameter]:
    """Every parameter of a scheme document, in a fixed order.

    >>> found = {row.name: row for row in parameters({"comparison": {"least_units": 20}})}
    >>> found["comparison.least_units"].value, found["uncertainty.rank_interval"].value
    (20, 0.9)
    """
    defaults = {("aggregate", key): default for key, default in AGGREGATE.items()}
    defaults |= {(table, row.name): row.default for table, made in TABLES.items() for row in fields(made)}
    return [
        Parameter(table, key, document.get(table, {}).get(key, default), default)
        for (table, key), default in defaults.items()
    ]


def uncertainty_of(document: Mapping[str, Any]) -> Uncertainty:
    """The chance parameters of a scheme document."""
    return Uncertainty(**document.get("uncertainty", {}))


def comparison_of(document: Mapping[str, Any]) -> Comparison:
    """The comparison parameters of a scheme document."""
    return Comparison(**document.get("comparison", {}))
