"""Names, units of measure and formulas of metrics as a reader sees them: the scheme's own title, then the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metrics.registry import REGISTRY


@dataclass(frozen=True)
class MetricLabel:
    """What is printed about a metric. `unit` is the word `reports.numbers.of_metric` takes."""

    code: str
    name: str
    formula: str
    unit: str
    is_higher_better: bool
    source: str = ""
    edge: str = ""


def metric_label(code: str, language: str = "zh", written: Mapping[str, Any] | None = None) -> MetricLabel:
    """The label of a code; `written` is the indicator as the scheme writes it, whose title and direction come first.

    A column of a plain table that no registry knows prints as a plain number under its own code.

    >>> metric_label("R5", "en").name
    'Reply rate'
    """
    written = written or {}
    metric = REGISTRY.get(code)
    title = (written.get("title") or {}).get(language)
    if metric is None:
        return MetricLabel(code, title or code, "", _unit_of(written), _is_higher_better(written, is_default=True))
    is_default = metric.direction != "-"
    return MetricLabel(
        code, title or metric.name(language), metric.formula(language), metric.unit,
        _is_higher_better(written, is_default=is_default), metric.origin(language), metric.edge(language),
    )  # fmt: skip


def _is_higher_better(written: Mapping[str, Any], *, is_default: bool) -> bool:
    if "zero" in written and "full" in written:
        return float(written["full"]) >= float(written["zero"])
    return written["direction"] == "higher" if "direction" in written else is_default


def _unit_of(written: Mapping[str, Any]) -> str:
    """A fraction where the points run between fractions, else a plain number."""
    ends = [abs(float(written[end])) for end in ("zero", "full") if end in written]
    return "rate" if ends and max(ends) <= 1 else "number"
