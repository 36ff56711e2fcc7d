"""20,000 random cases under random calendars: working seconds equal a naive loop, second by second."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from metrics import clock
from metrics.calendar import from_document
from tests.metrics.test_clock import ALL, naive_seconds

CALENDARS, CASES = 50, 400


def random_hours(rng: np.random.Generator) -> list[str]:
    """Up to three intervals of one day, on quarter hours."""
    cuts = np.sort(rng.choice(96, size=2 * int(rng.integers(0, 4)), replace=False)).tolist()
    return [
        f"{a // 4:02d}:{a % 4 * 15:02d}-{b // 4:02d}:{b % 4 * 15:02d}"
        for a, b in zip(cuts[::2], cuts[1::2], strict=True)
    ]


@pytest.mark.parametrize("part", range(4))
def test_twenty_thousand_random_cases_exact_to_the_second(part: int) -> None:
    rng = np.random.default_rng(2025 + part)
    checked = 0
    for _ in range(CALENDARS // 4 + (part < CALENDARS % 4)):
        week = dict(zip(ALL, (random_hours(rng) for _ in ALL), strict=True))
        first = date(2024, 6, 1)
        days = {
            (first + timedelta(days=int(d))).isoformat(): random_hours(rng) or "off" for d in rng.integers(0, 90, 12)
        }
        calendar = from_document({"week": week, "days": days}, "random")
        table = clock.table_around(calendar, first, first + timedelta(days=100), ahead=0)
        moments = [datetime(2024, 6, 1) + timedelta(seconds=int(s)) for s in rng.integers(0, 90 * 86_400, 2 * CASES)]
        pairs = list(zip(moments[::2], moments[1::2], strict=True))
        starts, ends = (np.array([p[i] for p in pairs], "datetime64[s]") for i in (0, 1))
        seconds, is_known = clock.working_seconds(table, starts, ends)
        assert is_known.all()
        assert seconds.tolist() == [naive_seconds(calendar, a, b) for a, b in pairs]
        checked += len(pairs)
    assert checked >= 12 * CASES
