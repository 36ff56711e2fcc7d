"""The statistics page of a unit as a view model: frozen numbers with the words that say what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.rules.parameters import Comparison, comparison_of, waiting_of
from metrics.statistics.change import NaturalLimits, notable_points
from metrics.statistics.interval import manski, required_n, survey_margin
from metrics.statistics.sampling import is_low_coverage
from metrics.values.settling import is_telling
from pipeline.views import card_parts
from pipeline.views.definitions import Definition
from pipeline.views.prepared import Prepared
from pipeline.views.words import Words

SATISFACTION = ("S1a", "S1b", "S1c", "S1d", "S1e")
CLOCKS = (("reply", "R3"), ("close", "H1"))
BEYOND_CHANCE = 0.05
Row = Mapping[str, Any]


@dataclass(frozen=True)
class ClockTimes:
    """Times of one clock in working hours, open cases counted as still waiting; each a frozen value with its reason."""

    clock: str
    median: Row
    p90: Row
    mean: Row  # restricted to the horizon of the scheme
    closed_median: Row  # of ended cases alone, for comparison


@dataclass(frozen=True)
class Mix:
    """A rate against what its peers would have reached with this unit's cases; `moving` holds the cells behind it."""

    what: Definition
    raw: float
    expected: float
    z: float
    value: float
    low: float
    high: float
    overlap: float
    is_comparable: bool
    moving: tuple[Row, ...]


@dataclass(frozen=True)
class Series:
    """The months of an indicator with their natural limits; `rules` name what stands out, by place of the month."""

    what: Definition
    months: tuple[str, ...]
    values: tuple[float, ...]
    limits: NaturalLimits
    rules: tuple[tuple[int, str, int], ...]
    reading: Words


@dataclass(frozen=True)
class Change:
    """This period against the same one a year before."""

    what: Definition
    then: str
    y1: float
    n1: float
    y2: float
    n2: float
    expected: float
    p: float
    p_adjusted: float
    is_telling: bool = True  # False where this year was seen for less time, and that may have brought the difference

    @property
    def is_beyond_chance(self) -> bool:
        return self.is_telling and self.p_adjusted < BEYOND_CHANCE

    @property
    def is_above(self) -> bool:
        return self.y2 / self.n2 > self.expected


@dataclass(frozen=True)
class Reach:
    """Who rated: all eligible cases, active ratings, the share, and the bounds had everybody rated."""

    eligible: int
    rated: int
    low: float | None
    high: float | None
    margin: float | None
    required: int  # ratings that a margin of five points would take
    is_low: bool


@dataclass(frozen=True)
class StatisticsView:
    """Everything the page prints; empty parts have nothing to say."""

    unit: str
    name: str
    number: int
    period: str
    as_of: str | None
    clocks: tuple[ClockTimes, ...]
    ends: tuple[tuple[float, ...], ...]  # days, closed, passed on, withdrawn, open
    speed: Row | None
    answers: tuple[tuple[Definition, Row], ...]
    reach: Reach | None
    weighted: Row | None
    gap: Row | None
    confirmed: Row | None
    mix: tuple[Mix, ...]
    least_overlap: float
    longest_wait: float  # working hours that a longer wait counts as in the mean
    series: Series | None
    choices: tuple[tuple[str, Words], ...]  # indicators whose months may be shown
    changes: tuple[Change, ...]


def statistics_view(prepared: Prepared, unit: str, code: str | None = None) -> StatisticsView:
    """The page of a unit of the assessment; `code` chooses the indicator whose months are drawn."""
    told, used = prepared.source.statistics.get(unit, {}), comparison_of(prepared.source.scheme)
    values: Mapping[str, Row] = told.get("values", {})
    choices = tuple(
        c for c in prepared.codes if len(card_parts.judged_months(prepared, unit, c)) >= card_parts.ENOUGH_MONTHS
    )
    shown = code if code in choices else next(iter(choices), None)
    return StatisticsView(
        unit=unit,
        name=prepared.name(unit),
        number=prepared.source.number,
        period=prepared.source.assessment.period,
        as_of=prepared.source.assessment.as_of,
        clocks=_clocks(values),
        ends=tuple(tuple(row) for row in told.get("ends", ())),
        speed=told.get("speed"),
        answers=tuple((prepared.definition(c), values[c]) for c in SATISFACTION if c in values),
        reach=_reach(prepared, unit, values),
        weighted=told.get("weighted"),
        gap=values.get("S7"),
        confirmed=values.get("H2.two_phase"),
        mix=_mix(prepared, unit, used),
        least_overlap=used.least_overlap,
        longest_wait=waiting_of(prepared.source.scheme).longest_working_hours,
        series=series_of(prepared, unit, shown) if shown else None,
        choices=tuple((c, prepared.definition(c).name) for c in choices),
        changes=tuple(change_of(prepared, c, row) for c, row in told.get("change", {}).items()),
    )


def _clocks(values: Mapping[str, Row]) -> tuple[ClockTimes, ...]:
    found = []
    for clock, code in CLOCKS:
        names = [f"{code}.{kind}" for kind in ("median_km", "p90_km", "rmst", "median")]
        if all(name in values for name in names):
            found.append(ClockTimes(clock, *(values[name] for name in names)))
    return tuple(found)


def _reach(prepared: Prepared, unit: str, values: Mapping[str, Row]) -> Reach | None:
    eligible, rated = (prepared.values.get((unit, code)) for code in ("n_eligible", "n_rated"))
    if eligible is None or rated is None or not eligible.value or rated.value is None:
        return None
    n, answers = int(eligible.value), int(rated.value)
    share = values.get("S1c", {}).get("value")
    low, high = manski(share, min(1.0, answers / n)) if share is not None else (None, None)
    margin = survey_margin(answers, n) if 0 < answers <= n else None
    return Reach(n, answers, low, high, margin, required_n(n, 0.05), is_low_coverage(answers, n))


def _mix(prepared: Prepared, unit: str, used: Comparison) -> tuple[Mix, ...]:
    names, least = ("raw", "expected", "z", "value", "low", "high", "overlap"), used.least_overlap
    return tuple(
        Mix(
            what=prepared.definition(row["metric"]),
            is_comparable=row["overlap"] >= least,
            moving=tuple(row.get("moving", ())),
            **{n: row[n] for n in names},
        )
        for row in prepared.source.adjusted
        if row["unit"] == unit and "overlap" in row
    )


def series_of(prepared: Prepared, unit: str | None, code: str) -> Series | None:
    """The settled months of a unit, or of the whole city for None, inside their limits; None with too few."""
    points = card_parts.judged_months(prepared, unit, code)
    if len(points) < card_parts.ENOUGH_MONTHS:
        return None
    values = tuple(value.value or 0.0 for _, value in points)
    what = prepared.definition(code)
    limits = card_parts.natural_limits([value for _, value in points], what.measure == "rate")
    rules = tuple((point.index, point.rule, point.side) for point in notable_points(values, limits))
    reading = card_parts.notability(prepared, unit, code).reading
    return Series(what, tuple(month for month, _ in points), values, limits, rules, reading)


def change_of(prepared: Prepared, code: str, row: Row) -> Change:
    """A frozen change with its definition."""
    names = ("then", "y1", "n1", "y2", "n2", "expected", "p", "p_adjusted")
    seen = [prepared.source.seen_days(period) for period in (row["then"], prepared.source.assessment.period)]
    difference = row["y2"] / row["n2"] - row["y1"] / row["n1"]
    told = is_telling(code, difference, *seen)
    return Change(prepared.definition(code), is_telling=told, **{name: row[name] for name in names})
