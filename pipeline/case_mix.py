"""Case mix: what a unit's rates would be had it received everybody's mix of categories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.casemix import indirect
from metrics.value import MetricValue

ADJUSTED = ("R5", "R4.strict", "H2")
Z95 = 1.959964


@dataclass(frozen=True)
class Adjusted:
    """A rate as it stands and after standardising by category; `low` and `high` bound the 95 % interval."""

    unit: str
    metric: str
    raw: float
    expected: float  # what peers would have reached with this unit's cases
    value: float
    low: float
    high: float


def adjusted(rows: Iterable[MetricValue]) -> list[Adjusted]:
    """Indirect standardisation of every unit and metric over the categories in `group`, by unit and metric.

    The reference is the pooled rate of each category. Units without cases have no entry.
    """
    cells: dict[tuple[str, str], list[tuple[str, float, float]]] = defaultdict(list)
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        if row.unit is None or row.numerator is None or not row.denominator:
            continue
        cells[row.unit, row.metric].append((row.group or "", row.numerator, row.denominator))
        pooled = sums[row.metric, row.group or ""]
        pooled[0] += row.numerator
        pooled[1] += row.denominator
    reference = {key: hits / size for key, (hits, size) in sums.items()}
    overall = {metric: _pooled(sums, metric) for metric, _ in sums}
    return [
        _adjusted(unit, metric, found, [reference[metric, group] for group, _, _ in found], overall[metric])
        for (unit, metric), found in sorted(cells.items())
    ]


def _pooled(sums: dict[tuple[str, str], list[float]], metric: str) -> float:
    chosen = [pair for (name, _), pair in sums.items() if name == metric]
    return sum(hits for hits, _ in chosen) / sum(size for _, size in chosen)


def _adjusted(
    unit: str, metric: str, cells: list[tuple[str, float, float]], reference: list[float], overall: float
) -> Adjusted:
    sizes, observed = [size for _, _, size in cells], sum(hits for _, hits, _ in cells)
    found = indirect(sizes, reference, observed, overall)
    total = sum(sizes)
    low, high = (min(max(found.adjusted + z * found.standard_error, 0.0), 1.0) for z in (-Z95, Z95))
    value = min(max(found.adjusted, 0.0), 1.0)
    return Adjusted(unit, metric, observed / total, found.expected / total, value, low, high)
