"""Shared demands: which cases ask for the same thing at the same place, and how many people stand behind them.

Text alone merges different addresses with the same complaint. So the place comes first: cases are compared only inside
one category and one place, at most thirty days apart, by what they say once the name of the place is taken out. Places
are compared by equal keys, so a group can never drift from one place to the next. Groups are suggestions with their
evidence; people are counted by the caller's token, never by text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from metrics.shared_demands.places import is_address, place_keys, without
from metrics.shared_demands.text_vectors import normalised, unit_vectors

if TYPE_CHECKING:
    from scipy import sparse

CHUNK = 4096


@dataclass(frozen=True)
class DemandSettings:
    """When two texts count as one demand; start values measured on labelled sets (docs/methods.md)."""

    min_similarity: float = 0.40  # of texts about one named place
    min_similarity_at_address: float = 0.15  # of texts about one house number
    min_similarity_without_place: float = 0.60
    max_days: int = 30
    max_share: float = 0.005  # without a place: pairs of characters in more texts than this say nothing


def group_texts(
    texts: Sequence[str],
    categories: Sequence[str],
    days: Sequence[int],
    places: Sequence[str | None],
    spots: Sequence[str | None] | None = None,
    settings: DemandSettings = DemandSettings(),
) -> NDArray[np.int64]:
    """Label the cases by demand: equal labels, same demand; the label is the smallest index of its group.

    `days` are day numbers (ordinals); `places` (village, street) and `spots` (estate, address) are None where unknown.
    Two cases are linked when category and place key are equal, they are at most `max_days` apart, their known places
    do not differ, and the cosine of their weighted character pairs and triples, the name of the place left out, reaches
    `min_similarity` (less at one house number, more without any place). The first place a text names counts, so give
    what happened before the title. Groups are the connected components of the links. The result does not depend on the
    order of the cases, apart from the labels themselves.

    >>> texts = ["三号院电梯坏了无人修", "三号院的电梯坏了没人修", "五一路路灯不亮"]
    >>> group_texts(texts, ["房"] * 3, [1, 2, 3], [None] * 3)
    array([0, 0, 2])
    """
    count = len(texts)
    if count == 0:
        return np.zeros(0, np.int64)
    plain = [normalised(t or "") for t in texts]
    keys = place_keys(plain, spots or [None] * count, places)
    words, key = without(plain, keys), _codes(keys)
    day, place, category = np.asarray(days, np.int64), _codes([p or "" for p in places]), _codes(categories)
    has_number = np.fromiter((is_address(k) for k in keys), bool, count)
    levels = (
        (has_number, 1.0, settings.min_similarity_at_address),
        ((key > 0) & ~has_number, 1.0, settings.min_similarity),
        (key == 0, settings.max_share, settings.min_similarity_without_place),
    )
    links = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for chosen, max_share, least in levels:
        rows = np.flatnonzero(chosen)
        if len(rows) > 1:
            vectors = unit_vectors([words[i] for i in rows], max_share)
            for block in _blocks(key[rows], category[rows], day[rows]):
                links.append(_links(vectors[block], rows[block], day, place, settings.max_days, least))
    return _components(links, count)


def _components(links: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], count: int) -> NDArray[np.int64]:
    from scipy import sparse
    from scipy.sparse import csgraph

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


def _blocks(key: NDArray[np.int64], category: NDArray[np.int64], day: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Indices of each place and category with more than one case, ordered by day."""
    order = np.lexsort((day, category, key))
    cuts = np.flatnonzero((np.diff(category[order]) != 0) | (np.diff(key[order]) != 0)) + 1
    yield from (block for block in np.split(order, cuts) if len(block) > 1)


def _links(
    vectors: sparse.csr_matrix,
    rows: NDArray[np.int64],
    day: NDArray[np.int64],
    place: NDArray[np.int64],
    max_days: int,
    least: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of one block that are one demand. `rows` are ordered by day, so a chunk meets only its own month."""
    firsts, seconds = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    days, small = day[rows], _used_columns(vectors)
    for start in range(0, len(rows), CHUNK):
        stop = min(start + CHUNK, len(rows))
        reach = int(np.searchsorted(days, days[stop - 1] + max_days, side="right"))
        likeness = (small[start:stop] @ small[start:reach].T).tocoo()
        a, b = rows[start + likeness.row], rows[start + likeness.col]
        near = (likeness.data >= least) & (likeness.col > likeness.row)
        near &= np.abs(day[a] - day[b]) <= max_days
        near &= (place[a] == place[b]) | (place[a] == 0) | (place[b] == 0)
        firsts.append(a[near])
        seconds.append(b[near])
    return np.concatenate(firsts), np.concatenate(seconds)


def _used_columns(vectors: sparse.csr_matrix) -> sparse.csr_matrix:
    """The same rows over the columns they use: a product then costs their size, not that of all features."""
    from scipy import sparse

    columns, index = np.unique(vectors.indices, return_inverse=True)
    return sparse.csr_matrix((vectors.data, index, vectors.indptr), shape=(vectors.shape[0], max(len(columns), 1)))
