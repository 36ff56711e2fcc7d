"""Which units fall short: below the target of an indicator, or below 60 points where the scheme sets no targets."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.scores.result import IndicatorResult, UnitResult
from reports.annual.facts import Facts

PASS_POINTS = 60.0


@dataclass(frozen=True)
class Shortfall:
    """The units short in one indicator, furthest first; `target` is None where 60 points are the mark."""

    code: str
    target: float | None
    units: tuple[tuple[UnitResult, IndicatorResult], ...]
    known: int

    @property
    def share(self) -> float:
        """Units that fall short per unit with data."""
        return len(self.units) / self.known


def shortfalls(facts: Facts) -> list[Shortfall]:
    """Per indicator those where a scored unit falls short, in the order of the scheme."""
    answer = []
    for indicator in facts.indicators:
        target = indicator.get("target")
        if target is None and facts.has_targets:
            continue
        results = [(u, r) for u in facts.scored if (r := u.indicator(indicator["code"])) and r.value is not None]
        gaps = [(_gap(facts, r), _badness(facts, r), u.unit, u, r) for u, r in results]
        found = sorted((row for row in gaps if row[0] is not None and row[0] < 0), key=lambda row: row[:3])
        if found:
            pairs = tuple((u, r) for *_, u, r in found)
            answer.append(Shortfall(indicator["code"], target, pairs, len(results)))
    return answer


def _badness(facts: Facts, result: IndicatorResult) -> float:
    """Orders units with the same points, of which many may have 0: the worse value comes first."""
    value = result.value or 0.0
    return value if facts.label(result.code).is_higher_better else -value


def _gap(facts: Facts, result: IndicatorResult) -> float | None:
    if facts.has_targets:
        return facts.gap(result)
    return None if result.points is None else result.points - PASS_POINTS
