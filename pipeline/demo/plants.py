"""Applies `irregularities.toml`: changes the ordinary course of the cases of the units that carry a plant.

Each function bears the id of its plant and changes the table in place. What only shows in files (vanished records,
rewritten dates) is marked here in a column and carried out by `pipeline.demo.exports`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.demo import worktime
from pipeline.demo.arrivals import CASE_TYPES, Table
from pipeline.demo.city import DemoUnit, document
from pipeline.demo.course import DEFAULT, HOTLINE, MAILBOX, MESSAGE_BOARD, UNRATED, WEBSITE
from pipeline.demo.worktime import DAY, EVENING, NEVER

ORDINARY, TEMPLATE, FORWARDING, OFF_TOPIC, SHORT, PROMISE, REFUSAL, LATE_SIGNED = range(8)  # kinds of reply
REPEAT_SHARE = 0.025


@dataclass(frozen=True)
class Plant:
    """One planted irregularity and the unit that carries it."""

    id: str
    detector: str
    unit: int
    share: float
    count: int
    zh: str
    en: str


def plants(units: Sequence[DemoUnit]) -> list[Plant]:
    """The table of `irregularities.toml`, with `unit` as the index among `units`."""
    answer = []
    for row in document("irregularities")["plant"]:
        members = [i for i, u in enumerate(units) if u.group == row["group"]]
        place = row["place"] % len(members)
        answer.append(
            Plant(row["id"], row["detector"], members[place], row.get("share", 1.0), row.get("count", 0),
                  row["zh"], row["en"])
        )  # fmt: skip
    return answer


def give_small_unit_its_cases(table: Table, units: Sequence[DemoUnit], rng: np.random.Generator) -> None:
    """Exactly `count` hotline inquiries a year go to the small unit; to be called before the course is drawn."""
    plant = next(p for p in plants(units) if p.id == "small_perfect")
    for year in (2024, 2025):
        span = (table["received"] >= worktime.at(year, 1, 1)) & (table["received"] < worktime.at(year, 12, 1))
        rows = rng.choice(np.flatnonzero(span), plant.count, replace=False)
        table["unit"][rows] = plant.unit
        table["channel"][rows] = HOTLINE
        table["case_type"][rows] = CASE_TYPES.index("inquiry")
        table["hardness"][rows], table["urgent"][rows] = 0.5, False
        table["topic"][rows] = _topic_index("政务服务")


def _topic_index(word: str) -> int:
    from pipeline.demo.city import topics

    return next(i for i, t in enumerate(topics()) if word in t.path)


def plant_all(table: Table, units: Sequence[DemoUnit], rng: np.random.Generator) -> None:
    """Give the cases persons and kinds of reply, then apply every plant."""
    n = len(table["received"])
    table["reply_kind"] = np.zeros(n, dtype=np.int64)
    table["person"] = rng.integers(0, int(n * 0.9) + 1, n)
    table["vanished"] = np.zeros(n, dtype=bool)
    table["rewritten"] = np.zeros(n, dtype=bool)
    _call_again(table, np.flatnonzero(rng.random(n) < REPEAT_SHARE))
    for plant in plants(units):
        rows = np.flatnonzero(table["unit"] == plant.unit)
        if plant.id in FUNCTIONS:
            FUNCTIONS[plant.id](table, rows, plant, rng)


def _call_again(table: Table, rows: NDArray[np.int64]) -> None:
    """The next case of the same unit and topic is by the same person."""
    order = np.lexsort((table["received"], table["topic"], table["unit"]))
    after = np.full(len(order), -1)
    same = (table["unit"][order[1:]] == table["unit"][order[:-1]]) & (
        table["topic"][order[1:]] == table["topic"][order[:-1]]
    )
    after[order[:-1][same]] = order[1:][same]
    later = after[rows]
    table["person"][later[later >= 0]] = table["person"][rows[later >= 0]]


def _some(rows: NDArray[np.int64], share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    return rows[rng.random(len(rows)) < share]


def _reply_kind(kind: int) -> Callable[[Table, NDArray, Plant, np.random.Generator], None]:
    def plant_kind(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
        table["reply_kind"][_some(rows, plant.share, rng)] = kind

    return plant_kind


def _closed_unresolved(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    mine = _some(rows[table["closed"][rows] < NEVER], plant.share, rng)
    table["resolved"][mine], table["rating"][mine] = 0, 2
    _call_again(table, mine)


def _follow_up_gap(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    """The true answer stays in `true_resolved` for the independent sample; the own call-back hears only good news."""
    good = rng.random(len(rows)) < 0.98
    table["resolved"][rows] = np.where(good, 2, 1)
    table["rating"][rows] = np.where(good, 4, 3)
    table["final_closed"][rows], table["reopened"][rows] = table["closed"][rows], NEVER
    table["n_reworks"][rows] = 0


def _rating_jump(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    mine = _some(rows[table["valid"][rows]], plant.share, rng)
    table["first_rating"][mine], table["rating"][mine] = 2, 4


def _deadline_heaping(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    mine = _some(rows[table["closed"][rows] < NEVER], plant.share, rng)
    last_day = table["due"][mine] // DAY * DAY
    evening = last_day + int(EVENING) + rng.integers(600, 4 * 3600, len(mine))
    _close_at(table, mine[evening > table["signed"][mine]], evening[evening > table["signed"][mine]])


def _close_at(table: Table, rows: NDArray, when: NDArray) -> None:
    """Move reply and closing to `when`, and the call-back behind it."""
    shift = when - table["closed"][rows]
    table["replied"][rows], table["closed"][rows], table["final_closed"][rows] = when - 30, when, when
    called = table["followed_up"][rows] < NEVER
    table["followed_up"][rows] = np.where(called, table["followed_up"][rows] + shift, NEVER)
    table["reopened"][rows], table["n_reworks"][rows], table["n_closings"][rows] = NEVER, 0, 1


def _instant_closing(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    mine = _some(rows[(table["channel"][rows] == HOTLINE) & (table["closed"][rows] < NEVER)], plant.share, rng)
    table["signed"][mine] = table["dispatched"][mine] + 60
    _close_at(table, mine, table["dispatched"][mine] + rng.integers(150, 580, len(mine)))


def _batch_closing(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    """On the 10th and 25th of a month everything pending for longer than two days is closed at 16:5x at once."""
    mine = _some(rows[(table["channel"][rows] == HOTLINE) & (table["closed"][rows] < NEVER)], plant.share * 2, rng)
    for year in (2024, 2025):
        for month in range(1, 13):
            for day in (10, 25):
                moment = worktime.at(year, month, day, 16) + int(rng.integers(3000, 3500)) // 60 * 60
                due = (table["signed"][mine] < moment) & (table["received"][mine] > moment - 12 * DAY)
                batch = mine[due & (table["closed"][mine] > moment - 5 * DAY)]
                _close_at(table, batch, moment + rng.integers(0, 59, len(batch)))


def _time_contradiction(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    closed = rows[(table["channel"][rows] == HOTLINE) & (table["closed"][rows] < NEVER)]
    mine = _some(closed, plant.share, rng)
    half = mine[: len(mine) // 2]
    gap = np.maximum((table["dispatched"][half] - table["received"][half]) // 2, 30)
    table["closed"][half] = table["final_closed"][half] = table["received"][half] + gap
    table["reply_kind"][mine[len(mine) // 2 :]] = LATE_SIGNED


def _returns_ping_pong(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    mine = _some(rows, plant.share, rng)
    table["n_returns"][mine] = rng.choice([1, 2, 3], len(mine), p=[0.45, 0.4, 0.15])
    table["n_transfers"][mine] = table["n_returns"][mine]
    table["returned"][mine] = table["signed"][mine] + rng.integers(1, 6, len(mine)) * DAY // 2


def _exclusions(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    unhappy = rows[table["valid"][rows] & (table["rating"][rows] == 2)]
    mine = _some(unhappy, plant.share, rng)
    table["excluded"][mine] = table["followed_up"][mine] + rng.integers(1, 5, len(mine)) * DAY


def _late_extensions(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    late = rows[(table["channel"][rows] == HOTLINE) & (table["closed"][rows] > table["due"][rows])]
    mine = _some(late, plant.share, rng)
    applied = table["due"][mine] + rng.integers(-90 * 60, 20 * 3600, len(mine))
    table["extension_applied"][mine] = applied
    table["extended_due"][mine] = table["due"][mine] + 10 * DAY


def _default_ratings(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    written = rows[np.isin(table["channel"][rows], [MAILBOX]) & (table["replied"][rows] < NEVER)]
    table["grade"][_some(written, plant.share, rng)] = DEFAULT


def _dormant(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    start, end = worktime.at(2025, 5, 1), worktime.at(2025, 9, 1)
    board = rows[table["channel"][rows] == MESSAGE_BOARD]
    mine = board[(table["replied"][board] >= start) & (table["replied"][board] < end)]
    _close_at(table, mine, end + 9 * 3600 + rng.integers(0, 10 * DAY, len(mine)) // DAY * DAY + 1800)


def _selective(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    complaints = rows[table["case_type"][rows] == CASE_TYPES.index("complaint")]
    mine = _some(complaints[table["channel"][complaints] != HOTLINE], plant.share, rng)
    _never_reply(table, mine)


def _never_reply(table: Table, rows: NDArray) -> None:
    for name in ("replied", "closed", "final_closed", "rated", "followed_up", "reopened", "excluded"):
        table[name][rows] = NEVER
    table["n_closings"][rows], table["grade"][rows], table["valid"][rows] = 0, UNRATED, False
    table["manner_grade"][rows] = table["speed_grade"][rows] = UNRATED


def _perfect(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    """On time, resolved, satisfied, nothing returned, extended, reworked or excluded."""
    start = table["received"][rows]
    table["dispatched"][rows], table["signed"][rows] = start + 300, start + 900
    _close_at(table, rows, np.maximum(worktime.after(start, rng.uniform(0.1, 0.6, len(rows)) * 25_200), start + 1200))
    table["valid"][rows] = table["contacted"][rows] = True
    table["resolved"][rows], table["rating"][rows], table["first_rating"][rows] = 2, 4, 4
    table["outcome"][rows], table["n_returns"][rows], table["n_transfers"][rows] = 0, 0, 0
    for name in ("returned", "extension_applied", "extended_due", "excluded", "suspended_from", "suspended_until"):
        table[name][rows] = NEVER
    hotline = table["channel"][rows] == HOTLINE
    called = worktime.after(table["closed"][rows], np.full(len(rows), 14_400.0))
    table["followed_up"][rows] = np.where(hotline, called, NEVER)


def _september(table: Table, rows: NDArray) -> NDArray[np.int64]:
    span = (table["received"][rows] >= worktime.at(2025, 9, 1)) & (table["received"][rows] < worktime.at(2025, 10, 1))
    return rows[span & (table["channel"][rows] == HOTLINE)]


def _vanished(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    mine = _september(table, rows)
    table["vanished"][rng.permutation(mine)[: min(plant.count, len(mine) // 2)]] = True


def _rewritten(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    """Cases still open when the third quarter was exported; the later export says they were closed before that."""
    mine = _september(table, rows)
    chosen = mine[table["signed"][mine] < worktime.at(2025, 9, 30)][: plant.count]
    table["rewritten"][chosen] = True
    _close_at(table, chosen, worktime.at(2025, 10, 9, 10) + rng.integers(0, 20 * DAY, len(chosen)))


def _shared(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    span = table["received"][rows] >= worktime.at(2025, 3, 1)
    mine = rows[span][: plant.count]
    table["topic"][mine] = _topic_index("电梯")
    table["person"][mine] = table["person"][mine[rng.integers(0, max(1, len(mine) * 2 // 3), len(mine))]]
    table["locality"][mine] = table["unit"][mine]  # one estate lies in one street
    table["shared"] = np.isin(np.arange(len(table["received"])), mine)


def _long_unanswered(table: Table, rows: NDArray, plant: Plant, rng: np.random.Generator) -> None:
    span = (table["received"][rows] > worktime.at(2025, 2, 1)) & (table["received"][rows] < worktime.at(2025, 8, 1))
    mine = rows[span & (table["channel"][rows] != HOTLINE)][: plant.count]
    table["channel"][mine] = WEBSITE
    _never_reply(table, mine)


FUNCTIONS: dict[str, Callable[[Table, NDArray, Plant, np.random.Generator], None]] = {
    "template_replies": _reply_kind(TEMPLATE), "perfunctory_replies": _reply_kind(FORWARDING),
    "off_topic_replies": _reply_kind(OFF_TOPIC), "short_replies": _reply_kind(SHORT),
    "unkept_promises": _reply_kind(PROMISE), "refusals": _reply_kind(REFUSAL),
    "closed_unresolved": _closed_unresolved, "follow_up_gap": _follow_up_gap, "rating_jump": _rating_jump,
    "deadline_heaping": _deadline_heaping, "instant_closing": _instant_closing, "batch_closing": _batch_closing,
    "time_contradiction": _time_contradiction, "returns_ping_pong": _returns_ping_pong,
    "exclusions_lift_score": _exclusions, "late_extensions": _late_extensions, "default_ratings": _default_ratings,
    "dormant_channel": _dormant, "vanished_records": _vanished, "selective_answering": _selective,
    "all_perfect": _perfect, "small_perfect": _perfect, "rewritten_history": _rewritten, "shared_demand": _shared,
    "long_unanswered": _long_unanswered,
}  # fmt: skip
