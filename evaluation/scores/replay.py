"""The inputs of a frozen assessment, read back from its trace: what robustness and simulation start from."""

from __future__ import annotations

from evaluation.scores.observations import AssessedUnit, Evidence, Observation
from evaluation.scores.result import Assessment


def units_of(assessment: Assessment) -> list[AssessedUnit]:
    """The units of a frozen assessment as they stood in it."""
    return [AssessedUnit(unit.unit, unit.name or unit.unit, unit.group) for unit in assessment.units]


def values_of(assessment: Assessment) -> list[Observation]:
    """Every indicator value of a frozen assessment; a value that was withheld stays missing with its reason."""
    return [
        Observation(
            unit.unit,
            row.code,
            row.value,
            row.numerator,
            row.denominator,
            row.low,
            row.high,
            row.n,
            _reason(row.value, row.reason),
        )
        for unit in assessment.units
        for row in unit.indicators
    ]


def _reason(value: float | None, reason: str | None) -> str | None:
    """A present value keeps no reason: one that did not discriminate under one scheme may do so under another."""
    return None if value is not None else reason


def evidence_of(assessment: Assessment) -> list[Evidence]:
    """Bonus, deduction and veto items that counted, as evidence for the items of the same codes."""
    counted = [(unit.unit, item) for unit in assessment.units for item in (*unit.evidence, *unit.vetoes)]
    return [Evidence(unit, f"table:{item['code']}", float(item.get("count", 1.0))) for unit, item in counted]
