"""Which units fall short of the target of an indicator."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.result import IndicatorResult, UnitResult
from reports.annual.facts import Facts


@dataclass(frozen=True)
class Shortfall:
    """The units short of one target, furthest first."""

    code: str
    target: float
    units: tuple[tuple[UnitResult, IndicatorResult], ...]
    known: int

    @property
    def share(self) -> float:
        """Units short of the target per unit with data."""
        return len(self.units) / self.known


def shortfalls(facts: Facts) -> list[Shortfall]:
    """Per indicator of the scheme with a target, those where a scored unit falls short, in the order of the scheme."""
    answer = []
    for indicator in facts.indicators:
        target = indicator.get("target")
        if target is None:
            continue
        results = [(u, r) for u in facts.scored if (r := u.indicator(indicator["code"])) and r.value is not None]
        short = [(facts.gap(r), u, r) for u, r in results]
        found = sorted(((g, u.unit, u, r) for g, u, r in short if g is not None and g < 0), key=lambda s: s[:2])
        if found:
            pairs = tuple((u, r) for _, _, u, r in found)
            answer.append(Shortfall(indicator["code"], float(target), pairs, len(results)))
    return answer
