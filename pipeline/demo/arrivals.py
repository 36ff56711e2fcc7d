"""When demands arrive, about what, through which channel, and to which unit they go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from pipeline.demo import worktime
from pipeline.demo.city import DemoUnit, Topic
from pipeline.demo.worktime import DAY

Table = dict[str, NDArray]  # one array per column, all of the same length

START, END = date(2024, 1, 1), date(2026, 1, 1)  # half-open
CHANNELS = ("hotline", "message_board", "mailbox", "website")
CHANNEL_SHARES = (0.70, 0.12, 0.08, 0.10)
CASE_TYPES = ("complaint", "help", "inquiry", "suggestion", "report", "thanks")
WEEKDAY_FACTORS = (1.12, 1.08, 1.04, 1.02, 1.00, 0.62, 0.52)
HOLIDAY_FACTOR, YEARLY_GROWTH, GRASSROOTS_SHARE, ALSO_SHARE = 0.55, 0.08, 0.28, 0.15
HOUR_WEIGHTS = np.array(
    [1, 0.6, 0.4, 0.3, 0.3, 0.6, 1.5, 3.5, 7, 9.5, 9, 6.5, 4.5, 5.5, 7.5, 8, 7.5, 6, 4.8, 4.5, 4.2, 3.5, 2.4, 1.5]
)


def arrivals(units: Sequence[DemoUnit], topics: Sequence[Topic], n: int, rng: np.random.Generator) -> Table:
    """`n` demands in the order of their receipt.

    Columns: received (seconds), topic, unit and locality (indices), channel, case_type (codes as indices), urgent.
    """
    shares = np.array([t.share for t in topics])
    topic = np.repeat(np.arange(len(topics)), rng.multinomial(n, shares / shares.sum()))
    received = np.concatenate([_times(t, int((topic == i).sum()), rng) for i, t in enumerate(topics)])
    order = np.argsort(received, kind="stable")
    topic, received = topic[order], received[order]
    case_type = np.zeros(n, dtype=np.int64)
    for i, item in enumerate(topics):
        mine = np.flatnonzero(topic == i)
        names = list(item.types)
        weights = np.array([item.types[name] for name in names], dtype=float)
        drawn = rng.choice([CASE_TYPES.index(name) for name in names], len(mine), p=weights / weights.sum())
        case_type[mine] = drawn
    locality = _localities(units, topic, topics, rng)
    table: Table = {
        "received": received,
        "topic": topic,
        "case_type": case_type,
        "channel": rng.choice(len(CHANNELS), n, p=CHANNEL_SHARES),
        "urgent": rng.random(n) < np.array([t.urgent for t in topics])[topic],
        "hardness": np.array([t.hardness for t in topics])[topic],
        "locality": locality,
        "unit": _units(units, topic, topics, locality, rng),
    }
    return table


def _times(topic: Topic, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Receipt times of one topic: season, weekday, holidays, slow growth, hour of the day."""
    days = [START + timedelta(days=i) for i in range((END - START).days)]
    first = worktime.day_number(START)
    working = worktime.is_working()[first - worktime.day_number(worktime.FIRST) :][: len(days)]
    weights = np.array([WEEKDAY_FACTORS[d.weekday()] * topic.season[d.month - 1] for d in days])
    weekday_off = ~working & np.array([d.weekday() < 5 for d in days])
    weights *= np.where(weekday_off, HOLIDAY_FACTOR, 1.0) * (1 + YEARLY_GROWTH * np.arange(len(days)) / 365)
    day = rng.choice(len(days), n, p=weights / weights.sum()) + first
    hour = rng.choice(24, n, p=HOUR_WEIGHTS / HOUR_WEIGHTS.sum())
    return (day * DAY + hour * 3600 + rng.integers(0, 3600, n)).astype(np.int64)


def _localities(
    units: Sequence[DemoUnit], topic: NDArray, topics: Sequence[Topic], rng: np.random.Generator
) -> NDArray[np.int64]:
    """The street or town a demand is about; matters of the land are about towns."""
    local = np.array([i for i, u in enumerate(units) if u.group != "bureau"])
    towns = np.array([i for i, u in enumerate(units) if u.group == "town"])
    weight = np.array([u.weight for u in units])
    answer = rng.choice(local, len(topic), p=weight[local] / weight[local].sum())
    rural = np.array([t.lead == "local_rural" for t in topics])[topic]
    answer[rural] = rng.choice(towns, int(rural.sum()), p=weight[towns] / weight[towns].sum())
    return answer


def _units(
    units: Sequence[DemoUnit], topic: NDArray, topics: Sequence[Topic], locality: NDArray, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The unit that answers: the bureau in charge, or the street or town where it is done on the spot."""
    index = {u.short_name: i for i, u in enumerate(units)}
    local = -1
    lead = np.array([index.get(t.lead, local) for t in topics])[topic]
    also = np.array([index.get(t.also or "", local) for t in topics])[topic]
    answer = np.where((lead == local) | (rng.random(len(topic)) < GRASSROOTS_SHARE), locality, lead)
    return np.where((also != local) & (rng.random(len(topic)) < ALSO_SHARE), also, answer)
