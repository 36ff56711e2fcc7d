"""Closing, reopening and pausing: the acceptance cases on cycles."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clocks import clock, cycles
from metrics.clocks.cycles import Handling
from metrics.clocks.events import Event, What
from metrics.clocks.explanation import share_used
from tests.metrics.calendars import A
from tests.metrics.test_events import at, event, received

AS_OF = datetime(2025, 4, 30, 12, 0)


def working(a: datetime, b: datetime) -> int:
    return clock.business_seconds(A, a, b)


def elapsed(a: datetime, b: datetime) -> int:
    return clock.calendar_seconds("Asia/Shanghai", a, b)


def handled(log: list[Event], measure=working, as_of: datetime = AS_OF) -> Handling:
    found = cycles.handling(log, as_of, measure)
    assert found is not None
    return found


REOPENED_ONCE = [
    received(), event("Mon 11:00", What.CLOSED), event("Wed 09:00", What.REOPENED, "citizen"),
    event("Wed 10:00", What.CLOSED),
]  # fmt: skip


def test_case_038_first_full_and_net_are_three_numbers() -> None:
    found, by_calendar = handled(REOPENED_ONCE), handled(REOPENED_ONCE, elapsed)
    assert (found.first, found.full, found.net) == (7_200, 61_200, 10_800)
    assert by_calendar.full == 176_400
    assert [cycle.gross for cycle in found.cycles] == [7_200, 3_600]
    assert (found.reopens, found.problems) == (1, ())
    assert (found.first_closed, found.final_closed) == (at("Mon 11:00"), at("Wed 10:00"))


def test_case_039_a_reopened_case_has_a_closing_and_is_not_closed() -> None:
    found = handled(REOPENED_ONCE[:3])
    assert found.first_closed == at("Mon 11:00")
    assert (found.final_closed, found.full) == (None, None)
    assert found.cycles[-1].end is None


@pytest.mark.parametrize(("back", "reopens", "repeats"), [("2025-03-31 10:00:00", 1, 0), ("2025-04-01 10:00:00", 0, 1)])
def test_case_046_within_thirty_days_a_reopening_later_a_repeat(back: str, reopens: int, repeats: int) -> None:
    log = [
        received("2025-02-20 10:00"), event("2025-03-01 10:00", What.CLOSED), event(back, What.REOPENED, "citizen"),
    ]  # fmt: skip
    found = handled(log, elapsed)
    assert (found.reopens, len(found.repeats)) == (reopens, repeats)
    assert (found.final_closed is None) == bool(reopens)


def test_a_slip_undone_within_the_hour_is_no_reopening() -> None:
    log = [
        received(), event("Mon 11:00", What.CLOSED), event("Mon 11:30", What.REOPENED), event("Mon 12:00", What.CLOSED),
    ]  # fmt: skip
    found = handled(log)
    assert (found.reopens, found.first_closed, [c.gross for c in found.cycles]) == (0, at("Mon 12:00"), [10_800])
    log[2] = event("Mon 11:30", What.REOPENED, "citizen")
    assert handled(log).reopens == 1


def test_case_047_a_reopening_does_not_undo_lateness() -> None:
    due = at("Mon 17:00")
    log = [
        received(), event("Tue 09:30", What.CLOSED), event("Wed 09:00", What.REOPENED, "citizen"),
        event("Wed 10:00", What.CLOSED),
    ]  # fmt: skip
    found = handled(log)
    assert found.first_closed is not None
    assert not clock.is_met(found.first_closed, due)
    assert clock.due(A, found.received, clock.Limit(8, "business_hour")) == due


def test_case_049_a_pause_longer_than_the_cycle_is_an_error_and_never_negative() -> None:
    log = [
        received(),
        event("Mon 09:00", What.PAUSED),
        event("Mon 11:00", What.CLOSED),
        event("Mon 12:00", What.RESUMED),
    ]
    found = handled(log)
    assert (found.net, found.problems) == (0, ("pause_exceeds_cycle",))


def test_case_055_parts_of_pauses_outside_are_ignored() -> None:
    spans = [("Mon 09:00", "Mon 10:30"), ("Mon 14:00", "Mon 16:00")]
    log = [received("Mon 10:00"), event("Mon 15:00", What.CLOSED)]
    for start, end in spans:
        log += [event(start, What.PAUSED), event(end, What.RESUMED)]
    assert handled(log).cycles[0].paused == 5_400


def test_case_056_an_open_pause_ends_at_the_cut_off() -> None:
    found = handled([received(), event("Tue 10:00", What.PAUSED)], as_of=at("Wed 12:00"))
    assert (found.cycles[0].paused, found.problems) == (36_000, ("pause_open",))


def test_case_058_the_share_of_the_limit_stands_still_during_a_pause() -> None:
    limit, pause = clock.Limit(8, "business_hour"), [(at("Mon 13:00"), at("Tue 13:00"))]
    start = at("Mon 09:00")
    shares = [share_used(A, start, at(moment), limit, pause) for moment in ("Mon 13:00", "Tue 10:00", "Tue 13:00")]
    assert shares == [0.5, 0.5, 0.5]
    assert share_used(A, start, at("Tue 15:00"), limit, pause) == 0.75


def test_case_062_credit_is_at_most_a_fifth() -> None:
    log = [
        received("2025-03-03 00:00"), event("2025-03-04 00:00", What.PAUSED), event("2025-03-05 16:00", What.RESUMED),
        event("2025-03-07 04:00", What.CLOSED),
    ]  # fmt: skip
    found = handled(log, elapsed)
    assert (found.credited, found.net) == (80 * 3600, 60 * 3600)


STEPS = st.tuples(
    st.integers(0, 60 * 86_400),
    st.sampled_from([What.CLOSED, What.REOPENED, What.PAUSED, What.RESUMED]),
    st.sampled_from(["citizen", "staff"]),
)


@given(st.lists(STEPS, max_size=10), st.randoms())
def test_net_is_never_negative_nor_more_than_gross_in_any_order(steps: list, draw) -> None:
    start = datetime(2025, 3, 3)
    log = [Event(start, What.RECEIVED, "citizen")]
    log += [Event(start + timedelta(seconds=s), what, by) for s, what, by in steps]
    found = handled(log, elapsed)
    gross = sum(cycle.gross for cycle in found.cycles)
    assert 0 <= found.net <= found.credited <= gross
    assert gross <= elapsed(start, AS_OF)
    draw.shuffle(log)
    assert handled(log, elapsed) == found
