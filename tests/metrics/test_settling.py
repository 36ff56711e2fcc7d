"""Rates that still change after their period: against a simulation in which nobody works worse, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.registry import REGISTRY
from metrics.values.settling import SETTLING_DAYS, are_comparable, has_settled, is_telling, seen_days

OPEN = {"R5": "rises", "R6": "rises", "H3": "falls", "H4": "rises", "H7a": "rises", "H7b": "rises", "H7c": "rises",
        "H9": "rises", "S1d": "falls", "S1e": "rises", "S3": "rises", "S10": "rises"}  # fmt: skip


def test_which_metrics_count_an_event_whenever_it_comes() -> None:
    assert {code: metric.while_open for code, metric in REGISTRY.items() if metric.while_open} == OPEN


@pytest.mark.parametrize(
    ("period", "as_of", "start_day", "days"),
    [("2025", "2026-01-08 09:00:00", 1, 7), ("2025-12", "2025-12-20", 1, -12), ("2025-12", "2026-01-08", 19, 20),
     ("2025-12@19", "2026-01-08", 1, 20), ("2025-12", None, 1, SETTLING_DAYS)],
)  # fmt: skip
def test_days_a_period_was_seen(period: str, as_of: str | None, start_day: int, days: int) -> None:
    assert seen_days(period, as_of, start_day) == days


@pytest.mark.parametrize(("days", "expected"), [(89, False), (90, True)])
def test_a_period_settles_after_ninety_days(days: int, expected: bool) -> None:
    assert has_settled("R5", days) is expected
    assert has_settled("R4.strict", days)
    assert has_settled("a column of a plain table", days)


@pytest.mark.parametrize(
    ("code", "before", "after", "expected"),
    [
        ("R5", 97, 7, False),
        ("R5", 10, 3, True),
        ("R5", 11, 3, False),
        ("R5", 400, 90, True),
        ("H1.strict", 97, 7, True),
    ],
)
def test_periods_seen_alike_are_comparable(code: str, before: int, after: int, expected: bool) -> None:
    assert are_comparable(code, before, after) is expected
    assert are_comparable(code, after, before) is expected


def test_unequal_time_alone_is_never_telling() -> None:
    """Replies come by one law of waiting in both months; only how long each month was seen differs."""
    generator = np.random.default_rng(20260108)
    for before, after in ((40, 3), (3, 40), (75, 12), (12, 75), (200, 1)):
        waits = generator.exponential(20.0, size=(2, 50_000))
        rates = [(wait < seen).mean() for wait, seen in zip(waits, (before, after), strict=True)]
        assert not is_telling("R5", rates[1] - rates[0], before, after)
        assert not is_telling("H3", rates[0] - rates[1], before, after)  # what can only be lost falls instead


def test_a_difference_against_the_direction_of_time_stands() -> None:
    assert is_telling("R5", 0.01, 40, 3)
    assert is_telling("R5", -0.01, 3, 40)
    assert is_telling("H3", -0.01, 40, 3)
    assert not is_telling("R5", 0.0, 40, 3)
