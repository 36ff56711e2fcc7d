"""Better or worse than the peers: only where neither chance in few cases nor the usual spread of peers explains it.

A unit is set against the *other* units of its peer group, never against itself. Peers differ, so they are the null:
their mean and their spread are taken by moments (Kleinman 1973 for rates, the same sums with known standard errors for
means and times). The unit is what one more unit of such peers would be: a rate a beta-binomial count, whose two tails
are summed exactly; anything else a normal value. How well a few peers tell their own spread is in the limit: a quantile
of Student's t in the place of the normal one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.scores.observations import Column

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
RULE = "peers_spread"  # the name of this rule in a frozen result; results without a name were judged by the one before
FEWEST_PEERS = 3
LEVEL = 0.95
USUAL_RHO = 0.01  # weights of rates as if peers differed by so much: they never follow from the values themselves
FULL_SPREAD = 0.999
NEAR = 0.8  # standard deviations within which no tail can be small
BLOCK, LONGEST_BLOCK = 16, 512
SETTLED = 1e-4  # of the limit: what a tail may still grow by when it is left


@dataclass(frozen=True)
class Others:
    """What the other units of each unit's peer group show, one entry per unit; `freedom` is k - 2 for k units.

    `excess` over `room` is the spread between them by moments; `noise` and `between` make the variance of their mean:
    between·spread + noise.
    """

    mean: Floats
    excess: Floats
    room: Floats
    noise: Floats
    between: Floats
    freedom: int


def against_peers(
    column: Column, groups: NDArray[np.int64], *, least: int = 15, level: float = LEVEL
) -> NDArray[np.int64]:
    """1 where a value is higher than that of the peers beyond chance (two-sided `level`), -1 where lower, else 0.

    A peer group of fewer than `least` units borrows the spread of the other groups, each around its own mean. Nothing
    is said with fewer than three units, and of a value without counts or interval.
    """
    found = np.zeros(len(column.value), np.int64)
    for kind, chosen in ((_rates, column.is_rate), (_means, column.sd > 0)):
        members = [np.flatnonzero((groups == group) & chosen) for group in np.unique(groups[chosen])]
        parts = [(inside, kind(column, inside)) for inside in members if len(inside) >= FEWEST_PEERS]
        for number, (inside, others) in enumerate(parts):
            borrowed = [rest for place, (_, rest) in enumerate(parts) if place != number and len(inside) < least]
            spread, freedom = _spread(others, borrowed)
            limit = _limit(freedom, level)
            judge = _judged_rates if kind is _rates else _judged_means
            found[inside] = judge(column, inside, others, spread, limit)
    return found


def _rates(column: Column, inside: NDArray[np.int64]) -> Others:
    """The other units of each unit of one group, of a rate: excess S - q·A and room q·(B - A), mean off 0 and 1."""
    cases = column.denominator[inside]
    weights, noise = cases / (1 + USUAL_RHO * (cases - 1)), 1 / cases
    mean, total, sums = _sums(column.value[inside], weights, noise)
    edge = 0.5 / (_others(cases) + 1)
    mean = np.clip(mean, edge, 1 - edge)
    q, chance = mean * (1 - mean), _others(weights**2 * noise) / total**2
    excess, room = sums.scatter - q * sums.a, q * (sums.b - sums.a)
    return Others(mean, excess, room, chance, sums.squares - chance, len(inside) - 2)


def _means(column: Column, inside: NDArray[np.int64]) -> Others:
    """The same of values with standard errors: excess S - A and room B."""
    noise = column.sd[inside] ** 2
    weights = 1 / (noise + np.median(noise))
    mean, total, sums = _sums(column.value[inside], weights, noise)
    chance = _others(weights**2 * noise) / total**2
    return Others(mean, sums.scatter - sums.a, sums.b, chance, sums.squares, len(inside) - 2)


@dataclass(frozen=True)
class Sums:
    """S = sum w·(x - mean)², A = sum w·c(1 - w/W) with the noise c, B = W - sum w²/W, and sum (w/W)², of the others."""

    scatter: Floats
    a: Floats
    b: Floats
    squares: Floats


def _sums(values: Floats, weights: Floats, noise: Floats) -> tuple[Floats, Floats, Sums]:
    """Mean, sum of weights and the sums of moments, each over all units but one."""
    centre = float((weights * values).sum() / weights.sum())  # near the mean: the difference of squares stays exact
    total = _others(weights)
    moved = _others(weights * (values - centre)) / total
    scatter = np.maximum(_others(weights * (values - centre) ** 2) - total * moved**2, 0.0)
    squares = _others(weights**2) / total
    a = _others(weights * noise) - _others(weights**2 * noise) / total
    return centre + moved, total, Sums(scatter, a, total - squares, squares / total)


def _others(values: Floats) -> Floats:
    """The sum over all but one, for each."""
    return values.sum() - values


def _spread(others: Others, borrowed: list[Others]) -> tuple[Floats, int]:
    """The spread between units that each unit is measured by, and the degrees of freedom behind it.

    Of a borrowed group the mean over its units' sums stands for the group.
    """
    excess = others.excess + sum(float(rest.excess.mean()) for rest in borrowed)
    room = others.room + sum(float(rest.room.mean()) for rest in borrowed)
    spread = np.divide(excess, room, out=np.zeros_like(excess), where=room > 0)
    return np.maximum(spread, 0.0), others.freedom + sum(rest.freedom for rest in borrowed)


def _limit(freedom: int, level: float) -> float:
    """The share of a normal tail beyond Student's quantile: what one tail may hold at most."""
    from scipy import special  # 26 MB, which documents do without

    return float(special.ndtr(-special.stdtrit(freedom, (1 + level) / 2)))


