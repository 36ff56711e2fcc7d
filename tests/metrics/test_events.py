"""First answers, transfers and what is awaited: the acceptance cases on message logs."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clocks import clock, events
from metrics.clocks.events import Event, What
from records.vocabulary.events import as_text, from_text
from tests.metrics.calendars import ALWAYS, A


def at(text: str) -> datetime:
    """A moment of the reference week: "Mon 09:00", or a whole date and time."""
    days = {"Mon": 3, "Tue": 4, "Wed": 5, "Thu": 6, "Fri": 7, "Sat": 8}
    day, _, time = text.partition(" ")
    return datetime.fromisoformat(f"2025-03-{days[day]:02d} {time}" if day in days else text)


def event(text: str, what: What, by: str = "staff", unit: str | None = None) -> Event:
    return Event(at(text), what, by, unit)


def received(text: str = "Mon 09:00", by: str = "citizen") -> Event:
    return event(text, What.RECEIVED, by)


def seconds(answer: events.Answer | None) -> int:
    assert answer is not None
    return clock.business_seconds(A, answer.waited_from, answer.at)


def test_case_026_a_machines_notice_is_no_response() -> None:
    log = [received(), event("Mon 09:00:01", What.ACKNOWLEDGED, "machine"), event("Mon 14:00", What.REPLY)]
    assert seconds(events.first_response(log)) == 18_000
    notice = next(e for e in log if e.what is What.ACKNOWLEDGED)
    assert int((notice.at - log[0].at).total_seconds()) == 1


def test_case_027_only_the_notice() -> None:
    log = [received(), event("Mon 09:00:01", What.ACKNOWLEDGED, "machine")]
    assert events.first_response(log) is None
    assert events.waiting_since(log, at("Tue 12:00")) == ("first", at("Mon 09:00"))


def test_case_028_a_bot_closes_and_the_citizen_comes_back() -> None:
    log = [
        received(), event("Mon 09:05", What.CLOSED, "machine"), event("Sat 14:00", What.REOPENED, "citizen"),
        event("Sat 14:10", What.REPLY),
    ]  # fmt: skip
    answer = events.first_response(log)
    assert answer is not None
    assert clock.business_seconds(ALWAYS, answer.waited_from, answer.at) == 600
    start = events.received_at(log)
    assert start is not None
    assert clock.calendar_seconds("Asia/Shanghai", start, answer.at) == 450_600


def test_case_029_reply_time_counts_from_the_new_message() -> None:
    log = [
        received(), event("Mon 09:20", What.REPLY), event("Mon 09:30", What.CLOSED),
        event("2025-03-14 12:00", What.CITIZEN, "citizen"), event("2025-03-14 12:20", What.REPLY),
    ]  # fmt: skip
    last = events.answers(log)[-1]
    assert clock.business_seconds(ALWAYS, last.waited_from, last.at) == 1_200


def test_case_030_three_messages_are_one_reply() -> None:
    log = [received(), *(event(f"Mon 10:0{i}", What.REPLY) for i in range(3))]
    assert [seconds(answer) for answer in events.answers(log)] == [3_600]


def test_case_031_the_opening_message_of_staff_is_no_answer() -> None:
    log = [received(by="staff"), event("Mon 09:00", What.REPLY), event("Mon 10:30", What.REPLY)]
    assert seconds(events.first_response(log)) == 5_400


def test_case_032_an_internal_note_is_no_answer() -> None:
    assert events.first_response([received(), event("Mon 09:10", What.NOTE)]) is None


@pytest.mark.parametrize("has_contact", [True, False])
def test_case_033_solved_by_phone(has_contact: bool) -> None:
    log = [received(), event("Mon 09:30", What.CLOSED)]
    log += [event("Mon 09:20", What.CONTACTED)] if has_contact else []
    answer = events.first_response(log, is_contact_enough=True)
    assert (answer is not None) == has_contact
    if answer is not None:
        assert (seconds(answer), answer.source) == (1_200, "contact")


def test_a_unit_that_is_assigned_its_own_case_has_not_passed_it_on() -> None:
    """Its clock starts at the assignment; before it the case lay with whoever took it in."""
    log = [
        Event(at("Mon 09:00"), What.RECEIVED, "citizen", "A"), event("Mon 10:00", What.ASSIGNED, unit="A"),
        event("Mon 15:00", What.REPLY, unit="A"),
    ]  # fmt: skip
    (only,) = events.holds(log)
    assert (only.unit, only.start, only.end, only.how) == ("A", at("Mon 10:00"), None, "answered")


def test_case_034_a_transfer_gives_each_unit_its_own_clock() -> None:
    log = [
        Event(at("Mon 09:00"), What.RECEIVED, "citizen", "A"), event("Mon 11:00", What.ASSIGNED, unit="B"),
        event("Mon 15:00", What.REPLY, unit="B"),
    ]  # fmt: skip
    assert seconds(events.first_response(log)) == 21_600
    first, second = events.holds(log)
    assert (first.unit, first.how, first.answered_at) == ("A", "transferred", None)
    assert first.end is not None
    assert clock.business_seconds(A, first.start, first.end) == 7_200
    assert (second.unit, second.how) == ("B", "answered")
    assert second.answered_at is not None
    assert clock.business_seconds(A, second.start, second.answered_at) == 14_400


def test_case_036_the_first_limit_stays_and_a_unit_that_spoke_last_owes_nothing() -> None:
    silent = [received()]
    awaited = events.waiting_since(silent, at("Mon 12:00"))
    assert awaited == ("first", at("Mon 09:00"))
    assert clock.due(A, awaited[1], clock.Limit(8, "business_hour")) == at("Mon 17:00")
    spoke_last = [received(), event("Mon 10:00", What.REPLY)]
    assert events.waiting_since(spoke_last, at("Wed 12:00")) is None
    asked_again = [*spoke_last, event("Mon 11:00", What.CITIZEN, "citizen")]
    assert events.waiting_since(asked_again, at("Mon 12:00")) == ("follow_up", at("Mon 11:00"))


def test_case_037_thanks_before_closing_leaves_no_clock_running() -> None:
    log = [
        received(), event("Mon 10:00", What.REPLY), event("Mon 10:05", What.CITIZEN, "citizen"),
        event("Mon 10:06", What.CLOSED),
    ]  # fmt: skip
    assert events.waiting_since(log, at("Wed 12:00")) is None


def test_case_045_the_order_of_history_rows_never_matters() -> None:
    log = [
        received(), event("Mon 10:00", What.REPLY), event("Mon 10:00", What.CLOSED),
        event("Mon 10:00", What.CONTACTED),
    ]  # fmt: skip
    ordered = events.in_order(log)
    assert [e.what for e in ordered] == [What.RECEIVED, What.CONTACTED, What.REPLY, What.CLOSED]
    for shuffled in permutations(log):
        assert events.in_order(shuffled) == ordered
        assert events.answers(shuffled) == events.answers(log)


KINDS = st.tuples(st.integers(0, 5_000), st.sampled_from(list(What)), st.sampled_from(["citizen", "staff", "machine"]))


@pytest.mark.parametrize("unit", [None, "市教育局", "住建局/城管局", "a|b", "100%", "%2F/|%7C"])
def test_stored_history_comes_back_whatever_the_unit_is_called(unit: str | None) -> None:
    log = [received(), event("Mon 10:00", What.REPLY, "machine", unit), event("Tue 09:00", What.CLOSED, "staff", unit)]
    assert from_text(as_text(log)) == log


@pytest.mark.parametrize("text", ["x", "2025-03-03T09:00:00/reply/somebody/", "2025-03-03T09:00:00/reply/staff/a/b",
                                  "2025-03-03T09:00:00/none/staff/", "never/reply/staff/", "|"])  # fmt: skip
def test_text_that_is_no_history_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_text(text)


@given(st.lists(KINDS, max_size=12), st.randoms())
def test_answers_never_come_before_the_wait_and_any_order_is_equal(steps: list, draw) -> None:
    log = [received(), *(Event(at("Mon 09:00") + timedelta(seconds=s), what, by) for s, what, by in steps)]
    found = events.answers(log)
    assert all(answer.waited_from <= answer.at for answer in found)
    assert [a.at for a in found] == sorted(a.at for a in found)
    draw.shuffle(log)
    assert events.answers(log) == found
