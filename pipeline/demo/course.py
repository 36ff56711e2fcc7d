"""What happens to each demand after it arrived: dispatch, signing, reply, closing, call-back, rating, rework.

Every time is drawn in office time and may lie after the end of the data: an export shows only what had happened by its
cut-off (`pipeline.demo.exports`), so that open cases at the end are open for the ordinary reason.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.demo.arrivals import CASE_TYPES, CHANNELS, Table
from pipeline.demo.city import DemoUnit
from pipeline.demo.worktime import DAY, EVENING, NEVER, OFFICE_DAY, after, end_of_working_day

HOTLINE, MESSAGE_BOARD, MAILBOX, WEBSITE = range(len(CHANNELS))
SHORT_LIMIT, LONG_LIMIT = 3, 13  # working days: inquiries and help; complaints and the rest
BOARD_LIMIT, WEBSITE_LIMIT, URGENT_LIMIT = 10, 15, 1
UNRATED, DEFAULT = -1, 0


def course(table: Table, units: Sequence[DemoUnit], rng: np.random.Generator) -> Table:
    """Add the events to the arrivals, in place, and return the table."""
    for name in ("speed", "solving", "manner"):
        table[name] = np.array([getattr(u, name) for u in units])[table["unit"]]
    _dispatch(table, rng)
    _reply(table, rng)
    _close(table, rng)
    _interruptions(table, rng)
    _call_back(table, rng)
    _rework(table, rng)
    _grades(table, rng)
    _exclude(table, rng)
    return table


def limits(table: Table) -> NDArray[np.int64]:
    """The limit of each case in working days."""
    short = np.isin(table["case_type"], [CASE_TYPES.index("inquiry"), CASE_TYPES.index("help")])
    answer = np.where(short, SHORT_LIMIT, LONG_LIMIT)
    answer = np.where(table["urgent"] & (table["channel"] == HOTLINE), URGENT_LIMIT, answer)
    answer = np.where(np.isin(table["channel"], [MESSAGE_BOARD, MAILBOX]), BOARD_LIMIT, answer)
    return np.where(table["channel"] == WEBSITE, WEBSITE_LIMIT, answer).astype(np.int64)


def _dispatch(table: Table, rng: np.random.Generator) -> None:
    n, received = len(table["received"]), table["received"]
    hotline = table["channel"] == HOTLINE
    soon = received + rng.lognormal(np.log(1500), 0.8, n).astype(np.int64)
    at_night = (soon % DAY >= 22 * 3600) | (soon % DAY < 7 * 3600)
    morning = (soon + 2 * 3600) // DAY * DAY + 8 * 3600 + rng.integers(0, 1800, n)
    later = after(received, rng.lognormal(np.log(9000), 0.7, n))
    table["dispatched"] = np.where(hotline, np.where(at_night, morning, soon), later)
    table["dispatched"] = np.maximum(table["dispatched"], received + 60)
    seconds = rng.lognormal(np.log(5400) - 0.3 * table["speed"], 1.0, n)
    in_office = after(table["dispatched"], seconds)
    # The hotline's desks are manned on weekends too; one order in ten is signed only when the office opens.
    waits = ~hotline | (rng.random(n) < 0.10)
    table["signed"] = np.where(waits, in_office, table["dispatched"] + seconds.astype(np.int64))
    table["signed"] = np.maximum(table["signed"], table["dispatched"] + 120)


def _reply(table: Table, rng: np.random.Generator) -> None:
    n, speed = len(table["received"]), table["speed"]
    table["limit"] = limits(table)
    table["due"] = end_of_working_day(table["received"], table["limit"])
    used = np.exp(np.log(0.33) + 0.35 * (table["hardness"] - 1) - 0.25 * speed + 0.60 * rng.standard_normal(n))
    pulled = (used > 1) & (used < 1.35) & (rng.random(n) < 0.55)  # the limit is seen coming and met just in time
    used = np.where(pulled, rng.uniform(0.90, 0.995, n), used)
    p_return = np.clip(0.035 * np.exp(-0.5 * speed), 0.005, 0.12)
    table["n_returns"] = ((rng.random(n) < p_return) * (1 + (rng.random(n) < 0.12))).astype(np.int64)
    table["returned"] = np.where(table["n_returns"] > 0, after(table["signed"], rng.uniform(1800, 30000, n)), NEVER)
    table["n_transfers"] = np.where(table["n_returns"] > 0, table["n_returns"], (rng.random(n) < 0.02).astype(int))
    seconds = used * table["limit"] * OFFICE_DAY + table["n_returns"] * OFFICE_DAY * 1.2
    reply = after(table["received"], seconds)
    evening = rng.random(n) < 0.074
    reply = np.where(evening, reply // DAY * DAY + int(EVENING) + rng.integers(0, 3 * 3600, n), reply)
    reply = np.maximum(reply, table["signed"] + rng.integers(600, 7200, n))
    p_forgotten = np.where(table["channel"] == HOTLINE, 0.010, 0.028) * np.exp(-0.5 * speed)
    forgotten = rng.random(n) < p_forgotten
    # Websites are checked every quarter; boards and mailboxes are reminded, and few messages slip through.
    checked = (table["channel"] == WEBSITE) | (rng.random(n) < 0.95)
    found_again = forgotten & (table["channel"] != HOTLINE) & checked
    reply = np.where(found_again, table["received"] + rng.integers(25, 85, n) * DAY, reply)
    table["replied"] = np.where(forgotten & ~found_again, NEVER, reply)


def _close(table: Table, rng: np.random.Generator) -> None:
    n, replied = len(table["received"]), table["replied"]
    at_once = rng.random(n) < np.where(table["channel"] == HOTLINE, 0.85, 0.70)
    slow = after(np.minimum(replied, table["received"] + 400 * DAY), rng.lognormal(np.log(0.6 * OFFICE_DAY), 0.8, n))
    closed = np.where(at_once, replied + rng.integers(20, 900, n), slow)
    only_replied = (table["channel"] != HOTLINE) & (rng.random(n) < 0.06)
    table["closed"] = np.where((replied >= NEVER) | only_replied, NEVER, closed)
    table["final_closed"] = table["closed"].copy()
    table["n_closings"] = (table["closed"] < NEVER).astype(np.int64)


def _interruptions(table: Table, rng: np.random.Generator) -> None:
    """Extensions of cases that would be late, and long suspensions of a few hard ones."""
    n, hotline = len(table["received"]), table["channel"] == HOTLINE
    late = hotline & (table["closed"] > table["due"]) & (table["limit"] >= LONG_LIMIT)
    extended = late & (rng.random(n) < 0.40)
    before = rng.uniform(2 * 3600, 3 * DAY, n).astype(np.int64)
    table["extension_applied"] = np.where(extended, table["due"] - before, NEVER)
    table["extended_due"] = np.where(extended, end_of_working_day(table["due"], table["limit"] // 2 + 1), NEVER)
    shelved = hotline & (table["hardness"] > 1.1) & (rng.random(n) < 0.012) & (table["closed"] < NEVER)
    start = after(table["signed"], rng.uniform(0.5, 4, n) * OFFICE_DAY)
    pause = rng.integers(20, 75, n) * DAY
    table["suspended_from"] = np.where(shelved, start, NEVER)
    table["suspended_until"] = np.where(shelved, start + pause, NEVER)
    for name in ("replied", "closed", "final_closed"):
        table[name] = np.where(shelved, np.maximum(table[name], start) + pause, table[name])


def _call_back(table: Table, rng: np.random.Generator) -> None:
    """The centre calls back after closing: reached, contacted, resolved, satisfied."""
    n, closed = len(table["received"]), table["closed"]
    asked = (table["channel"] == HOTLINE) & (closed < NEVER) & (rng.random(n) < 0.82)
    when = after(np.where(asked, closed, table["received"]), rng.uniform(0.4, 3.5, n) * OFFICE_DAY)
    table["followed_up"] = np.where(asked, when, NEVER)
    table["valid"] = asked & (rng.random(n) < 0.74)
    table["contacted"] = rng.random(n) < 0.965 + 0.012 * np.clip(table["speed"], -2.5, 2)
    late = closed > table["due"]
    logit = 2.15 + 0.65 * table["solving"] - 1.3 * (table["hardness"] - 1) - 0.5 * late
    yes = rng.random(n) < 1 / (1 + np.exp(-logit))
    table["resolved"] = np.where(yes, 2, np.where(rng.random(n) < 0.30, 1, 0))  # yes, partly, no
    mood = 0.12 + 0.9 * table["resolved"] + 0.40 * table["manner"] - 0.3 * late + rng.normal(0, 0.75, n)
    table["rating"] = np.where(mood > 1.05, 4, np.where(mood > 0.45, 3, 2))
    silent = rng.random(n) < 0.06
    table["rating"] = np.where(silent, UNRATED, table["rating"])
    table["first_rating"] = table["rating"].copy()


def _rework(table: Table, rng: np.random.Generator) -> None:
    """A call-back that says no sends some cases round again."""
    n = len(table["received"])
    again = table["valid"] & (table["resolved"] == 0) & (rng.random(n) < 0.45)
    start = np.where(again, table["followed_up"], table["received"])
    table["reopened"] = np.where(again, after(start, rng.uniform(600, 9000, n)), NEVER)
    table["final_closed"] = np.where(again, after(start, rng.uniform(2, 7, n) * OFFICE_DAY), table["final_closed"])
    table["n_closings"] = table["n_closings"] + again
    table["n_reworks"] = again.astype(np.int64)
    better = again & (rng.random(n) < 0.35)
    table["resolved"] = np.where(better, 2, table["resolved"])
    table["rating"] = np.where(better, np.where(rng.random(n) < 0.5, 4, 3), table["rating"])


def _grades(table: Table, rng: np.random.Generator) -> None:
    """Ratings of the written channels: five levels, many silent, some set by the system after ten days."""
    n, replied = len(table["received"]), table["replied"]
    written = (table["channel"] != HOTLINE) & (replied < NEVER)
    mood = 4.05 + 0.5 * table["manner"] + 0.35 * table["solving"] - 0.4 * (table["hardness"] - 1) + rng.normal(0, 1, n)
    level = np.clip(np.round(mood), 1, 5).astype(np.int64)
    active = rng.random(n) < 0.26
    default = ~active & (rng.random(n) < 0.30) & (table["channel"] == MAILBOX)
    table["grade"] = np.where(written & active, level, np.where(written & default, DEFAULT, UNRATED))
    table["rated"] = np.where(written, replied + np.where(default, 10 * DAY, rng.integers(3600, 6 * DAY, n)), NEVER)
    for name, shift in (("manner_grade", 0.2), ("speed_grade", -0.2)):
        grade = np.clip(np.round(mood + shift + rng.normal(0, 0.6, n)), 1, 5).astype(np.int64)
        table[name] = np.where(written & active & (table["channel"] == MESSAGE_BOARD), grade, UNRATED)


def _exclude(table: Table, rng: np.random.Generator) -> None:
    n = len(table["received"])
    p = 0.018 + 0.02 * ((table["rating"] == 2) & table["valid"])
    out = (table["channel"] == HOTLINE) & (table["closed"] < NEVER) & (rng.random(n) < p)
    table["excluded"] = np.where(out, after(table["closed"], rng.uniform(1, 8, n) * OFFICE_DAY), NEVER)
    table["outcome"] = np.where(
        table["resolved"] == 2, 0, np.where(rng.random(n) < 0.5, 1, np.where(rng.random(n) < 0.7, 2, 3))
    )  # resolved, partly, explained, refused
