"""Deterministic rules: records that vanished, were changed afterwards, or contradict themselves. No statistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from scipy import stats

from integrity.catalogue import detectors
from integrity.finding import Finding


@dataclass(frozen=True)
class UnitRecords:
    """The records of one unit that a rule names, among all of the period."""

    unit: str
    peer_group: str | None
    n: int
    cases: tuple[tuple[str, str], ...]


def plain_findings(code: str, units: Sequence[UnitRecords]) -> list[Finding]:
    """One finding for each unit with at least five such records, or more than .5 % of at least two.

    A look at the unit it is only where chance at the rate of its peers does not explain the number; else, and where the
    rule lists every record (`listed_from`), it is a ticket: records to be explained.
    `expected` is the median share of the peer group, for the reader; it decides nothing.
    """
    limits = detectors()[code].limits
    usual = _usual_shares(units)
    found = []
    for unit in sorted(units, key=lambda u: u.unit):
        count = len(unit.cases)
        is_listed = count >= limits["min_count"] or (count >= 2 and count > limits["min_share"] * unit.n)
        is_look = is_listed and _is_more(unit, units, detectors()[code].gates.level)
        if unit.n and (is_listed or count >= limits.get("listed_from", count + 1)):
            found.append(_finding(code, unit, usual[unit.peer_group or ""], is_look))
    return found


def _is_more(unit: UnitRecords, units: Sequence[UnitRecords], level: float) -> bool:
    """Whether so many records are no chance at the rate of all other units of the group (true without others)."""
    others = [o for o in units if o.unit != unit.unit and o.peer_group == unit.peer_group]
    n, hits = sum(o.n for o in others), sum(len(o.cases) for o in others)
    return not n or float(stats.binom.sf(len(unit.cases) - 1, unit.n, (hits + 1) / (n + 2))) <= level


def _usual_shares(units: Sequence[UnitRecords]) -> Mapping[str, float]:
    shares: dict[str, list[float]] = {}
    for unit in units:
        if unit.n:
            shares.setdefault(unit.peer_group or "", []).append(len(unit.cases) / unit.n)
    return {group: median(values) for group, values in shares.items()}


def _finding(code: str, unit: UnitRecords, expected: float, is_look: bool) -> Finding:
    detector, count = detectors()[code], len(unit.cases)
    return Finding(
        detector=code,
        unit=unit.unit,
        count=count,
        n=unit.n,
        value=count / unit.n,
        expected=expected,
        p_adjusted=None,
        sentence=detector.say(count=count, n=unit.n, share=count / unit.n, expected=expected),
        case_keys=unit.cases[:200],
        strength=(count / unit.n - expected) * count**0.5,
        family=detector.family,
        ordinary=detector.ordinary,
        evidence={"signal": None},
        is_deterministic=is_look,
        is_ticket=not is_look,
    )
