"""Statements over the months of a unit: what each month counted, for figures that are too even. Integers only."""

from __future__ import annotations

from sqlalchemy import BigInteger, and_, column, func, select, table

from metrics.clocks.limits import MET, NO_LIMIT, NOT_YET_DUE
from metrics.statements import count_where, text_of
from records.columns import CASES, FACTS

PERIOD_DAYS = table("period_days", column("day", BigInteger), column("period", BigInteger))
RATES = ("in_time", "solved", "satisfied")


def months_text() -> str:
    """For each unit and period of the view `period_days`: unit, period, then n and hits of each of RATES."""
    f = FACTS.c
    due = f.close_strict.not_in((NO_LIMIT, NOT_YET_DUE))
    pairs = (
        (due, f.close_strict == MET), (f.resolved.is_not(None), f.resolved == "yes"), (f.rating >= 1, f.rating >= 4),
    )  # fmt: skip
    columns = [
        count_where(*conditions).label(f"{name}_{part}")
        for name, (among, hit) in zip(RATES, pairs, strict=True)
        for part, conditions in (("n", (among,)), ("hits", (among, hit)))
    ]
    keys = (f.unit, PERIOD_DAYS.c.period)
    source = FACTS.join(PERIOD_DAYS, f.received_day == PERIOD_DAYS.c.day)
    return text_of(select(*keys, *columns).select_from(source).group_by(*keys).order_by(*keys))


def overlap_text(first_day: int, end_day: int) -> str:
    """Demands of one person on one subject in two registers: unit, first register, second register, M, C, R.

    A demand is a person, a category and a unit; R are those that both registers hold. Where registers do not share
    persons R is 0 and the estimate has no ground.
    """
    register = func.coalesce(CASES.c.register, "")
    same = and_(register == FACTS.c.register, CASES.c.case_no == FACTS.c.case_no, CASES.c.batch == FACTS.c.batch)
    inside = and_(FACTS.c.received_day >= first_day, FACTS.c.received_day < end_day,
                  CASES.c.person_token.is_not(None), FACTS.c.category.is_not(None))  # fmt: skip
    demands = (
        select(FACTS.c.unit, FACTS.c.register, CASES.c.person_token, FACTS.c.category)
        .select_from(FACTS.join(CASES, same))
        .where(inside)
        .distinct()
        .cte("demands")
    )
    sizes = (
        select(demands.c.unit, demands.c.register, func.count().label("n"))
        .group_by(demands.c.unit, demands.c.register)
        .cte("sizes")
    )
    a, b = demands.alias("a"), demands.alias("b")
    pair = and_(a.c.unit == b.c.unit, a.c.person_token == b.c.person_token, a.c.category == b.c.category,
                a.c.register < b.c.register)  # fmt: skip
    both = (
        select(a.c.unit, a.c.register.label("first"), b.c.register.label("second"), func.count().label("n"))
        .select_from(a.join(b, pair))
        .group_by(a.c.unit, a.c.register, b.c.register)
        .cte("in_both_registers")
    )
    one, two = sizes.alias("one"), sizes.alias("two")
    joined = both.join(one, and_(one.c.unit == both.c.unit, one.c.register == both.c.first)).join(
        two, and_(two.c.unit == both.c.unit, two.c.register == both.c.second)
    )
    columns = (both.c.unit, both.c.first, both.c.second, one.c.n.label("m"), two.c.n.label("c"), both.c.n.label("r"))
    return text_of(select(*columns).select_from(joined).order_by(both.c.unit, both.c.first, both.c.second))
