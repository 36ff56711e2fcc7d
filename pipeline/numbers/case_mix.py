"""Case mix: what a unit's rates would be had it received everybody's mix of category, channel and urgency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluation.uncertainty.casemix import indirect, overlap
from metrics.statistics.interval import Z95
from metrics.value import MetricValue

ADJUSTED = ("R5", "R4.strict", "H2")
LEAST_REFERENCE = 100  # cases of the others behind a reference rate; fewer: the wider cell
OWN_SHARE_MAX = 0.1  # a unit that holds more of a cell is left out of its own reference

Counts = tuple[float, float]  # hits and cases


@dataclass(frozen=True)
class Adjusted:
    """A rate as it stands and after standardising for the mix; `low` and `high` bound the 95 % interval.

    `z` is (observed - expected)/sqrt V with the binomial sum as V. `overlap` is the share of the mix that the unit has
    in common with all units; a scheme says below which share (`least_overlap`) adjusted rates are not compared.
    """

    unit: str
    metric: str
    raw: float
    expected: float  # what the others would have reached with this unit's cases
    value: float
    low: float
    high: float
    z: float = 0.0
    overlap: float = 1.0


def adjusted(rows: Iterable[MetricValue], least: int = LEAST_REFERENCE) -> list[Adjusted]:
    """Indirect standardisation of every unit and metric over the cells in `group`, by unit and metric.

    A cell is named `category|channel|urgency`. Its reference is the pooled rate of all units, of the others only where
    the unit holds more than a tenth of the cell; with fewer than `least` cases the cell of category and channel, then
    of the category, then all cases take its place. Units without cases have no entry.
    """
    cells: dict[tuple[str, str], dict[str, Counts]] = defaultdict(dict)
    for row in rows:
        if row.unit is not None and row.numerator is not None and row.denominator:
            cells[row.metric, row.unit][row.group or ""] = (row.numerator, row.denominator)
    pooled = {metric: _pooled(own for (name, _), own in cells.items() if name == metric) for metric, _ in cells}
    found = [_adjusted(unit, metric, own, pooled[metric], least) for (metric, unit), own in cells.items()]
    return sorted(found, key=lambda rate: (rate.unit, rate.metric))


def widening(cell: str) -> list[str]:
    """The cell and the wider ones it lies in, the narrowest first; "" is all cases.

    >>> widening("road|hotline|urgent")
    ['road|hotline|urgent', 'road|hotline', 'road', '']
    """
    parts = cell.split("|") if cell else []
    return ["|".join(parts[:length]) for length in range(len(parts), 0, -1)] + [""]


def _pooled(units: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    """Hits and cases of every cell and every wider one over all units."""
    sums: dict[str, Counts] = defaultdict(lambda: (0.0, 0.0))
    for own in units:
        for cell, counts in _widened(own).items():
            sums[cell] = _plus(sums[cell], counts)
    return dict(sums)


def _widened(own: Mapping[str, Counts]) -> dict[str, Counts]:
    sums: dict[str, Counts] = defaultdict(lambda: (0.0, 0.0))
    for cell, counts in own.items():
        for wider in widening(cell):
            sums[wider] = _plus(sums[wider], counts)
    return sums


def _plus(a: Counts, b: Counts, sign: int = 1) -> Counts:
    return a[0] + sign * b[0], a[1] + sign * b[1]


def _reference(cell: str, own: Mapping[str, Counts], pooled: Mapping[str, Counts], least: int) -> float:
    """The rate the unit is measured by in a cell."""
    hits, size = pooled[""]
    for wider in widening(cell):
        hits, size = pooled[wider]
        if own[wider][1] > OWN_SHARE_MAX * size and size > own[wider][1]:
            hits, size = _plus((hits, size), own[wider], -1)
        if size >= least:
            break
    return hits / size


def _adjusted(
    unit: str, metric: str, cells: Mapping[str, Counts], pooled: Mapping[str, Counts], least: int
) -> Adjusted:
    own = _widened(cells)
    observed, total = own[""]
    sizes = [size for _, size in cells.values()]
    hits, cases = pooled[""]
    found = indirect(sizes, [_reference(cell, own, pooled, least) for cell in cells], observed, hits / cases)
    low, high = (min(max(found.adjusted + z * found.standard_error, 0.0), 1.0) for z in (-Z95, Z95))
    common = overlap([size / total for size in sizes], [pooled[cell][1] / cases for cell in cells])
    value = min(max(found.adjusted, 0.0), 1.0)
    return Adjusted(unit, metric, observed / total, found.expected / total, value, low, high, found.z, common)
