"""What an assessment answers: scores, grades and ranks of units with the trace behind each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class IndicatorResult:
    """One indicator of one unit: value -> points -> weight -> contribution."""

    code: str
    value: float | None
    points: float | None
    weight: float  # as written in the scheme
    effective_weight: float  # share of the whole score after rescaling, 0..1
    contribution: float | None  # points the indicator adds to the score
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    target: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    shrunk: float | None = None  # the value drawn towards the peer group, for comparisons only
    reliability: float | None = None  # share of the spread between units that is not chance, 0..1
    note: str | None = None  # "within_chance": a loss below the target that chance explains was not counted
    comparison: str | None = None  # "better" or "worse" than the peer group beyond chance, None otherwise
    other_value: float | None = (
        None  # the same indicator in the scope that is not scored: both always stand side by side
    )
    other_numerator: float | None = None
    other_denominator: float | None = None
    parts: list[dict[str, Any]] = field(default_factory=list)  # what each rating form gave to a blended indicator


@dataclass(frozen=True)
class GroupResult:
    """One group of indicators (level 1 or 2) of one unit."""

    id: str
    parent: str | None
    weight: float
    points: float | None
    reason: str | None = None


@dataclass(frozen=True)
class UnitResult:
    """One unit: score and rank inside its peer group, or the reason why it has none."""

    unit: str
    group: str | None  # peer group
    score: float | None
    low: float | None = None
    high: float | None = None
    grade: str | None = None
    grade_probability: dict[str, float] = field(default_factory=dict)
    grade_certain: bool = False
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    reason: str | None = None
    base_score: float | None = None  # before bonus, deductions and vetoes
    bonus: float = 0.0
    deduction: float = 0.0
    vetoes: list[dict[str, Any]] = field(default_factory=list)
    groups: list[GroupResult] = field(default_factory=list)
    indicators: list[IndicatorResult] = field(default_factory=list)
    n: int | None = None  # the largest sample behind an indicator; cases received are the metric n_received
    name: str | None = None
    grade_candidates: list[str] = field(default_factory=list)  # best first; more than one: not separable
    rank_reason: str | None = None  # why a scored unit has no rank or grade
    joint_rank_low: int | None = None  # for claims about one named unit (all units at once)
    joint_rank_high: int | None = None
    shrunk_score: float | None = None  # mean of the posterior draws, the basis of comparisons
    reliability: float | None = None
    probability_top: float | None = None  # chance to be among the best 30 % of the peer group
    probability_bottom: float | None = None
    evidence: list[dict[str, Any]] = field(default_factory=list)  # bonus and deduction items that counted
    other_score: float | None = None  # score in the scope that is not scored
    information: list[dict[str, Any]] = field(default_factory=list)  # metrics that are shown and never scored

    def indicator(self, code: str) -> IndicatorResult | None:
        """The result of one indicator, or None if the scheme does not hold it."""
        return next((i for i in self.indicators if i.code == code), None)


@dataclass(frozen=True)
class Assessment:
    """A scored period: everything a scorecard or report prints, frozen."""

    scheme: dict[str, str]  # id, version, sha256, title_zh, title_en, status
    period: str
    as_of: str | None
    seed: int
    draws: int
    units: list[UnitResult]
    warnings: list[str] = field(default_factory=list)
    provenance: dict[str, Any] = field(default_factory=dict)  # hashes of parts, calendar, standard, code version
    quota: dict[str, dict[str, int]] = field(default_factory=dict)  # grade -> peer group -> a ceiling to show
    scope: str | None = None  # kept (without excluded cases) or all: the scope that is scored
    other_scope: str | None = None  # the scope of the fields named other_…, None where it was not counted
    draw_rule: str | None = None  # how values were drawn; None: by normals from parameters of 30, the first rule
    comparison_rule: str | None = None  # what made "better" and "worse"; None: the first rule, around the peers' mean

    def to_json(self) -> dict[str, Any]:
        """The stable answer of `wenxiao assess --json`, without the number and state of the stored assessment."""
        units = [
            {
                **vars(u),
                "groups": [dict(vars(g)) for g in u.groups],
                "indicators": [dict(vars(i)) for i in u.indicators],
            }
            for u in self.units
        ]
        return {**vars(self), "units": units}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Assessment:
        """The inverse of `to_json`; unknown keys of later versions are refused by the dataclasses."""
        units = [
            UnitResult(
                **{
                    **unit,
                    "groups": [GroupResult(**g) for g in unit["groups"]],
                    "indicators": [IndicatorResult(**i) for i in unit["indicators"]],
                }
            )
            for unit in document["units"]
        ]
        return cls(**{**document, "units": units})
