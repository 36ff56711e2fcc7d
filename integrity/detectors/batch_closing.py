"""D09: many cases of one unit closed in the same minute, again and again, or a third of them in one second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from integrity.rules.null import against_peers
from integrity.rules.rule_findings import rule_finding

ONE_SECOND = ("one_second_share", "one_second_n")


@dataclass(frozen=True)
class UnitClosings:
    """Closings of one unit with a time: all, those of its most frequent second, and its batches (minute, cases)."""

    unit: str
    peer_group: str | None
    n: int
    largest_second: int
    batches: tuple[tuple[datetime, int], ...] = ()

    @property
    def in_batches(self) -> int:
        return sum(cases for _, cases in self.batches)


def batch_closing(units: Sequence[UnitClosings]) -> list[Finding]:
    """Units with at least 20 closings in minutes of five and more, beyond twice what is usual among the peers, and
    units of which more than 30 % of at least 20 closings share one second.

    13 of 40 closings in one second are a finding, 12 of 40 are not (cases.md 44).
    """
    usual, chances = _usual(units), _chances_of_unusual(units)
    found = []
    for unit in sorted(units, key=lambda u: u.unit):
        expected = usual[unit.peer_group or ""]
        limits = detectors()["D09"].limits
        if unit.n >= limits["one_second_n"] and unit.largest_second > limits["one_second_share"] * unit.n:
            found.append(_finding(unit, unit.largest_second, expected, None, ONE_SECOND))
        elif unit.unit in chances:
            found.append(_finding(unit, unit.in_batches, expected, chances[unit.unit], detectors()["D09"].asks))
    return found


def _chances_of_unusual(units: Sequence[UnitClosings]) -> dict[str, float]:
    """Units with more cases in batches than their peers differ among themselves, each with its adjusted p."""
    found: dict[str, float] = {}
    for group in {unit.peer_group or "" for unit in units}:
        peers = [unit for unit in units if (unit.peer_group or "") == group]
        test = against_peers([u.in_batches for u in peers], [u.n for u in peers], detectors()["D09"].gates)
        found |= {peers[i].unit: float(test.p_adjusted[i]) for i in range(len(peers)) if test.stands_out[i]}
    return found


def _usual(units: Sequence[UnitClosings]) -> dict[str, float]:
    shares: dict[str, list[float]] = {}
    for unit in units:
        if unit.n:
            shares.setdefault(unit.peer_group or "", []).append(unit.in_batches / unit.n)
    return {group: median(values) for group, values in shares.items()}


def _finding(
    unit: UnitClosings, count: int, expected: float, p_adjusted: float | None, passed: tuple[str, ...]
) -> Finding:
    largest = sorted(unit.batches, key=lambda batch: (-batch[1], batch[0]))[:30]
    batches = [[minute.isoformat(sep=" ", timespec="minutes"), cases] for minute, cases in largest]
    return rule_finding("D09", unit.unit, count=count, n=unit.n, expected=expected, p_adjusted=p_adjusted,
                        passed=passed,
                        evidence={"batches": batches, "largest_second": unit.largest_second})  # fmt: skip
