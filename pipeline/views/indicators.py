"""One indicator across all units, and two to five units beside one another: view models made from prepared results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evaluation.scores.told import middle
from metrics.registry import REGISTRY, Metric
from metrics.statistics.interval import wilson
from pipeline.views import funnels, scorecards, sentences
from pipeline.views.definitions import Definition
from pipeline.views.funnels import Funnel
from pipeline.views.prepared import Prepared
from pipeline.views.scorecards import Scorecard, Tile
from pipeline.views.statistics_view import Change, Series, change_of, series_of
from pipeline.views.words import Words

FEWEST, MOST = 2, 5  # units that can be set side by side


class UnknownIndicator(LookupError):
    """The assessment holds no such indicator."""


@dataclass(frozen=True)
class IndicatorRow:
    """A unit's value of the indicator, as frozen in the assessment; `value` None has a `reason`."""

    unit: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    numerator: float | None
    denominator: float | None
    n: int | None
    points: float | None
    comparison: str | None
    reason: str | None


@dataclass(frozen=True)
class Totals:
    """Both summaries of several units: pooled over all cases, and the mean of the units' values.

    Times are pooled for the whole city only: those of a group cannot be put together from its units.
    """

    pooled: float | None
    low: float | None
    high: float | None
    numerator: float | None
    denominator: float | None
    mean: float | None
    units: int


@dataclass(frozen=True)
class IndicatorGroup:
    """A peer group of the indicator, in administrative order."""

    title: Words
    rows: tuple[IndicatorRow, ...]
    median: float | None
    totals: Totals


@dataclass(frozen=True)
class IndicatorView:
    """The page of an indicator. `metric` is None for a column of a plain table, which no registry knows."""

    code: str
    what: Definition
    metric: Metric | None
    goalposts: tuple[float, float] | None  # values that earn 0 and 100 points
    weight: float | None
    target: float | None
    groups: tuple[IndicatorGroup, ...]
    funnel: Funnel | None
    city: tuple[float | None, ...]  # months, pooled over all units
    months_withheld: bool  # too many units are withheld by month for a line of the city
    totals: Totals
    series: Series | None  # the months of the city inside their limits
    changes: tuple[tuple[str, str, Change], ...]  # code and name of units that changed beyond chance
    others: tuple[tuple[str, Words], ...]  # the other measured indicators of the scheme
    rule: Words  # what made "better" and "worse"


def indicator(prepared: Prepared, code: str) -> IndicatorView:
    """An indicator across all units of an assessment. Raises UnknownIndicator."""
    if code not in prepared.codes:
        raise UnknownIndicator(code)
    written: dict[str, Any] = next(
        (i for i in prepared.source.scheme.get("indicator", []) if i.get("code") == code), {}
    )
    groups = dict.fromkeys(result.group for result in prepared.results.values())
    months_withheld = prepared.months_are_withheld(code)
    return IndicatorView(
        code=code,
        what=prepared.definition(code),
        metric=REGISTRY.get(code),
        goalposts=_goalposts(written),
        weight=written.get("weight"),
        target=written.get("target"),
        groups=tuple(_group(prepared, group, code) for group in groups),
        funnel=funnels.funnel(prepared, None, code),
        city=() if months_withheld else tuple(prepared.series(None, code)),
        months_withheld=months_withheld,
        totals=_city(prepared, code),
        series=None if months_withheld else series_of(prepared, None, code),
        changes=_changes(prepared, code),
        others=tuple((c, prepared.definition(c).name) for c in prepared.codes if _is_measured(prepared, c)),
        rule=sentences.comparison_rule(prepared.source.assessment.comparison_rule, prepared.source.scheme),
    )


def _goalposts(written: dict[str, Any]) -> tuple[float, float] | None:
    zero, full = written.get("zero"), written.get("full")
    return (float(zero), float(full)) if isinstance(zero, (int, float)) and isinstance(full, (int, float)) else None


def _group(prepared: Prepared, group: str | None, code: str) -> IndicatorGroup:
    rows = tuple(_row(prepared, result.unit, code) for result in prepared.peers(group))
    is_rate = prepared.definition(code).measure == "rate"
    return IndicatorGroup(prepared.group_title(group), rows, middle(row.value for row in rows), _totals(rows, is_rate))


