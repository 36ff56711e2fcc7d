"""Penalties need proof: only what chance cannot explain may cost a unit points below a target, or its grade."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from evaluation.scores.observations import Column

Floats = NDArray[np.float64]
LEVEL, Z_ONE_SIDED_95 = 0.95, 1.6448536269514722


def one_sided_bounds(column: Column, level: float = LEVEL) -> tuple[Floats, Floats]:
    """(lowest, highest) value that chance at `level` one-sided still explains, per unit.

    Rates: Wilson with z of the level (1.644854 at 95 %); values with a standard error: value -+ z·se; a value without
    either is exact and is its own bound.

    >>> one = np.array([1.0])
    >>> column = Column(81 / 263 * one, 81 * one, 263 * one, np.nan * one, np.nan * one, np.array([263]), (None,))
    >>> round(float(one_sided_bounds(column)[1][0]), 6)
    0.356566
    """
    z = Z_ONE_SIDED_95 if level == LEVEL else NormalDist().inv_cdf(level)
    n, p = column.denominator, column.value
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = 1 + z * z / n
        centre = (p + z * z / (2 * n)) / scale
        half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale
    low = np.where(column.is_rate, np.clip(centre - half, 0, 1), p - z * column.sd)
    high = np.where(column.is_rate, np.clip(centre + half, 0, 1), p + z * column.sd)
    return low, high


def is_beyond(column: Column, op: str, bound: float, level: float = LEVEL) -> NDArray[np.bool_]:
    """Whether a value is proved beyond a bound: the one-sided bound itself must be. Missing values never are."""
    low, high = one_sided_bounds(column, level)
    with np.errstate(invalid="ignore"):
        if op == ">":
            return low > bound
        if op == ">=":
            return low >= bound
        return high < bound if op == "<" else high <= bound


def is_within_chance(column: Column, target: float, is_higher_better: bool, level: float = LEVEL) -> NDArray[np.bool_]:
    """Units whose value misses the target by no more than chance explains: that loss is not counted."""
    with np.errstate(invalid="ignore"):
        misses = column.value < target if is_higher_better else column.value > target
    return misses & ~is_beyond(column, "<" if is_higher_better else ">", target, level)
