"""Open cases: how many waited at the ends of periods, and how long people have been waiting at the cut-off."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import case, func, null, select, union_all

from metrics.counting.counts import KEPT, UNIT_PLACES, eligible, in_scope, split_of
from metrics.statements import big, count_where, larger, number, text_of, total
from records.columns import FACTS

AGE_DAYS = (7, 15, 30, 60, 90)  # the oldest band is open above


@lru_cache(KEPT)
def backlog_text(scope: str, split: str | None, end_days: tuple[int, ...]) -> str:
    """How many waiting cases were added between each of some rising days and the one before: unit, split, place, n.

    Units are told by their place. A case waits from its receipt until it is closed, so the backlog before a day is the
    sum of all places up to it; one that was closed before it was received never waited.
    """
    f = FACTS.c
    until = larger(func.coalesce(f.closed_day, f.received_day), f.received_day)
    part = split_of(f, split) if split else null()
    added = []
    for day, sign, conditions in ((f.received_day, 1, ()), (until, -1, (f.is_closed == 1,))):
        changes = (f.unit, part.label("split"), day.label("day"), (sign * big(func.count())).label("n"))
        chosen = select(*changes).where(in_scope(scope), day < end_days[-1], *conditions)
        added.append(chosen.group_by(f.unit, day, *([part] if split else [])))
    both = union_all(*added).subquery("added")
    place = case(*((both.c.day < day, number(i)) for i, day in enumerate(end_days)))
    columns = (UNIT_PLACES.c.place.label("unit"), both.c.split, place.label("end_place"))
    counted = select(*columns, total(both.c.n).label("n"))
    joined = both.join(UNIT_PLACES, both.c.unit == UNIT_PLACES.c.unit)
    return text_of(counted.select_from(joined).group_by(UNIT_PLACES.c.place, both.c.split, place))


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
