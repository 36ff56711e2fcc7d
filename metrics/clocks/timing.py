"""The clock as SQL: one join of a time column to the day table gives its local second, working time and place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, BigInteger, Date, String, case, cast, column, extract, func, select, table
from sqlalchemy.sql.selectable import FromClause

from metrics.clocks.calendar import DAY
from metrics.statements import Expression, big, number


@dataclass(frozen=True)
class Moment:
    """A point in time as integer expressions; null where the time is missing, working parts where its year is unknown.

    `day` days since 1970, `local` local seconds since 1970, `real` the same without clock changes, `work` W(t),
    `work_before` W of the second before, `through` and `before` working days up to and before the day.
    """

    day: Any
    local: Any
    real: Any
    work: Any
    work_before: Any
    through: Any
    before: Any
    is_date: Any


def days_table(columns: Iterable[str]) -> CTE:
    """The view `days` with a true date column."""
    names = [name for name in columns if name != "date_text"]
    days = table("days", column("date_text", String), *(column(name, BigInteger) for name in names))
    return select(cast(days.c.date_text, Date).label("date"), *(days.c[n] for n in names)).cte("office_days")


def second_of_day(moment: Any) -> Expression:
    """Whole seconds since midnight of a timestamp."""
    hours, minutes = big(extract("hour", moment)), big(extract("minute", moment))
    return hours * 3600 + minutes * 60 + big(func.floor(extract("second", moment)))


def join_days(source: FromClause, moment: Any, days: CTE, name: str) -> tuple[FromClause, Any]:
    """The source joined to the day of `moment`, and that day."""
    day = days.alias(f"{name}_on")
    return source.outerjoin(day, cast(moment, Date) == day.c.date), day


def _work(day: Any, second: Expression, intervals: int) -> Expression:
    total = day.c.before_day
    for i in range(1, intervals + 1):
        start, end = day.c[f"start_{i}"], day.c[f"end_{i}"]
        total = total + case((second <= start, number(0)), (second >= end, end - start), else_=second - start)
    return total


def moment_columns(moment: Any, is_date: Any, day: Any, name: str, intervals: int) -> list[Any]:
    """The columns of a Moment under its name, to be read back by `moment_of`."""
    second = second_of_day(moment)
    real = day.c.elapsed + second + case((second >= day.c.shift_from, day.c.shift), else_=number(0))
    return [
        day.c.day.label(f"{name}_day"),
        (day.c.day * DAY + second).label(f"{name}_local"),
        real.label(f"{name}_real"),
        _work(day, second, intervals).label(f"{name}_work"),
        _work(day, second - 1, intervals).label(f"{name}_work_before"),
        day.c.working_through.label(f"{name}_through"),
        day.c.working_before.label(f"{name}_before"),
        big(func.coalesce(is_date, 0)).label(f"{name}_is_date"),
    ]


def missing_moment_columns(name: str) -> list[Any]:
    """The columns of a Moment that no row has."""
    parts = ("day", "local", "real", "work", "work_before", "through", "before")
    return [*(number_or_null(None).label(f"{name}_{part}") for part in parts), number(0).label(f"{name}_is_date")]


def moment_of(rows: Any, name: str) -> Moment:
    """The Moment whose columns `moment_columns` made."""
    parts = ("day", "local", "real", "work", "work_before", "through", "before", "is_date")
    return Moment(*(rows.c[f"{name}_{part}"] for part in parts))


def fixed_moment(moment: datetime, value: Mapping[str, Any]) -> Moment:
    """The cut-off as literals, given the row of the day table of its day."""
    day, second = value["day"], moment.hour * 3600 + moment.minute * 60 + moment.second
    intervals = sum(name.startswith("start_") for name in value)
    shift = value["shift"] if second >= value["shift_from"] else 0

    def work(at: int) -> Expression:
        if value["before_day"] is None:
            return number_or_null(None)
        spans = ((value[f"start_{i}"], value[f"end_{i}"]) for i in range(1, intervals + 1))
        return number(value["before_day"] + sum(min(max(at, s), e) - s for s, e in spans))

    return Moment(
        number(day), number(day * DAY + second), number(value["elapsed"] + second + shift), work(second),
        work(second - 1), number_or_null(value["working_through"]), number_or_null(value["working_before"]), number(0),
    )  # fmt: skip


def number_or_null(value: int | None) -> Expression:
    """An integer literal, or a null of the same type."""
    from sqlalchemy import null

    return cast(null(), BigInteger) if value is None else number(value)
