"""Metric values as columns: one array per indicator over the units, ready for vectorised arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Z_95 = 1.959963984540054
NOT_APPLICABLE = frozenset({"not_applicable", "not_measured", "not_recorded", "non_discriminating"})
"""Reasons that take an indicator out of the scheme for a unit; every other reason is a missing value."""
TOO_FEW = "too_few"
NO_VALUE = "no_value"


class Value(Protocol):
    """What the evaluation reads of a metric value; `metrics.value.MetricValue` is one."""

    @property
    def unit(self) -> str | None: ...
    @property
    def metric(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def numerator(self) -> float | None: ...
    @property
    def denominator(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def n(self) -> int | None: ...
    @property
    def reason(self) -> str | None: ...


@dataclass(frozen=True)
class Observation:
    """A value of a plain table, where the number of cases may be unknown (`n` None): then no small-n rule applies."""

    unit: str | None
    metric: str
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class AssessedUnit:
    """A unit to be scored, as the directory knows it."""

    code: str
    name: str
    peer_group: str | None = None


@dataclass(frozen=True)
class Evidence:
    """A documented item of one unit: a bonus, a confirmed finding, a cell of a table.

    `source` is what a scheme names: "bonus", "confirmed_finding", "confirmed_finding:forced_rating", "table:D1" …
    """

    unit: str
    source: str
    count: float = 1.0
    document: str | None = None


@dataclass(frozen=True)
class Column:
    """One indicator over the units (sorted by code). NaN marks what is not there; `n` is -1 where unknown.

    `is_rate` says that the value is numerator / denominator with whole counts, so that its posterior is a Beta; `sd` is
    the standard error read off the 95 % interval of any other value, 0 where there is none.
    """

    value: Floats
    numerator: Floats
    denominator: Floats
    low: Floats
    high: Floats
    n: NDArray[np.int64]
    reasons: tuple[str | None, ...]
    is_rate: NDArray[np.bool_] = field(init=False)
    sd: Floats = field(init=False)

    def __post_init__(self) -> None:
        with np.errstate(invalid="ignore", divide="ignore"):
            inside = (self.numerator >= 0) & (self.numerator <= self.denominator) & (self.denominator > 0)
            is_rate = inside & (np.abs(self.numerator / self.denominator - self.value) < 1e-9)
            sd = np.where(is_rate, 0.0, np.nan_to_num((self.high - self.low) / (2 * Z_95), posinf=0.0))
        object.__setattr__(self, "is_rate", is_rate)
        object.__setattr__(self, "sd", np.where(np.isnan(self.value), 0.0, np.maximum(sd, 0.0)))

    @property
    def is_present(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.value)

    def without(self, lost: NDArray[np.bool_], reason: str) -> Column:
        """The same column with some values withheld; the number of cases stays, to be shown beside the reason."""
        reasons = [reason if gone else old for gone, old in zip(lost, self.reasons, strict=True)]
        value, hits, cases, low, high = (
            np.where(lost, np.nan, side) for side in (self.value, self.numerator, self.denominator, self.low, self.high)
        )
        return Column(value, hits, cases, low, high, self.n, tuple(reasons))


def columns_of(values: Iterable[Value], units: Sequence[AssessedUnit], codes: Sequence[str]) -> dict[str, Column]:
    """One column per code, in the order of `units`. A pair without a value is missing, with the reason "no_value".

    Totals (`unit` None), rows of other codes and rows split by category or channel are left out. Raises ValueError when
    one unit has two values of one metric.
    """
    position = {unit.code: number for number, unit in enumerate(units)}
    wanted: dict[str, dict[int, Value]] = {code: {} for code in codes}
    for value in values:
        if value.unit not in position or value.metric not in wanted or getattr(value, "group", None) is not None:
            continue
        row = wanted[value.metric]
        if position[value.unit] in row:
            raise ValueError(f"unit {value.unit} has two values of {value.metric}")
        row[position[value.unit]] = value
    return {code: _column(rows, len(units)) for code, rows in wanted.items()}


def _column(rows: Mapping[int, Value], size: int) -> Column:
    sides: list[list[float]] = [[np.nan] * size for _ in range(5)]
    n = [-1] * size
    reasons: list[str | None] = [NO_VALUE] * size
    for number, row in rows.items():
        for side, given in zip(sides, (row.value, row.numerator, row.denominator, row.low, row.high), strict=True):
            if given is not None:
                side[number] = given
        n[number] = -1 if row.n is None else row.n
        reasons[number] = row.reason if row.reason or row.value is not None else NO_VALUE
    value, numerator, denominator, low, high = (np.array(side, dtype=np.float64) for side in sides)
    return Column(value, numerator, denominator, low, high, np.array(n, dtype=np.int64), tuple(reasons))
