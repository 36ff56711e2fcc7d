"""Labelled sets of complaints: reworded ones about many addresses, and the demonstration city's own phrases."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipeline.demo.city import document, topics

OPENINGS = ("市民反映", "来电人称", "居民投诉", "本人住在附近，", "您好，", "请问有关部门，")
ENDINGS = ("请尽快处理", "希望有人管一管", "望回复", "已经打过两次电话", "影响休息", "盼解决，谢谢")
TROUBLES = (
    ("电梯经常停运", "电梯老是停", "电梯又坏了停运"),
    ("楼下烧烤店油烟很大", "烧烤店油烟扰民", "烧烤油烟飘进家里"),
    ("路灯不亮晚上看不见", "路灯坏了不亮", "一排路灯全不亮"),
    ("供暖温度不够", "暖气不热温度低", "供暖一直不热"),
)


@dataclass
class LabelledSet:
    """Complaints with the demand each belongs to."""

    texts: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    spots: list[str | None] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)


def reworded(demands: int, seed: int) -> LabelledSet:
    """Each demand has its own road, house number and entrance, and one to five complaints in changing words."""
    rng, made = np.random.default_rng(seed), LabelledSet()
    for demand in range(demands):
        trouble = demand % len(TROUBLES)
        place = f"{'东西南北'[demand % 4]}{'山河湖林'[demand // 4 % 4]}路{rng.integers(1, 900)}号{demand % 17 + 1}单元"
        start = int(rng.integers(0, 300))
        for _ in range(int(rng.integers(1, 6))):
            words = TROUBLES[trouble][rng.integers(0, 3)]
            made.texts.append(f"{OPENINGS[rng.integers(0, 6)]}{place}{words}，{ENDINGS[rng.integers(0, 6)]}。")
            made.categories.append(f"c{trouble}")
            made.days.append(start + int(rng.integers(0, 20)))
            made.spots.append(None)
            made.truth.append(demand)
    return made


def from_phrases(demands: int, seed: int) -> LabelledSet:
    """Demands in the phrases of the demonstration city: few templates, so that only the place tells them apart.

    One demand is one problem at one place; titles, callers, dates, numbers and what is asked for change. A third of the
    cases fill in the spot. Two demands alike in category and place have different problems.
    """
    rng, made, plan, phrases = np.random.default_rng(seed), LabelledSet(), document("city"), document("phrases")
    known, taken = topics(), set()
    for demand in range(demands):
        number = int(rng.integers(len(known)))
        estate, road = (str(rng.choice(plan[name])) for name in ("estates", "roads"))
        problem, start = int(rng.integers(3)), int(rng.integers(0, 300))
        words = known[number].texts
        named = words["problem"][problem]
        where = estate if "{place}" in named else road if "{road}" in named else ""
        if (number, where, problem) in taken:
            continue
        taken.add((number, where, problem))
        for _ in range(int(rng.integers(1, 6))):
            slots = {
                "place": estate, "road": road, "when": rng.choice(phrases["when"]), "n": rng.integers(2, 10),
                "m": rng.integers(11, 97), "deg": rng.integers(11, 17), "warm": rng.integers(18, 22),
                "surname": rng.choice(plan["surnames"]), "given": rng.choice(phrases["given"]), "phone": "138****0000",
                "village": "", "unit": "", "office": "", "date": "", "soon": "",
            }  # fmt: skip
            parts = (rng.choice(phrases["caller"]), words["problem"][problem], rng.choice(words["ask"]), " ",
                     rng.choice(words["title"]))  # fmt: skip
            made.texts.append("".join(str(part) for part in parts).format_map(slots))
            made.categories.append(known[number].path)
            made.days.append(start + int(rng.integers(0, 20)))
            made.spots.append(estate if rng.random() < 1 / 3 else None)
            made.truth.append(demand)
    return made


def pairs(labels: list[int]) -> set[tuple[int, int]]:
    """Every pair of cases that share a label."""
    groups: dict[int, list[int]] = {}
    for index, label in enumerate(labels):
        groups.setdefault(label, []).append(index)
    return {(a, b) for members in groups.values() for a in members for b in members if a < b}
