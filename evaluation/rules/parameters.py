"""The parameters of a scheme (methods: weights of chance, small numbers, proof), each with its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class SmallNumbers:
    """Cases below which a value is withheld, and below which nobody is ranked or graded.

    `grouped` is the smallest count of citizens' answers that a score may give away; 0 takes all counts as they are.
    """

    suppress: int = 10
    rank: int = 30
    reliability: float = 0.7
    grouped: int = 0


@dataclass(frozen=True)
class Uncertainty:
    """Parameters of the Monte Carlo runs, and what they are read as."""

    draws: int = 2000
    seed: int = 20250101
    certain: float = 0.95
    weights_dirichlet: float = 150.0
    goalpost_shift: float = 0.10  # of the distance of the goalposts, up or down, on the robustness page
    rank_interval: float = 0.90  # share of the draws inside the interval of a rank
    joint_interval: float = 0.90  # level at which the intervals of all units hold at once
    end_share: float = 0.30  # of the peer group: what counts as its top and its bottom


@dataclass(frozen=True)
class Comparison:
    """Parameters of comparisons with the peers, and of the proof a penalty needs."""

    difference_level: float = 0.95  # two-sided level at which an indicator is better or worse than the peers
    penalty_level: float = 0.95  # one-sided level of the bound that must be beyond the threshold
    least_units: int = 15  # fewer peers: the spread between units is not estimated
    funnel_winsor: float = 0.10  # share of the units at each end whose distance is cut back
    funnel_notable: float = 0.95  # level inside which a unit of a funnel is usual
    funnel_different: float = 0.998  # level beyond which it is clearly different
    reference_cases: int = 100  # cases of the others behind a reference rate of the case mix
    least_overlap: float = 0.5  # of a unit's mix in common with its peers, for its adjusted rates to compare

    @property
    def funnel_levels(self) -> tuple[float, float]:
        """The levels of the inner and the outer limits of a funnel."""
        return self.funnel_notable, self.funnel_different


@dataclass(frozen=True)
class Waiting:
    """What the longest waits count as in mean waits, so that a case that never ends leaves the mean finite."""

    longest_working_hours: float = 182.0  # twice thirteen working days of seven hours
    longest_hours: float = 624.0  # 26 days, for the clocks of natural time


TABLES: Mapping[str, type[Any]] = {
    "small_n": SmallNumbers, "uncertainty": Uncertainty, "comparison": Comparison, "waiting": Waiting,
}  # fmt: skip
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


def waiting_of(document: Mapping[str, Any]) -> Waiting:
    """What the longest waits count as under a scheme document."""
    return Waiting(**document.get("waiting", {}))
