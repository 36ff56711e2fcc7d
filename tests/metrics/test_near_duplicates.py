"""Near-equal replies: planted copies are found, strangers are not, units are kept apart."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.shared_demands.near_duplicates import group_near_duplicates, near_prints

LETTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定"
)


def _replies(count: int, copies: int, seed: int) -> tuple[list[str], list[int]]:
    """`count` random replies and `copies` more with one to four characters changed; the source of each copy."""
    rng = np.random.default_rng(seed)
    texts = ["".join(LETTERS[i] for i in rng.integers(0, len(LETTERS), 104)) for _ in range(count)]
    source = rng.integers(0, count, copies).tolist()
    for index in source:
        letters = list(texts[index])
        for place in rng.integers(0, 104, rng.integers(1, 5)):
            letters[place] = LETTERS[rng.integers(0, len(LETTERS))]
        texts.append("".join(letters))
    return texts, source


def test_group_near_duplicates_recall_and_precision() -> None:
    texts, source = _replies(3000, 600, 1)
    labels = group_near_duplicates(texts, [0] * len(texts))
    found = sum(labels[3000 + i] == labels[s] for i, s in enumerate(source))
    assert found / len(source) >= 0.98
    assert len(set(labels[:3000].tolist())) == 3000  # no two strangers were joined


def test_near_prints_are_shared_by_copies_and_by_no_strangers() -> None:
    """One to four of 104 characters changed: at least .98 share a key with their source; two strangers never do."""
    texts, source = _replies(3000, 600, 2)
    keys = near_prints(texts)
    found = sum(bool((keys[3000 + i] == keys[s]).any()) for i, s in enumerate(source))
    assert found / len(source) >= 0.98
    for band in range(keys.shape[1]):
        assert len(np.unique(keys[:3000, band])) == 3000


@pytest.mark.parametrize(("owners", "labels"), [([1, 1], [0, 0]), ([1, 2], [0, 1])])
def test_group_near_duplicates_inside_one_unit(owners: list[int], labels: list[int]) -> None:
    reply = (
        "经现场核实，您反映的问题属实，已责成物业公司于{}日内更换电梯部件，并安排专人跟进，完成后向您反馈，请予监督。"
    )
    assert group_near_duplicates([reply.format("十"), reply.format("九")], owners).tolist() == labels


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["好", "好的"]])
def test_group_near_duplicates_short_texts_stand_alone(texts: list[str]) -> None:
    assert group_near_duplicates(texts, [0] * len(texts)).tolist() == list(range(len(texts)))
