"""Statements over the silence of written channels: how long nobody answered while messages waited."""

from __future__ import annotations

from sqlalchemy import CTE, BigInteger, Date, String, and_, cast, column, func, or_, select, table

from metrics.counting.facts import TEXT_CHANNELS
from metrics.counting.signals import joined
from metrics.statements import number, text_of
from records.columns import FACTS

DAYS = table("days", column("date_text", String), column("day", BigInteger))


def silences_text(first_day: int, end_day: int, as_of_day: int, longest_usual: int) -> str:
    """Stretches of more than `longest_usual` days without an answer: unit, channel, first day, last day, waiting.

    `waiting` counts the messages that came during the stretch and had no answer before its end.
    A stretch begins at the first message or at an answer and ends at the next answer or the cut-off.
    """
    rows = _messages()
    answers = _answer_days(rows, as_of_day)
    a = answers.c
    before = func.lag(a.day).over(partition_by=(a.unit, a.channel), order_by=a.day)
    gaps = select(a.unit, a.channel, before.label("since"), a.day.label("until")).cte("gaps")
    long = and_(gaps.c.until - gaps.c.since > longest_usual, gaps.c.until > first_day, gaps.c.since < end_day)
    same = and_(rows.c.unit == gaps.c.unit, rows.c.channel == gaps.c.channel, rows.c.received_day >= gaps.c.since,
                rows.c.received_day < gaps.c.until,
                or_(rows.c.answer_day.is_(None), rows.c.answer_day >= gaps.c.until))  # fmt: skip
    keys = (gaps.c.unit, gaps.c.channel, gaps.c.since, gaps.c.until)
    found = select(*keys, func.count().label("waiting")).select_from(gaps.join(rows, same)).where(long)
    return text_of(found.group_by(*keys).order_by(*keys))


def totals_text(first_day: int, end_day: int) -> str:
    """Messages of each unit and written channel in the period: unit, channel, messages."""
    inside = and_(FACTS.c.received_day >= first_day, FACTS.c.received_day < end_day,
                  FACTS.c.channel.in_(TEXT_CHANNELS))  # fmt: skip
    keys = (FACTS.c.unit, FACTS.c.channel)
    return text_of(select(*keys, func.count().label("n")).where(inside).group_by(*keys).order_by(*keys))


def _messages() -> CTE:
    """Written messages with the day of receipt and of the first answer, counted from 1970-01-01."""
    rows = joined(has_features=False)
    source = rows.outerjoin(DAYS, cast(rows.c.first_response_at, Date) == cast(DAYS.c.date_text, Date))
    columns = (rows.c.unit, rows.c.channel, rows.c.received_day, DAYS.c.day.label("answer_day"))
    return select(*columns).select_from(source).where(rows.c.channel.in_(TEXT_CHANNELS)).cte("messages")


def _answer_days(rows: CTE, as_of_day: int) -> CTE:
    """Days that end a silence: each day with an answer, the first message, and the cut-off."""
    keys = (rows.c.unit, rows.c.channel)
    answers = select(*keys, rows.c.answer_day.label("day")).where(rows.c.answer_day.is_not(None)).distinct()
    first = select(*keys, func.min(rows.c.received_day).label("day")).group_by(*keys)
    last = select(*keys, number(as_of_day).label("day")).distinct()
    union = answers.union_all(first, last).cte("marked_days")
    return select(union.c.unit, union.c.channel, union.c.day).distinct().cte("answer_days")
