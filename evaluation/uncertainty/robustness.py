"""Run B: how much ranks owe to the choices of the scheme - weights, goalposts, aggregation, each indicator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from evaluation.rules.scheme import Indicator
from evaluation.scores import tree
from evaluation.scores.board import Board, found_for, is_higher_better
from evaluation.scores.points import points
from evaluation.uncertainty.chance import rankable, ranked_groups, tails
from evaluation.uncertainty.ranks import mean_rank_shift, quantiles, ranks

Floats = NDArray[np.floating]
Change = tuple[str, str, Floats]  # kind, name, base scores
FEWEST_RANKED = 2
RELATIVE = ("minmax", "zscore", "rank")


@dataclass(frozen=True)
class Variant:
    """The ranking under one other choice, against the scheme as written.

    `mean_shift` is R_S, the mean absolute change of rank; `kendall` the tau of the scores inside the peer groups,
    weighted by their pairs of units, 1 for the same order;
    `moves` the units that change places most: (unit, rank before, rank after).
    Over several tables each is the median of the tables, and the ends are the least and the greatest of them.
    """

    kind: str
    name: str
    mean_shift: float
    kendall: float | None
    moves: list[tuple[str, int, int]]
    shift_ends: tuple[float, float]
    kendall_ends: tuple[float, float] | None


@dataclass(frozen=True)
class UnitRobustness:
    """One unit under all choices of the scheme at once: its rank, its median rank and the interval of its rank.

    `rank_first` and `rank_last` are the ends of its rank by the scheme as written over the tables, one number of one.
    """

    unit: str
    group: str | None
    rank: int
    rank_low: int
    rank_median: int
    rank_high: int
    rank_first: int
    rank_last: int


@dataclass(frozen=True)
class Robustness:
    """The answer of `wenxiao robustness`; method uncertainty only, the data are taken as they are.

    `tables` is 1, or the number of complete tables where the reader is told some values as ranges.
    """

    seed: int
    draws: int
    units: list[UnitRobustness]
    variants: list[Variant]
    tables: int = 1


def robustness(boards: Sequence[Board], can_rank: NDArray[np.bool_], *, seed: int, draws: int) -> Robustness:
    """Draw weights, goalposts and aggregation, and list the single variants beside them.

    Weights are Dirichlet(c·w) with the scheme's `weights_dirichlet`, goalposts move by up to
    `goalpost_shift` of their distance,
    levels are arithmetic or geometric with equal chance. Ranks are taken inside each peer group. `boards` is the
    scheme over one table, or over several that fit what a reader is told; draws take them in turn.
    """
    if can_rank.sum() < FEWEST_RANKED:
        return Robustness(seed, draws, [], [], len(boards))  # nothing can change places, which would read as robust
    before = np.stack([_ranks(board, board.base, can_rank) for board in boards])
    generator = np.random.default_rng(seed)
    drawn = np.stack([
        _ranks(board, method_draw(board, generator), can_rank) for board in islice(cycle(boards), draws)
    ])  # fmt: skip
    first, last = tails(boards[0].scheme.uncertainty.rank_interval)
    low, median, high = quantiles(drawn, (first, 0.5, last))
    middle = _middle(before)
    units = [
        UnitRobustness(u.code, u.peer_group, int(middle[k]), int(low[k]), int(median[k]), int(high[k]),
                       int(before[:, k].min()), int(before[:, k].max()))
        for k, u in enumerate(boards[0].units)
        if can_rank[k]
    ]  # fmt: skip
    changes = zip(*(variants_of(board) for board in boards), strict=True)
    variants = [_compared(boards, can_rank, before, alike) for alike in changes]
    return Robustness(seed, draws, units, variants, len(boards))


@dataclass(frozen=True)
class OrderChange:
    """How the order inside the peer groups differs under another scheme: mean change of places, agreement; both ends.

    `units` are those ranked under both.
    """

    units: int
    shift_ends: tuple[float, float]
    kendall_ends: tuple[float, float] | None


def order_change(before: Sequence[Board], after: Sequence[Board]) -> OrderChange | None:
    """The order under one scheme and under another over the same tables; None with fewer than two units in both."""
    names = [unit.code for unit in after[0].units]
    place = [names.index(unit.code) if unit.code in names else -1 for unit in before[0].units]
    known = np.array(place) >= 0
    both = known.copy()
    both[known] = rankable(after[0])[[at for at in place if at >= 0]]
    both &= rankable(before[0])
    if both.sum() < FEWEST_RANKED:
        return None
    shifts, taus = [], []
    for one, other in zip(before, after, strict=True):
        scores = np.full(len(place), np.nan)
        scores[known] = other.scores[[at for at in place if at >= 0]]
        old, new = (_ranks_of(one, found, both) for found in (one.scores, scores))
        shifts.append(mean_rank_shift(new[both], old[both]))
        taus.append(_tau(one, both, one.scores, scores))
    known_taus = [tau for tau in taus if tau is not None]
    return OrderChange(int(both.sum()), (min(shifts), max(shifts)),
                       (min(known_taus), max(known_taus)) if known_taus else None)  # fmt: skip


def method_draw(board: Board, generator: np.random.Generator) -> Floats:
    """Base scores under one draw of the scheme's choices."""
    scheme = board.scheme
    shares = np.array([indicator.weight for indicator in scheme.indicators]) / 100
    is_moved = shares > 0
    weights = np.zeros(len(shares))
    weights[is_moved] = generator.dirichlet(scheme.uncertainty.weights_dirichlet * shares[is_moved]) * 100
    moved = {i.code: _shifted_points(board, i, generator) for i in scheme.indicators}
    across = "geometric" if generator.random() < 0.5 else "arithmetic"
    codes = [indicator.code for indicator in scheme.indicators]
    branch = reweighted(tree.build(scheme, across), dict(zip(codes, weights, strict=True)))
    return _base(board, branch, moved)


