"""20,000 cases that hypothesis draws, under calendars and limits it draws: facts equal a naive loop, second by second.

Each example is a calendar, a limit and a batch of cases; the batch is one drawn piece of bytes, so that hundreds of
cases cost one choice. The second implementation here walks day by day and interval by interval, one case at a time.
"""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from metrics.clocks.calendar import Calendar, from_document
from metrics.clocks.clock import LIMIT_UNITS, Limit
from metrics.clocks.limits import MET, MISSED, NO_LIMIT, NOT_YET_DUE, OPEN_PAST_DUE
from metrics.clocks.standard import Rule, Standard
from tests.metrics.rows import AS_OF, case_row, facts_of
from tests.metrics.test_clock import ALL, hours_strategy

pytestmark = pytest.mark.slow

EXAMPLES, CASES = 27, 750
FIRST, LAST_DAY, DAY = datetime(2025, 1, 1), date(2027, 6, 30), 86_400
WAITS = ("signed_at", "contacted_at", "first_response_at", "closed_at")
CASE = np.dtype([(name, "<u2") for name in ("received_at", *WAITS)])
DRAWN = CASES * CASE.itemsize
OFFICE_WEEK = [*[["09:00-12:00", "13:30-17:30"]] * 5, [], []]  # here a limit often ends with a day's last minute
RECEIVED_EACH, WAIT_EACH = 119, 41  # seconds: two bytes reach 90 and 31 days, at every second of the minute
CLOCKS = {"sign": ("dispatched_at", "signed_at"), "contact": ("received_at", "contacted_at"),
          "reply": ("received_at", "first_response_at"), "close": ("received_at", "closed_at")}  # fmt: skip
MANY = settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], derandomize=True,
                suppress_health_check=list(HealthCheck))  # fmt: skip


