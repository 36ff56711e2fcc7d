"""The trace behind a score: value, points, weight and contribution of every indicator of every unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation import tree
from evaluation.board import Board, is_higher_better
from evaluation.observations import Z_95
from evaluation.posterior import Posterior
from evaluation.result import GroupResult, IndicatorResult
from evaluation.scheme import Indicator

Floats = NDArray[np.floating]
FEWEST_PEERS = 3
NOT_RATED = "not_rated"


@dataclass(frozen=True)
class Trace:
    """What stands behind one unit's score; `n` is the largest number of cases behind any indicator."""

    groups: list[GroupResult]
    indicators: list[IndicatorResult]
    n: int | None


def traces(board: Board, posteriors: Mapping[str, Posterior]) -> list[Trace]:
    """One trace per unit, in the order of the board."""
    weights, parts = tree.contributions(board.planned, {code: board.filled(code) for code in board.points})
    by_code = {
        indicator.code: _indicator_results(board, indicator, posteriors[indicator.code], weights, parts)
        for indicator in board.scheme.indicators
    }
    groups = _group_results(board)
    result = []
    for number in range(len(board.units)):
        indicators = [by_code[indicator.code][number] for indicator in board.scheme.indicators]
        cases = [row.n for row in indicators if row.n is not None]
        result.append(Trace([rows[number] for rows in groups], indicators, max(cases, default=None)))
    return result


def plain(value: float) -> float | None:
    """A number for JSON: NaN and infinity become None."""
    return float(value) if np.isfinite(value) else None


def _indicator_results(
    board: Board,
    indicator: Indicator,
    found: Posterior,
    weights: Mapping[str, Floats],
    parts: Mapping[str, Floats],
) -> list[IndicatorResult]:
    code = indicator.code
    column, earned, least = board.columns[code], board.points[code], board.least[code]
    against_peers = _comparison(board, indicator, found)
    is_shrunk = ~np.isnan(found.reliability)
    return [
        IndicatorResult(
            code=code,
            value=plain(column.value[u]),
            points=plain(earned[u]),
            weight=indicator.weight,
            effective_weight=float(weights[code][u]),
            contribution=None if np.isnan(earned[u]) or not weights[code][u] else float(parts[code][u]),
            reason=board.reasons[code][u],
            low=plain(column.low[u]),
            high=plain(column.high[u]),
            n=None if column.n[u] < 0 else int(column.n[u]),
            target=indicator.target,
            numerator=plain(column.numerator[u]),
            denominator=plain(column.denominator[u]),
            shrunk=plain(found.mean[u]) if is_shrunk[u] else None,
            reliability=plain(found.reliability[u]),
            note="within_chance" if np.isfinite(least[u]) and earned[u] == least[u] else None,
            comparison=against_peers[u],
        )
        for u in range(len(board.units))
    ]


def _comparison(board: Board, indicator: Indicator, found: Posterior) -> list[str | None]:
    """Better or worse than the mean of the peer group beyond chance (95 %), else None; None too with under 3 peers."""
    sign = 1.0 if is_higher_better(indicator) else -1.0
    result: list[str | None] = [None] * len(board.units)
    for group in range(len(board.group_names)):
        inside = np.flatnonzero((board.groups == group) & ~np.isnan(found.mean))
        if len(inside) >= FEWEST_PEERS:
            distance = sign * (found.mean[inside] - found.mean[inside].mean())
            for unit, far, spread in zip(inside, distance, found.sd[inside], strict=True):
                if spread > 0 and abs(far) > Z_95 * spread:
                    result[unit] = "better" if far > 0 else "worse"
    return result


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
