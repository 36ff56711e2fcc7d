"""Indicators in points 0..100: the independent sample (S6), and the grades for manner and speed (S9)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from metrics.counting.count_table import CountTable
from metrics.statistics.interval import Z95
from metrics.value import Measured

CODES = ("S6", "S9", "S9.manner", "S9.speed")
THIRD_PARTY = ("weight", "steps", "squares", "weight_squares")
SCALES = (3, 5)


def counts_of(code: str) -> list[str]:
    """The names of the counts that a code reads."""
    if code == "S6":
        return ["third_party_answers", *(f"third_party_{name}_{scale}" for name in THIRD_PARTY for scale in SCALES)]
    return [f"{grade}_{level}" for grade in _grades(code) for level in range(1, 6)]


def measured(table: CountTable, code: str) -> list[Measured]:
    """One code for every key."""
    names = counts_of(code)
    columns = [table.column(name).tolist() for name in names]
    return [_points(dict(zip(names, row, strict=True)), code) for row in zip(*columns, strict=True)]


def _grades(code: str) -> list[str]:
    return [grade for grade in ("manner", "speed") if code in ("S9", f"S9.{grade}")]


def _points(counts: Mapping[str, float], code: str) -> Measured:
    if code == "S6":
        return _sample_mean(counts)
    means, n = [], 0
    for grade in _grades(code):
        levels = [counts[f"{grade}_{level}"] for level in range(1, 6)]
        if sum(levels):
            means.append(_mean_points(levels))
            n = max(n, int(sum(levels)))
    if not means:
        return Measured(None, reason="no_ratings")
    value = sum(mean for mean, _ in means) / len(means)
    half = Z95 * math.sqrt(sum(error**2 for _, error in means)) / len(means)
    return Measured(value, max(0.0, value - half), min(100.0, value + half), n, denominator=n)


def _mean_points(levels: Sequence[float]) -> tuple[float, float]:
    """Mean of (x-1)/4 × 100 and its standard error from the counts of levels 1..5."""
    n = sum(levels)
    points = [25.0 * i for i in range(5)]
    mean = sum(p * c for p, c in zip(points, levels, strict=True)) / n
    spread = sum(c * (p - mean) ** 2 for p, c in zip(points, levels, strict=True)) / n
    return mean, math.sqrt(spread / n)


def _sample_mean(counts: Mapping[str, float]) -> Measured:
    """Weighted mean of independent answers in points 0..100; the interval uses Kish's effective sample size."""
    weight = points = squares = weight_squares = 0.0
    for scale, step in ((5, 25.0), (3, 50.0)):
        weight += counts[f"third_party_weight_{scale}"]
        points += counts[f"third_party_steps_{scale}"] * step
        squares += counts[f"third_party_squares_{scale}"] * step**2
        weight_squares += counts[f"third_party_weight_squares_{scale}"]
    if not weight:
        return Measured(None, reason="no_independent_sample")
    mean = points / weight
    effective = weight**2 / weight_squares
    half = Z95 * math.sqrt(max(squares / weight - mean**2, 0.0) / effective)
    low, high = max(0.0, mean - half), min(100.0, mean + half)
    n = int(counts["third_party_answers"])
    return Measured(mean, low, high, n, numerator=points / 10_000, denominator=weight / 10_000)
