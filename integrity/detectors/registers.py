"""D24: two registers of the same demands; one of them seems to hold fewer than it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from integrity.rules.null import against_peers, chapman
from integrity.rules.rule_findings import rule_finding


@dataclass(frozen=True)
class Overlap:
    """Demands of one unit in a first and a second register, and in both."""

    unit: str
    first: str
    second: str
    in_first: int
    in_second: int
    in_both: int

    @property
    def total(self) -> float:
        return chapman(self.in_first, self.in_second, self.in_both)

    @property
    def coverage(self) -> float:
        """Share of all estimated demands that the first register holds: M / N."""
        return min(self.in_first / self.total, 1.0)


def under_recorded(overlaps: Sequence[Overlap]) -> list[Finding]:
    """Units whose register covers ten points less than the same register usually does among the units.

    What it lacks must be more than the units differ among themselves. Only overlaps of at least 20
    demands are read, and a register pair needs five units to have a usual value.
    """
    limits = detectors()["D24"].limits
    found: dict[str, Finding] = {}
    pairs = sorted({(o.first, o.second) for o in overlaps})
    for pair in pairs:
        known = [o for o in overlaps if (o.first, o.second) == pair and o.in_both >= limits["min_both"]]
        if len(known) < 5:
            continue
        usual = median(o.coverage for o in known)
        unusual = _unusual(known)
        for overlap in sorted(known, key=lambda o: (o.coverage, o.unit)):
            is_low = overlap.coverage < usual - limits["below_peers"] and overlap.unit in unusual
            if is_low and overlap.unit not in found:
                found[overlap.unit] = _finding(overlap, usual, unusual[overlap.unit])
    return list(found.values())


def _unusual(known: Sequence[Overlap]) -> dict[str, float]:
    """Units that lack more of the demands of the second register than the others differ, each with its adjusted p."""
    gates = replace(detectors()["D24"].gates, min_count=1, min_n=1)
    test = against_peers([o.in_second - o.in_both for o in known], [o.in_second for o in known], gates)
    return {known[i].unit: float(test.p_adjusted[i]) for i in range(len(known)) if test.stands_out[i]}


def _finding(o: Overlap, usual: float, p_adjusted: float) -> Finding:
    missing = max(round(o.total) - o.in_first, 0)
    evidence = {"first": o.first, "second": o.second, "m": o.in_first, "c": o.in_second, "r": o.in_both,
                "total": o.total}  # fmt: skip
    return rule_finding("D24", o.unit, count=missing, n=o.in_first, value=o.coverage, expected=usual,
                        p_adjusted=p_adjusted, evidence=evidence, total=f"{o.total:,.0f}")  # fmt: skip
