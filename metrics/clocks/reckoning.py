"""One clock by itself, as a person asks for it: durations, due time, counted intervals, or the reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from metrics.clocks import clock
from metrics.clocks.calendar import Calendar, CalendarEmpty, CalendarUnpublished
from metrics.clocks.clock import Limit

Pause = tuple[datetime, datetime | None]


def reckon(
    calendar: Calendar, start: datetime, end: datetime | None, limit: str | Limit | None, pauses: Sequence[Pause] = ()
) -> dict[str, Any]:
    """The answer of `wenxiao clock`. Parts that cannot be known are null and `reason` says why.

    `business_seconds` are net of the pauses; `gross_seconds` and `pause_seconds` show both parts. Raises ValueError
    for a limit that cannot be read.
    """
    bound = Limit.parse(limit) if isinstance(limit, str) else limit
    answer: dict[str, Any] = {
        "business_seconds": None, "calendar_seconds": None, "working_days": None, "due": None, "met": None,
        "intervals": [], "reason": None, "gross_seconds": None, "pause_seconds": None, "due_allowed": None,
        "met_allowed": None, "is_off_hours": None, "calendar": calendar.id, "timezone": calendar.zone,
    }  # fmt: skip
    start = clock.local(start, calendar.zone) if not end or not end.tzinfo else start
    try:
        if end is not None:
            answer |= _durations(calendar, start, end, pauses)
        if bound is not None:
            answer |= _due(calendar, start, end, bound, pauses)
    except CalendarUnpublished as error:
        answer["reason"] = f"calendar_not_published: {error}"
    except CalendarEmpty as error:
        answer["reason"] = str(error)
    return answer


def _durations(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause]) -> dict[str, Any]:
    calendar_seconds = clock.calendar_seconds(calendar.zone, start, end)
    a, b = clock.local(start, calendar.zone), clock.local(end, calendar.zone)
    gross = clock.business_seconds(calendar, a, b)
    held = clock.pause_seconds(calendar, _local_pauses(calendar, pauses), a, b) if b > a else 0
    spans = clock.explain(calendar, a, b)
    return {
        "business_seconds": gross - held,
        "calendar_seconds": calendar_seconds,
        "working_days": clock.working_days(calendar, a.date(), b.date()),
        "intervals": [[first.isoformat(), last.isoformat()] for first, last in spans],
        "gross_seconds": gross,
        "pause_seconds": held,
        "is_off_hours": gross == 0,
    }


def _due(
    calendar: Calendar, start: datetime, end: datetime | None, limit: Limit, pauses: Sequence[Pause]
) -> dict[str, Any]:
    a = clock.local(start, calendar.zone)
    b = clock.local(end, calendar.zone) if end else None
    due = clock.due(calendar, a, limit)
    answer: dict[str, Any] = {"due": due.isoformat(), "met": clock.is_met(b, due) if b else None}
    if pauses and b:
        allowed = clock.due_after_pauses(calendar, a, limit, _local_pauses(calendar, pauses), b)
        answer |= {"due_allowed": allowed.isoformat(), "met_allowed": clock.is_met(b, allowed)}
    return answer


def _local_pauses(calendar: Calendar, pauses: Sequence[Pause]) -> list[Pause]:
    return [(clock.local(a, calendar.zone), clock.local(b, calendar.zone) if b else None) for a, b in pauses]
