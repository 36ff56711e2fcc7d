"""Rules about single records that vanished, were changed afterwards, or contradict themselves.

Chance at the rate of the peers decides only whether a number of them is a look at the unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from scipy import stats

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from integrity.rules.null import adjusted


@dataclass(frozen=True)
class UnitRecords:
    """The records of one unit that a rule names, among all of the period.

    `exports` says for a record no longer there which batch saw it last, which later one lacks it, and whether it was
    open (1) then.
    """

    unit: str
    peer_group: str | None
    n: int
    cases: tuple[tuple[str, str], ...]
    exports: tuple[tuple[int, int, int], ...] = ()


def plain_findings(code: str, units: Sequence[UnitRecords]) -> list[Finding]:
    """One finding for each unit with at least five such records, or more than .5 % of at least two.

    A look at the unit it is only where chance at the rate of its peers does not explain the number; else, and where the
    rule lists every record (`listed_from`), it is a ticket: records to be explained.
    `expected` is the median share of the peer group, for the reader; it decides nothing.
    """
    detector = detectors()[code]
    limits, usual = detector.limits, _usual_shares(units)
    single = {unit.unit: _chance(unit, units) for unit in units}
    told = _adjusted(single)
    found = []
    for unit in sorted(units, key=lambda u: u.unit):
        count, p = len(unit.cases), single[unit.unit]
        listed = ("min_count",) * (count >= limits["min_count"])
        listed += ("min_share",) * (count >= 2 and count > limits["min_share"] * unit.n)
        is_look = bool(listed) and (p is None or p <= detector.gates.level)
        if unit.n and (listed or count >= limits.get("listed_from", count + 1)):
            passed = ("level",) * (is_look and p is not None) + (listed or ("listed_from",))
            finding = _finding(code, unit, usual[unit.peer_group or ""], told.get(unit.unit))
            found.append(replace(finding, passed=passed, is_deterministic=is_look, is_ticket=not is_look))
    return found


def _chance(unit: UnitRecords, units: Sequence[UnitRecords]) -> float | None:
    """The chance of so many records at the rate of all other units of the group; None without others."""
    others = [o for o in units if o.unit != unit.unit and o.peer_group == unit.peer_group]
    n, hits = sum(o.n for o in others), sum(len(o.cases) for o in others)
    return float(stats.binom.sf(len(unit.cases) - 1, unit.n, (hits + 1) / (n + 2))) if n else None


def _adjusted(single: Mapping[str, float | None]) -> dict[str, float]:
    known = {unit: p for unit, p in single.items() if p is not None}
    return dict(zip(known, adjusted(list(known.values())).tolist(), strict=True))


def _usual_shares(units: Sequence[UnitRecords]) -> Mapping[str, float]:
    shares: dict[str, list[float]] = {}
    for unit in units:
        if unit.n:
            shares.setdefault(unit.peer_group or "", []).append(len(unit.cases) / unit.n)
    return {group: median(values) for group, values in shares.items()}


def _finding(code: str, unit: UnitRecords, expected: float, p_adjusted: float | None) -> Finding:
    detector, count = detectors()[code], len(unit.cases)
    return Finding(
        detector=code,
        unit=unit.unit,
        count=count,
        n=unit.n,
        value=count / unit.n,
        expected=expected,
        p_adjusted=p_adjusted,
        sentence=detector.say(count=count, n=unit.n, share=count / unit.n, expected=expected),
        case_keys=unit.cases[:200],
        strength=(count / unit.n - expected) * count**0.5,
        family=detector.family,
        ordinary=detector.ordinary,
        evidence={"signal": None, **({"exports": [list(e) for e in unit.exports[:200]]} if unit.exports else {})},
    )