class OfficeDays:
    """The hours of each day of a calendar, asked of it once: the naive loops ask for the same days again and again."""

    def __init__(self, office: Calendar) -> None:
        self.hours_of = lru_cache(None)(office.hours_of)
        self.spans_of = lru_cache(None)(self._spans_of)

    def _spans_of(self, day: int) -> list[tuple[int, int]]:
        """The open spans of a day, counted from the first one, in seconds since that one's midnight."""
        hours = self.hours_of(FIRST.date() + timedelta(days=day))
        return [(day * DAY + opens, day * DAY + closes) for opens, closes in hours]


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Hours of seven weekdays, and up to twenty days with other hours or none."""
    drawn = st.lists(hours_strategy(), min_size=7, max_size=7)
    week = dict(zip(ALL, draw(st.one_of(st.just(OFFICE_WEEK), drawn)), strict=True))
    others = draw(st.dictionaries(st.integers(0, 150), st.one_of(st.just("off"), hours_strategy()), max_size=20))
    days = {(FIRST.date() + timedelta(days=day)).isoformat(): hours for day, hours in others.items()}
    return from_document({"week": week, "days": days}, "random")


LIMITS = st.builds(
    Limit, st.one_of(st.integers(1, 30), st.sampled_from((7, 14))), st.sampled_from(LIMIT_UNITS), st.booleans()
)
BATCHES = st.binary(min_size=DRAWN, max_size=DRAWN)


def moment(since: datetime, each: int, drawn: int) -> datetime:
    """So many steps later; every second even number on the quarter of an hour, where offices open and limits end."""
    found = since + timedelta(seconds=each * int(drawn))
    return found.replace(minute=found.minute // 15 * 15, second=0) if drawn % 4 == 2 else found


def rows_of(batch: bytes) -> list[dict[str, Any]]:
    """The cases of some bytes: received in ninety days, each event after a wait; an odd wait is of one still open."""
    rows = []
    for place, drawn in enumerate(np.frombuffer(batch, CASE)):
        received = moment(FIRST, RECEIVED_EACH, drawn["received_at"])
        ends = {name: moment(received, WAIT_EACH, drawn[name]) for name in WAITS if drawn[name] % 2 == 0}
        sent = received + timedelta(hours=1)
        rows.append(case_row(f"c{place:05d}", received, channel="website", dispatched_at=sent, state="open", **ends))
    # One that has every event: a clock that no case of the batch records would not run at all.
    return [*rows, case_row("every", FIRST, dispatched_at=FIRST, state="open", **dict.fromkeys(WAITS, AS_OF))]


def naive_due(office: OfficeDays, start: datetime, limit: Limit) -> datetime | None:
    """The last moment in time, by counting up one day after the other; None where the years known end before."""
    left, day = limit.amount, start.date()
    if limit.unit == "hour":
        return start + timedelta(hours=limit.amount)
    if limit.unit == "business_hour":
        return naive_after(office, start, limit.amount * 3600)
    if limit.unit == "calendar_day":
        day += timedelta(days=limit.amount)
        while limit.roll_forward and not is_working(office, day):
            day += timedelta(days=1)
            if day > LAST_DAY:
                return None
    while limit.unit == "working_day" and left:
        day += timedelta(days=1)
        left -= is_working(office, day)
        if day > LAST_DAY:
            return None
    return datetime(day.year, day.month, day.day, 23, 59, 59)


def is_working(office: OfficeDays, day: date) -> bool:
    return bool(office.hours_of(day))


def naive_after(office: OfficeDays, start: datetime, seconds: int) -> datetime | None:
    day = start.date()
    while day <= LAST_DAY:
        midnight = datetime(day.year, day.month, day.day)
        for opens, closes in sorted(office.hours_of(day)):
            first, last = max(start, midnight + timedelta(seconds=opens)), midnight + timedelta(seconds=closes)
            length = int((last - first).total_seconds())
            if length >= seconds:
                return first + timedelta(seconds=seconds)
            seconds -= max(length, 0)
        day += timedelta(days=1)
    return None


def naive_seconds(office: OfficeDays, start: datetime, end: datetime) -> int:
    """Day by day and span by span, in whole seconds; a span of the day before may end after midnight."""
    since, until = (int((moment - FIRST).total_seconds()) for moment in (start, end))
    total = 0
    for day in range(since // DAY - 1, until // DAY + 1):
        for opens, closes in office.spans_of(day):
            first, last = max(opens, since), min(closes, until)
            if first < last:
                total += last - first
    return total


def naive_standing(end: datetime | None, due: datetime | None) -> int:
    if due is None:
        return NO_LIMIT
    if end is not None:
        return MET if end <= due else MISSED
    return OPEN_PAST_DUE if due < AS_OF else NOT_YET_DUE


def check(office: Calendar, limit: Limit, batch: bytes, folder: Path) -> int:
    """Compare every clock of every case with the naive loop; how many cases were compared."""
    rows = rows_of(batch)
    facts = facts_of(rows, folder, office=office, limits=Standard("drawn", "1", (Rule("D", limit),)))
    found = {fact["case_no"]: fact for fact in facts}
    days = OfficeDays(office)
    for row in rows:
        fact = found[row["case_no"]]
        due = naive_due(days, row["received_at"], limit)
        for name, (since, until) in CLOCKS.items():
            start, end = row[since], row[until] or AS_OF
            if row["case_no"] == "every" or end < start:
                continue
            assert fact[f"{name}_ended"] == (row[until] is not None), (name, row)
            assert fact[f"{name}_seconds"] == naive_seconds(days, start, end), (name, row)
            assert fact[f"{name}_calendar_seconds"] == int((end - start).total_seconds()), (name, row)
            if name in ("reply", "close"):
                assert fact[f"{name}_strict"] == naive_standing(row[until], due), (name, limit, row)
    return len(rows) - 1


def test_twenty_thousand_random_cases_exact_to_the_second() -> None:
    compared = 0

    @MANY
    @given(calendars(), LIMITS, BATCHES)
    def compare(office: Calendar, limit: Limit, batch: bytes) -> None:
        nonlocal compared
        assume(len(np.unique(np.frombuffer(batch, CASE))) > 0.9 * CASES)  # not the same case over and over
        with tempfile.TemporaryDirectory() as folder:
            compared += check(office, limit, batch, Path(folder))

    compare()
    assert compared >= 20_000
