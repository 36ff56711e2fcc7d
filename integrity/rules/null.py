"""The common machinery of the detectors: peers as the null, many units at once, three gates, two keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from integrity.rules.finding import Finding
from metrics.statistics.betabinomial import LARGEST_RHO, BetaBinomial, fit_robust


@dataclass(frozen=True)
class Gates:
    """When a pattern is worth a look: false discovery rate, level of one look, minimum effect, minimum count.

    `level` bounds the p of a single look: the share of honest units that may be flagged at all, divided by the looks
    at a unit (Bonferroni inside the unit). `q` is the Benjamini-Hochberg rate over the units of one detector.
    """

    q: float = 0.05
    level: float = 1.0
    min_difference: float = 0.0
    min_ratio: float = 1.0
    min_count: int = 20
    min_n: int = 30


@dataclass(frozen=True)
class PeerTest:
    """The answer for all units of a peer group, in the order given."""

    share: NDArray[np.float64]
    expected: float
    p: NDArray[np.float64]
    p_adjusted: NDArray[np.float64]
    stands_out: NDArray[np.bool_]


def adjusted(p: ArrayLike) -> NDArray[np.float64]:
    """Benjamini-Hochberg adjusted p-values; p >= the value means false discoveries stay below it.

    >>> adjusted([0.0001, 0.0004, 0.0019, 0.0095, 0.0201]).round(6).tolist()
    [0.0005, 0.001, 0.003167, 0.011875, 0.0201]
    """
    from scipy import stats  # here and below: 70 MB, and only the detectors ask

    values = np.asarray(p, float)
    return stats.false_discovery_control(values, method="bh") if values.size else values


def against_peers(x: ArrayLike, n: ArrayLike, gates: Gates) -> PeerTest:
    """Which units show a pattern more often than their peers differ among themselves.

    The null is the beta-binomial of the peers without those far above the others. A unit stands out when its adjusted
    p is below `q`, its p at most `level`, and effect and count reach their minimum: with many records p alone always
    fires.
    """
    hits, cases = np.asarray(x, int), np.asarray(n, int)
    share = np.divide(hits, cases, out=np.full(len(hits), np.nan), where=cases > 0)
    enough = cases >= gates.min_n
    p = np.ones(len(hits))
    if enough.sum() < 2:
        return PeerTest(share, float("nan"), p, p, np.zeros(len(hits), bool))
    peers = widest_likely(fit_robust(hits[enough], cases[enough]), int(enough.sum()))
    p[enough] = peers.upper_tail(hits[enough], cases[enough])
    p_adjusted = np.ones(len(hits))
    p_adjusted[enough] = adjusted(p[enough])
    big = (share - peers.mu >= gates.min_difference) & (share >= gates.min_ratio * peers.mu)
    rare = (p_adjusted < gates.q) & (p <= gates.level)
    return PeerTest(share, peers.mu, p, p_adjusted, enough & rare & big & (hits >= gates.min_count))


def widest_likely(peers: BetaBinomial, units: int, confidence: float = 0.95) -> BetaBinomial:
    """The peers with the upper confidence limit of the spread of their true rates instead of its estimate.

    A spread measured on few units is uncertain itself, and the tail lives on it: with k units the estimate of a
    variance goes as chi-square with k - 1 degrees of freedom, so rho is multiplied by
    (k - 1) / chi2(1 - confidence; k - 1).
    """
    from scipy import stats

    free = max(units - 1, 1)
    factor = free / float(stats.chi2.ppf(1 - confidence, free))
    return BetaBinomial(peers.mu, min(peers.rho * factor, LARGEST_RHO))


def with_two_keys(findings: Iterable[Finding]) -> list[Finding]:
    """Name a unit only when findings of two independent families agree, or one rule is deterministic.

    A finding that carries its own second key (closings before the limit that are confirmed less often) counts for both.

    The findings come back strongest first; no finding is dropped.
    """
    kept = list(findings)
    families: dict[str, set[str]] = {}
    for finding in kept:
        kinds = set() if finding.is_ticket else {finding.family, finding.second_family or finding.family}
        families.setdefault(finding.unit, set()).update(kinds)
    named = [
        replace(f, named=bool(f.unit) and not f.is_ticket and (len(families[f.unit]) >= 2 or f.is_deterministic))
        for f in kept
    ]
    return sorted(named, key=lambda f: (-f.strength, f.unit, f.detector))


def repeat_rate(counts: ArrayLike) -> float:
    """Chance that two replies drawn at random are the same text: R = sum c(c-1) / (n(n-1)).

    Free of n, unlike the share of distinct texts. NaN with fewer than two replies.

    >>> round(repeat_rate([50, 20, 10] + [1] * 120), 6)
    0.073367
    """
    c = np.asarray(counts, float)
    n = c.sum()
    return float((c * (c - 1)).sum() / (n * (n - 1))) if n > 1 else float("nan")


def chi_square_effect(observed: ArrayLike, expected_shares: ArrayLike) -> tuple[float, float]:
    """Chi-square of counts against the pooled shares of the peers, and its effect size w = sqrt(chi2 / n).

    >>> minutes = [20.0] * 60
    >>> minutes[0] += 60; minutes[30] += 40
    >>> chi2, w = chi_square_effect(minutes, [1 / 60] * 60)
    >>> round(chi2, 6), round(w, 6)
    (232.307692, 0.422727)
    """
    counts, shares = np.asarray(observed, float), np.asarray(expected_shares, float)
    n = counts.sum()
    expected = n * shares / shares.sum()
    seen = expected > 0
    chi2 = float((((counts - expected) ** 2)[seen] / expected[seen]).sum())
    return chi2, float(np.sqrt(chi2 / n)) if n else float("nan")


def burst_tail(x: ArrayLike, mean: ArrayLike, size: float | None = None) -> NDArray[np.float64]:
    """P(X >= x) of a count with the given mean: negative binomial of `size`, Poisson without one.

    Counts per hour are more uneven than Poisson; the wrong law turns a busy hour into a one-in-a-million event.

    >>> round(float(burst_tail(15, 3, 2)), 6)
    0.003291
    """
    from scipy import stats

    counts, mu = np.asarray(x), np.asarray(mean, float)
    if size is None:
        return stats.poisson.sf(counts - 1, mu)
    return stats.nbinom.sf(counts - 1, size, size / (size + mu))


def chapman(first: int, second: int, both: int) -> float:
    """Demands in two incomplete registers: N = (M+1)(C+1)/(R+1) - 1.

    >>> round(chapman(500, 400, 320), 6)
    624.859813
    """
    return (first + 1) * (second + 1) / (both + 1) - 1
