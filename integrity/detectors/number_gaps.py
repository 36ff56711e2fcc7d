"""D17: numbers that a running register never shows, though it gave out those before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from integrity.rules.rule_findings import rule_finding

MIN_DENSITY = 0.90  # below that the numbers do not run: they are drawn, or an extract holds only some of them
SERIES_COVER = 0.80


@dataclass(frozen=True)
class Series:
    """Numbers of a register with one beginning; `unit` is set where all of them belong to one unit."""

    register: str
    beginning: str
    numbers: int
    smallest: int
    largest: int
    unit: str | None = None

    @property
    def room(self) -> int:
        return self.largest - self.smallest + 1

    @property
    def missing(self) -> int:
        return self.room - self.numbers

    @property
    def is_running(self) -> bool:
        return self.numbers >= MIN_DENSITY * self.room


def running_series(by_width: Mapping[int, Sequence[Series]], totals: Mapping[str, int]) -> dict[str, int]:
    """For each register with running numbers the widest counter whose running series hold four fifths of its cases.

    `totals` are the cases of each register. A register without such a counter has no running numbers.

    >>> day = [Series("hotline", f"2024010{d}", 100, 1, 101) for d in (1, 2)]
    >>> running_series({8: [], 4: day}, {"hotline": 200})
    {'hotline': 4}
    """
    chosen: dict[str, int] = {}
    for width in sorted(by_width, reverse=True):
        held: dict[str, int] = {}
        for series in by_width[width]:
            if series.is_running:
                held[series.register] = held.get(series.register, 0) + series.numbers
        for register, numbers in held.items():
            if numbers >= SERIES_COVER * totals.get(register, 0):
                chosen.setdefault(register, width)
    return chosen


def number_gaps(series: Sequence[Series], gaps: Mapping[str, Sequence[tuple]]) -> list[Finding]:
    """One finding for each register (and unit, where a series is one unit's own) with at least five missing numbers
    that are more than .5 % of the numbers given out. Whose records they were is not known unless the series says so.

    `gaps` are the gaps of each register as (beginning, last digits before, last digits after, day before, day after).
    """
    limits = detectors()["D17.gaps"].limits
    together: dict[tuple[str, str], list[Series]] = {}
    for one in series:
        if one.is_running:
            together.setdefault((one.register, one.unit or ""), []).append(one)
    found = []
    for (register, unit), mine in sorted(together.items()):
        missing, room = sum(s.missing for s in mine), sum(s.room for s in mine)
        if missing < limits["min_count"] or missing <= limits["min_share"] * room:
            continue
        beginnings = {s.beginning for s in mine}
        listed = [list(gap) for gap in gaps.get(register, ()) if gap[0] in beginnings]
        found.append(rule_finding("D17.gaps", unit, count=missing, n=room, expected=0.0,
                                  evidence={"register": register, "gaps": listed}))  # fmt: skip
    return found
