"""Rates that go on changing after their cases came in, and when a difference between two periods tells something.

A reply rate counts a reply whenever it comes. Cases of the last weeks have had little time for one, so a fresh month
stands low without anybody having done worse. A rate that is high in spite of that is high.
"""

from __future__ import annotations

from datetime import date

from metrics.clocks.period import parse
from metrics.registry import REGISTRY

SETTLING_DAYS = 90  # as long as a repeated demand counts as one
SAME_DAYS = 7  # two periods seen for so nearly as long are alike in what they miss


def seen_days(period: str, as_of: str | None, start_day: int = 1) -> int:
    """Days from the end of a period to the cut-off of its data; negative while it runs, SETTLING_DAYS without one.

    >>> seen_days("2025", "2026-01-08 00:00:00"), seen_days("2025-12", None)
    (7, 90)
    """
    return SETTLING_DAYS if as_of is None else (date.fromisoformat(as_of[:10]) - parse(period, start_day).end).days


def has_settled(code: str, days: int) -> bool:
    """Whether a value hardly changes any more once its period was seen for so many days after its end.

    Always true of metrics that count due cases only, of times with open cases, and of answers among answers.

    >>> has_settled("R5", 7), has_settled("R5", 90), has_settled("R4.strict", 7)
    (False, True, True)
    """
    known = REGISTRY.get(code)
    return known is None or not known.while_open or days >= SETTLING_DAYS


def are_comparable(code: str, before: int, after: int) -> bool:
    """Whether two values of a metric may be set against each other, given the days each was seen after its end.

    >>> are_comparable("R5", 373, 7), are_comparable("R5", 8, 7), are_comparable("R5", 373, 95)
    (False, True, True)
    """
    return (has_settled(code, before) and has_settled(code, after)) or abs(before - after) <= SAME_DAYS


def is_telling(code: str, change: float, before: int, after: int) -> bool:
    """Whether a change (after minus before) is more than unequal time brings: comparable, or against its direction.

    The value seen for fewer days stands too low where the metric rises while cases are open, too high where it falls.

    >>> is_telling("R5", -0.1, 40, 10), is_telling("R5", 0.1, 40, 10), is_telling("R5", 0.1, 10, 40)
    (False, True, False)
    """
    if are_comparable(code, before, after):
        return True
    sign = 1 if REGISTRY[code].while_open == "rises" else -1
    return sign * change * (before - after) > 0
