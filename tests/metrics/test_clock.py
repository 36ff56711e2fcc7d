"""Acceptance cases 1 to 25 of the clock, by number, and what holds for every calendar."""

from __future__ import annotations

import itertools
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.clocks import clock
from metrics.clocks.calendar import (
    Calendar,
    CalendarContradiction,
    CalendarEmpty,
    CalendarError,
    CalendarUnpublished,
    from_document,
    load,
    merge_entries,
    parse_hours,
)
from metrics.clocks.clock import Limit, business_seconds, calendar_seconds, due, explain
from metrics.clocks.reckoning import reckon
from tests.metrics.calendars import ALL, ALWAYS, CN, NOTICES, A, B, L, weekly
from tests.shared_data import shared_file

ORACLES = Path(__file__).parent / "oracles"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def bs(calendar: Calendar, start: str, end: str) -> int:
    return business_seconds(calendar, at(start), at(end))


def due_of(calendar: Calendar, start: str, limit: str) -> str:
    return due(calendar, at(start), Limit.parse(limit)).strftime("%Y-%m-%d %H:%M")


def test_case_001_limit_runs_over_the_weekend() -> None:
    assert due_of(A, "2025-03-07 16:30", "1 business_hour") == "2025-03-10 09:30"


def test_case_002_limit_inside_a_day() -> None:
    assert due_of(A, "2025-03-05 10:00", "2 business_hour") == "2025-03-05 12:00"
    assert due_of(A, "2025-03-05 07:00", "2 business_hour") == "2025-03-05 11:00"


def test_case_003_single_holidays_are_skipped() -> None:
    calendar = weekly(["09:00-21:00"], ALL, days={"2025-11-11": "off", "2025-11-13": "off"})
    assert due_of(calendar, "2025-11-09 23:00", "48 business_hour") == "2025-11-15 21:00"
    worked = {a.date() for a, _ in explain(calendar, at("2025-11-09 23:00"), at("2025-11-15 21:00"))}
    assert sorted(day.day for day in worked) == [10, 12, 14, 15]


def test_case_004_off_hours_answer_is_zero_not_missing() -> None:
    answer = reckon(A, at("2025-03-08 10:00"), at("2025-03-09 11:00"), None)
    assert (answer["business_seconds"], answer["calendar_seconds"], answer["is_off_hours"]) == (0, 90_000, True)
    assert bs(A, "2025-03-08 10:00", "2025-03-10 10:00") == 3_600


def test_case_005_weekend_to_monday() -> None:
    assert bs(A, "2025-03-08 10:00", "2025-03-10 10:00") == 3_600
    assert calendar_seconds(A.zone, at("2025-03-08 10:00"), at("2025-03-10 10:00")) == 172_800


def test_case_006_holiday_on_monday() -> None:
    calendar = weekly(["09:00-17:00"], days={"2025-03-10": "off"})
    assert bs(calendar, "2025-03-08 10:00", "2025-03-10 10:00") == 0
    assert bs(calendar, "2025-03-08 10:00", "2025-03-11 10:00") == 3_600


def test_case_007_lunch_break() -> None:
    assert bs(B, "2025-03-05 12:30", "2025-03-05 14:30") == 3_600
    assert due_of(B, "2025-03-05 12:30", "1 business_hour") == "2025-03-05 14:30"


def test_case_008_one_open_day_a_week() -> None:
    calendar = weekly(["08:00-17:00"], ("tue",))
    assert due_of(calendar, "2025-03-04 08:00", "10 business_hour") == "2025-03-11 09:00"


@pytest.mark.parametrize("limit", ["1 business_hour", "1 working_day", "1 calendar_day"])
def test_case_009_calendar_without_open_hours_is_named(limit: str) -> None:
    calendar = from_document({"week": {}}, "closed")
    with pytest.raises(CalendarEmpty, match="calendar_empty"):
        due(calendar, at("2025-03-04 08:00"), Limit.parse(limit))


