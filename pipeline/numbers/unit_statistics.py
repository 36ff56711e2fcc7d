"""The statistics behind a unit's numbers: times with open cases, how cases end, speed, weighted answers, change.

Counted once when a draft is made and frozen beside it, as plain data by unit; a page reads them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np

from metrics.clocks.daytable import day_number
from metrics.clocks.period import Period, parse, year_before
from metrics.counting import unit_texts
from metrics.statistics.betabinomial import fit_by_moments
from metrics.statistics.change import adjusted_p, predict
from metrics.statistics.closing_speed import expected_closures
from metrics.statistics.surveys import weighted_rate
from metrics.statistics.survival import cumulative_incidence
from metrics.value import MetricValue
from pipeline.numbers.counting import Facts, build_facts, metric_values
from pipeline.numbers.groups import peer_groups
from records.engine import Engine
from records.instance import Instance

TIMES = ("R3.median", "R3.median_km", "R3.p90_km", "R3.rmst", "H1.median", "H1.median_km", "H1.p90_km", "H1.rmst")
ANSWERS = ("S1a", "S1b", "S1c", "S1d", "S1e", "S3", "S6", "S7", "H2", "H2s", "H2.two_phase")
CHANGES = ("R5", "R4.strict", "H1.strict", "H9", "H2", "S1c", "S4")
END_DAYS = (5, 10, 15, 30, 60)
FEWEST_PEERS = 5  # with fewer units with cases there is no prior to speak of
FEWEST_THEN = 10  # cases of the year before, below which nothing is predicted
Rows = Sequence[tuple[Any, ...]]
Statistics = dict[str, dict[str, Any]]


def statistics_of(
    instance: Instance, period: str, *, scope: str, start_day: int, standard: str | None, options: Any = None
) -> Statistics:
    """By unit: values (metric rows), ends, speed, weighted and change, each left out where there is nothing to say."""
    asked = parse(period, start_day)
    settings: dict[str, Any] = {"scope": scope, "start_day": start_day, "standard": standard}
    facts = build_facts(instance, standard)
    if facts.as_of is None:
        return {}
    found: Statistics = defaultdict(dict)
    answer = metric_values(instance, period=period, codes=[*TIMES, *ANSWERS], options=options, **settings)
    for row in answer.rows:
        if row.unit is not None:
            found[row.unit].setdefault("values", {})[row.metric] = _plain(row)
    engine, span = Engine(instance), (day_number(asked.start), day_number(asked.end))
    for unit, shares in how_cases_end(engine.run(unit_texts.ends_text(*span, scope), facts.views)).items():
        found[unit]["ends"] = shares
    for unit, speed in speeds(engine.run(unit_texts.cells_text(*span, scope), facts.views)).items():
        found[unit]["speed"] = speed
    by_mix = metric_values(instance, period=period, by=("unit", "mix"), codes=["S1c", "n_eligible"], **settings)
    for unit, cells in _cells(by_mix.rows).items():
        weighted = weighted_rate(cells)
        if weighted is not None:
            found[unit]["weighted"] = asdict(weighted)
    for unit, changes in _changes(instance, asked, facts, settings).items():
        found[unit]["change"] = changes
    return dict(found)


def _plain(row: MetricValue) -> dict[str, Any]:
    names = ("value", "low", "high", "n", "numerator", "denominator", "reason")
    return {name: getattr(row, name) for name in names}


def how_cases_end(rows: Rows) -> dict[str, list[list[float]]]:
    """By unit and for each of END_DAYS: the days, and the shares closed, passed on, withdrawn and still open by then.

    The four add up to 1. From (unit, seconds, cause, n); open cases count as waiting as long as they were seen.
    """
    by_unit: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for unit, seconds, cause, n in rows:
        by_unit[unit].append((seconds, cause, n))
    found = {}
    for unit, own in by_unit.items():
        seconds, cause, n = (list(column) for column in zip(*own, strict=True))
        reached = [days for days in END_DAYS if max(seconds) >= days * unit_texts.DAY]
        shares = []
        for days in reached:
            incidence = cumulative_incidence(seconds, cause, days * unit_texts.DAY, n)
            ended = [incidence.get(cause_, 0.0) for cause_ in unit_texts.CAUSES]
            shares.append([days, *ended, max(0.0, 1 - sum(ended))])
        found[unit] = shares
    return found


def speeds(rows: Rows) -> dict[str, dict[str, Any]]:
    """Observed and expected closings of every unit, from (unit, category, channel, seconds, ended, n)."""
    if not rows:
        return {}
    units, categories, channels, seconds, ended, n = zip(*rows, strict=True)
    names, group = np.unique(np.array(units, dtype=str), return_inverse=True)
    cell = np.unique([f"{a}|{b}" for a, b in zip(categories, channels, strict=True)], return_inverse=True)[1]
    found = expected_closures(seconds, ended, n, cell, group)
    return {
        str(names[place]): {"observed": s.observed, "expected": s.expected, "cases": s.cases, "ratio": s.ratio,
                            "interval": list(s.interval) if s.interval else None}
        for place, s in found.items()
    }  # fmt: skip


def _cells(rows: Iterable[MetricValue]) -> dict[str, dict[tuple[str, str], tuple[int, int, int]]]:
    """Cases, answers and satisfied answers of each unit by category and channel."""
    sums: dict[str, dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for row in rows:
        if row.unit is not None and row.group is not None:
            category, channel, _ = row.group.split("|")
            own = sums[row.unit][category, channel]
            if row.metric == "n_eligible":
                own[0] += int(row.value or 0)
            else:
                own[1] += int(row.denominator or 0)
                own[2] += int(row.numerator or 0)
    return {u: {cell: (a, b, c) for cell, (a, b, c) in cells.items()} for u, cells in sums.items()}


def _changes(
    instance: Instance, asked: Period, facts: Facts, settings: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, Any]]]:
    """This period against the same one of the year before, where the data reach back to it.

    Both are counted at the newest cut-off, so this year was seen for less time (`metrics.values.settling`).
    """
    then = year_before(asked, settings["start_day"])
    if then is None or facts.first_day is None or facts.first_day > then.start:
        return {}
    both = [metric_values(instance, period=p.label, codes=CHANGES, **settings).rows for p in (then, asked)]
    before, now = ({(r.unit, r.metric): r for r in rows if r.unit is not None} for rows in both)
    units = sorted({unit for unit, _ in now if unit})
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for members in peer_groups(instance, units).values():
        for code in CHANGES:
            pairs = {u: (before[u, code], now[u, code]) for u in members if (u, code) in before}
            for unit, change in against_last_year(pairs).items():
                found[unit][code] = {"then": then.label, **change}
    return dict(found)


class Counted(Protocol):
    """A rate with its counts: a metric value or the frozen result of an indicator."""

    @property
    def value(self) -> float | None: ...
    @property
    def numerator(self) -> float | None: ...
    @property
    def denominator(self) -> float | None: ...


def against_last_year(pairs: Mapping[str, tuple[Counted, Counted]]) -> dict[str, dict[str, Any]]:
    """What last year leads one to expect of each unit of a peer group, and how rarely chance goes as far.

    The prior is the spread of the peers last year, so that an extreme year is expected to come back towards them.
    `p` is two-sided mid-p, `p_adjusted` of all units of the group at once (Benjamini and Hochberg).
    """
    known = {
        unit: [(v.numerator or 0, v.denominator or 0) for v in pair]
        for unit, pair in pairs.items() if all(v.value is not None and v.denominator for v in pair)
    }  # fmt: skip
    first = [counts[0] for counts in known.values()]
    if len(first) < FEWEST_PEERS:
        return {}
    prior = fit_by_moments([y for y, _ in first], [n for _, n in first])
    used = {unit: counts for unit, counts in known.items() if counts[0][1] >= FEWEST_THEN}
    made = {unit: predict(prior.a, prior.b, y1, n1, y2, n2) for unit, ((y1, n1), (y2, n2)) in used.items()}
    adjusted = adjusted_p([prediction.p for prediction in made.values()])
    return {
        unit: {"y1": used[unit][0][0], "n1": used[unit][0][1], "y2": used[unit][1][0], "n2": used[unit][1][1],
               "expected": one.expected, "sd": one.sd, "p": one.p, "p_adjusted": p}
        for (unit, one), p in zip(made.items(), adjusted, strict=True)
    }  # fmt: skip
