"""Checks of channels and running numbers: a positive, a negative and an ordinary case for each."""

from __future__ import annotations

from datetime import date

import pytest

from integrity.detectors.channel_checks import Check, channel_checks
from integrity.detectors.number_gaps import Series, number_gaps, running_series

DAY = date(2025, 3, 20)


@pytest.mark.parametrize(
    ("check", "what"),
    [
        (Check("u", "site", "website", DAY, updated=date(2025, 3, 5)), "stale"),  # 15 days
        (Check("u", "weibo", "microblog", DAY, updated=date(2025, 3, 5)), "stale"),
        (Check("u", "wechat", "wechat", DAY, updated=date(2025, 2, 5)), "stale"),
        (Check("u", "mailbox", "mailbox", DAY, answered=date(2025, 2, 17)), "no_answer"),  # 31 days
        (Check("u", "board", "message_board", DAY, answered=date(2024, 12, 19)), "no_answer"),  # 91 days
        (Check("u", "site", "website", DAY, is_available=0), "unreachable"),
        (Check("u", "site", "website", DAY, overdue_columns=5), "columns"),
        (Check("u", "site", "website", DAY, is_tested=0), "no_message"),
    ],
)
def test_channel_beyond_its_limit(check: Check, what: str) -> None:
    [finding] = channel_checks([check, Check("u", "fine", "website", DAY, updated=DAY)])
    assert (finding.detector, finding.variant, finding.count, finding.n) == ("D16", "check", 1, 2)
    assert finding.evidence["checks"][0][2] == what
    assert finding.is_deterministic


@pytest.mark.parametrize(
    "check",
    [
        Check("u", "site", "website", DAY, updated=date(2025, 3, 6)),  # exactly fourteen days
        Check("u", "mailbox", "mailbox", DAY, answered=date(2025, 2, 18)),  # exactly thirty
        Check("u", "site", "website", DAY, overdue_columns=4, is_available=1, is_tested=1),
        Check("u", "site", "website", DAY),  # the check looked at nothing of this
        Check("u", "archive", "website", DAY, updated=date(2025, 1, 20), own_limit=90),  # announced: once a quarter
    ],
)
def test_channel_within_its_limit(check: Check) -> None:
    assert channel_checks([check]) == []


@pytest.mark.parametrize(
    ("check", "item"),
    [
        (Check("u", "site", "website", DAY, updated=date(2025, 3, 1)), "home_stale"),
        (Check("u", "site", "website", DAY, is_available=0), "site_unreachable"),
        (Check("u", "site", "website", DAY, is_tested=0), "no_interaction"),
        (Check("u", "weibo", "microblog", DAY, updated=date(2025, 3, 1)), "media_stale"),
        (Check("u", "wechat", "wechat", DAY, updated=date(2025, 3, 1)), "media_stale"),
        (Check("u", "app", "app", DAY, updated=date(2025, 2, 17)), "app_stale"),  # 31 days
        (Check("u", "wechat", "wechat", DAY, answered=date(2024, 12, 1)), "media_silent"),
        (Check("u", "weibo", "microblog", DAY, is_tested=0), "media_silent"),
        (Check("u", "weibo", "microblog", DAY, is_available=0), ""),  # the item speaks of sites
        (Check("u", "mailbox", "mailbox", DAY, answered=date(2025, 2, 17)), ""),
    ],
)
def test_each_kind_of_channel_meets_the_item_of_its_kind(check: Check, item: str) -> None:
    [finding] = channel_checks([check])
    assert finding.evidence["checks"][0][6] == item


def _day(beginning: str, missing: int, unit: str | None = None) -> Series:
    return Series("hotline", beginning, 300 - missing, 1, 300, unit)


def test_missing_numbers_are_listed_without_a_unit() -> None:
    gaps = {"hotline": [("20250101", 17, 25, 20089, 20089)]}
    [finding] = number_gaps([_day("20250101", 7), _day("20250102", 0)], gaps)
    assert (finding.unit, finding.count, finding.n) == ("", 7, 600)
    assert finding.evidence["gaps"] == [["20250101", 17, 25, 20089, 20089]]


def test_a_series_of_one_unit_names_whose_numbers_are_missing() -> None:
    [finding] = number_gaps([_day("A", 9, "u1"), _day("B", 0, "u2")], {})
    assert finding.unit == "u1"


@pytest.mark.parametrize("missing", [0, 3, 4])
def test_a_few_missing_numbers_are_ordinary(missing: int) -> None:
    assert number_gaps([_day("A", missing)], {}) == []


def test_numbers_that_do_not_run_say_nothing() -> None:
    drawn = Series("hotline", "A", 500, 1, 99_000)
    assert number_gaps([drawn], {}) == []
    assert running_series({8: [drawn]}, {"hotline": 500}) == {}


def test_an_extract_of_one_channel_has_no_running_numbers() -> None:
    every_other = Series("hotline", "2025", 5_000, 1, 10_000)
    assert running_series({8: [every_other]}, {"hotline": 5_000}) == {}
