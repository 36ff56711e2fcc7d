"""Shared demands on a labelled set made here: reworded complaints about the same and about other addresses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.demands import group_texts

OPENINGS = ("市民反映", "来电人称", "居民投诉", "本人住在附近，", "您好，", "请问有关部门，")
ENDINGS = ("请尽快处理", "希望有人管一管", "望回复", "已经打过两次电话", "影响休息", "盼解决，谢谢")
TROUBLES = (
    ("电梯经常停运", "电梯老是停", "电梯又坏了停运"),
    ("楼下烧烤店油烟很大", "烧烤店油烟扰民", "烧烤油烟飘进家里"),
    ("路灯不亮晚上看不见", "路灯坏了不亮", "一排路灯全不亮"),
    ("供暖温度不够", "暖气不热温度低", "供暖一直不热"),
)


def _labelled(demands: int, seed: int) -> tuple[list[str], list[str], list[int], list[int]]:
    rng = np.random.default_rng(seed)
    texts, categories, days, truth = [], [], [], []
    for demand in range(demands):
        trouble = demand % len(TROUBLES)
        place = f"{'东西南北'[demand % 4]}{'山河湖林'[demand // 4 % 4]}路{rng.integers(1, 900)}号{demand % 17 + 1}单元"
        start = int(rng.integers(0, 300))
        for _ in range(int(rng.integers(1, 6))):
            words = TROUBLES[trouble][rng.integers(0, 3)]
            texts.append(f"{OPENINGS[rng.integers(0, 6)]}{place}{words}，{ENDINGS[rng.integers(0, 6)]}。")
            categories.append(f"c{trouble}")
            days.append(start + int(rng.integers(0, 20)))
            truth.append(demand)
    return texts, categories, days, truth


def _pairs(labels: list[int]) -> set[tuple[int, int]]:
    groups: dict[int, list[int]] = {}
    for index, label in enumerate(labels):
        groups.setdefault(label, []).append(index)
    return {(a, b) for members in groups.values() for a in members for b in members if a < b}


def test_group_texts_precision_and_recall_on_labelled_set() -> None:
    texts, categories, days, truth = _labelled(400, 5)
    found, real = _pairs(group_texts(texts, categories, days, [None] * len(texts)).tolist()), _pairs(truth)
    assert len(found & real) / len(found) >= 0.9
    assert len(found & real) / len(real) >= 0.6


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
    texts, categories, days, _ = _labelled(25, seed)
    order = np.random.default_rng(seed).permutation(len(texts))
    none = [None] * len(texts)
    plain = _pairs(group_texts(texts, categories, days, none).tolist())
    mixed = group_texts([texts[i] for i in order], [categories[i] for i in order], [days[i] for i in order], none)
    back = {tuple(sorted((int(order[a]), int(order[b])))) for a, b in _pairs(mixed.tolist())}
    assert back == plain


def test_group_texts_empty() -> None:
    assert group_texts([], [], [], []).tolist() == []
    assert group_texts(["", ""], ["a", "a"], [0, 0], [None, None]).tolist() == [0, 1]
