"""From the columns of one code to its values, with the means of the units beside the pooled totals.

A year of every unit has a million values: they are made a column at a time, not one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np

from metrics.counting.count_table import CountTable
from metrics.value import Measured, MetricValue

Numbers = Sequence[float | None]


@dataclass(frozen=True)
class Columns:
    """What one code says about the keys of a table, in their order. An empty column holds nothing for any key."""

    value: Numbers
    reason: Sequence[str | None]
    low: Numbers = ()
    high: Numbers = ()
    n: Sequence[int] = ()
    numerator: Numbers = ()
    denominator: Numbers = ()
    coverage: Numbers = ()
    source: Sequence[str | None] = ()


def of_measured(measured: Sequence[Measured]) -> Columns:
    """The columns of values that were reckoned key by key."""
    names = ("value", "reason", "low", "high", "n", "numerator", "denominator")
    return Columns(**{name: [getattr(one, name) for one in measured] for name in names})


def of_reasons(reasons: Sequence[str]) -> Columns:
    """Nothing but why there are no values."""
    return Columns([None] * len(reasons), reasons)


def known(numbers: np.ndarray, is_known: np.ndarray) -> list[Any]:
    """As plain numbers or texts, None where one is not known.

    >>> known(np.array([0.5, 0.25]), np.array([True, False]))
    [0.5, None]
    """
    found = numbers.astype(object)
    found[~is_known] = None
    return found.tolist()


def values_of(table: CountTable, code: str, columns: Columns) -> list[MetricValue]:
    """The value of every key of the table. Raises ValueError as making one does, or where values and keys differ."""
    keys = table.key_columns
    if len(columns.value) != len(keys.units):
        raise ValueError(f"{code}: {len(columns.value)} values for {len(keys.units)} keys")
    parts = (
        keys.units, keys.periods, repeat(code), _column(columns.numerator), _column(columns.denominator),
        columns.value, _column(columns.low), _column(columns.high), columns.n or repeat(0), columns.reason,
        keys.splits, _column(columns.coverage), repeat(None), keys.totals, _column(columns.source), repeat(None),
    )  # fmt: skip
    return MetricValue.of_columns(columns.value, columns.reason, zip(*parts, strict=False))


def _column(numbers: Sequence[float | str | None]) -> Iterable[float | str | None]:
    return numbers or repeat(None)


def with_means(table: CountTable, code: str, columns: Columns) -> list[MetricValue]:
    """The values and, beside each pooled total, the mean of the units: a summary row may mean either."""
    values, found = values_of(table, code, columns), columns.value
    for place, units in table.units_of_totals:
        values.append(mean_of_units(values[place], [value for i in units if (value := found[i]) is not None]))
    return values


def mean_of_units(pooled: MetricValue, known_values: Sequence[float]) -> MetricValue:
    """The plain mean of the units' values beside their pooled total; `n` is the number of units that have one."""
    value = sum(known_values) / len(known_values) if known_values else None
    reason = None if known_values else (pooled.reason or "no_units_with_a_value")
    return MetricValue(None, pooled.period, pooled.metric, None, None, value, None, None, len(known_values), reason,
                       pooled.group, total="mean_of_units")  # fmt: skip
