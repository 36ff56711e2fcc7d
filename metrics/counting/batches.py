"""Statements over closings that share a moment: batches of one minute, and the most frequent second of a unit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, and_, func, select

from metrics.counting.signals import joined
from metrics.statements import text_of

BATCH_SIZE = 5


def batches_text(first_day: int, end_day: int) -> str:
    """Minutes in which a unit closed at least five cases: unit, minute, cases."""
    closed = _closed(first_day, end_day)
    minute = func.date_trunc("minute", closed.c.closed_at)
    batches = (
        select(closed.c.unit, minute.label("minute"), func.count().label("n"))
        .group_by(closed.c.unit, minute)
        .having(func.count() >= BATCH_SIZE)
    )
    return text_of(batches.order_by(closed.c.unit, minute))


def seconds_text(first_day: int, end_day: int) -> str:
    """For each unit the closings with a time, and how many of them share its most frequent second."""
    closed = _closed(first_day, end_day)
    each = (
        select(closed.c.unit, closed.c.closed_at, func.count().label("n"))
        .group_by(closed.c.unit, closed.c.closed_at)
        .cte("each_second")
    )
    totals = (func.sum(each.c.n).label("n"), func.max(each.c.n).label("largest"))
    return text_of(select(each.c.unit, *totals).group_by(each.c.unit).order_by(each.c.unit))


def batch_cases_text(unit: str, first_day: int, end_day: int, limit: int = 200) -> str:
    """The cases of one unit closed in batches: register, number, closing time, category; the largest batches first."""
    closed = _closed(first_day, end_day)
    minute = func.date_trunc("minute", closed.c.closed_at)
    size = func.count().over(partition_by=minute)
    mine = select(*closed.c, size.label("size")).where(closed.c.unit == unit).cte("mine")
    chosen = select(mine.c.register, mine.c.case_no, mine.c.closed_at, mine.c.category).where(mine.c.size >= BATCH_SIZE)
    order = (mine.c.size.desc(), mine.c.closed_at, mine.c.register, mine.c.case_no)
    return text_of(chosen.order_by(*order).limit(limit))


def _closed(first_day: int, end_day: int) -> CTE:
    """Closings with a time of day. The hour of a nightly job is left to the reader: the list shows it."""
    rows = joined(has_features=False)
    inside: Any = and_(
        rows.c.received_day >= first_day, rows.c.received_day < end_day, rows.c.close_ended == 1,
        func.coalesce(rows.c.closed_at_is_date, 0) == 0,
    )  # fmt: skip
    columns = (rows.c.unit, rows.c.register, rows.c.case_no, rows.c.category, rows.c.closed_at)
    return select(*columns).where(inside).cte("closed_rows")
