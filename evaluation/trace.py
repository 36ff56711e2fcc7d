"""The trace behind a score: value, points, weight and contribution of every indicator of every unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.rules.scheme import Indicator
from evaluation.scores import tree
from evaluation.scores.board import Board, is_higher_better
from evaluation.scores.result import GroupResult, IndicatorResult
from evaluation.uncertainty.beyond_chance import against_peers
from evaluation.uncertainty.posterior import Posterior

Floats = NDArray[np.floating]
NOT_RATED = "not_rated"


@dataclass(frozen=True)
class Trace:
    """What stands behind one unit's score; `n` is the largest number of cases behind any indicator."""

    groups: list[GroupResult]
    indicators: list[IndicatorResult]
    n: int | None


def traces(board: Board, posteriors: Mapping[str, Posterior], beside: Board | None = None) -> list[Trace]:
    """One trace per unit, in the order of the board; `beside` holds the values of the scope that is not scored."""
    weights, parts = tree.contributions(board.planned, {code: board.filled(code) for code in board.points})
    by_code = {
        indicator.code: _indicator_results(board, indicator, posteriors[indicator.code], weights, parts, beside)
        for indicator in board.scheme.indicators
    }
    groups = _group_results(board)
    result = []
    for number in range(len(board.units)):
        indicators = [by_code[indicator.code][number] for indicator in board.scheme.indicators]
        cases = [row.n for row in indicators if row.n is not None]
        result.append(Trace([rows[number] for rows in groups], indicators, max(cases, default=None)))
    return result


def information_of(board: Board, number: int) -> list[dict[str, Any]]:
    """What a scheme shows of one unit without scoring it: value, counts, and the reason where there is none."""
    return [
        {
            "code": row.code,
            "title": dict(row.title),
            "value": plain(column.value[number]),
            "numerator": plain(column.numerator[number]),
            "denominator": plain(column.denominator[number]),
            "n": None if column.n[number] < 0 else int(column.n[number]),
            "reason": column.reasons[number],
        }
        for row in board.scheme.information
        for column in (board.columns[row.code],)
    ]


def plain(value: float) -> float | None:
    """A number for JSON: NaN and infinity become None."""
    return float(value) if np.isfinite(value) else None


def _indicator_results(
    board: Board,
    indicator: Indicator,
    found: Posterior,
    weights: Mapping[str, Floats],
    parts: Mapping[str, Floats],
    beside: Board | None,
) -> list[IndicatorResult]:
    code = indicator.code
    column, earned, least = board.columns[code], board.points[code], board.least[code]
    share, is_shrunk = weights[code], ~np.isnan(found.reliability)
    has_part = ~np.isnan(earned) & (share != 0)
    is_protected = np.isfinite(least) & (earned == least)
    sides = zip(
        plain_list(column.value),
        plain_list(earned),
        share.tolist(),
        plain_list(np.where(has_part, parts[code], np.nan)),
        board.reasons[code],
        plain_list(column.low),
        plain_list(column.high),
        [None if cases < 0 else cases for cases in column.n.tolist()],
        plain_list(column.numerator),
        plain_list(column.denominator),
        plain_list(np.where(is_shrunk, found.mean, np.nan)),
        plain_list(found.reliability),
        is_protected.tolist(),
        _comparison(board, indicator),
        *_other_sides(beside, code, len(board.units)),
        strict=True,
    )
    return [
        IndicatorResult(
            code, value, points, indicator.weight, effective, part, reason, low, high, n, indicator.target,
            hits, cases, shrunk, reliability, "within_chance" if protected else None, comparison, *other,
        )
        for (
            value, points, effective, part, reason, low, high, n, hits, cases, shrunk, reliability, protected,
            comparison, *other,
        ) in sides
    ]  # fmt: skip


def _other_sides(beside: Board | None, code: str, size: int) -> list[list[float | None]]:
    """Value, numerator and denominator of an indicator in the other scope; nothing where it was not counted."""
    if beside is None:
        return [[None] * size] * 3
    column = beside.columns[code]
    return [plain_list(side) for side in (column.value, column.numerator, column.denominator)]


def plain_list(values: Floats) -> list[float | None]:
    """Numbers for JSON, whole columns at once: NaN and infinity become None."""
    return [value if value - value == 0 else None for value in values.tolist()]


def _comparison(board: Board, indicator: Indicator) -> list[str | None]:
    """Better or worse than the other units of the peer group beyond chance and their usual spread, else None."""
    wanted = board.scheme.comparison
    found = against_peers(
        board.columns[indicator.code], board.groups, least=wanted.least_units, level=wanted.difference_level
    )
    sign = 1 if is_higher_better(indicator) else -1
    words = {1: "better", -1: "worse", 0: None}
    return [words[sign * side] for side in found.tolist()]


def _group_results(board: Board) -> list[list[GroupResult]]:
    """Per group of the scheme, its result for every unit."""
    got: dict[str, Floats] = {}
    tree.combine(board.planned, board.filled, got)
    states = tree.states_by_group(board.planned)
    reasons = {tree.PRESENT: None, tree.MISSING: NOT_RATED, tree.NOT_APPLICABLE: "not_applicable"}
    return [
        [
            GroupResult(
                group.id,
                group.parent,
                group.weight,
                float(got[group.id][u]) if states[group.id][u] == tree.PRESENT else None,
                reasons[int(states[group.id][u])],
            )
            for u in range(len(board.units))
        ]
        for group in board.scheme.groups
    ]
