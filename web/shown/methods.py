"""The registry of metrics as its page shows it, in the language of the reader."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext

from metrics.registry import REGISTRY, Metric
from web.languages import language

DIRECTION_NAMES = {"+": lazy_gettext("越高越好"), "-": lazy_gettext("越低越好"), "i": lazy_gettext("仅供了解")}
UNIT_NAMES = {
    "rate": lazy_gettext("比率（%）"),
    "percentage_points": lazy_gettext("百分点"),
    "count": lazy_gettext("件数"),
    "points": lazy_gettext("0 至 100 分"),
    "hours": lazy_gettext("小时"),
    "working_hours": lazy_gettext("工作小时"),
    "days": lazy_gettext("天"),
    "ratio": lazy_gettext("倍数"),
}


@dataclass(frozen=True)
class MethodEntry:
    """One metric with everything that defines it."""

    code: str
    name: str
    formula: str
    facts: list[tuple[str, str]]


def entries() -> list[MethodEntry]:
    """Every metric of the registry, in its order."""
    return [_entry(metric) for metric in REGISTRY.values()]


def _entry(metric: Metric) -> MethodEntry:
    facts = [
        (gettext("单位"), str(UNIT_NAMES.get(metric.unit, metric.unit))),
        (gettext("方向"), str(DIRECTION_NAMES.get(metric.direction, metric.direction))),
        (gettext("取自"), metric.input(language())),
        (gettext("来源"), metric.origin(language())),
    ]
    edge = metric.edge(language())
    if edge:
        facts.append((gettext("特殊情形"), edge))
    return MethodEntry(metric.code, metric.name(language()), metric.formula(language()), facts)
