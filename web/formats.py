"""Filters for templates; every number goes through `reports.numbers`, the one place of rounding."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask, request, url_for

from reports import numbers
from web.languages import language
from web.session import instance


def reason(code: str | None) -> str:
    """Why a number is missing, in the reader's words."""
    return numbers.reason_text(code, language())


def period(label: str) -> str:
    """A period as people write it."""
    return numbers.period(label, language())


def month(label: str) -> str:
    """A month as people write it, short."""
    return numbers.month(label, language(), is_short=True)


def moment(time: datetime | str | None, *, to: str = "minute") -> str:
    """A time in the zone of the instance as `2024-03-01 09:30`; a time without a zone is local already.

    `to` is `day`, `minute` or `second`. A missing time is a dash.
    """
    if not time:
        return numbers.MISSING
    if isinstance(time, str):
        time = datetime.fromisoformat(time)
    if time.tzinfo is not None:
        time = time.astimezone(instance().zone)
    return time.strftime({"day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M", "second": "%Y-%m-%d %H:%M:%S"}[to])


def file_size(size: int | None) -> str:
    """Bytes as people read them: 812 B, 3.4 KB, 12.0 MB."""
    if size is None:
        return numbers.MISSING
    amount = float(size)
    for unit in ("B", "KB", "MB"):
        if amount < 1024:
            return f"{numbers.fixed(amount, 0 if unit == 'B' else 1)} {unit}"
        amount /= 1024
    return f"{numbers.fixed(amount, 1)} GB"


def with_query(**changes: Any) -> str:
    """The address of this page with some filters changed; None takes a filter away."""
    query = {**request.args.to_dict(flat=True), **changes}
    query.pop("lang", None)
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return url_for(request.endpoint or "", **(request.view_args or {}), **kept)


FILTERS = {
    "count": numbers.count,
    "rate": numbers.rate,
    "percent": numbers.percent,
    "score": numbers.score,
    "fixed": numbers.fixed,
    "weight": numbers.weight,
    "of_metric": numbers.of_metric,
    "reason": reason,
    "period": period,
    "month": month,
    "moment": moment,
    "file_size": file_size,
}


def teach(app: Flask) -> None:
    """Register the filters; they replace Jinja's own `count`, which is `length`."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(with_query=with_query, now=lambda: datetime.now(UTC))