def test_case_010_night_shifts() -> None:
    daily, weekdays = weekly(["21:00-02:00"], ALL), weekly(["21:00-02:00"])
    assert bs(daily, "2025-03-04 23:00", "2025-03-05 01:00") == 7_200
    assert bs(weekdays, "2025-03-07 23:00", "2025-03-08 03:00") == 10_800
    assert bs(weekdays, "2025-03-03 00:00", "2025-03-03 03:00") == 0


def test_case_011_always_open_has_no_weekend() -> None:
    assert bs(ALWAYS, "2025-03-07 18:00", "2025-03-10 09:00") == 226_800


def test_case_012_clock_changes() -> None:
    always = weekly(["00:00-24:00"], ALL, "Europe/London")
    assert bs(always, "2025-03-30 00:30", "2025-03-30 03:30") == 7_200
    assert bs(always, "2025-10-26 00:30", "2025-10-26 03:30") == 14_400
    assert bs(L, "2025-03-28 16:00", "2025-03-31 10:00") == 7_200
    assert calendar_seconds("Europe/London", at("2025-10-26 00:30"), at("2025-10-26 03:30")) == 14_400


@pytest.mark.parametrize("server", ["UTC", "America/New_York", "Asia/Shanghai"])
def test_case_013_the_clock_of_the_server_does_not_matter(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", server)
    assert bs(weekly(["09:00-17:00"], zone="Europe/London"), "2025-01-15 10:00", "2025-01-15 12:00") == 7_200


def test_case_014_make_up_days_and_levels() -> None:
    assert bs(CN, "2025-01-26 10:00", "2025-01-26 11:00") == 3_600
    assert bs(A, "2025-01-26 10:00", "2025-01-26 11:00") == 0
    assert bs(CN, "2025-01-29 10:00", "2025-01-29 11:00") == 0
    unit = CN.with_layer({date(2025, 1, 29): ((36_000, 43_200),)})
    assert bs(unit, "2025-01-29 10:00", "2025-01-29 11:00") == 3_600


def test_case_014_one_level_must_not_contradict_itself() -> None:
    with pytest.raises(CalendarContradiction, match="2025-05-01 is both off and work"):
        merge_entries([(date(2025, 5, 1), "off"), (date(2025, 5, 1), "work")], "town")
    with pytest.raises(CalendarContradiction):
        from_document({"week": {}, "days": [{"date": "2025-05-01", "is": "off"}, {"date": "2025-05-01", "is": "work"}]})


def test_case_014_a_file_that_names_a_day_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[week]\nmon = ["09:00-12:00"]\n[days]\n"2025-05-01" = "off"\n"2025-05-01" = "work"\n', "utf-8")
    with pytest.raises(CalendarContradiction, match="own"):
        load(path)


@pytest.mark.parametrize(
    ("calendar", "start", "amount", "expected"),
    [
        (L, "2024-12-02", 20, "2025-01-02"),
        (L, "2024-12-07", 20, "2025-01-08"),
        (CN, "2025-01-22", 5, "2025-02-05"),
        (CN, "2025-01-25", 1, "2025-01-26"),
    ],
)
def test_case_015_working_days(calendar: Calendar, start: str, amount: int, expected: str) -> None:
    assert due_of(calendar, f"{start} 10:00", f"{amount} working_day")[:10] == expected


def test_case_016_calendar_days_roll_forward() -> None:
    boxing_day = weekly(["09:00-17:00"], zone="Europe/London", days={"2024-12-25": "off", "2024-12-26": "off"})
    assert due_of(boxing_day, "2024-12-02 10:00", "24 calendar_day")[:10] == "2024-12-27"
    assert due_of(CN, "2025-01-14 10:00", "15 calendar_day")[:10] == "2025-02-05"
    assert due(CN, at("2025-01-14 10:00"), Limit(15, "calendar_day", roll_forward=False)).date() == date(2025, 1, 29)


def test_case_017_day_mode_ends_at_midnight() -> None:
    end = due(L, at("2024-12-02 10:00"), Limit(20, "working_day"))
    assert clock.is_met(at("2025-01-02 23:59:59"), end)
    assert not clock.is_met(at("2025-01-03 00:00:01"), end)


def test_case_018_hour_mode_is_exact_to_the_second() -> None:
    end = due(A, at("2025-03-05 10:00"), Limit(2, "business_hour"))
    assert clock.is_met(end, end)
    assert not clock.is_met(end + timedelta(seconds=1), end)


def test_case_019_seconds_are_compared_not_minutes() -> None:
    assert not reckon(A, at("2025-03-05 10:00"), at("2025-03-05 11:00:20"), "1 business_hour")["met"]
    assert round(bs(A, "2025-03-05 10:00", "2025-03-05 11:59") / 3600, 2) == 1.98


def test_case_020_calendars_hold_from_a_date() -> None:
    week = {key: ["10:00-19:00"] for key in ("mon", "tue", "wed", "thu", "fri")}
    calendar = weekly(["09:00-17:00"], weeks=[{"from": date(2025, 3, 5), "week": week}])
    assert bs(calendar, "2025-03-04 15:00", "2025-03-05 11:00") == 10_800


def test_case_021_late_holiday_moves_the_due_day_of_open_cases() -> None:
    later = CN.with_layer({date(2025, 3, 7): "off"})
    assert due_of(CN, "2025-03-05 10:00", "3 working_day")[:10] == "2025-03-10"
    assert due_of(later, "2025-03-05 10:00", "3 working_day")[:10] == "2025-03-11"


@pytest.mark.parametrize(
    ("moment", "zone", "month"),
    [("2025-04-01T04:30+00:00", "America/Bogota", 3), ("2025-03-31T16:30+00:00", "Asia/Shanghai", 4)],
)
def test_case_022_months_are_local(moment: str, zone: str, month: int) -> None:
    assert clock.local(at(moment), zone).month == month


def test_case_024_dates_without_times_give_days() -> None:
    assert clock.working_days(A, date(2025, 3, 5), date(2025, 3, 7)) == 2


BUSINESS_HOURS = json.loads((ORACLES / "business_hours_cases.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", BUSINESS_HOURS, ids=[c["id"] for c in BUSINESS_HOURS])
def test_business_hours_oracle(case: dict) -> None:
    days = dict.fromkeys(case["holidays"], "off")
    days |= {day: ["-".join(span) for span in spans] for day, spans in case["special_hours"].items()}
    week = {day: ["-".join(span) for span in spans] for day, spans in case["week"].items()}
    calendar = from_document({"timezone": case["tz"], "week": week, "days": days}, case["id"])
    assert business_seconds(calendar, at(case["start"]), at(case["end"])) == case["expected_seconds"]


def test_years_without_a_notice_are_refused_by_name() -> None:
    with pytest.raises(CalendarUnpublished, match="2027 工作日历未发布"):
        due(CN, at("2026-12-30 10:00"), Limit(5, "working_day"))
    assert "2027" in reckon(CN, at("2026-12-30 10:00"), None, "5 working_day")["reason"]
    assert "2018" in reckon(CN, at("2018-05-01 10:00"), at("2018-05-02 10:00"), None)["reason"]


MONTHS = {
    2024: [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22],
    2025: [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23],
    2026: [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23],
}
PER_YEAR = {2019: 250, 2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248}
WORKING_DAYS = [
    ("2024-02-08", 5, "2024-02-21"), ("2024-09-13", 1, "2024-09-14"), ("2024-09-27", 10, "2024-10-16"),
    ("2024-12-31", 1, "2025-01-02"), ("2025-01-22", 5, "2025-02-05"), ("2025-01-25", 1, "2025-01-26"),
    ("2025-04-25", 5, "2025-05-06"), ("2025-09-26", 3, "2025-09-30"), ("2025-09-30", 7, "2025-10-16"),
    ("2025-12-31", 1, "2026-01-04"), ("2026-02-13", 5, "2026-02-27"), ("2026-04-30", 5, "2026-05-11"),
    ("2026-09-24", 3, "2026-09-30"),
]  # fmt: skip
CALENDAR_DAYS = [
    ("2025-01-14", 15, "2025-02-05"), ("2024-12-02", 60, "2025-02-05"), ("2025-08-02", 60, "2025-10-09"),
    ("2025-03-03", 60, "2025-05-06"), ("2025-12-15", 60, "2026-02-13"),
]  # fmt: skip


def working_days_of(first: date, last: date) -> int:
    return clock.working_days(CN, first - timedelta(days=1), last)


@pytest.mark.parametrize("year", MONTHS)
def test_case_k6_working_days_of_every_month(year: int) -> None:
    first = [date(year, m, 1) for m in range(1, 13)] + [date(year + 1, 1, 1)]
    assert [sum(CN.is_working_day(a + timedelta(days=i)) for i in range((b - a).days))
            for a, b in itertools.pairwise(first)] == MONTHS[year]  # fmt: skip


@pytest.mark.parametrize("year", PER_YEAR)
def test_working_days_of_every_year(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=i) for i in range((date(year + 1, 1, 1) - date(year, 1, 1)).days))
    assert sum(map(CN.is_working_day, days)) == PER_YEAR[year]
    assert year in NOTICES[1]


@pytest.mark.shared
@pytest.mark.parametrize("year", PER_YEAR)
def test_every_day_is_as_the_shared_year_files_say(year: int) -> None:
    listed = json.loads(shared_file(f"data/calendar/holiday-cn/{year}.json").read_text("utf-8"))["days"]
    said = {date.fromisoformat(day["date"]): not day["isOffDay"] for day in listed}
    days = [date(year, 1, 1) + timedelta(days=i) for i in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    assert [day for day in days if CN.is_working_day(day) != said.get(day, day.weekday() < 5)] == []
    wanted = json.loads(shared_file("data/calendar/expected_workdays.json").read_text("utf-8"))
    assert sum(map(CN.is_working_day, days)) == wanted["workdays_per_year"][str(year)]
    made_up = sum(CN.is_working_day(day) and day.weekday() >= 5 for day in days)
    assert made_up == wanted["makeup_weekend_workdays"][str(year)]


@pytest.mark.shared
def test_working_days_of_the_shared_spans() -> None:
    wanted = json.loads(shared_file("data/calendar/expected_workdays.json").read_text("utf-8"))
    spans = wanted["workdays_after_start_up_to_end"]
    first = timedelta(days=1)
    assert [
        [start, end, working_days_of(date.fromisoformat(start) + first, date.fromisoformat(end))]
        for start, end, _ in spans
    ] == spans


@pytest.mark.parametrize(("start", "amount", "expected"), WORKING_DAYS)
def test_case_k6_working_day_vectors(start: str, amount: int, expected: str) -> None:
    assert due_of(CN, f"{start} 10:00", f"{amount} working_day")[:10] == expected


@pytest.mark.parametrize(("start", "amount", "expected"), CALENDAR_DAYS)
def test_case_k6_calendar_day_vectors(start: str, amount: int, expected: str) -> None:
    assert due_of(CN, f"{start} 10:00", f"{amount} calendar_day")[:10] == expected


def naive_seconds(calendar: Any, start: datetime, end: datetime) -> int:
    """One loop over days and intervals, no cleverness: the second implementation."""
    if end < start:
        return -naive_seconds(calendar, end, start)
    total, day, last_day = 0, start.date() - timedelta(days=1), end.date()
    while day <= last_day:
        midnight = datetime(day.year, day.month, day.day)
        for opens, closes in calendar.hours_of(day):
            first = max(start, midnight + timedelta(seconds=opens))
            last = min(end, midnight + timedelta(seconds=closes))
            total += max(0, int((last - first).total_seconds()))
        day += timedelta(days=1)
    return total


def hours_strategy() -> st.SearchStrategy[list[str]]:
    cuts = st.lists(st.integers(0, 95), min_size=0, max_size=6, unique=True).map(sorted)

    def spans(points: list[int]) -> list[str]:
        pairs = zip(points[::2], points[1::2], strict=False)
        return [f"{a // 4:02d}:{a % 4 * 15:02d}-{b // 4:02d}:{b % 4 * 15:02d}" for a, b in pairs]

    return cuts.map(spans)


MOMENTS = st.integers(0, 400 * 86_400).map(lambda s: datetime(2024, 6, 1) + timedelta(seconds=s))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(hours_strategy(), min_size=7, max_size=7),
    st.dictionaries(st.integers(0, 400), st.one_of(st.just("off"), hours_strategy()), max_size=20),
    st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=40),
)
def test_day_table_equals_the_naive_loop(week: list, exceptions: dict, pairs: list) -> None:
    days = {(date(2024, 6, 1) + timedelta(days=i)).isoformat(): e for i, e in exceptions.items()}
    calendar = from_document({"week": dict(zip(ALL, week, strict=True)), "days": days}, "random")
    table = clock.table_around(calendar, date(2024, 6, 1), date(2025, 8, 1), ahead=0)
    starts, ends = (np.array([p[i] for p in pairs], "datetime64[s]") for i in (0, 1))
    seconds, is_known = clock.working_seconds(table, starts, ends)
    assert is_known.all()
    assert seconds.tolist() == [naive_seconds(calendar, a, b) for a, b in pairs]


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.integers(1, 60))
def test_due_is_the_first_moment_that_uses_the_limit_up(start: datetime, hours: int) -> None:
    end = due(B, start, Limit(hours, "business_hour"))
    assert business_seconds(B, start, end) == hours * 3600
    assert business_seconds(B, start, end - timedelta(seconds=1)) == hours * 3600 - 1