def _totals(rows: Iterable[IndicatorRow], is_rate: bool) -> Totals:
    known = [row for row in rows if row.value is not None]
    mean = sum(row.value or 0.0 for row in known) / len(known) if known else None
    counted = [(row.numerator, row.denominator) for row in known if row.numerator is not None and row.denominator]
    if not is_rate or not counted or len(counted) < len(known):
        return Totals(None, None, None, None, None, mean, len(known))
    hits, base = sum(x or 0.0 for x, _ in counted), sum(n or 0.0 for _, n in counted)
    low, high = wilson(min(hits, base), base)
    return Totals(hits / base, low, high, hits, base, mean, len(known))


def _city(prepared: Prepared, code: str) -> Totals:
    """Both totals as they were frozen."""
    pooled = prepared.values.get((None, code))
    means = [v for v in prepared.source.values if v.metric == code and v.unit is None and v.group is None
             and v.total == "mean_of_units"]  # fmt: skip
    mean, units = (means[0].value, means[0].n) if means else (None, 0)
    if pooled is None:
        return Totals(None, None, None, None, None, mean, units)
    return Totals(pooled.value, pooled.low, pooled.high, pooled.numerator, pooled.denominator, mean, units)


def _changes(prepared: Prepared, code: str) -> tuple[tuple[str, str, Change], ...]:
    """The units of which this year is beyond what last year leads one to expect, in administrative order."""
    told = prepared.source.statistics
    rows = [(unit, told.get(unit, {}).get("change", {}).get(code)) for unit in prepared.results]
    found = [(unit, change_of(prepared, code, row)) for unit, row in rows if row is not None]
    return tuple((unit, prepared.name(unit), change) for unit, change in found if change.is_beyond_chance)


def _row(prepared: Prepared, unit: str, code: str) -> IndicatorRow:
    found = prepared.results[unit].indicator(code)
    name = prepared.name(unit)
    if found is None:
        return IndicatorRow(unit, name, None, None, None, None, None, None, None, None, "not_applicable")
    return IndicatorRow(
        unit, name, found.value, found.low, found.high, found.numerator, found.denominator, found.n, found.points,
        found.comparison, found.reason,
    )  # fmt: skip


def _is_measured(prepared: Prepared, code: str) -> bool:
    return any((i := result.indicator(code)) and i.value is not None for result in prepared.results.values())


@dataclass(frozen=True)
class ComparedIndicator:
    """One indicator of the compared units, in their order; `best` is the place of a clearly best unit, else None."""

    code: str
    name: Words
    measure: str
    tiles: tuple[Tile, ...]
    best: int | None


@dataclass(frozen=True)
class Comparison:
    """Two to five units side by side."""

    cards: tuple[Scorecard, ...]
    indicators: tuple[ComparedIndicator, ...]
    is_one_group: bool


def compare(prepared: Prepared, units: Iterable[str]) -> Comparison:
    """The cards of the units in the order given; unknown ones are left out, more than five are cut."""
    chosen = [unit for unit in dict.fromkeys(units) if unit in prepared.results][:MOST]
    cards = tuple(scorecards.scorecard(prepared, unit) for unit in chosen)
    codes = [code for code in prepared.codes if _is_measured(prepared, code)] if cards else []
    rows = [_compared(prepared, cards, code) for code in codes]
    return Comparison(cards, tuple(row for row in rows if row), len({card.group for card in cards}) <= 1)


def _compared(prepared: Prepared, cards: tuple[Scorecard, ...], code: str) -> ComparedIndicator | None:
    by_card = [next((tile for tile in card.tiles if tile.code == code), None) for card in cards]
    tiles = tuple(tile for tile in by_card if tile is not None)
    if len(tiles) < len(cards):
        return None
    what = prepared.definition(code)
    return ComparedIndicator(code, what.name, what.measure, tiles, _clearly_best(tiles, what.is_higher_better))


def _clearly_best(tiles: tuple[Tile, ...], is_higher_better: bool) -> int | None:
    """The one unit whose interval lies wholly beyond all others, None when intervals overlap or are missing.

    A range that protects citizens is no interval: it says nothing about chance, and nobody is best by it.
    """
    if len(tiles) < FEWEST or any(tile.low is None or tile.high is None or tile.is_range for tile in tiles):
        return None
    for i, tile in enumerate(tiles):
        others = [other for k, other in enumerate(tiles) if k != i]
        if is_higher_better and all((tile.low or 0) > (other.high or 0) for other in others):
            return i
        if not is_higher_better and all((tile.high or 0) < (other.low or 0) for other in others):
            return i
    return None
