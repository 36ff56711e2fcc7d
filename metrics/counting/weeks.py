"""Statement over the weeks of receipt: how many cases of each topic came from each place."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, and_, cast, func, select

from metrics.statements import text_of
from records.columns import CASES, FACTS

MONDAY = 3  # 1970-01-01 was a Thursday: day + 3 counts from a Monday


def weeks_text(first_week: int, end_week: int, units: Iterable[str] | None = None) -> str:
    """Cases by category, place and week: category, place ("" where unknown), week, cases.

    Weeks are counted from Monday, 29 December 1969; excluded and duplicate cases are left out. Only cases with a
    category have a topic. `units` keeps the cases of some units.
    """
    f = FACTS.c
    same = and_(func.coalesce(CASES.c.register, "") == f.register, CASES.c.case_no == f.case_no,
                CASES.c.batch == f.batch)  # fmt: skip
    week = cast(func.floor((f.received_day + MONDAY) / 7), BigInteger)
    conditions = [f.received_day >= 7 * first_week - MONDAY, f.received_day < 7 * end_week - MONDAY,
                  f.is_excluded == 0, f.is_duplicate == 0, f.category.is_not(None), f.category != ""]  # fmt: skip
    if units is not None:
        conditions.append(f.unit.in_(sorted(units)))
    place = func.coalesce(CASES.c.street, CASES.c.district, "")
    rows = (
        select(f.category, place.label("place"), week.label("week"))
        .select_from(FACTS.join(CASES, same))
        .where(and_(*conditions))
        .cte("rows")
    )
    keys = (rows.c.category, rows.c.place, rows.c.week)
    return text_of(select(*keys, func.count().label("n")).group_by(*keys).order_by(*keys))
