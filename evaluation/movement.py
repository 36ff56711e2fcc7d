"""What would move a unit one grade: how far each single indicator would have to go, the others staying as they are."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.rules.scheme import Indicator, Scheme
from evaluation.scores.result import IndicatorResult, UnitResult


@dataclass(frozen=True)
class Move:
    """One way up: the value an indicator needs, `points` it gains on the way; `cases` more hits where it is a rate."""

    code: str
    value: float
    needed: float
    points: float
    cases: int | None


@dataclass(frozen=True)
class NextGrade:
    """The grade above, the points that are missing, and the single indicators that could bring them alone."""

    grade: str
    missing: float
    moves: tuple[Move, ...]


def next_grade(unit: UnitResult, scheme: Scheme) -> NextGrade | None:
    """The way to the next grade; None for a unit without a score, in the top band, or under a veto.

    Only indicators on fixed goalposts or `rate_x_full` with room for the missing points are ways: the points of the
    others depend on other units or go in steps. The smallest relative change comes first.
    """
    if unit.score is None or unit.vetoes or not scheme.grades.cuts:
        return None
    above = [(name, start) for name, start in scheme.grades.cuts if start > unit.score]
    if not above:
        return None
    name, start = above[-1]
    missing = start - unit.score
    found = [_move(row, scheme, missing) for row in unit.indicators]
    moves = sorted((move for move in found if move is not None), key=lambda move: (move.points, move.code))
    return NextGrade(name, missing, tuple(moves))


def _move(row: IndicatorResult, scheme: Scheme, missing: float) -> Move | None:
    indicator = next(item for item in scheme.indicators if item.code == row.code)
    if row.value is None or row.points is None or row.effective_weight <= 0 or not _adds_up(indicator, scheme):
        return None
    gain = missing / row.effective_weight
    ends = _ends(indicator)
    if ends is None or row.points + gain > 100:
        return None
    needed = ends[0] + (row.points + gain) / 100 * (ends[1] - ends[0])
    if row.denominator and row.numerator is not None:
        cases = abs(needed - row.value) * row.denominator
        return Move(row.code, row.value, needed, gain, int(-(-cases // 1)))
    return Move(row.code, row.value, needed, gain, None)


def _adds_up(indicator: Indicator, scheme: Scheme) -> bool:
    """Whether every level above is an arithmetic mean, so that points add to the score in proportion."""
    groups = {group.id: group for group in scheme.groups}
    parent = indicator.group
    while parent is not None:
        if (groups[parent].across or scheme.across) != "arithmetic":
            return False
        parent = groups[parent].parent
    return scheme.across == "arithmetic"


def _ends(indicator: Indicator) -> tuple[float, float] | None:
    """The values worth 0 and 100 points, where points go straight between them."""
    if indicator.method == "goalposts" and indicator.transform == "none":
        return float(indicator.zero or 0.0), float(indicator.full or 0.0)
    if indicator.method == "deduction":
        return indicator.weight / (indicator.per_item or 1.0), 0.0
    if indicator.method == "rate_x_full":
        return (0.0, 1.0) if indicator.direction == "higher" else (1.0, 0.0)
    return None
