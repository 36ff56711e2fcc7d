"""Texts as vectors of weighted character pairs and triples: what Chinese needs neither a dictionary nor a model for."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

FEATURES = 1 << 22  # hashed character pairs and triples
ENOUGH_FOR_RARE = 25  # a pair of characters must be this common before it can be too common


def normalised(text: str) -> str:
    """The letters and digits of a text, full-width forms folded, case ignored.

    >>> normalised("第１２号院，电梯 坏了！")
    '第12号院电梯坏了'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def unit_vectors(texts: list[str], max_share: float) -> sparse.csr_matrix:
    """Unit vectors of tf·idf weights, one row per text.

    `texts` are normalised. The weight of a pair or triple is its count times ln((1 + N)/(1 + N_seen)) + 1; those seen
    in one text only, or in more than `max_share` of them, are left out. A text without any left is the zero vector.
    The product of two rows is their cosine, 0 to 1.

    >>> rows = unit_vectors(["电梯坏了", "电梯坏了", "路灯不亮"], 1.0)
    >>> (rows @ rows.T).toarray().round(2).tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    from scipy import sparse

    lengths = np.fromiter((len(t) for t in texts), np.int64, len(texts))
    letters = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.uint64)
    text_of = np.repeat(np.arange(len(texts)), lengths)
    rows, columns = [], []
    for width in (2, 3):
        usable = np.flatnonzero(text_of[: len(text_of) - width + 1] == text_of[width - 1 :])
        key = np.zeros(len(usable), np.uint64)
        for offset in range(width):
            key = (key ^ letters[usable + offset]) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(29)
        rows.append(text_of[usable])
        columns.append((key % np.uint64(FEATURES)).astype(np.int64))
    places, width = _numbered(np.concatenate(columns))
    matrix = sparse.coo_matrix(
        (np.ones(len(places), np.float32), (np.concatenate(rows), places)), shape=(len(texts), width)
    ).tocsr()
    return _weighted(matrix, max_share)


def _numbered(hashed: NDArray[np.int64]) -> tuple[NDArray[np.int32], int]:
    """The features that occur, numbered from 0 in their order, and how many: few texts need no room for all."""
    occurs = np.zeros(FEATURES, bool)
    occurs[hashed] = True
    return np.cumsum(occurs, dtype=np.int32)[hashed] - 1, max(int(occurs.sum()), 1)


def _weighted(matrix: sparse.csr_matrix, max_share: float) -> sparse.csr_matrix:
    count = matrix.shape[0]
    seen_in = np.bincount(matrix.indices, minlength=matrix.shape[1])
    ceiling = max(ENOUGH_FOR_RARE, max_share * count)
    useful = (seen_in >= 2) & (seen_in <= ceiling)
    weight = np.where(useful, np.log((1 + count) / (1 + seen_in)) + 1, 0).astype(np.float32)
    matrix.data = matrix.data * weight[matrix.indices]
    matrix.eliminate_zeros()
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    matrix.data *= np.repeat(scale.astype(np.float32), np.diff(matrix.indptr))
    return matrix
