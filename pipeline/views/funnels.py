"""A rate of all units against their size, from prepared results: where chance alone may have put a unit."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.rules.parameters import comparison_of
from evaluation.uncertainty import funnel as limits
from pipeline.views import sentences
from pipeline.views.prepared import Prepared
from pipeline.views.words import Words

FEWEST_ALL = 2  # units in a funnel of the whole city


@dataclass(frozen=True)
class Funnel:
    """A rate of all units against their size. `own` is the unit's place in the lists."""

    code: str
    name: Words
    sizes: tuple[float, ...]
    rates: tuple[float, ...]
    names: tuple[str, ...]
    own: int | None
    centre: float
    between: float  # variance between units beyond chance, by moments
    levels: tuple[float, float]
    reading: Words


def funnel(prepared: Prepared, unit: str | None, code: str) -> Funnel | None:
    """A rate against the denominators, of a unit among its peers or of the whole city; None for what is no rate."""
    what = prepared.definition(code)
    if what.measure != "rate":
        return None
    rows = [
        (result.unit, i.denominator, i.value)
        for result in (prepared.results.values() if unit is None else prepared.peers(prepared.results[unit].group))
        if (i := result.indicator(code)) and i.value is not None and i.denominator
    ]
    if len(rows) < (FEWEST_ALL if unit is None else limits.FEWEST_UNITS):
        return None
    sizes, rates = [float(n) for _, n, _ in rows], [min(max(value, 0.0), 1.0) for _, _, value in rows]
    centre = sum(n * rate for n, rate in zip(sizes, rates, strict=True)) / sum(sizes)
    used = comparison_of(prepared.source.scheme)
    hits = [n * rate for n, rate in zip(sizes, rates, strict=True)]
    between = limits.between_units(hits, sizes, used.funnel_winsor).tau2
    own = next((i for i, row in enumerate(rows) if row[0] == unit), None)
    reading = Words("", "")
    if own is not None:
        where = limits.zone(rates[own], sizes[own], centre, between, used.funnel_levels)
        reading = sentences.funnel_reading(what.name, sizes[own], rates[own], centre, where, used.funnel_levels)
    names = tuple(prepared.name(row[0]) for row in rows)
    return Funnel(code, what.name, tuple(sizes), tuple(rates), names, own, centre, between, used.funnel_levels, reading)
