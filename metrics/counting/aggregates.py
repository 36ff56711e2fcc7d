"""Counting statements over aggregate tables and channel checks: integers only, by unit and period.

Views: `counts` and `channels`. A row of a table belongs to the period it covers, and counts where that lies wholly
inside the asked one. The numbers of one indicator always come from one and the same row of a table, so that two tables
which both print a 总数 never mix. Of several observations of a row the newest holds; of rows that overlap in time the
one that starts first, then the longest, so that a yearly table and its months are not added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import CTE, Date, and_, case, cast, exists, func, literal, null, or_, select, union_all

from metrics.clocks.period import Period
from metrics.statements import Expression, big, count_where, flag, number, text_of, total
from records.columns import CHANNELS, COUNTS

TIME_UNIT = 10_000  # mean times and points are counted in ten-thousandths of the unit of their table
_RATED = ("rated_satisfied", "rated_basically", "rated_dissatisfied")
TABLES: Mapping[str, tuple[str, ...]] = {
    "accept": ("accept_total", "accept_on_time"),
    "reply": ("reply_total", "reply_on_time"),
    "accept_time": ("total", "mean_accept_time"),
    "reply_time": ("total", "mean_reply_time"),
    "contact": ("total", "contact_recorded"),
    "repeat": ("first_closed", "first_repeated"),
    "publication": ("messages_closed", "replies_published"),
    **{
        f"{role}rating": tuple(f"{role}{name}" for name in ("total", *_RATED, "overdue_unrated"))
        for role in ("", "office_", "handler_")
    },
    "follow_up": ("valid_follow_ups", "contacted", "resolved", "satisfied", "basically_satisfied"),
    "intake": ("received", "closed"),
    "messages": ("messages_received", "messages_closed"),
    "checked": ("closures_checked", "closures_untrue"),
    "bad_fixed": ("bad_ratings_due", "bad_ratings_fixed"),
    "bad_called": ("bad_ratings_valid", "bad_ratings_called"),
    "scored": ("replies_scored", "reply_points"),
    "perfunctory": ("replies_reviewed", "perfunctory_confirmed"),
    "off_topic": ("replies_reviewed", "off_topic_confirmed"),
    "promises": ("promises_due", "promises_kept"),
    "faults_policy": ("faults_policy",),
    "faults_replies": ("faults_replies",),
    "faults_content": ("faults_content",),
    "faults_statistics": ("faults_statistics", "has_services"),
    "faults_service": ("faults_service", "has_services"),
}
"""The measures that a row of a table must hold, all of them, to be counted."""
ROWS = "rows"
"""The count of table rows behind a sum: 0 says that there is no table."""
CHANNEL_COUNTS = (ROWS, "channels_dated", "channels_fresh", "channels_tested", "channels_usable", "calls",
                  "calls_answered")  # fmt: skip
_IDENTITY = ("register", "unit", "channel", "source", "period_start", "period_end")
_SOURCE_ROW = ("exported_at", "batch", "sheet", "row_no")


def columns_of(table: str) -> tuple[str, ...]:
    """The counts a statement over this table gives: rows, each measure, and for mean times mean × cases as `weighted`.

    >>> columns_of("accept_time")
    ('rows', 'total', 'weighted')
    """
    return (ROWS, *("weighted" if name.startswith("mean_") else name for name in TABLES[table]))


def table_text(table: str, periods: Sequence[Period], *, by_channel: bool = False) -> str:
    """Sums of one kind of table: unit, period (its place in the list), channel or null, and `columns_of(table)`."""
    newest = _newest_rows(_table_rows(TABLES[table]), TABLES[table], periods)
    n, other = newest.c, newest.alias("other")
    o = other.c
    starts_before = or_(
        o.period_start < n.period_start, and_(o.period_start == n.period_start, o.period_end > n.period_end)
    )
    same = (o[name] == n[name] for name in ("period", "register", "unit", "channel", "source"))
    overlaps = and_(*same, o.period_start < n.period_end, o.period_end > n.period_start, starts_before)
    sums = [big(func.count()).label(ROWS), *(_sum(n, name) for name in TABLES[table])]
    keys = (n.unit, n.period, *((n.channel,) if by_channel else ()))
    split = n.channel if by_channel else null()
    statement = select(n.unit, n.period, split.label("split"), *sums).where(~exists(select(o.unit).where(overlaps)))
    return text_of(statement.group_by(*keys))


def channels_text(periods: Sequence[Period], *, by_channel: bool = False) -> str:
    """Channels by what their newest check in the period found, and calls of all checks: unit, period, channel or null,
    CHANNEL_COUNTS.

    A check without a time was made at the cut-off of its export.
    """
    checks = _checks(periods)
    c = checks.c
    is_newest = c.place == 1
    has_age = and_(c.updated_at.is_not(None), c.update_limit_days.is_not(None))
    is_old = and_(has_age, cast(c.updated_at, Date) + c.update_limit_days < cast(c.checked, Date))
    is_fresh = and_(func.coalesce(c.overdue_columns, 0) == 0, flag(is_old) == 0)
    usable = func.coalesce(c.is_tested, c.is_available)
    is_usable = and_(usable == 1, func.coalesce(c.is_available, 1) == 1)
    is_dated = or_(c.overdue_columns.is_not(None), has_age)
    has_calls = and_(c.calls.is_not(None), c.calls_answered.is_not(None))
    columns = (
        count_where(is_newest),
        count_where(is_newest, is_dated),
        count_where(is_newest, is_dated, is_fresh),
        count_where(is_newest, usable.is_not(None)),
        count_where(is_newest, is_usable),
        total(case((has_calls, big(c.calls)), else_=number(0))),
        total(case((has_calls, big(c.calls_answered)), else_=number(0))),
    )
    labelled = (column.label(name) for name, column in zip(CHANNEL_COUNTS, columns, strict=True))
    split = func.coalesce(c.channel, "") if by_channel else null()
    keys = (c.unit, c.period, *((split,) if by_channel else ()))
    return text_of(select(c.unit, c.period, split.label("split"), *labelled).group_by(*keys))


def _table_rows(measures: Sequence[str]) -> CTE:
    """One row for each row of a source table, its measures side by side."""
    c = COUNTS.c
    keys = [c[name] for name in (*_IDENTITY, *_SOURCE_ROW)]
    found = {name: func.max(case((c.measure == name, _scaled(name)), else_=null())) for name in measures}
    values = (_known(name, found).label(name) for name in measures)
    return select(*keys, *values).where(c.measure.in_(measures)).group_by(*keys).cte("table_rows")


def _known(name: str, found: Mapping[str, Expression]) -> Expression:
    """A measure of a row. Who does not say otherwise offers services; who offers none has no faults of services."""
    services = found.get("has_services")
    if services is None:
        return found[name]
    offers = func.coalesce(services, number(1))
    none_of_them = case((offers == 0, number(0)), else_=null())
    return offers if name == "has_services" else func.coalesce(found[name], none_of_them)


def _newest_rows(rows: CTE, measures: Sequence[str], periods: Sequence[Period]) -> CTE:
    """The newest observation of every complete row inside each period."""
    spans, r = _spans(periods), rows.c
    is_inside = and_(cast(r.period_start, Date) >= spans.c.first_day, cast(r.period_end, Date) <= spans.c.end_day)
    texts = [func.coalesce(r[name], "").label(name) for name in ("register", "unit", "channel", "source")]
    order = (*_newest_first(r), r.sheet, r.row_no.desc())
    identity = (spans.c.period, *(func.coalesce(r[name], "") for name in _IDENTITY[:4]), r.period_start, r.period_end)
    age = func.row_number().over(partition_by=identity, order_by=order).label("age")
    ranked = (
        select(spans.c.period, *texts, r.period_start, r.period_end, *(r[name] for name in measures), age)
        .select_from(rows.join(spans, is_inside))
        .where(*(r[name].is_not(None) for name in measures))
        .cte("table_observations")
    )
    return select(*ranked.c).where(ranked.c.age == 1).cte("newest_rows")


def _checks(periods: Sequence[Period]) -> CTE:
    """Every check once, in its period; `place` 1 is the newest check of its channel there."""
    c, spans = CHANNELS.c, _spans(periods)
    checked = func.coalesce(c.checked_at, c.exported_at)
    channel = (func.coalesce(c.register, ""), c.unit, func.coalesce(c.channel_no, c.channel_name))
    age = func.row_number().over(partition_by=(*channel, checked), order_by=(*_newest_first(c), c.row_no.desc()))
    found = ("unit", "channel", "updated_at", "is_available", "is_tested", "update_limit_days", "overdue_columns",
             "calls", "calls_answered")  # fmt: skip
    keys = (expression.label(name) for name, expression in zip(("k_register", "k_unit", "k_channel"), channel,
                                                               strict=True))  # fmt: skip
    once = select(*keys, *(c[name] for name in found), checked.label("checked"), age.label("age")).cte("observations")
    o = once.c
    is_inside = and_(cast(o.checked, Date) >= spans.c.first_day, cast(o.checked, Date) < spans.c.end_day)
    identity = (spans.c.period, o.k_register, o.k_unit, o.k_channel)
    place = func.row_number().over(partition_by=identity, order_by=o.checked.desc()).label("place")
    columns = (spans.c.period, o.checked, *(o[name] for name in found), place)
    return select(*columns).select_from(once.join(spans, is_inside)).where(o.age == 1).cte("checks")


def _newest_first(columns: Any) -> tuple[Any, ...]:
    return flag(columns.exported_at.is_not(None)).desc(), columns.exported_at.desc(), columns.batch.desc()


def _spans(periods: Sequence[Period]) -> CTE:
    """The periods as rows: place, first day, day after the last."""
    each = (
        select(number(place).label("period"), _day(p.start).label("first_day"), _day(p.end).label("end_day"))
        for place, p in enumerate(periods)
    )
    return union_all(*each).cte("spans")


def _day(day: date) -> Expression:
    return cast(literal(day.isoformat()), Date)


def _scaled(measure: str) -> Expression:
    is_fine = measure.startswith("mean_") or measure == "reply_points"
    return big(func.round(COUNTS.c.value * (TIME_UNIT if is_fine else 1)))


def _sum(columns: Any, measure: str) -> Expression:
    if measure.startswith("mean_"):
        return total(columns[measure] * columns.total).label("weighted")
    return total(columns[measure]).label(measure)
