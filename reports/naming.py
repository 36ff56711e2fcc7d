"""Names, units of measure and formulas of metrics as a reader sees them, from the registry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MetricLabel:
    """What is printed about a metric. `unit` is the word `reports.numbers.of_metric` takes."""

    code: str
    name: str
    formula: str
    unit: str
    is_higher_better: bool
    source: str = ""
    denominator: str = ""


def metric_label(code: str, language: str = "zh") -> MetricLabel:
    """The label of a metric code."""
    unit = "count" if code.startswith("n_") else "rate"
    return MetricLabel(code, code, "", unit, True)
