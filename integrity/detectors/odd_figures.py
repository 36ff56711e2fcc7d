"""D21: figures that are too good, too equal or too round to pass without a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from integrity.rules.null import chi_square_effect
from integrity.rules.rule_findings import rule_finding


@dataclass(frozen=True)
class UnitFigures:
    """For each rate its months in order as (n, hits), and the closings by minute of the hour (60 counts)."""

    unit: str
    peer_group: str | None
    months: Mapping[str, Sequence[tuple[int, int]]]
    minutes: Sequence[int]

    def total(self, rate: str) -> tuple[int, int]:
        return sum(n for n, _ in self.months[rate]), sum(hits for _, hits in self.months[rate])


def odd_figures(units: Sequence[UnitFigures]) -> list[Finding]:
    """All three looks, each inside the peer group."""
    found: list[Finding] = []
    for group in sorted({u.peer_group or "" for u in units}):
        peers = sorted((u for u in units if (u.peer_group or "") == group), key=lambda u: u.unit)
        found += all_perfect(peers) + odd_minutes(peers) + equal_months(peers)
    return found


def all_perfect(peers: Sequence[UnitFigures]) -> list[Finding]:
    """At least two rates of exactly 100 %, where ten misses and more would be expected at the medians of the peers.

    Only rates over at least 50 cases count: a small unit without a miss may well have been lucky.
    """
    limits = detectors()["D21"].limits
    found = []
    for unit in peers:
        totals = {rate: unit.total(rate) for rate in unit.months}
        full = {rate: n for rate, (n, hits) in totals.items() if n >= limits["min_perfect"] and hits == n}
        misses = sum(n * (1 - _median_rate(rate, peers)) for rate, n in full.items())
        if len(full) >= 2 and misses >= limits["expected_misses"]:
            n = sum(full.values())
            evidence = {"months": series_of(unit), "perfect": sorted(full)}
            found.append(rule_finding("D21", unit.unit, count=n, n=n, expected=1 - misses / n, evidence=evidence,
                                      misses=f"{misses:.0f}"))  # fmt: skip
    return found


def odd_minutes(peers: Sequence[UnitFigures]) -> list[Finding]:
    """Closing minutes that differ from those of all peers together: effect w >= .2 over at least 600 closings."""
    limits = detectors()["D21.minutes"].limits
    counts = {u.unit: np.asarray(u.minutes, float) for u in peers}
    whole = sum(counts.values(), np.zeros(60))
    found = []
    for unit in peers:
        own = counts[unit.unit]
        others = whole - own
        if min(own.sum(), others.sum()) < limits["min_closings"]:
            continue
        shares = (others + 1) / (others + 1).sum()
        _, w = chi_square_effect(own, shares)
        if w < max(limits["min_w"], 2 * _chance_w(own.sum())):
            continue
        top = np.argsort(-(own / own.sum() - shares), kind="stable")[:2]
        count, expected = int(own[top].sum()), float(shares[top].sum())
        found.append(
            rule_finding("D21.minutes", unit.unit, count=count, n=int(own.sum()), expected=expected,
                         evidence={"minutes": [int(c) for c in own], "peers": [round(float(s), 5) for s in shares]},
                         minutes="、".join(f":{m:02d}" for m in sorted(top.tolist())))
        )  # fmt: skip
    return found


def _chance_w(n: float) -> float:
    """The effect that chance alone shows on average: sqrt(59 / n)."""
    return float(np.sqrt(59 / n))


def equal_months(peers: Sequence[UnitFigures]) -> list[Finding]:
    """Two rates both equal to those of the month before, to a tenth of a percent, at least three times.

    Months with fewer than 20 cases say nothing, and 100 % is judged by `all_perfect`.
    """
    limits = detectors()["D21.equal"].limits
    found = []
    for unit in peers:
        rates = [rate for rate in unit.months if len(unit.months[rate]) > 1]
        equal = sum(
            _is_equal(unit, rates, place, limits["min_month"])
            for place in range(1, min((len(unit.months[r]) for r in rates), default=0))
        )
        n = max((len(unit.months[r]) for r in rates), default=0)
        if equal >= limits["equal_months"]:
            found.append(rule_finding("D21.equal", unit.unit, count=equal, n=n - 1, expected=0.0,
                                      evidence={"months": series_of(unit)}))  # fmt: skip
    return found


def _is_equal(unit: UnitFigures, rates: Sequence[str], place: int, least: float) -> bool:
    same = 0
    for rate in rates:
        (n0, hits0), (n1, hits1) = unit.months[rate][place - 1], unit.months[rate][place]
        usable = min(n0, n1) >= least and (n0, hits0) != (n1, hits1) and hits1 < n1
        same += usable and round(1000 * hits0 / n0) == round(1000 * hits1 / n1)
    return same >= 2


def _median_rate(rate: str, peers: Sequence[UnitFigures]) -> float:
    totals = [u.total(rate) for u in peers]
    shares = [hits / n for n, hits in totals if n]
    return float(np.median(shares)) if shares else 1.0


def series_of(unit: UnitFigures) -> dict[str, list[list[int]]]:
    """The months of each rate as [cases, hits], as a finding keeps them."""
    return {rate: [[n, hits] for n, hits in months] for rate, months in unit.months.items()}
