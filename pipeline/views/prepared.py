"""The numbers behind the pages of one assessment, indexed once and kept: a page view reads no rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.util import memoized_property

from evaluation.rules.parameters import SmallNumbers
from evaluation.scores.result import UnitResult
from evaluation.scores.told import middle
from metrics.disclosure.small_cells import REASON as WITHHELD
from metrics.value import MetricValue
from metrics.values.settling import has_settled
from pipeline.views.definitions import Definition, definition
from pipeline.views.words import Words, words_of
from reports.source import ReportSource, UnitInfo

MOST_WITHHELD = 0.1  # of the units, beyond which what is left is no picture of all: the small and the good are missing


@dataclass(frozen=True)
class Prepared:
    """One assessment with its numbers by unit, metric and month."""

    source: ReportSource
    groups: Mapping[str, Words] = field(default_factory=dict)  # titles of the peer groups, in their order
    _medians: dict[tuple[str | None, str], list[float | None]] = field(default_factory=dict, compare=False)

    @memoized_property
    def units(self) -> dict[str, UnitInfo]:
        """The directory by code."""
        return {unit.code: unit for unit in self.source.units}

    @memoized_property
    def results(self) -> dict[str, UnitResult]:
        """The results by unit code, in administrative order (the order of the directory)."""
        found = {result.unit: result for result in self.source.assessment.units}
        ordered = {code: found[code] for code in self.units if code in found}
        return {**ordered, **{code: r for code, r in found.items() if code not in ordered}}

    @memoized_property
    def values(self) -> dict[tuple[str | None, str], MetricValue]:
        """Values of the period by (unit, metric); unit None is the pooled total."""
        kept = (v for v in self.source.values if v.group is None and v.total != "mean_of_units")
        return {(v.unit, v.metric): v for v in kept}

    @memoized_property
    def monthly(self) -> dict[tuple[str | None, str], dict[str, MetricValue]]:
        """Values by (unit, metric) and month."""
        found: dict[tuple[str | None, str], dict[str, MetricValue]] = defaultdict(dict)
        for value in self.source.monthly:
            if value.group is None and value.total != "mean_of_units":
                found[value.unit, value.metric][value.period] = value
        return dict(found)

    @memoized_property
    def months(self) -> list[str]:
        """The month labels, oldest first."""
        return sorted({value.period for value in self.source.monthly})

    def has_settled(self, code: str, month: str) -> bool:
        """Whether the month's value of a metric hardly changes any more; see `metrics.values.settling`."""
        return has_settled(code, self.seen_days[month])

    def unsettled(self, code: str) -> list[int]:
        """The places of the months in which a metric still changes."""
        return [place for place, month in enumerate(self.months) if not self.has_settled(code, month)]

    @memoized_property
    def seen_days(self) -> dict[str, int]:
        """By month: the days from its end to the cut-off."""
        return {month: self.source.seen_days(month) for month in self.months}

    @memoized_property
    def codes(self) -> list[str]:
        """The indicators of the scheme in its order."""
        seen = dict.fromkeys(i.code for result in self.results.values() for i in result.indicators)
        written = [i["code"] for i in self.source.scheme.get("indicator", []) if i.get("code") in seen]
        return [*dict.fromkeys(written), *(code for code in seen if code not in written)]

    @property
    def least_ranked(self) -> int:
        """Cases from which the scheme ranks; a number with fewer is shown in grey."""
        return SmallNumbers(**self.source.scheme.get("small_n", {})).rank

    def group_title(self, group: str | None) -> Words:
        """What a peer group is called; empty for units without one."""
        return self.groups.get(group or "") or words_of(self.source.peer_groups.get(group or ""), group or "")

    def name(self, code: str) -> str:
        """What a unit is called."""
        unit = self.units.get(code)
        found = self.results.get(code)
        return unit.name if unit else (found.name or code) if found else code

    def peers(self, group: str | None) -> list[UnitResult]:
        """All units of a peer group in administrative order."""
        return [result for result in self.results.values() if result.group == group]

    def definition(self, code: str) -> Definition:
        """Name, measure and direction of an indicator, with the scheme's own title first."""
        written: dict[str, Any] = next(
            (i for i in self.source.scheme.get("indicator", []) if i.get("code") == code), {}
        )
        return definition(code, written)

    def series(self, unit: str | None, code: str) -> list[float | None]:
        """The months of a unit, None where a month has no value."""
        found = self.monthly.get((unit, code), {})
        return [found[month].value if month in found else None for month in self.months]

    def months_are_withheld(self, code: str, *groups: str | None) -> bool:
        """Whether so many units have their months withheld that those left tell nothing of all, or of these groups.

        Small counts of answers are withheld, and few are dissatisfied where much is well: what is left is worse.
        """
        units = [unit for unit, result in self.results.items() if not groups or result.group in groups]
        rows = [self.monthly.get((unit, code), {}).values() for unit in units]
        hidden = sum(any(value.reason == WITHHELD for value in row) for row in rows)
        shown = sum(any(value.value is not None for value in row) for row in rows)
        return hidden > MOST_WITHHELD * (hidden + shown)

    def peer_series(self, group: str | None, code: str) -> list[float | None]:
        """The median of the peer group in each month; no month where too many of its units are withheld."""
        if (group, code) not in self._medians:
            if self.months_are_withheld(code, group):
                return [None] * len(self.months)
            rows = [self.series(peer.unit, code) for peer in self.peers(group)]
            self._medians[group, code] = [middle(row[i] for row in rows) for i in range(len(self.months))]
        return self._medians[group, code]
