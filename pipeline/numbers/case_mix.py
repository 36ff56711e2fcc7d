"""Case mix: what a unit's rates would be had it received its peers' mix of category, channel and urgency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from evaluation.uncertainty.casemix import indirect, overlap
from metrics.statistics.interval import Z95
from metrics.value import MetricValue

ADJUSTED = ("R5", "R4.strict", "H2")
LEAST_REFERENCE = 100  # cases of the others behind a reference rate; fewer: the wider cell
OWN_SHARE_MAX = 0.1  # a unit that holds more of a cell is left out of its own reference
MOST_MOVING = 3  # cells that are named beside an adjusted rate
LEAST_NAMED = 10  # cases of the unit in a cell that is named

Counts = tuple[float, float]  # hits and cases


@dataclass(frozen=True)
class Adjusted:
    """A rate as it stands and after standardising for the mix; `low` and `high` bound the 95 % interval.

    `z` is (observed - expected)/sqrt V with the binomial sum as V. `overlap` is the share of the mix that the unit has
    in common with its peer group; a scheme says below which share (`least_overlap`) adjusted rates are not compared.
    """

    unit: str
    metric: str
    raw: float
    expected: float  # what its peers would have reached with this unit's cases
    value: float
    low: float
    high: float
    z: float = 0.0
    overlap: float = 1.0
    moving: list[dict[str, Any]] = field(default_factory=list)  # the cells that move it most, as `Moving`


class Moving(NamedTuple):
    """A cell that moves the adjusted rate of a unit: its share of the unit's cases, and what it adds to the raw rate.

    What it adds is share·(rate of all peers - rate of the peers in this cell): above 0 for cases that are hard
    everywhere. The cell is the one the reference was read from, so a rare one is named by its wider cell.
    """

    cell: str
    share: float
    reference: float
    moved: float


def adjusted(
    rows: Iterable[MetricValue], peers: Mapping[str, str | None], least: int = LEAST_REFERENCE
) -> list[Adjusted]:
    """Indirect standardisation of every unit and metric over the cells in `group`, by unit and metric.

    `peers` names the peer group of each unit; nothing outside it is compared. A cell is named
    `category|channel|urgency`. Its reference is the pooled rate of the peer group, of the other units only where the
    unit holds more than a tenth of the cell; with fewer than `least` cases the cell of category and channel, then of
    the category, then all cases of the group take its place. Units without cases, and units without a peer that has
    cases, have no entry.
    """
    cells: dict[tuple[str, str | None], dict[str, dict[str, Counts]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        if row.unit is not None and row.unit in peers and row.numerator is not None and row.denominator:
            cells[row.metric, peers[row.unit]][row.unit][row.group or ""] = (row.numerator, row.denominator)
    found = []
    for (metric, _), units in cells.items():
        pooled = _pooled(units.values())
        found += [_adjusted(unit, metric, own, pooled, least) for unit, own in units.items() if len(units) > 1]
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


def _reference(cell: str, own: Mapping[str, Counts], pooled: Mapping[str, Counts], least: int) -> tuple[str, float]:
    """The rate the unit is measured by in a cell, and the name of the cell it was read from."""
    used, (hits, size) = "", pooled[""]
    for used in widening(cell):
        hits, size = pooled[used]
        if own[used][1] > OWN_SHARE_MAX * size and size > own[used][1]:
            hits, size = _plus((hits, size), own[used], -1)
        if size >= least:
            break
    return used, hits / size


def _adjusted(
    unit: str, metric: str, cells: Mapping[str, Counts], pooled: Mapping[str, Counts], least: int
) -> Adjusted:
    own = _widened(cells)
    observed, total = own[""]
    sizes = [size for _, size in cells.values()]
    hits, cases = pooled[""]
    references = [_reference(cell, own, pooled, least) for cell in cells]
    found = indirect(sizes, [rate for _, rate in references], observed, hits / cases)
    low, high = (min(max(found.adjusted + z * found.standard_error, 0.0), 1.0) for z in (-Z95, Z95))
    common = overlap([size / total for size in sizes], [pooled[cell][1] / cases for cell in cells])
    value = min(max(found.adjusted, 0.0), 1.0)
    moving = [row._asdict() for row in _moving(sizes, references, hits / cases)]
    return Adjusted(unit, metric, observed / total, found.expected / total, value, low, high, found.z, common, moving)


def _moving(sizes: Sequence[float], references: Sequence[tuple[str, float]], overall: float) -> list[Moving]:
    """The cells that move the rate most, the largest first; a cell with few cases of the unit is not named."""
    total, of_cell, rates = sum(sizes), defaultdict[str, float](float), dict(references)
    for (cell, _), size in zip(references, sizes, strict=True):
        of_cell[cell] += size
    rows = [
        Moving(cell, size / total, rates[cell], size / total * (overall - rates[cell]))
        for cell, size in of_cell.items()
        if cell and size >= LEAST_NAMED
    ]
    return sorted(rows, key=lambda row: (-abs(row.moved), row.cell))[:MOST_MOVING]
