"""Samples and scales: who answered, how answers are weighted to the cases they stand for, what may be published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HIDDEN_BELOW, FULL_FROM = 10, 30
LOW_COVERAGE = 0.5


class SampleError(ValueError):
    """A sample that cannot be used; the message says why."""


@dataclass(frozen=True)
class Stratum:
    """One stratum: cases it stands for, answers, positive answers."""

    name: str
    population: int
    answers: int
    positive: int


@dataclass(frozen=True)
class Weighted:
    """A share before and after weighting, with Kish's design effect and effective sample size."""

    raw: float
    weighted: float
    weight_sum: float
    design_effect: float
    effective_n: float


def top_box(scale: int) -> frozenset[int]:
    """The satisfied levels of a scale from 1: one of 3, two of 4 to 7, three of 10.

    >>> sorted(top_box(5))
    [4, 5]
    """
    boxes = {3: 1, 4: 2, 5: 2, 6: 2, 7: 2, 10: 3}
    if scale not in boxes:
        raise SampleError(f"scale of {scale} levels: use 3, 4, 5, 6, 7 or 10")
    return frozenset(range(scale - boxes[scale] + 1, scale + 1))


def mean_score(ratings: Sequence[int], scale: int) -> float:
    """Mean of (x - 1)/(k - 1) × 100 over ratings on a scale of k levels."""
    return sum((r - 1) / (scale - 1) * 100 for r in ratings) / len(ratings)


def net_score(good: int, middle: int, bad: int) -> float:
    """Good minus bad in points of all ratings, -100 to 100. A net score, never a satisfaction share."""
    return 100 * (good - bad) / (good + middle + bad)


def response_rate(answers: int, invitations: int) -> float | None:
    """Answers / delivered invitations, None without invitations; more answers than invitations are an error."""
    if answers > invitations:
        raise SampleError(f"answers_exceed_invitations: {answers} answers to {invitations} invitations")
    return answers / invitations if invitations else None


def publication(n: int) -> str:
    """What may be shown of a value that rests on n cases: hidden, indicative (no grade, no rank) or full."""
    if n < HIDDEN_BELOW:
        return "hidden"
    return "indicative" if n < FULL_FROM else "full"


def is_low_coverage(reached: int, eligible: int) -> bool:
    """Whether fewer than half of the eligible cases are behind a value."""
    return reached < LOW_COVERAGE * eligible


def poststratified(strata: Sequence[Stratum]) -> Weighted:
    """The share weighted to the population of each stratum; weights sum to the number of answers.

    w_h = (N_h/N)·n/n_h; design effect = n·sum w²/(sum w)²; effective n = n / design effect. Raises SampleError for a
    stratum with cases but no answer: nothing speaks for them.
    """
    empty = [s.name for s in strata if s.population and not s.answers]
    if empty:
        raise SampleError(f"no answer in stratum {', '.join(empty)}; merge it with another or ask there")
    n, population = sum(s.answers for s in strata), sum(s.population for s in strata)
    weights = [s.population / population * n / s.answers for s in strata if s.answers]
    answered = [s for s in strata if s.answers]
    weight_sum = sum(w * s.answers for w, s in zip(weights, answered, strict=True))
    squares = sum(w * w * s.answers for w, s in zip(weights, answered, strict=True))
    weighted = sum(w * s.positive for w, s in zip(weights, answered, strict=True)) / weight_sum
    effect = n * squares / weight_sum**2
    return Weighted(sum(s.positive for s in strata) / n, weighted, weight_sum, effect, n / effect)


@dataclass(frozen=True)
class Confirmed:
    """A confirmed rate from a two-phase sample, with its standard error."""

    rate: float
    error: float


def two_phase(claimed: tuple[int, int, int], others: tuple[int, int, int]) -> Confirmed | None:
    """The rate citizens confirm, from call-backs inside the strata of what the unit claims.

    Each stratum is (cases, reached, confirmed). With P the share claimed solved, Q1 and Q0 the confirmed shares:
    rate = P·Q1 + (1-P)·Q0; variance = P²·Q1(1-Q1)/m1 + (1-P)²·Q0(1-Q0)/m0 + P(1-P)(Q1-Q0)²/N. None where a stratum with
    cases has nobody reached. Source: methods.md 3.5.

    >>> answer = two_phase((900, 100, 80), (100, 40, 4))
    >>> round(answer.rate, 6), round(answer.error, 6)
    (0.73, 0.036913)
    """
    total = claimed[0] + others[0]
    if not total or any(cases and not reached for cases, reached, _ in (claimed, others)):
        return None
    p = claimed[0] / total
    (q1, v1), (q0, v0) = (_share(reached, yes) for _, reached, yes in (claimed, others))
    rate = p * q1 + (1 - p) * q0
    variance = p * p * v1 + (1 - p) ** 2 * v0 + p * (1 - p) * (q1 - q0) ** 2 / total
    return Confirmed(rate, variance**0.5)


def _share(reached: int, yes: int) -> tuple[float, float]:
    """A share and its variance; nothing and no variance for an empty stratum."""
    if not reached:
        return 0.0, 0.0
    q = yes / reached
    return q, q * (1 - q) / reached