def variants_of(board: Board) -> Iterator[Change]:
    """(kind, name, base scores) of every single change: aggregation, normalisation, each indicator left out."""
    scheme, filled = board.scheme, {code: board.filled(code) for code in board.points}
    for across in ("arithmetic", "geometric"):
        yield "aggregation", across, _base(board, tree.build(scheme, across), filled)
    equal = {indicator.code: 100 / len(scheme.indicators) for indicator in scheme.indicators}
    yield "weights", "equal", _base(board, reweighted(tree.build(scheme), equal), filled)
    for method in RELATIVE:
        yield "normalisation", method, _renormalised(board, method)
    if len(scheme.indicators) > 1:
        for left_out in scheme.indicators:
            weights = {i.code: 0.0 if i.code == left_out.code else i.weight for i in scheme.indicators}
            yield "left_out", left_out.code, _base(board, reweighted(tree.build(scheme), weights), filled)


def weight_draws(weights: NDArray[np.float64], *, draws: int, seed: int, spread: float = 0.25) -> NDArray[np.float64]:
    """Weights moved by up to -+spread of themselves, uniform and independent, scaled back to their sum; (draws, k).

    >>> bool(np.allclose(weight_draws(np.array([40.0, 60.0]), draws=5, seed=1).sum(axis=1), 100))
    True
    """
    factors = np.random.default_rng(seed).uniform(1 - spread, 1 + spread, size=(draws, len(weights)))
    moved = weights * factors
    return moved / moved.sum(axis=1, keepdims=True) * weights.sum()


