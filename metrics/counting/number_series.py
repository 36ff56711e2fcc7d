"""Statements over running numbers: which numbers a register gives out one after another, and which are not there.

A number is read as a beginning and its last `width` digits; all numbers with one beginning are a series. A series is
running when nearly every number between its smallest and its largest was given out.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, BigInteger, and_, case, cast, func, null, or_, select

from metrics.statements import text_of
from records.columns import FACTS

WIDTHS = (8, 6, 4)  # widest first: a yearly, a monthly, a daily counter
MIN_SERIES = 20


def series_text(width: int, first_day: int, end_day: int) -> str:
    """Series of at least 20 numbers: register, beginning, numbers, smallest, largest, the unit if all are of one."""
    numbers = _numbers(width, first_day, end_day)
    n = numbers.c
    keys = (n.register, n.beginning)
    one_unit = case((func.min(n.unit) == func.max(n.unit), func.min(n.unit)), else_=null())
    count = func.count(n.number.distinct())
    columns = (*keys, count.label("numbers"), func.min(n.number), func.max(n.number), one_unit.label("unit"))
    return text_of(select(*columns).group_by(*keys).having(count >= MIN_SERIES).order_by(*keys))


def gaps_text(width: int, series: list[tuple[str, str]], first_day: int, end_day: int, limit: int = 200) -> str:
    """Gaps of some series: register, beginning, number before, number after, day of receipt of each."""
    numbers = _numbers(width, first_day, end_day)
    n = numbers.c
    inside = or_(*(and_(n.register == register, n.beginning == beginning) for register, beginning in series))
    same, order = (n.register, n.beginning), (n.number, n.received_day)
    before = func.lag(n.number).over(partition_by=same, order_by=order)
    day_before = func.lag(n.received_day).over(partition_by=same, order_by=order)
    steps = (
        select(n.register, n.beginning, before.label("before"), n.number, day_before.label("day_before"),
               n.received_day)
        .where(inside)
        .cte("steps")
    )  # fmt: skip
    s = steps.c
    wide = select(*s).where(s.number - s.before > 1).order_by(s.register, s.beginning, s.number)
    return text_of(wide.limit(limit))


def _numbers(width: int, first_day: int, end_day: int) -> CTE:
    number: Any = FACTS.c.case_no
    tail = func.right(number, width)
    is_digits = and_(func.length(number) >= width, func.translate(tail, "0123456789", "") == "")
    inside = and_(FACTS.c.received_day >= first_day, FACTS.c.received_day < end_day, is_digits)
    return (
        select(
            FACTS.c.register, FACTS.c.unit, FACTS.c.received_day,
            func.left(number, func.length(number) - width).label("beginning"),
            cast(case((is_digits, tail), else_="0"), BigInteger).label("number"),
        )
        .where(inside)
        .cte("numbers")
    )  # fmt: skip
