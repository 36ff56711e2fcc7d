"""Periods as people write them."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.clocks.period import PeriodError, before, month_of, months_in, parse, quarters_in, year_before


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01", "2025-01-01"), ("2024H1", "2024-01-01", "2024-07-01"),
        ("2024H2", "2024-07-01", "2025-01-01"), ("2024Q3", "2024-07-01", "2024-10-01"),
        ("2024-12", "2024-12-01", "2025-01-01"), ("2024-02-19..2024-03-18", "2024-02-19", "2024-03-19"),
    ],
)  # fmt: skip
def test_forms(text: str, start: str, end: str) -> None:
    period = parse(text)
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


def test_months_that_begin_on_the_nineteenth() -> None:
    assert (parse("2025-01", 19).start, parse("2025-01", 19).end) == (date(2024, 12, 19), date(2025, 1, 19))
    assert parse("2025Q1", 19).start == date(2024, 12, 19)


def test_a_period_says_itself_on_which_day_its_months_begin() -> None:
    """As a text it means the same wherever it is typed, and its months and neighbours say it too."""
    march = parse("2025-03@19")
    assert (
        (march.start, march.end) == (date(2025, 2, 19), date(2025, 3, 19)) == (parse("2025-03@19", 5).start, march.end)
    )
    assert [(m.label, m.start.day) for m in months_in(parse("2025Q1@19"))] == [
        ("2025-01@19", 19), ("2025-02@19", 19), ("2025-03@19", 19)
    ]  # fmt: skip
    assert [q.label for q in quarters_in(parse("2025@19"), 5)] == [f"2025Q{n}@19" for n in (1, 2, 3, 4)]
    earlier, last_year = before(march), year_before(march)
    assert earlier == parse("2025-02@19")
    assert last_year == parse("2024-03@19")
    assert earlier.end == march.start
    assert before(parse("2025Q1@19")) == parse("2024Q4@19")


@pytest.mark.parametrize(
    "text",
    [
        "2024-03@",
        "2024-03@29",
        "2024-03@0",
        "2024-03@019",
        "2024-03@x",
        "@19",
        "2024-13",
        "2024Q5",
        "24",
        "2024-03-02..2024-03-01",
        "2024-02-30..2024-03-01",
        "",
    ],
)
def test_what_is_no_period_says_how_to_write_one(text: str) -> None:
    with pytest.raises(PeriodError):
        parse(text)


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(1, 28))
def test_every_day_lies_in_exactly_its_month(day: date, start_day: int) -> None:
    month = parse(month_of(day, start_day), start_day)
    assert day in month
    assert month.end - timedelta(days=1) in month
    assert month.end not in month


@given(st.dates(date(2020, 1, 1), date(2025, 1, 1)), st.integers(0, 500), st.integers(1, 28))
def test_months_cover_a_period_without_gap(first: date, length: int, start_day: int) -> None:
    period = parse(f"{first}..{first + timedelta(days=length)}")
    months = months_in(period, start_day)
    assert (months[0].start, months[-1].end) == (period.start, period.end)
    assert all(a.end == b.start for a, b in itertools.pairwise(months))
