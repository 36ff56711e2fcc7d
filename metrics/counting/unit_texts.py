"""Statements behind the statistics of a unit: how cases ended, and how long each took in its cell. Integers only.

View: `facts`.
"""

from __future__ import annotations

from sqlalchemy import and_, case, func, select

from metrics.counting.counts import in_scope
from metrics.statements import big, number, text_of
from records.columns import FACTS

SOLVED, PASSED_ON, WITHDRAWN = 1, 2, 3
CAUSES = (SOLVED, PASSED_ON, WITHDRAWN)
DAY = 86_400


def ends_text(first_day: int, end_day: int, scope: str) -> str:
    """Cases by how they ended and after how many days begun: unit, days, cause (0: still open), n.

    Received from first_day up to, not including, end_day. 1 closed, 2 passed on as another body's, 3 withdrawn. A case
    closed without a time is left out: nobody knows when.
    """
    f = FACTS.c
    seconds = f.close_calendar_seconds
    rest = (seconds + (DAY - 1)) % DAY
    cause = case(
        (f.close_ended == 0, number(0)), (f.is_withdrawn == 1, number(WITHDRAWN)),
        (f.is_not_responsible == 1, number(PASSED_ON)), else_=number(SOLVED),
    )  # fmt: skip
    inside = and_(f.received_day >= first_day, f.received_day < end_day, in_scope(scope), f.is_duplicate == 0)
    days = seconds + (DAY - 1) - rest
    statement = select(f.unit, days.label("seconds"), cause.label("cause"), big(func.count()).label("n"))
    return text_of(statement.where(inside, seconds.is_not(None)).group_by(f.unit, days, cause))


def cells_text(first_day: int, end_day: int, scope: str) -> str:
    """Cases by working minutes to closing and by cell: unit, category, channel, seconds, ended, n."""
    f = FACTS.c
    rest = (f.close_seconds + 59) % 60
    seconds = f.close_seconds + 59 - rest
    inside = and_(f.received_day >= first_day, f.received_day < end_day, in_scope(scope), f.is_duplicate == 0,
                  f.is_withdrawn == 0, f.is_not_responsible == 0, f.close_seconds.is_not(None))  # fmt: skip
    category, channel = func.coalesce(f.category, ""), func.coalesce(f.channel, "")
    columns = (f.unit, category.label("category"), channel.label("channel"), seconds.label("seconds"),
               f.close_ended.label("ended"), big(func.count()).label("n"))  # fmt: skip
    return text_of(select(*columns).where(inside).group_by(f.unit, category, channel, seconds, f.close_ended))
