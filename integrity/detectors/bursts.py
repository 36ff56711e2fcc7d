"""D14: good ratings that come in one hour far beyond what that hour usually brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from integrity.rules.null import adjusted, burst_tail
from integrity.rules.rule_findings import rule_finding

HOURS_A_WEEK = 168


@dataclass(frozen=True)
class UnitHours:
    """Good ratings of one unit by the hour they came in; hours without any are left out."""

    unit: str
    hours: Mapping[datetime, int]


def rating_bursts(units: Sequence[UnitHours], days: int) -> list[Finding]:
    """Units with an hour of at least ten good ratings that its own hour of the week does not explain.

    The mean of an hour is that of the same hour of the other weeks, halfway to the unit's overall mean; the tail is
    negative binomial with the size of all units. p times the hours looked at, then Benjamini-Hochberg over the units.
    """
    weeks = max(days / 7, 1.0)
    size = _size(units, weeks)
    best = [(unit, *_strongest(unit, weeks, size)) for unit in sorted(units, key=lambda u: u.unit) if unit.hours]
    if not best:
        return []
    p, gates = adjusted([tail for *_, tail in best]), detectors()["D14.burst"].gates
    return [
        _finding(unit, hour, mean, float(p[i]))
        for i, (unit, hour, mean, single) in enumerate(best)
        if p[i] < gates.q and single <= gates.level and unit.hours[hour] >= gates.min_count
    ]


def _usual(unit: UnitHours, hour: datetime, weeks: float) -> float:
    """The mean of the same hour in other weeks, halfway to the mean of any hour."""
    others = {h: n for h, n in unit.hours.items() if h != hour}
    same = sum(n for h, n in others.items() if (h.weekday(), h.hour) == (hour.weekday(), hour.hour))
    overall = sum(others.values()) / (weeks * HOURS_A_WEEK)
    return max((same / weeks + overall) / 2, 1e-6)


def _strongest(unit: UnitHours, weeks: float, size: float) -> tuple[datetime, float, float]:
    """Hour, its usual mean, and its p times the hours looked at; only hours that could matter are worked out."""
    hour = max(unit.hours, key=lambda h: (unit.hours[h], h))
    mean = _usual(unit, hour, weeks)
    p = float(burst_tail(unit.hours[hour], mean, size))
    return hour, mean, min(p * weeks * HOURS_A_WEEK, 1.0)


def _size(units: Sequence[UnitHours], weeks: float) -> float:
    """Size k of the negative binomial by moments over all unit-hours, robust to the bursts: capped at the 99.9 %."""
    cells = weeks * HOURS_A_WEEK * max(len(units), 1)
    values = np.array([n for unit in units for n in unit.hours.values()], float)
    if not len(values):
        return 1.0
    capped = np.minimum(values, max(np.quantile(values, 0.999), 3))
    mean = capped.sum() / cells
    variance = (capped**2).sum() / cells - mean**2
    return float(np.clip(mean**2 / (variance - mean), 0.01, 100)) if variance > mean else 100.0


def _finding(unit: UnitHours, hour: datetime, mean: float, p: float) -> Finding:
    count = unit.hours[hour]
    n = sum(unit.hours.values())
    busiest = sorted(unit.hours.items(), key=lambda item: (-item[1], item[0]))[:10]
    evidence = {"hours": [[h.isoformat(sep=" ", timespec="minutes"), c] for h, c in busiest], "usual": mean}
    return rule_finding("D14.burst", unit.unit, count=count, n=n, expected=mean / n, p_adjusted=p, evidence=evidence,
                        hour=f"{hour:%Y-%m-%d %H}:00", mean=_said(mean))  # fmt: skip


def _said(mean: float) -> str:
    """A mean with one decimal, below a tenth with two and never 0.

    >>> _said(2.25), _said(0.04), _said(0.000001)
    ('2.3', '0.04', '0.01')
    """
    return f"{int(mean * 10 + 0.5) / 10:.1f}" if mean >= 0.1 else f"{max(mean, 0.01):.2f}"
