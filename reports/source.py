"""What a report is made from: one frozen assessment and the numbers around it, handed in by the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from evaluation.scores.result import Assessment
from metrics.value import MetricValue
from metrics.values.settling import seen_days


@dataclass(frozen=True)
class UnitInfo:
    """A unit as the directory knows it."""

    code: str
    name: str
    short_name: str | None = None
    peer_group: str | None = None
    parent: str | None = None


@dataclass(frozen=True)
class WrittenText:
    """A text a person wrote for a chapter or unit; `carried_from` is the period it was written for, if another."""

    text: str
    carried_from: str = ""


@dataclass(frozen=True)
class ReportSource:
    """Everything a document may print. Nothing is computed again from rows.

    `values` holds every metric of every unit and the totals for the period; `monthly` the same by month (the period
    label of a row is its month, `2024-03`); `scheme` is the parsed scheme document as plain data; `peer_groups` maps
    codes to titles; `satisfaction` holds per unit the counts per level with default and unrated; `backlog` per unit the
    open cases by age, youngest band first; `adjusted` rates standardised by category (unit, metric, raw, value, …).
    """

    number: int
    state: str  # draft | review | appeal | final | published
    assessment: Assessment
    units: list[UnitInfo]
    values: list[MetricValue]
    monthly: list[MetricValue]
    scheme: dict[str, Any]
    peer_groups: dict[str, str]
    office: str = ""
    city: str = ""
    address: str = ""  # where people reach the pages; marks of facts lead there
    made_at: str = ""
    verification_code: str = ""
    satisfaction: dict[str, dict[str, int]] = field(default_factory=dict)
    backlog: dict[str, list[int]] = field(default_factory=dict)
    adjusted: list[dict[str, Any]] = field(default_factory=list)
    batches: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    is_searched: bool = True  # whether anybody has looked for findings of the period yet
    hidden: frozenset[str] = frozenset()  # findings, exclusions, batches: what the reader's role does not see
    demands: list[dict[str, Any]] = field(default_factory=list)
    demand_count: int | None = None  # of all; `demands` holds the largest only
    exclusions: list[dict[str, Any]] = field(default_factory=list)
    objections: list[dict[str, Any]] = field(default_factory=list)
    rectifications: list[dict[str, Any]] = field(default_factory=list)  # improvement tasks: unit, indicator, due, state
    cases: list[dict[str, Any]] = field(default_factory=list)  # masked; well and poorly answered ones by category
    previous: dict[str, Any] = field(default_factory=dict)  # number, period, as_of, units: score, low, high
    statistics: dict[str, dict[str, Any]] = field(default_factory=dict)  # by unit; times, ends, speed, weighted, change
    robustness: list[dict[str, Any]] = field(default_factory=list)  # changes of the scheme alone
    texts: dict[str, WrittenText] = field(default_factory=dict)  # by the fact of the heading they stand under
    content_sha256: str = ""  # of everything printed; the code on each document follows from it
    language: str = "zh"
    role: str = "assessor"

    @property
    def start_day(self) -> int:
        """The day of the calendar month on which a month of the scheme begins."""
        return int(self.scheme.get("period_start_day", 1))

    def seen_days(self, period: str) -> int:
        """Days from the end of a period to the cut-off of the assessment; see `metrics.values.settling`."""
        return seen_days(period, self.assessment.as_of, self.start_day)
