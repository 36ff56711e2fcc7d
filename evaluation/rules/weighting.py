"""Where weights may come from: pairwise judgements (AHP) as an aid; entropy and TOPSIS as diagnostics only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Saaty's random consistency index for matrices of 1 to 10 judgements."""
LARGEST_RATIO = 0.10


class JudgementsContradict(ValueError):
    """The consistency ratio reaches .10: the pairwise judgements contradict each other and must be discussed again."""


@dataclass(frozen=True)
class Judgement:
    """Weights that sum to 1, the largest eigenvalue, and the consistency ratio (0 is perfect, below .10 accepted)."""

    weights: Floats
    eigenvalue: float
    consistency_ratio: float

    @property
    def is_consistent(self) -> bool:
        return self.consistency_ratio < LARGEST_RATIO


def reciprocal_matrix(upper: Sequence[float], size: int) -> Floats:
    """The full judgement matrix from its upper triangle, row by row.

    >>> reciprocal_matrix([2.0], 2).tolist()
    [[1.0, 2.0], [0.5, 1.0]]
    """
    matrix = np.eye(size)
    rows, columns = np.triu_indices(size, 1)
    matrix[rows, columns] = upper
    matrix[columns, rows] = 1 / np.asarray(upper, float)
    return matrix


def ahp(matrix: ArrayLike) -> Judgement:
    """Weights by the principal eigenvector of a reciprocal matrix of 2 to 10 judgements.

    CI = (lambda - n)/(n - 1), CR = CI / Saaty's random index (0 for n = 2). Raises ValueError when the matrix is not
    square, positive and reciprocal. Source: Saaty 2008; OECD/JRC handbook 2008, table 20.
    """
    judged = np.asarray(matrix, float)
    size = len(judged)
    if judged.shape != (size, size) or not 2 <= size <= len(RANDOM_INDEX):
        raise ValueError("pairwise judgements need a square matrix of 2 to 10 rows")
    if (judged <= 0).any() or not np.allclose(judged * judged.T, 1.0, rtol=1e-6):
        raise ValueError("each judgement must be above 0 and its mirror must be 1 divided by it")
    values, vectors = np.linalg.eig(judged)
    largest = int(values.real.argmax())
    weights, eigenvalue = np.abs(vectors[:, largest].real), float(values[largest].real)
    index = (eigenvalue - size) / (size - 1)
    ratio = max(index / RANDOM_INDEX[size - 1], 0.0) if size > 2 else 0.0  # rounding may put the eigenvalue below n
    return Judgement(weights / weights.sum(), eigenvalue, ratio)


def accepted_weights(matrix: ArrayLike) -> Floats:
    """AHP weights for use in a scheme. Raises JudgementsContradict when the consistency ratio reaches .10."""
    found = ahp(matrix)
    if not found.is_consistent:
        raise JudgementsContradict(
            f"the judgements contradict each other (consistency ratio {found.consistency_ratio:.3f}, "
            f"below {LARGEST_RATIO:.2f} is accepted): discuss them again"
        )
    return found.weights


def group_judgement(matrices: Sequence[ArrayLike]) -> Floats:
    """Judgement of a group: the geometric mean of its members' matrices, entry by entry."""
    return np.exp(np.mean([np.log(np.asarray(matrix, float)) for matrix in matrices], axis=0))


def entropy_weights(values: ArrayLike) -> Floats:
    """Entropy weights of a units x indicators table: diagnostic only, never for a score.

    P = x/sum x, e = -sum P·ln P/ln m with 0·ln 0 = 0, w = (1 - e)/sum(1 - e). They reward an indicator for being spread
    out or noisy and change every year. Needs two units, values of at least 0, and one indicator that differs.
    """
    x = np.asarray(values, float)
    if len(x) < 2 or (x < 0).any() or (x.sum(axis=0) <= 0).any():
        raise ValueError("entropy weights need two units and columns of values above 0")
    share = x / x.sum(axis=0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    spread = 1 + (share * logs).sum(axis=0) / np.log(len(x))
    if spread.sum() <= 1e-12:
        raise ValueError("entropy weights need an indicator on which the units differ")
    return spread / spread.sum()


def topsis(values: ArrayLike, weights: ArrayLike, is_benefit: Sequence[bool]) -> Floats:
    """Closeness to the ideal, 0..1 per unit, with vector normalisation (Hwang and Yoon 1981): diagnostic only.

    v = w·x/sqrt(sum x²); closeness = distance to the worst / (distance to the best + distance to the worst).
    """
    x = np.asarray(values, float)
    scaled = x / np.sqrt((x**2).sum(axis=0)) * np.asarray(weights, float)
    benefit = np.asarray(is_benefit, bool)
    best = np.where(benefit, scaled.max(axis=0), scaled.min(axis=0))
    worst = np.where(benefit, scaled.min(axis=0), scaled.max(axis=0))
    to_best = np.sqrt(((scaled - best) ** 2).sum(axis=1))
    to_worst = np.sqrt(((scaled - worst) ** 2).sum(axis=1))
    return to_worst / (to_best + to_worst)


def weighted_geometric(values: ArrayLike, weights: ArrayLike, floor: float = 0.01) -> Floats:
    """prod max(x, floor)^(w/sum w) over the last axis.

    >>> [round(float(v), 6) for v in weighted_geometric([[21, 1, 1, 1], [21, 2, 1, 1]], [1, 1, 1, 1])]
    [2.140695, 2.54573]
    """
    w = np.asarray(weights, float)
    return np.exp((np.log(np.maximum(np.asarray(values, float), floor)) * (w / w.sum())).sum(axis=-1))


def dirichlet_relative_sd(weight: float, concentration: float) -> float:
    """Relative spread of one weight under Dirichlet(c·w): sqrt((1 - w)/(w·(c + 1))).

    >>> round(dirichlet_relative_sd(0.1, 150), 6)
    0.244137
    """
    return float(np.sqrt((1 - weight) / (weight * (concentration + 1))))
