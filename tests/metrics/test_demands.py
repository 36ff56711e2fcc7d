"""Shared demands on a labelled set made here: reworded complaints about the same and about other addresses."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.shared_demands.demands import group_texts
from tests.metrics.demand_sets import LabelledSet, from_phrases, pairs, reworded


def found_pairs(made: LabelledSet) -> set[tuple[int, int]]:
    labels = group_texts(made.texts, made.categories, made.days, [None] * len(made.texts), made.spots)
    return pairs(labels.tolist())


@pytest.mark.parametrize(
    ("made", "precision", "recall"),
    [(reworded(400, 5), 0.96, 0.85), (from_phrases(1_500, 5), 0.93, 0.93)],
    ids=["reworded", "phrases"],
)
def test_group_texts_precision_and_recall_on_labelled_set(made: LabelledSet, precision: float, recall: float) -> None:
    found, real = found_pairs(made), pairs(made.truth)
    assert len(found & real) / len(found) >= precision
    assert len(found & real) / len(real) >= recall


def test_same_words_about_two_estates_are_two_demands() -> None:
    texts = [
        f"{estate}{n}号楼电梯自上周以来多次停运，老人上下楼十分不便"
        for estate in ("翠湖花园", "金桂苑")
        for n in (2, 7)
    ]
    assert group_texts(texts, ["a"] * 4, [1, 2, 3, 4], [None] * 4).tolist() == [0, 0, 2, 2]


def test_a_case_without_a_place_does_not_join_two_estates() -> None:
    texts = ["翠湖花园电梯停运老人下不了楼", "电梯停运老人下不了楼", "金桂苑电梯停运老人下不了楼"]
    labels = group_texts(texts, ["a"] * 3, [1, 2, 3], [None] * 3).tolist()
    assert labels[0] != labels[2]


@pytest.mark.parametrize(
    ("change", "labels"),
    [
        ({}, [0, 0]),
        ({"categories": ["a", "b"]}, [0, 1]),
        ({"days": [0, 31]}, [0, 1]),
        ({"days": [0, 30]}, [0, 0]),
        ({"places": ["甲村", "乙村"]}, [0, 1]),
        ({"places": ["甲村", None]}, [0, 0]),
    ],
)
def test_group_texts_needs_category_time_and_place(change: dict, labels: list[int]) -> None:
    same = {
        "texts": ["和平路三号院电梯坏了", "和平路三号院电梯坏了！"],
        "categories": ["a", "a"],
        "days": [0, 5],
        "places": [None, None],
    }
    assert group_texts(**{**same, **change}).tolist() == labels


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_group_texts_order_does_not_matter(seed: int) -> None:
    made = from_phrases(40, seed)
    order = np.random.default_rng(seed).permutation(len(made.texts))
    mixed = LabelledSet(*([getattr(made, f.name)[i] for i in order] for f in fields(LabelledSet)))
    back = {tuple(sorted((int(order[a]), int(order[b])))) for a, b in found_pairs(mixed)}
    assert back == found_pairs(made)


def test_group_texts_empty() -> None:
    assert group_texts([], [], [], []).tolist() == []
    assert group_texts(["", ""], ["a", "a"], [0, 0], [None, None]).tolist() == [0, 1]
