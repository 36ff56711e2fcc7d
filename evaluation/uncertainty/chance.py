"""What run A says about every unit: intervals of score and rank, probabilities of grades, who may be ranked at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.scores import tree
from evaluation.scores.board import Board
from evaluation.scores.grades import probabilities
from evaluation.uncertainty.draws import Draws, Source, draw_scores
from evaluation.uncertainty.posterior import Posterior, between_units
from evaluation.uncertainty.ranks import joint_rank_intervals, joint_z, quantiles, rank_draws, ranks

Floats = NDArray[np.float64]
SCORE_TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Chance:
    """What the draws say per unit, NaN where nothing is uncertain or the unit is not ranked.

    `low`, `high` are the 95 % interval of the score; `rank_low`, `rank_high` the interval of the rank (90 % unless the
    scheme says otherwise); `top` and `bottom` the probabilities to be among the best and last 30 % (`end_share`) of the
    peer group; `grades` is grades x units.
    """

    low: Floats
    high: Floats
    mean: Floats
    sd: Floats
    rank_low: Floats
    rank_high: Floats
    top: Floats
    bottom: Floats
    grades: NDArray[np.floating]


@dataclass(frozen=True)
class Places:
    """Ranks inside the peer group on unrounded scores, and the joint intervals around them; NaN where unranked."""

    rank: Floats
    joint_low: Floats
    joint_high: Floats


def rankable(board: Board) -> NDArray[np.bool_]:
    """Units whose score may be ranked and graded: rated, and enough cases behind at least `missing_below` of it.

    An indicator is full from `small_n.rank` cases; an unknown number of cases (a plain table) counts as enough.
    """
    least = board.scheme.small_n.rank
    ones = {code: np.ones(len(board.units)) for code in board.points}
    weights, _ = tree.contributions(board.planned, ones)
    full = [
        np.where((board.columns[c].n < 0) | (board.columns[c].n >= least), weights[c], 0.0) for c in sorted(weights)
    ]
    share = tree.ordered_sum(np.stack(full))
    return (board.planned.state == tree.PRESENT) & (share >= board.scheme.missing_below - tree.TOLERANCE)


def run_a(
    board: Board,
    posteriors: Mapping[str, Posterior],
    can_rank: NDArray[np.bool_],
    *,
    seed: int,
    draws: int,
) -> Chance:
    """Draw, score and rank; ranks inside each peer group among the units that may be ranked."""
    size, grades, wanted = len(board.units), board.scheme.grades, board.scheme.uncertainty
    scores = _draws(board, posteriors, seed=seed, draws=draws)
    share = probabilities(scores, grades) if grades.cuts else np.empty((0, size))
    low, high, mean, sd, rank_low, rank_high, top, bottom = (np.full(size, np.nan) for _ in range(8))
    if scores.shape[0] > 1:
        low, high = quantiles(scores, SCORE_TAILS)
        mean, sd = scores.mean(axis=0, dtype=np.float64), scores.std(axis=0, dtype=np.float64)
        generator = np.random.default_rng([seed, 1])
        for inside in ranked_groups(board, can_rank):
            found = rank_draws(scores[:, inside], generator)
            count = max(1, int(wanted.end_share * len(inside)))
            rank_low[inside], rank_high[inside] = quantiles(found, tails(wanted.rank_interval))
            top[inside] = (found <= count).mean(axis=0)
            bottom[inside] = (found > len(inside) - count).mean(axis=0)
    return Chance(low, high, mean, sd, rank_low, rank_high, top, bottom, share)


def tails(level: float) -> tuple[float, float]:
    """The shares of the draws below both ends of an interval.

    >>> [round(share, 9) for share in tails(0.90)]
    [0.05, 0.95]
    """
    return (1 - level) / 2, (1 + level) / 2


def ranked_groups(board: Board, can_rank: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Positions of the ranked units of each peer group that has any."""
    groups = [np.flatnonzero((board.groups == group) & can_rank) for group in range(len(board.group_names))]
    return [inside for inside in groups if len(inside)]


def places(board: Board, can_rank: NDArray[np.bool_], chance: Chance) -> Places:
    """Rank every unit inside its peer group, with the joint interval where standard errors are known."""
    scores = board.scores
    found, low, high = (np.full(len(scores), np.nan) for _ in range(3))
    for inside in ranked_groups(board, can_rank):
        found[inside] = ranks(scores[inside])
        if not np.isnan(chance.sd[inside]).any():
            half = joint_z(len(inside), board.scheme.uncertainty.joint_interval) * chance.sd[inside]
            low[inside], high[inside] = joint_rank_intervals(scores[inside] - half, scores[inside] + half)
    return Places(found, low, high)


def score_reliability(board: Board, chance: Chance) -> Floats:
    """tau²/(tau² + se²) of each score inside its peer group; NaN in groups below `least_units` and without draws."""
    result, scores = np.full(len(board.units), np.nan), board.scores
    for group in range(len(board.group_names)):
        with np.errstate(invalid="ignore"):
            inside = (board.groups == group) & ~np.isnan(scores) & (chance.sd > 0)
        if inside.sum() >= board.scheme.comparison.least_units:
            _, between = between_units(scores[inside], chance.sd[inside])
            result[inside] = between / (between + chance.sd[inside] ** 2)
    return result


def _draws(board: Board, posteriors: Mapping[str, Posterior], *, seed: int, draws: int) -> Draws:
    """Scores of the draws, or the scores themselves as the only draw where no value is uncertain."""
    if not len(board.units) or all(posteriors[code].is_exact for code in board.points):
        return np.nan_to_num(board.scores)[None, :]  # type: ignore[return-value]
    sources = {
        code: Source(posteriors[code], board.anchors[code], board.least[code], board.points[code])
        for code in board.points
    }
    return draw_scores(board.planned, sources, board.added, draws=draws, seed=seed, is_bounded=board.is_bounded)
