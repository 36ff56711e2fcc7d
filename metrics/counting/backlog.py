"""Open cases by age at the cut-off: how long people have been waiting, not only how many."""

from __future__ import annotations

from sqlalchemy import select

from metrics.counting.counts import eligible
from metrics.statements import count_where, number, text_of
from records.columns import FACTS

AGE_DAYS = (7, 15, 30, 60, 90)  # the oldest band is open above


def open_by_age_text(first_day: int, end_day: int, as_of_day: int, scope: str = "kept") -> str:
    """One row per unit: open eligible cases received in first_day..end_day (not included), by age in calendar days.

    The columns are `unit`, `age_0`, `age_1` … : at most 7, 15, 30, 60, 90 days, and more. Days count from 1970-01-01.
    """
    age = number(as_of_day) - FACTS.c.received_day
    ends = (-1, *AGE_DAYS)
    bands = [count_where(age > low, age <= high) for low, high in zip(ends, AGE_DAYS, strict=False)]
    columns = [band.label(f"age_{i}") for i, band in enumerate([*bands, count_where(age > AGE_DAYS[-1])])]
    received = (FACTS.c.received_day >= first_day, FACTS.c.received_day < end_day)
    wanted = select(FACTS.c.unit.label("unit"), *columns).where(eligible(scope), FACTS.c.is_closed == 0, *received)
    return text_of(wanted.group_by(FACTS.c.unit).order_by(FACTS.c.unit))
