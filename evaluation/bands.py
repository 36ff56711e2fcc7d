"""The published form of a result: bands per peer group in administrative order, without ranks."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.rules.scheme import Grades
from evaluation.scores.result import Assessment


@dataclass(frozen=True)
class Band:
    """Units of one peer group that share a grade, or the grades between which the data do not decide."""

    group: str | None
    grades: tuple[str, ...]
    units: tuple[str, ...]


def bands(assessment: Assessment, grades: Grades) -> list[Band]:
    """Bands of every peer group, best first; one grade stands before the open pairs that begin with it.

    Units inside a band are in the order of their codes, which is the administrative order. Units without a grade (too
    few cases, not rated) come last, with no grades.
    """
    names = [name for name, _ in grades.cuts]
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    groups: dict[str, str | None] = {}
    for row in assessment.units:
        groups[row.group or ""] = row.group
        found.setdefault((row.group or "", tuple(row.grade_candidates)), []).append(row.unit)

    def order(key: tuple[str, tuple[str, ...]]) -> tuple[str, list[int]]:
        return key[0], [names.index(grade) for grade in key[1]] or [len(names)]

    return [Band(groups[key[0]], key[1], tuple(sorted(found[key]))) for key in sorted(found, key=order)]
