"""D21: a rate that hardly moves from month to month, less than chance alone would make it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from integrity.detectors.odd_figures import UnitFigures, series_of
from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from integrity.rules.null import adjusted
from integrity.rules.rule_findings import rule_finding

Spreads = Mapping[str, tuple[int, float]]  # rate -> months that say something, how much they vary of what chance brings


def steady_months(units: Sequence[UnitFigures]) -> list[Finding]:
    """Units with a rate that varies from month to month at most half as much as chance alone would make it.

    The statistic is the sum of (x - n p)² / (n p (1 - p)) over the months, p the unit's own rate, against the lower
    tail of chi-square. Where a fixed mix of matters makes the peers steadier than chance too, they are the measure.
    The smallest p counts times the rates looked at, then Benjamini-Hochberg over the units.
    """
    found: list[Finding] = []
    for group in sorted({u.peer_group or "" for u in units}):
        peers = sorted((u for u in units if (u.peer_group or "") == group), key=lambda u: u.unit)
        found += _of_group(peers)
    return found


def _of_group(peers: Sequence[UnitFigures]) -> list[Finding]:
    detector = detectors()["D21.steady"]
    known = {unit.unit: spreads for unit in peers if (spreads := _spreads(unit, detector.limits))}
    usual = _usual(known.values())
    best = {unit: _smallest(spreads, usual) for unit, spreads in known.items()}
    p = dict(zip(best, adjusted([single for _, single in best.values()]).tolist(), strict=True))
    found = []
    for unit in (unit for unit in peers if unit.unit in known):
        rate, single = best[unit.unit]
        months, spread = known[unit.unit][rate]
        is_rare = p[unit.unit] < detector.gates.q and single <= detector.gates.level
        if is_rare and spread <= detector.limits["most_of_chance"] * usual[rate]:
            evidence = {"months": series_of(unit), "rate": rate}
            found.append(rule_finding("D21.steady", unit.unit, count=months, n=months, value=spread,
                                      expected=usual[rate], p_adjusted=p[unit.unit], evidence=evidence))  # fmt: skip
    return found


def _smallest(spreads: Spreads, usual: Mapping[str, float]) -> tuple[str, float]:
    """The rate that moves least, and its p times the rates looked at."""
    from scipy import stats

    tails = {
        rate: float(stats.chi2.cdf((months - 1) * (spread / usual[rate]) ** 2, months - 1))
        for rate, (months, spread) in spreads.items()
    }
    rate = min(tails, key=lambda name: (tails[name], name))
    return rate, min(tails[rate] * len(tails), 1.0)


def _usual(spreads: Iterable[Spreads]) -> dict[str, float]:
    """The median of the peers for each rate, at most what chance brings."""
    by_rate: dict[str, list[float]] = {}
    for one in spreads:
        for rate, (_, spread) in one.items():
            by_rate.setdefault(rate, []).append(spread)
    return {rate: max(min(float(np.median(values)), 1.0), 1e-9) for rate, values in by_rate.items()}


def _spreads(unit: UnitFigures, limits: Mapping[str, float]) -> Spreads:
    found = {}
    for rate, series in unit.months.items():
        n, x = np.array(series, float).reshape(-1, 2).T
        p = x.sum() / n.sum() if n.sum() else 0.0
        says = (n >= limits["min_month"]) & (n * p * (1 - p) >= limits["min_spread"])
        if says.sum() >= limits["least_months"]:
            n, x = n[says], x[says]
            p = x.sum() / n.sum()
            chi2 = float(((x - n * p) ** 2 / (n * p * (1 - p))).sum())
            found[rate] = len(n), float(np.sqrt(chi2 / (len(n) - 1)))
    return found