def rank_intervals_under(
    earned: NDArray[np.float64], weights: NDArray[np.float64], level: float = 0.90
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both ends of the interval of each unit's rank over weight draws; `earned` is units x indicators."""
    found = np.stack([ranks(np.round(tree.ordered_sum((earned * row).T), 9)) for row in weights])
    low, high = quantiles(found, tails(level))
    return low, high


def reweighted(branch: tree.Branch, weights: Mapping[str, float]) -> tree.Branch:
    """The tree with other leaf weights; a group weighs more or less in the proportion of the leaves below it."""
    children: list[tree.Leaf | tree.Branch] = []
    for child in branch.children:
        if isinstance(child, tree.Leaf):
            children.append(replace(child, weight=weights[child.code]))
            continue
        before, after = _below(child, None), _below(child, weights)
        inner = reweighted(child, weights)
        children.append(replace(inner, weight=child.weight * after / before if before > 0 else 0.0))
    return replace(branch, children=tuple(children))


def _below(branch: tree.Branch, weights: Mapping[str, float] | None) -> float:
    return sum(
        (child.weight if weights is None else weights[child.code])
        if isinstance(child, tree.Leaf)
        else _below(child, weights)
        for child in branch.children
    )


def _base(board: Board, branch: tree.Branch, earned: Mapping[str, Floats]) -> Floats:
    planned = tree.plan(branch, board.states)
    return np.where(planned.state == tree.PRESENT, tree.combine(planned, earned.__getitem__), np.nan)


def _shifted_points(board: Board, indicator: Indicator, generator: np.random.Generator) -> Floats:
    """Points with both goalposts moved; methods without goalposts keep theirs."""
    most = board.scheme.uncertainty.goalpost_shift
    shift = generator.uniform(-most, most, size=2)
    if indicator.method != "goalposts":
        return board.filled(indicator.code)
    anchors = board.anchors[indicator.code]
    distance = anchors.full - anchors.zero
    moved = replace(anchors, zero=anchors.zero + shift[0] * distance, full=anchors.full + shift[1] * distance)
    return np.nan_to_num(points(moved, board.columns[indicator.code].value))


def _renormalised(board: Board, method: str) -> Floats:
    """Base scores with every indicator on another scale; z-scores become 50 + 10·z to stay positive."""
    changed = tuple(
        replace(i, method=method, direction="higher" if is_higher_better(i) else "lower", proof=False)
        for i in board.scheme.indicators
    )
    scheme = replace(board.scheme, indicators=changed)
    _, earned, _, states, _ = found_for(scheme, board.columns, board.groups)
    scaled = {code: np.nan_to_num(50 + 10 * got if method == "zscore" else got) for code, got in earned.items()}
    planned = tree.plan(tree.build(scheme), states)
    return np.where(planned.state == tree.PRESENT, tree.combine(planned, scaled.__getitem__), np.nan)


def _ranks(board: Board, base: Floats, can_rank: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rank inside the peer group by base scores, 0 for units that are not ranked."""
    total = base + board.added
    return _ranks_of(board, np.clip(total, 0, 100) if board.is_bounded else total, can_rank)


def _ranks_of(board: Board, scores: Floats, can_rank: NDArray[np.bool_]) -> NDArray[np.int64]:
    found = np.zeros(len(board.units), dtype=np.int64)
    for inside in ranked_groups(board, can_rank):
        found[inside] = ranks(np.nan_to_num(scores[inside], nan=-np.inf))
    return found


def _compared(
    boards: Sequence[Board], can_rank: NDArray[np.bool_], before: NDArray[np.int64], alike: Sequence[Change]
) -> Variant:
    """One change over every table, `alike`, against the ranks `before` it."""
    kind, name, _ = alike[0]
    bases = [base for _, _, base in alike]
    after = np.stack([_ranks(board, base, can_rank) for board, base in zip(boards, bases, strict=True)])
    shifts = [mean_rank_shift(found[can_rank], old[can_rank]) for found, old in zip(after, before, strict=True)]
    found = [_tau(board, can_rank, board.base, base) for board, base in zip(boards, bases, strict=True)]
    taus = [tau for tau in found if tau is not None]
    old, new = _middle(before), _middle(after)
    moved = np.abs(new - old)
    order = sorted(np.flatnonzero(moved), key=lambda k: (-moved[k], boards[0].units[k].code))
    return Variant(
        kind,
        name,
        float(np.median(shifts)),
        float(np.median(taus)) if taus else None,
        [(boards[0].units[k].code, int(old[k]), int(new[k])) for k in order[:5]],
        (min(shifts), max(shifts)),
        (min(taus), max(taus)) if taus else None,
    )


def _middle(found: NDArray[np.int64]) -> NDArray[np.int64]:
    """The median place of every unit over the tables, a place that some table has."""
    return quantiles(found, (0.5,))[0].astype(np.int64)


def _tau(board: Board, can_rank: NDArray[np.bool_], one: Floats, other: Floats) -> float | None:
    """Kendall's tau-b inside each peer group, weighted by its pairs; None where no group has two units that differ."""
    from scipy import stats  # 70 MB that only this number needs

    taus, pairs = [], []
    for inside in ranked_groups(board, can_rank & ~np.isnan(one) & ~np.isnan(other)):
        if len(inside) > 1 and not np.isnan(tau := stats.kendalltau(one[inside], other[inside]).statistic):
            taus.append(float(tau))
            pairs.append(len(inside) * (len(inside) - 1))
    return float(np.average(taus, weights=pairs)) if taus else None
