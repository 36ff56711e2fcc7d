"""Grades from unrounded scores: certain at 95 %, otherwise the neighbours named together; vetoes are ceilings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.rules.scheme import Grades

Floats = NDArray[np.floating]
SLACK = 1e-9  # sums of many parts: a score of 59.99999999999999 is 60 and reaches its band


@dataclass(frozen=True)
class Decision:
    """One grade, or the candidates between which the data do not decide (best first)."""

    grade: str | None
    candidates: tuple[str, ...]
    probability: Mapping[str, float]

    @property
    def is_certain(self) -> bool:
        return self.grade is not None


def grade_of(score: float, grades: Grades) -> str:
    """Grade of an unrounded score: the first band it reaches, the last band if it reaches none.

    What the arithmetic of the machine loses (1e-9 points) costs nobody a band.

    >>> grade_of(89.9951, Grades((("A", 90.0), ("B", 80.0), ("C", 60.0), ("D", 0.0))))
    'B'
    """
    return next((name for name, start in grades.cuts if score >= start - SLACK), grades.cuts[-1][0])


def probabilities(scores: Floats, grades: Grades) -> Floats:
    """Share of draws in each band, grades x units, from scores (draws, units). Each column sums to 1."""
    starts = [start for _, start in grades.cuts[:-1]]
    slack = max(SLACK, 400 * float(np.finfo(scores.dtype).eps))
    reached = [np.count_nonzero(scores >= start - slack, axis=0) for start in starts]
    edges = np.stack([np.zeros(scores.shape[1]), *reached, np.full(scores.shape[1], float(scores.shape[0]))])
    return np.diff(edges, axis=0) / scores.shape[0]


def capped(probability: Sequence[float], grades: Grades, caps: Sequence[str]) -> list[float]:
    """Probabilities after the ceilings of vetoes: everything above the lowest ceiling falls to it.

    >>> capped([0.9, 0.1, 0, 0], Grades((("A", 90), ("B", 80), ("C", 60), ("D", 0))), ["C"])
    [0.0, 0.0, 1.0, 0]
    """
    names = [name for name, _ in grades.cuts]
    ceiling = max((names.index(cap) for cap in caps), default=0)
    above = sum(probability[:ceiling])
    return [0.0] * ceiling + [probability[ceiling] + above] + list(probability[ceiling + 1 :])


def decide(score: float, probability: Sequence[float], grades: Grades, caps: Sequence[str], certain: float) -> Decision:
    """The grade of one unit.

    It stands when the band of the score itself, after vetoes, holds at least `certain` of the probability. Otherwise
    no grade is given, and the candidates are the likeliest bands that together reach `certain`, with what lies between
    them and the band of the score.
    """
    names = [name for name, _ in grades.cuts]
    after = capped(probability, grades, caps)
    shown = dict(zip(names, (float(p) for p in after), strict=True))
    own = max(names.index(grade_of(score, grades)), *(names.index(cap) for cap in caps), 0)
    if after[own] >= certain - SLACK:
        return Decision(names[own], (names[own],), shown)
    taken, total = {own}, 0.0
    for place in sorted(range(len(after)), key=lambda place: (-after[place], place)):
        if total >= certain - SLACK:
            break
        taken.add(place)
        total += after[place]
    candidates = tuple(names[min(taken) : max(taken) + 1])
    return Decision(None, candidates, shown)


def grade_of_interval(low: float, high: float, grades: Grades) -> tuple[str, ...]:
    """Every grade an interval touches, best first; more than one means "not separable".

    >>> grade_of_interval(78.6, 81.9, Grades((("A", 90.0), ("B", 80.0), ("C", 60.0), ("D", 0.0))))
    ('B', 'C')
    """
    names = [name for name, _ in grades.cuts]
    return tuple(names[names.index(grade_of(high, grades)) : names.index(grade_of(low, grades)) + 1])


def quota_ceilings(grades: Grades, sizes: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """How many units of each peer group a quota would allow: floor(share·N), shown and never enforced.

    >>> quota_ceilings(Grades((("A", 90.0), ("B", 0.0)), quota={"A": 0.3}), {"town": 19})
    {'A': {'town': 5}}
    """
    return {
        grade: {group: int(np.floor(share * size + SLACK)) for group, size in sizes.items()}
        for grade, share in grades.quota.items()
    }
