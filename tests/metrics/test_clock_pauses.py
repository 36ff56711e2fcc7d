"""Acceptance cases 50 to 60 of the clock, by number: time that is waited for others does not count."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from metrics.clocks import clock
from metrics.clocks.clock import Limit, due, pause_seconds
from metrics.clocks.reckoning import reckon
from tests.metrics.calendars import ALWAYS, CN, A


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def pauses(*pairs: tuple[str, str | None]) -> list[tuple[datetime, datetime | None]]:
    return [(at(a), at(b) if b else None) for a, b in pairs]


def test_case_050_waiting_time_is_not_counted() -> None:
    held = pauses(("2025-03-03 10:30", "2025-03-03 11:00"))
    assert reckon(ALWAYS, at("2025-03-03 09:00"), at("2025-03-03 11:00"), None, held)["business_seconds"] == 5_400


@pytest.mark.parametrize(("first", "last", "minutes"), [("09:30", "11:00", 60), ("09:00", "09:30", 30)])
def test_case_051_windows(first: str, last: str, minutes: int) -> None:
    held = pauses(("2025-03-03 10:30", "2025-03-03 11:00"))
    answer = reckon(ALWAYS, at(f"2025-03-03 {first}"), at(f"2025-03-03 {last}"), None, held)
    assert answer["business_seconds"] == minutes * 60


def test_case_052_pause_outside_office_hours_is_nothing() -> None:
    held = pauses(("2025-03-03 17:00", "2025-03-04 09:00"))
    assert pause_seconds(A, held, at("2025-03-03 09:00"), at("2025-03-04 12:00")) == 0
    end = clock.due_after_pauses(A, at("2025-03-03 09:00"), Limit(8, "business_hour"), held, at("2025-03-04 12:00"))
    assert end == at("2025-03-03 17:00")


def test_case_053_pause_over_a_weekend() -> None:
    held = pauses(("2025-03-07 16:00", "2025-03-10 10:00"))
    assert pause_seconds(A, held, at("2025-03-07 09:00"), at("2025-03-10 17:00")) == 7_200


def test_case_054_overlapping_pauses_are_joined() -> None:
    day = "2025-03-05 "
    held = pauses(*((day + a, day + b) for a, b in (("10:00", "12:00"), ("11:00", "13:00"), ("11:30", "11:45"),
                                                    ("13:00", "14:00"))))  # fmt: skip
    assert clock.merge_pauses(held, at(day + "09:00"), at(day + "17:00")) == [(at(day + "10:00"), at(day + "14:00"))]
    assert pause_seconds(A, held, at(day + "09:00"), at(day + "17:00")) == 14_400


def test_case_055_pauses_are_cut_to_the_clock() -> None:
    day = "2025-03-05 "
    held = pauses(*((day + a, day + b) for a, b in (("09:00", "09:30"), ("09:00", "10:30"), ("14:00", "16:00"),
                                                    ("16:00", "17:00"))))  # fmt: skip
    assert pause_seconds(A, held, at(day + "10:00"), at(day + "15:00")) == 5_400


def test_case_056_open_pause_ends_at_the_cut_off() -> None:
    held = pauses(("2025-03-04 10:00", None))
    assert pause_seconds(A, held, at("2025-03-03 09:00"), at("2025-03-05 12:00")) == 36_000


def test_case_057_pause_survives_a_change_of_category() -> None:
    held = pauses(("2025-03-04 10:00", "2025-03-04 12:00"), ("2025-03-04 12:00", "2025-03-04 15:00"))
    assert pause_seconds(A, held, at("2025-03-04 09:00"), at("2025-03-05 12:00")) == 18_000


def test_case_059_pause_in_working_days() -> None:
    start, held, end = at("2025-03-03 10:00"), pauses(("2025-03-05 10:00", "2025-03-10 10:00")), at("2025-03-13 10:00")
    assert due(CN, start, Limit(5, "working_day")).date() == date(2025, 3, 10)
    assert clock.due_after_pauses(CN, start, Limit(5, "working_day"), held, end).date() == date(2025, 3, 13)


def test_case_060_pause_after_the_due_time_cannot_undo_lateness() -> None:
    held = pauses(("2025-03-04 09:00", "2025-03-04 12:00"))
    answer = reckon(A, at("2025-03-03 09:00"), at("2025-03-04 13:00"), "8 business_hour", held)
    assert (answer["met"], answer["met_allowed"]) == (False, False)
