"""What one version of an assessment changed against the version before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluation.scores.result import Assessment, UnitResult

ORIGINS = ("batches", "ledger", "bonuses", "calendar", "standard", "scheme", "program")


@dataclass(frozen=True)
class ChangedUnit:
    """A unit whose result differs; None stands for "no result"."""

    unit: str
    name: str
    score_before: float | None
    score_after: float | None
    grade_before: str
    grade_after: str
    indicators: tuple[str, ...]  # codes whose value differs
    other_before: float | None = None  # the same scores in the scope that is not scored
    other_after: float | None = None


@dataclass(frozen=True)
class ChangedOrigin:
    """Something a result rests on that differs."""

    what: str
    before: Any
    after: Any


def changed_units(before: Assessment, after: Assessment) -> list[ChangedUnit]:
    """Units whose scores (both scopes), grade or values differ, by code; new and gone units too."""
    old, new = ({row.unit: row for row in version.units} for version in (before, after))
    found = [_changed(code, old.get(code), new.get(code)) for code in sorted(old.keys() | new.keys())]
    return [row for row in found if row is not None]


def changed_origin(before: Assessment, after: Assessment) -> list[ChangedOrigin]:
    """Which of batches, ledger, calendar, standard, scheme and program differ."""
    pairs = [(name, before.provenance.get(name), after.provenance.get(name)) for name in ORIGINS]
    return [ChangedOrigin(name, old, new) for name, old, new in pairs if old != new]


def _changed(code: str, old: UnitResult | None, new: UnitResult | None) -> ChangedUnit | None:
    values = [{row.code: row.value for row in side.indicators} if side else {} for side in (old, new)]
    codes = sorted(values[0].keys() | values[1].keys())
    differing = tuple(metric for metric in codes if values[0].get(metric) != values[1].get(metric))
    scores = [side.score if side else None for side in (old, new)]
    others = [side.other_score if side else None for side in (old, new)]
    grades = ["/".join(side.grade_candidates) if side else "" for side in (old, new)]
    if scores[0] == scores[1] and others[0] == others[1] and grades[0] == grades[1] and not differing:
        return None
    name = next((side.name for side in (new, old) if side and side.name), code)
    return ChangedUnit(code, name, scores[0], scores[1], grades[0], grades[1], differing, *others)
