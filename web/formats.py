"""Filters for templates; every number goes through `reports.numbers`, the one place of rounding."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from flask import Flask, request, url_for
from flask_babel import gettext

from imports.layouts import list_layouts
from metrics.registry import REASONS, reason_text
from records.clock import now
from reports import glossary, numbers
from web import names
from web.languages import language
from web.session import instance
from web.shown.schemes import scheme_name
from web.words import history


class Ranked(Protocol):
    """A row with the interval of its rank."""

    @property
    def rank_low(self) -> int | None: ...

    @property
    def rank_high(self) -> int | None: ...


def reason(code: str | None) -> str:
    """Why a number is missing, in the reader's words: those of the metrics first, then those of the judgement."""
    if code is not None and code in REASONS:
        return reason_text(code, language())
    return numbers.reason_text(code, language())


def period(label: str) -> str:
    """A period as people write it."""
    return gettext("全部时期") if label == "all" else numbers.period(label, language())


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


def duration(seconds: int | None) -> str:
    """A duration to the second in the reader's language."""
    return numbers.duration(seconds, language())


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


def measure_sign(measure: str) -> str:
    """What stands behind a number of this measure: %, hours, points."""
    return {
        "rate": "%",
        "percentage_points": gettext("个百分点"),
        "hours": gettext("小时"),
        "working_hours": gettext("工作小时"),
        "working_days": gettext("工作日"),
        "days": gettext("天"),
        "points": gettext("分"),
        "count": gettext("件"),
    }.get(measure, "")


def value_with_sign(row: numbers.Measured, measure: str) -> str:
    """A value, or its range, with what stands behind it, for columns that mix measures; a missing one has no sign."""
    text, sign = numbers.value_of(row, measure), measure_sign(measure)
    space = " " if sign[:1].isascii() and sign != "%" else ""
    return text if text == numbers.MISSING else f"{text}{space if sign else ''}{sign}"


def rank_span(row: Ranked) -> str:
    """The interval of a rank: both ends, one number where they are the same, a dash without a rank."""
    if row.rank_low is None:
        return numbers.MISSING
    return str(row.rank_low) if row.rank_low == row.rank_high else f"{row.rank_low}—{row.rank_high}"


def gap(difference: float | None, measure: str) -> str:
    """A difference to a target with its sign, in the measure of the indicator; rates in percentage points."""
    if measure == "rate":
        return numbers.percent_points(difference)
    return numbers.fixed(difference, 1, signed=True)


def short(text: str) -> str:
    """A printed number without zeros behind the point: 90.0 is 90."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def meaning_of(term: str) -> tuple[str, str]:
    """A word of the glossary and what it means, in the language of the reader. Raises KeyError for no such word."""
    found = {entry.id: entry for entry in glossary.terms()}[term]
    return (found.en, found.meaning_en) if language() == "en" else (found.zh, found.meaning_zh)


def document_name(name: str) -> str:
    """What a penalty or bonus rests on, in words: "finding 12" is 线索 12; any other name as it is."""
    kind, _, number = name.partition(" ")
    if kind == "finding":
        return gettext("线索 %(number)s", number=number)
    return gettext("加分申请 %(number)s", number=number) if kind == "bonus" else name


FILTERS = {
    "change": history.change,
    "person": names.person,
    "change_key": history.change_key,
    "change_value": history.change_value,
    "measure_sign": measure_sign,
    "value_with_sign": value_with_sign,
    "rank_span": rank_span,
    "gap": gap,
    "short": short,
    "count": numbers.count,
    "rate": numbers.rate,
    "percent": numbers.percent,
    "level": numbers.level,
    "score": numbers.score,
    "score_of": numbers.score_of,
    "interval_of": numbers.interval_of,
    "fixed": numbers.fixed,
    "ends": numbers.ends,
    "duration": duration,
    "weight": numbers.weight,
    "of_metric": numbers.of_metric,
    "value_of": numbers.value_of,
    "value_interval_of": numbers.value_interval_of,
    "reason": reason,
    "period": period,
    "month": month,
    "moment": moment,
    "file_size": file_size,
    "document_name": document_name,
}


def layout_name(layout: str | None, saved: str | None = None) -> str:
    """The title of a layout that comes with the program, with the name under which the office saved its own."""
    shipped = next((entry for entry in list_layouts() if entry.id == layout), None)
    if shipped is None:
        return saved or layout or numbers.MISSING
    title = shipped.title_en if language() == "en" else shipped.title_zh
    return f"{saved} · {title}" if saved else title


def teach(app: Flask) -> None:
    """Register the filters; they replace Jinja's own `count`, which is `length`."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        scheme_name=scheme_name,
        layout_name=layout_name,
        with_query=with_query,
        meaning_of=meaning_of,
        now=now,
        today=lambda: instance().today(),
    )
