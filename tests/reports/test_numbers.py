"""The one place of rounding and printing."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import numbers


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.8925, "89.3"),
        (0.89249, "89.2"),
        (1831 / 1924, "95.2"),
        (1, "100.0"),
        (0, "0.0"),
        (None, "—"),
        (-0.0004, "0.0"),
    ],
)
def test_rate_cases(value, printed):
    assert numbers.rate(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(88, "88.00"), (89.9964, "90.00"), (89.9951, "90.00"), (2.675, "2.68"), (None, "—"), (float("nan"), "—")],
)
def test_score_cases(value, printed):
    assert numbers.score(value) == printed


@pytest.mark.parametrize(
    ("make", "printed"),
    [
        (lambda: numbers.count(12345), "12,345"),
        (lambda: numbers.percent(0.9209), "92.1%"),
        (lambda: numbers.percent_points(-0.035), "−3.5"),
        (lambda: numbers.percent_points(0.035), "+3.5"),
        (lambda: numbers.percent_points(0), "0.0"),
        (lambda: numbers.weight(7.0), "7"),
        (lambda: numbers.weight(2.5), "2.5"),
        (lambda: numbers.weight(100), "100"),
        (lambda: numbers.hours(1.25), "1.3"),
        (lambda: numbers.span("1", "7"), "1—7"),
        (lambda: numbers.working_days(15), "2.0"),
        (lambda: numbers.of_metric(0.5, "rate"), "50.0"),
        (lambda: numbers.of_metric(12, "count"), "12"),
        (lambda: numbers.of_metric(None, "hours"), "—"),
        (lambda: numbers.month("2024-03"), "2024年3月"),
        (lambda: numbers.month("2024-03", "en"), "Mar 2024"),
        (lambda: numbers.day("2025-01-05T09:00"), "2025年1月5日"),
        (lambda: numbers.day(None), "—"),
        (lambda: numbers.period("2024"), "2024年度"),
        (lambda: numbers.period("2024-02-19..2024-03-18"), "2024年2月19日至2024年3月18日"),
    ],
)
def test_printed_form_cases(make, printed):
    assert make() == printed


@given(st.floats(min_value=-1e9, max_value=1e9), st.integers(min_value=0, max_value=4))
def test_fixed_is_half_up_of_shortest_form(value, digits):
    expected = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = numbers.fixed(value, digits)
    assert Decimal(text.replace(",", "").replace("−", "-")) == expected
    assert text != "−0"
    assert not text.startswith("-")


@given(st.floats(min_value=0, max_value=1))
def test_sheet_value_prints_the_same_digits(value):
    cell = numbers.sheet_value(value, "rate")
    assert f"{cell:.1f}" == numbers.rate(value)


def test_reason_text_unknown_reason_is_readable():
    assert numbers.reason_text("some_new_reason") == "some new reason"


def test_reason_text_registry_words_come_first():
    assert numbers.reason_text("no_valid_follow_up", "en") == "No valid follow-ups"
