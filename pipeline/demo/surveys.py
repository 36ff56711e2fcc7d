"""Satisfaction answers: an independent telephone sample of closed cases, and a web questionnaire about units."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.demo import plants, worktime
from pipeline.demo.city import document
from pipeline.demo.course import HOTLINE
from pipeline.demo.exports import RESOLVED_WORDS, World
from pipeline.demo.texts import local_time
from pipeline.demo.worktime import DAY, NEVER

LEVEL_WORDS = {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "非常不满意"}
REACHED_SHARE, HARDER_ON_CASES, HARDER_ON_GAP_UNIT = 0.72, 0.05, 0.36


def telephone(world: World, start: int, end: int, n: int, rng: np.random.Generator) -> dict[str, list[Any]]:
    """The follow-up form of a third party: a random sample of the cases closed in [start, end), joined by number.

    Fewer closed cases than `n` give fewer rows. One row in four or so was not reached and has no answers.
    """
    table = world.table
    closed = (table["closed"] >= start) & (table["closed"] < end) & (table["channel"] == HOTLINE)
    rows = np.sort(rng.permutation(np.flatnonzero(closed))[:n])
    gap = next(p.unit for p in plants.plants(world.units) if p.id == "follow_up_gap")
    harder = np.where(table["unit"][rows] == gap, HARDER_ON_GAP_UNIT, HARDER_ON_CASES)
    resolved = np.where(rng.random(len(rows)) < harder, 0, table["resolved"][rows])
    levels = {
        name: _levels(resolved, table["manner"][rows], shift, rng)
        for name, shift in (("overall", 0.0), ("speed", -0.2), ("manner", 0.3), ("skill", 0.1))
    }
    reached = rng.random(len(rows)) < REACHED_SHARE
    called = table["final_closed"][rows] + rng.integers(3 * DAY, 12 * DAY, len(rows)) // 60 * 60
    called = np.where(table["final_closed"][rows] >= NEVER, table["closed"][rows] + 4 * DAY, called)
    show = lambda values: [v if r else None for v, r in zip(values, reached.tolist(), strict=True)]  # noqa: E731
    phrases, words = document("phrases"), lambda name: [LEVEL_WORDS[v] for v in levels[name].tolist()]
    unhappy = levels["overall"] <= 2
    reasons = [phrases["reason"][i % 6] if u else None for i, u in zip(rows.tolist(), unhappy.tolist(), strict=True)]
    comments = [phrases["comment"][i % 10] if i % 3 == 0 else None for i in rows.tolist()]
    return {
        "回访工单编号": [f"HF{local_time(start):%Y}{i + 1:06d}" for i in range(len(rows))],
        "原工单编号": [world.numbers[i] for i in rows.tolist()],
        "承办单位": [world.units[u].name for u in table["unit"][rows].tolist()],
        "提交时间": [local_time(t) for t in called.tolist()],
        "是否回访成功": ["是" if r else "否" for r in reached.tolist()],
        "之前反映的问题是否得到解决": show([RESOLVED_WORDS[v] for v in resolved.tolist()]),
        "整体服务评价": show(words("overall")), "不满意原因": show(reasons),
        "处理时长评价": show(words("speed")), "态度评价": show(words("manner")), "业务能力评价": show(words("skill")),
        "电话回访意见": show(comments),
    }  # fmt: skip


def _levels(resolved: np.ndarray, manner: np.ndarray, shift: float, rng: np.random.Generator) -> np.ndarray:
    """Five levels from whether the matter is solved, the manner of the unit, and the person."""
    mood = 2.75 + 0.95 * resolved + 0.25 * manner + shift + rng.normal(0, 0.7, len(resolved))
    return np.clip(np.round(mood), 1, 5).astype(int)


def questionnaire(world: World, year: int, n: int, rng: np.random.Generator) -> dict[str, list[Any]]:
    """A web questionnaire in the form 问卷星 exports, with one burst from a single address for the unit planted."""
    plant = next(p for p in plants.plants(world.units) if p.id == "rating_stuffing")
    burst = min(plant.count, n // 4) if year == 2025 else 0
    weight = np.array([u.weight for u in world.units])
    unit = np.concatenate([rng.choice(len(weight), n - burst, p=weight / weight.sum()), np.full(burst, plant.unit)])
    start = worktime.at(year, 2, 1)
    sent = np.concatenate([
        start + rng.integers(0, 320 * DAY, n - burst), start + 200 * DAY + 14 * 3600 + np.arange(burst) * 19
    ])  # fmt: skip
    manner = np.array([u.manner for u in world.units])[unit]
    solving = np.array([u.solving for u in world.units])[unit]
    resolved = (rng.random(n) < 1 / (1 + np.exp(-1.4 - 0.6 * solving))).astype(int) * 2
    honest = np.arange(n) < n - burst
    levels = [np.where(honest, _levels(resolved, manner, s, rng), 5) for s in (0.0, -0.2, 0.2)]
    seconds = np.where(honest, rng.lognormal(np.log(95), 0.5, n), rng.integers(6, 10, n)).astype(int)
    order = np.argsort(sent, kind="stable")
    comments = document("phrases")["comment"]
    address = [f"203.0.113.{k % 200 + 20}" if h else "198.51.100.7" for k, h in enumerate(honest.tolist())]
    column = lambda values: [values[i] for i in order.tolist()]  # noqa: E731
    return {
        "序号": list(range(1, n + 1)),
        "提交答卷时间": column([local_time(t) for t in sent.tolist()]),
        "所用时间": column([f"{s}秒" for s in seconds.tolist()]),
        "来源": ["微信"] * n, "来源详情": ["N/A"] * n, "来自IP": column([f"{a}(海川)" for a in address]),
        "1、您要评价的单位": column([world.units[u].name for u in unit.tolist()]),
        "2、您的问题是否得到解决": column(["是" if r or not h else "否" for r, h in
                                 zip(resolved.tolist(), honest.tolist(), strict=True)]),
        "3、整体满意度": column([LEVEL_WORDS[v] for v in levels[0].tolist()]),
        "4、处理时长评价": column([LEVEL_WORDS[v] for v in levels[1].tolist()]),
        "5、态度评价": column([LEVEL_WORDS[v] for v in levels[2].tolist()]),
        "6、您的意见": column([comments[i % 10] if i % 4 == 0 else "" for i in range(n)]),
    }  # fmt: skip
