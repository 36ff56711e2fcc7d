"""Shared demands: which cases ask for the same thing at the same place, and how many people stand behind them.

Text alone merges different addresses with the same complaint, so cases are compared only inside one category, at most
thirty days apart, and never across two known places. Groups are suggestions with their evidence; people are counted by
the caller's token, never by text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from metrics.text_vectors import normalised, unit_vectors

CHUNK = 4096


@dataclass(frozen=True)
class DemandSettings:
    """When two texts count as one demand; start values measured on reworded complaints (docs/methods.md)."""

    min_similarity: float = 0.60
    max_days: int = 30
    max_share: float = 0.005  # pairs of characters in more texts than this say nothing


def group_texts(
    texts: Sequence[str],
    categories: Sequence[str],
    days: Sequence[int],
    places: Sequence[str | None],
    settings: DemandSettings = DemandSettings(),
) -> NDArray[np.int64]:
    """Label the cases by demand: equal labels, same demand; the label is the smallest index of its group.

    `days` are day numbers (ordinals); `places` are None where unknown. Two cases are linked when their category is
    equal, they are at most `max_days` apart, their known places do not differ, and the cosine of their weighted
    character pairs and triples reaches `min_similarity`. Groups are the connected components of the links. The result
    does not depend on the order of the cases, apart from the labels themselves.

    >>> texts = ["三号院电梯坏了无人修", "三号院的电梯坏了没人修", "五一路路灯不亮"]
    >>> group_texts(texts, ["房"] * 3, [1, 2, 3], [None] * 3)
    array([0, 0, 2])
    """
    count = len(texts)
    if count == 0:
        return np.zeros(0, np.int64)
    vectors = unit_vectors([normalised(t or "") for t in texts], settings.max_share)
    day, place = np.asarray(days, np.int64), _codes([p or "" for p in places])
    category = _codes(categories)
    links = [_links(vectors, rows, day, place, settings) for rows in _blocks(category, day)]
    first = np.concatenate([a for a, _ in links])
    second = np.concatenate([b for _, b in links])
    graph = sparse.coo_matrix((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    _, component = csgraph.connected_components(graph, directed=False)
    smallest = np.full(component.max() + 1, count, np.int64)
    np.minimum.at(smallest, component, np.arange(count))
    return smallest[component]


def _codes(names: Sequence[str]) -> NDArray[np.int64]:
    """Small integers for names; the empty name is 0 and means unknown."""
    known: dict[str, int] = {"": 0}
    return np.fromiter((known.setdefault(n, len(known)) for n in names), np.int64, len(names))


def _blocks(category: NDArray[np.int64], day: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Indices of each category, ordered by day."""
    order = np.lexsort((day, category))
    cuts = np.flatnonzero(np.diff(category[order])) + 1
    yield from np.split(order, cuts)


def _links(
    vectors: sparse.csr_matrix,
    rows: NDArray[np.int64],
    day: NDArray[np.int64],
    place: NDArray[np.int64],
    settings: DemandSettings,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of one category that are one demand. `rows` are ordered by day, so a chunk meets only its own month."""
    firsts, seconds = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    days = day[rows]
    block = vectors[rows]
    for start in range(0, len(rows), CHUNK):
        stop = min(start + CHUNK, len(rows))
        reach = int(np.searchsorted(days, days[stop - 1] + settings.max_days, side="right"))
        likeness = (block[start:stop] @ block[start:reach].T).tocoo()
        a, b = rows[start + likeness.row], rows[start + likeness.col]
        near = (likeness.data >= settings.min_similarity) & (likeness.col > likeness.row)
        near &= np.abs(day[a] - day[b]) <= settings.max_days
        near &= (place[a] == place[b]) | (place[a] == 0) | (place[b] == 0)
        firsts.append(a[near])
        seconds.append(b[near])
    return np.concatenate(firsts), np.concatenate(seconds)
