"""What the scheme of a report says, looked up once: its indicators and groups with their names, grades and targets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reports import numbers
from reports.blocks import Table
from reports.naming import MetricLabel, metric_label
from reports.source import ReportSource
from reports.texts import say

UNGROUPED = ""
"""Stands for the group of indicators that belong to none."""


@dataclass(frozen=True)
class SchemeFacts:
    """Look-ups over the scheme of a source, in the language of the report."""

    source: ReportSource

    @property
    def language(self) -> str:
        return self.source.language

    def say(self, key: str, /, **values: Any) -> str:
        """A text in the language of the report."""
        return say(self.language, key, **values)

    def label(self, code: str) -> MetricLabel:
        """The name of a metric; the scheme's own title comes before the registry's."""
        return self._labels.get(code) or metric_label(code, self.language)

    @cached_property
    def _labels(self) -> dict[str, MetricLabel]:
        return {i["code"]: metric_label(i["code"], self.language, i) for i in self.indicators}

    @cached_property
    def grades(self) -> list[str]:
        """Grade codes of the scheme, highest first."""
        return [str(cut[0]) for cut in self.source.scheme.get("grades", {}).get("cuts", [])]

    @cached_property
    def cuts(self) -> list[tuple[str, float]]:
        found = self.source.scheme.get("grades", {}).get("cuts", [])
        return [(self.grade_title(str(g)), float(c)) for g, c in found if float(c) > 0]

    @property
    def has_ranks(self) -> bool:
        """Whether the scheme publishes ranks; bands alone are the rule."""
        return bool(self.source.scheme.get("grades", {}).get("ranks", False))

    def grade_title(self, grade: str | None) -> str:
        """A grade as printed: its title, or the dash."""
        if not grade:
            return numbers.MISSING
        titles = self.source.scheme.get("grades", {}).get("titles", {}).get(grade, {})
        return titles.get(self.language) or grade

    @cached_property
    def indicators(self) -> list[dict[str, Any]]:
        return list(self.source.scheme.get("indicator", []))

    @cached_property
    def scheme_groups(self) -> list[dict[str, Any]]:
        return [g for g in self.source.scheme.get("group", []) if not g.get("parent")]

    @cached_property
    def sections(self) -> list[dict[str, Any]]:
        """The groups of level 1 and, for indicators that belong to none, one more without a name of the scheme."""
        known = [group["id"] for group in self.scheme_groups]
        if all(self._top_group(i) in known for i in self.indicators):
            return self.scheme_groups
        return [*self.scheme_groups, {"id": UNGROUPED, "title": {self.language: self.say("parts.ungrouped")}}]

    def group_title(self, group: dict[str, Any]) -> str:
        title = group.get("title", {})
        return title.get(self.language) or title.get("zh") or str(group["id"])

    def group_indicators(self, group_id: str) -> list[dict[str, Any]]:
        """Indicators below a group of level 1, through its sub-groups; UNGROUPED names those below none."""
        known = {group["id"] for group in self.scheme_groups}
        found = [(self._top_group(i), i) for i in self.indicators]
        return [i for top, i in found if (top if top in known else UNGROUPED) == group_id]

    def _top_group(self, indicator: dict[str, Any]) -> str | None:
        parents = {g["id"]: g.get("parent") for g in self.source.scheme.get("group", [])}
        name = indicator.get("group")
        while name is not None and parents.get(name):
            name = parents[name]
        return name

    def fitting(self, table: Table, *keys: str) -> Table:
        """The table without its columns about targets (of these keys) where the scheme sets none."""
        return table if self.has_targets else table.without(*(self.say(key) for key in keys or ("head.target",)))

    @cached_property
    def has_targets(self) -> bool:
        """Whether the scheme sets targets; where it does not, 60 points stand in for them."""
        return any(i.get("target") is not None for i in self.indicators)
