"""Counts of what people checked: random checks of closed cases, and calls after bad ratings. Integers only.

Views: `facts`, `period_days`; `checks` (register, case_no and two flags) for the first, `cases` for the second. A case
belongs to the period in which it was received. `is_untrue`: claimed resolved and the citizen says no; `is_confirmed`:
the citizen says yes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Date, String, and_, cast, column, func, null, or_, select, table

from metrics.clocks.timing import days_table
from metrics.counting.counts import KEPT, PERIOD_DAYS, eligible, split_of
from metrics.statements import big, count_where, flag, text_of, total
from records.columns import CASES, FACTS

LIMIT_DAYS = 15  # working days from a bad rating to its rectification and call (L09)
CHECKS = table("checks", column("register", String), column("case_no", String), column("is_untrue", BigInteger),
               column("is_confirmed", BigInteger))  # fmt: skip
STRATA = ("claims_checked", "claims_confirmed", "others_checked", "others_confirmed")
CHECKED = ("rows", "closures_checked", "closures_untrue", *STRATA)
BAD = ("rows", "bad_ratings_valid", "bad_ratings_called", "bad_ratings_due", "bad_ratings_fixed")


@lru_cache(KEPT)
def checks_text(scope: str, split: str | None = None) -> str:
    """Checked closures by unit and period: unit, period, split, CHECKED."""
    f, c = FACTS.c, CHECKS.c
    source = FACTS.join(CHECKS, and_(f.register == c.register, f.case_no == c.case_no)).join(
        PERIOD_DAYS, f.received_day == PERIOD_DAYS.c.day
    )
    closed = and_(f.is_closed == 1, f.is_not_responsible == 0)
    claims, others = and_(closed, f.is_claimed_resolved == 1), and_(closed, f.is_claimed_resolved == 0)
    strata = (condition for stratum in (claims, others) for condition in (stratum, and_(stratum, c.is_confirmed == 1)))
    sums = (big(func.count()), big(func.count()), total(c.is_untrue), *(count_where(stratum) for stratum in strata))
    labelled = (expression.label(name) for name, expression in zip(CHECKED, sums, strict=True))
    keys = (f.unit, PERIOD_DAYS.c.period, *((split_of(f, split),) if split else ()))
    statement = select(*keys[:2], _split(split).label("split"), *labelled).select_from(source).where(eligible(scope))
    return text_of(statement.group_by(*keys))


def _split(name: str | None) -> Any:
    return split_of(FACTS.c, name) if name else null()


@lru_cache(KEPT)
def calls_recorded_text() -> str:
    """How many cases hold both the time of a rating and that of a call: 0 says that calls are not recorded."""
    return text_of(select(count_where(CASES.c.rated_at.is_not(None), CASES.c.followed_up_at.is_not(None))))


@lru_cache(KEPT)
def bad_ratings_text(scope: str, as_of_day: int, split: str | None = None) -> str:
    """Bad ratings by unit and period, of those with a time of rating: unit, period, split, BAD.

    Called: a call later than the rating. Fixed: called, and closed after the rating, both within 15 working days. Due:
    fixed, or the 15 working days have passed. Where the calendar is unknown a rating is neither due nor fixed.
    """
    f, c = FACTS.c, CASES.c
    dates = days_table(("day", "working_through"))
    rated, called, closed, now = (dates.alias(name) for name in ("rated_on", "called_on", "closed_on", "now_on"))
    closed_at = func.coalesce(c.final_closed_at, c.closed_at)
    same = and_(f.register == func.coalesce(c.register, ""), f.case_no == c.case_no, f.batch == c.batch)
    source: Any = FACTS.join(CASES, same).join(PERIOD_DAYS, f.received_day == PERIOD_DAYS.c.day)
    for day, moment in ((rated, c.rated_at), (called, c.followed_up_at), (closed, closed_at)):
        source = source.outerjoin(day, cast(moment, Date) == day.c.date)
    source = source.outerjoin(now, now.c.day == as_of_day)
    was_called, start = c.followed_up_at > c.rated_at, rated.c.working_through
    is_fixed = and_(was_called, closed_at > c.rated_at, called.c.working_through - start <= LIMIT_DAYS,
                    closed.c.working_through - start <= LIMIT_DAYS)  # fmt: skip
    is_over = now.c.working_through - start > LIMIT_DAYS
    marks = {
        "called": flag(was_called), "due": flag(or_(flag(is_fixed) == 1, is_over)), "fixed": flag(is_fixed),
    }  # fmt: skip
    is_bad = and_(eligible(scope), f.rating.between(1, 2), c.rated_at.is_not(None))
    # One observation is one row of its batch; a file that holds a record twice counts it once.
    once = (
        select(f.unit, PERIOD_DAYS.c.period, func.max(_split(split)).label("split"), f.register, f.case_no,
               *(func.max(mark).label(name) for name, mark in marks.items()))
        .select_from(source)
        .where(is_bad)
        .group_by(f.unit, PERIOD_DAYS.c.period, f.register, f.case_no)
        .cte("bad_ratings")
    )  # fmt: skip
    o = once.c
    sums = (big(func.count()), big(func.count()), total(o.called), total(o.due), total(o.fixed))
    labelled = (expression.label(name) for name, expression in zip(BAD, sums, strict=True))
    return text_of(select(o.unit, o.period, o.split, *labelled).group_by(o.unit, o.period, o.split))