@settings(max_examples=60, deadline=None)
@given(MOMENTS, MOMENTS)
def test_explained_intervals_add_up(start: datetime, end: datetime) -> None:
    start, end = min(start, end), max(start, end)
    spans = explain(B, start, end)
    assert sum(int((b - a).total_seconds()) for a, b in spans) == business_seconds(B, start, end)


def test_unknown_years_are_unknown_in_arrays_too() -> None:
    table = clock.table_around(CN, date(2026, 1, 1), date(2027, 6, 1))
    starts = np.array(["2026-12-30T10:00", "2026-12-30T10:00", "NaT"], "datetime64[s]")
    ends = np.array(["2026-12-31T10:00", "2027-01-04T10:00", "2026-12-31T10:00"], "datetime64[s]")
    seconds, is_known = clock.working_seconds(table, starts, ends)
    assert (int(seconds[0]), is_known.tolist()) == (8 * 3600, [True, False, False])


@pytest.mark.parametrize("text", ["9-12", "25:00-26:00", "morning"])
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(CalendarError):
        parse_hours(text) if text != "9-12" else from_document({"week": {"mon": ["09:00-12:00", "11:00-13:00"]}})


@pytest.mark.parametrize("text", ["5", "working_day", "5 weeks", "-1 hour"])
def test_limits_that_cannot_be_read_say_how(text: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        Limit.parse(text)


def test_offsets_are_read_in_the_zone_of_the_calendar() -> None:
    utc = datetime(2025, 3, 5, 2, 0, tzinfo=ZoneInfo("UTC"))  # 10:00 in Shanghai
    assert business_seconds(A, utc, utc + timedelta(hours=1)) == 3_600
