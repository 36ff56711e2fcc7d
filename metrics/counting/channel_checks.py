"""The newest check of every channel in a period: what was found, and when something was last published or answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, and_, cast, func, literal, select

from metrics.statements import text_of
from records.columns import CHANNELS


def checks_text(first: str, end: str) -> str:
    """One row for each channel checked in [first, end), ISO days: unit, name, kind, checked, updated, answered,
    limit of its own in days, overdue columns, whether available, whether the test message went through.
    """
    c = CHANNELS.c
    checked = func.coalesce(c.checked_at, c.exported_at)
    channel = (func.coalesce(c.register, ""), c.unit, func.coalesce(c.channel_no, c.channel_name))
    order = (checked.desc(), c.exported_at.desc(), c.batch.desc(), c.row_no.desc())
    age = func.row_number().over(partition_by=channel, order_by=order).label("age")
    inside = and_(cast(checked, Date) >= _day(first), cast(checked, Date) < _day(end))
    shown = (c.unit, c.channel_name, c.channel, cast(checked, Date).label("checked"),
             cast(c.updated_at, Date).label("updated"), cast(c.answered_at, Date).label("answered"),
             c.update_limit_days, c.overdue_columns, c.is_available, c.is_tested)  # fmt: skip
    ranked = select(*shown, age).where(inside).cte("ranked")
    newest = (column for column in ranked.c if column.name != "age")
    return text_of(select(*newest).where(ranked.c.age == 1).order_by(ranked.c.unit, ranked.c.channel_name))


def _day(text: str) -> Any:
    return cast(literal(text), Date)