def _judged_means(
    column: Column, inside: NDArray[np.int64], others: Others, spread: Floats, limit: float
) -> NDArray[np.int64]:
    from scipy import special

    variance = column.sd[inside] ** 2 + spread * (1 + others.between) + others.noise
    far = (column.value[inside] - others.mean) / np.sqrt(variance)
    return np.where(special.ndtr(-np.abs(far)) <= limit, np.sign(far), 0).astype(np.int64)


def _judged_rates(
    column: Column, inside: NDArray[np.int64], others: Others, spread: Floats, limit: float
) -> NDArray[np.int64]:
    hits, cases, mean = column.numerator[inside], column.denominator[inside], others.mean
    rho = np.clip(spread, 0, FULL_SPREAD)
    rho = np.clip(rho * (1 + others.between) + others.noise, 1e-9, FULL_SPREAD)
    far = hits / cases - mean
    near = far**2 <= NEAR**2 * mean * (1 - mean) * (rho + (1 - rho) / cases)
    found = np.zeros(len(inside), np.int64)
    rest = np.flatnonzero(~near)
    side, size = np.sign(far[rest]), 1 / rho[rest] - 1
    is_high = side > 0
    x = np.where(is_high, hits[rest], cases[rest] - hits[rest])
    p = np.where(is_high, mean[rest], 1 - mean[rest])
    found[rest] = np.where(is_tail_within(x, cases[rest], p * size, (1 - p) * size, limit), side, 0)
    return found


def is_tail_within(x: Floats, n: Floats, a: Floats, b: Floats, limit: float) -> Flags:
    """Is P(X >= x) <= limit for beta-binomial counts X of n with a and b?

    Terms are summed upwards from x, f(k+1)/f(k) = (n-k)(a+k) / ((k+1)(b+n-k-1)), until the sum passes the limit or what
    is left cannot change the answer.

    >>> eight, thirty = np.full(2, 8.0), np.full(2, 30.0)
    >>> is_tail_within(np.array([20.0, 27.0]), thirty, eight, eight, 0.025).tolist()
    [False, True]
    """
    from scipy import special

    log = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
    term = np.exp(log + special.betaln(a + x, b + n - x) - special.betaln(a, b))
    total, k, found, open_ = term.copy(), x.copy(), np.zeros(len(x), bool), np.arange(len(x))
    block = BLOCK
    while len(open_):
        steps = k[open_, None] + np.arange(block)
        left = np.maximum(n[open_, None] - steps, 0.0)
        ratios = left * (a[open_, None] + steps) / ((steps + 1) * (b[open_, None] + np.maximum(left - 1, 0.0)))
        terms = term[open_, None] * np.cumprod(ratios, axis=1)
        total[open_] += terms.sum(axis=1)
        term[open_], k[open_] = terms[:, -1], k[open_] + block
        last = np.minimum(ratios[:, -1], 1 - 1e-9)
        is_small = (b[open_] >= 1) & (term[open_] * last / (1 - last) < SETTLED * limit)
        done = (total[open_] > limit) | (k[open_] >= n[open_]) | is_small
        found[open_[done]] = total[open_[done]] <= limit
        open_, block = open_[~done], min(block * 2, LONGEST_BLOCK)
    return found
