"""Sentences of the demands and replies, put together from the phrases of the topics; no two need be alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from pipeline.demo import plants
from pipeline.demo.arrivals import Table
from pipeline.demo.city import DemoUnit, Topic, document
from pipeline.demo.worktime import DAY, NEVER

EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Texts:
    """The written columns, one entry per case; a reply is empty where there never is one."""

    title: list[str]
    content: list[str]
    reply: list[str]
    place: list[str]
    village: list[str]
    phone: list[str]
    surname: list[str]


def local_time(seconds: int) -> datetime:
    """A naive local time from seconds since 1970."""
    return EPOCH + timedelta(seconds=int(seconds))


def day_words(seconds: int) -> str:
    """A date as people write it.

    >>> day_words(1735689600)
    '2025年1月1日'
    """
    moment = local_time(seconds)
    return f"{moment.year}年{moment.month}月{moment.day}日"


def write_texts(table: Table, units: Sequence[DemoUnit], topics: Sequence[Topic], rng: np.random.Generator) -> Texts:
    """Write every title, content and reply."""
    n = len(table["received"])
    draw = rng.integers(0, 2**31, (n, 12)).tolist()  # twelve independent choices a case
    columns = {name: table[name].tolist() for name in ("topic", "unit", "locality", "received", "replied", "person")}
    kinds, shared = table["reply_kind"].tolist(), table.get("shared", np.zeros(n, dtype=bool)).tolist()
    texts = Texts([], [], [], [], [], [], [])
    for i in range(n):
        case = {name: values[i] for name, values in columns.items()} | {"shared": shared[i]}
        slots = _slots(case, units, draw[i])
        topic = topics[case["topic"]]
        title = _pick(topic.texts["title"], draw[i][1]).format_map(slots)
        slots["title"] = title
        texts.title.append(title)
        texts.content.append(_content(topic, slots, draw[i]))
        texts.reply.append(_reply(kinds[i], case, topic, topics, slots, draw[i]))
        for name in ("place", "village", "phone", "surname"):
            getattr(texts, name).append(slots[name])
    return texts


def _pick(options: Sequence[str], number: int) -> str:
    return options[number % len(options)]


def _slots(case: dict[str, Any], units: Sequence[DemoUnit], draw: list[int]) -> dict[str, str]:
    plan, phrases, local = document("city"), document("phrases"), units[case["locality"]]
    is_rural = local.group == "town"
    spread = 0 if case["shared"] else draw[5]
    village = _pick(plan["villages"] if is_rural else plan["communities"], spread + case["locality"])
    place = village if is_rural else _pick(plan["estates"], draw[6])
    answered = case["replied"] if case["replied"] < NEVER else case["received"] + 20 * DAY
    unit = units[case["unit"]]
    return {
        "place": "翠湖花园" if case["shared"] else place, "village": village, "road": _pick(plan["roads"], draw[7]),
        "when": _pick(phrases["when"], draw[8]), "n": str(2 + draw[9] % 8), "m": str(11 + draw[10] % 86),
        "deg": str(11 + draw[9] % 6), "warm": str(18 + draw[10] % 4),
        "date": day_words(max(case["received"], answered - (1 + draw[11] % 4) * DAY)),
        "soon": day_words(answered + (3 + draw[10] % 25) * DAY), "promised": day_words(answered + 20 * DAY),
        "signed": day_words(answered), "unit": unit.short_name, "surname": _pick(plan["surnames"], case["person"]),
        "given": _pick(phrases["given"], case["person"] // 7), "phone": f"1900{case['person'] % 10_000_000:07d}",
        "office": _pick(phrases["office"], draw[4]), "feeling": _pick(phrases["feeling"], draw[3]),
    }  # fmt: skip


def _content(topic: Topic, slots: dict[str, str], draw: list[int]) -> str:
    caller = _pick(document("phrases")["caller"], draw[1] // 7)
    return "".join(
        part.format_map(slots) for part in (caller, _pick(topic.texts["problem"], draw[1]),
                                            _pick(topic.texts["ask"], draw[2]))
    )  # fmt: skip


def _reply(
    kind: int, case: dict[str, Any], topic: Topic, topics: Sequence[Topic], slots: dict[str, str], draw: list[int]
) -> str:
    """The reply as the unit wrote it, by the kind planted for it."""
    phrases = document("phrases")
    if case["replied"] >= NEVER:
        return ""
    if kind == plants.TEMPLATE:
        return str(phrases["template"])
    if kind == plants.FORWARDING:
        return _pick(phrases["forwarding"], draw[3])
    if kind == plants.SHORT:
        return _pick(phrases["short"], draw[3])
    if kind == plants.REFUSAL:
        return str(phrases["refusal"])
    if kind == plants.OFF_TOPIC:
        topic = topics[(case["topic"] + 7 + draw[4] % 5) % len(topics)]
        slots = {**slots, "title": topic.texts["title"][0].format_map(slots)}
    finding = _pick(topic.texts["finding"], draw[1]).format_map(slots)
    opening = _pick(phrases["opening"], draw[2]).format_map(slots)
    if kind == plants.PROMISE:
        return opening + phrases["promise"].format_map({**slots, "finding": finding})
    if kind == plants.LATE_SIGNED:
        slots = {**slots, "signed": day_words(case["replied"] + (2 + draw[5] % 6) * DAY)}
    law = f"，依据{topic.law}" if draw[4] % 10 < 3 else ""
    measure = _pick(topic.texts["measure"], draw[1] if draw[5] % 10 < 8 else draw[5] // 10)
    details = [_pick(phrases["detail"], number).format_map(slots) for number in (draw[0], draw[3], draw[9] // 8)]
    parts = [opening, finding, law, "。", details[0], measure.format_map(slots), "。", *details[1 : 1 + draw[10] % 3]]
    if draw[6] % 10 < 5:
        parts.append(_pick(phrases["telling"], draw[7]).format_map(slots))
    is_signed = kind == plants.LATE_SIGNED
    parts.append(
        ("特此答复。{unit}，{signed}。" if is_signed else _pick(phrases["contact"], draw[8])).format_map(slots)
    )
    return "".join(parts)
