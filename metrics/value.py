"""One number that may be published: what it is made of, how sure it is, or why it is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Self


class _Parts(NamedTuple):
    unit: str | None
    period: str
    metric: str
    numerator: float | None
    denominator: float | None
    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None
    group: str | None
    coverage: float | None
    excluded: int | None
    total: str | None  # "pooled" or "mean_of_units" where unit is None
    source: str | None  # "tables" where counts of a table stand for cases, "cases+tables" for a sum of both
    peer_group: str | None  # of which units this is a row, where they are those of a peer group


class MetricValue(_Parts):
    """A metric of one unit in one period.

    `unit` None is the total. `value` is None exactly when `reason` is set: missing is a reason, never 0. Rates are
    fractions 0..1; times are hours (calendar) or working hours, as the registry says. `low` and `high` bound the 95 %
    interval. `group` names what else the row is split by (category, channel), None for all; of a row of a peer group
    that is not split further it names the peer group, as `peer_group` does on every such row. A tuple, because a year
    of every unit has a million of them. Raises ValueError for a missing value without a reason, or one with both.

    >>> MetricValue("u1", "2024", "R5", 9, 10, 0.9, 0.6, 0.98, 10).is_missing
    False
    """

    __slots__ = ()

    def __new__(
        cls, unit: str | None, period: str, metric: str, numerator: float | None, denominator: float | None,
        value: float | None, low: float | None, high: float | None, n: int, reason: str | None = None,
        group: str | None = None, coverage: float | None = None, excluded: int | None = None,
        total: str | None = None, source: str | None = None, peer_group: str | None = None,
    ) -> Self:  # fmt: skip
        if (value is None) != (reason is not None):
            raise ValueError(f"{metric} of {unit}: a missing value needs a reason, a present one has none")
        parts = (unit, period, metric, numerator, denominator, value, low, high, n, reason, group, coverage, excluded,
                 total, source, peer_group)  # fmt: skip
        return tuple.__new__(cls, parts)

    @classmethod
    def of_columns(
        cls, values: Sequence[float | None], reasons: Sequence[str | None], parts: Iterable[tuple[Any, ...]]
    ) -> list[Self]:
        """Many values at once, from tuples of their parts in order; raises ValueError as making one does."""
        if any((value is None) is (reason is None) for value, reason in zip(values, reasons, strict=True)):
            raise ValueError("a missing value needs a reason, a present one has none")
        return list(map(partial(tuple.__new__, cls), parts))

    def but(self, **changes: Any) -> Self:
        """The same value with other parts; raises ValueError as making one does.

        >>> MetricValue("u1", "2024", "R5", 9, 10, 0.9, 0.6, 0.98, 10).but(unit="u2").unit
        'u2'
        """
        return type(self)(**{**self._asdict(), **changes})

    @property
    def owner(self) -> str | None:
        """Whose row it is: the code of a unit, a marked peer group, None for the whole.

        >>> MetricValue(None, "2024", "R5", 9, 10, 0.9, 0.6, 0.98, 10, peer_group="streets").owner
        'peer_group:streets'
        """
        return self.unit if self.peer_group is None else f"peer_group:{self.peer_group}"

    @property
    def is_missing(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True)
class Measured:
    """What one code says about one key; `value` None goes with a reason."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    reason: str | None = None
    numerator: float | None = None
    denominator: float | None = None
