"""Why a clock shows what it shows: the rule in force, the due time with and without pauses, every day and its reason.

The counted intervals add up to the working seconds, the pauses to what was deducted; nothing here is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from metrics.clocks import clock
from metrics.clocks.calendar import Calendar
from metrics.clocks.holidays import holiday_of
from metrics.clocks.standard import Rule, Standard

MOST_DAYS = 400  # a case open for years is explained by its totals, not by every weekend


@dataclass(frozen=True)
class Approved:
    """What may stop or move a limit: pauses, and an extension with the moment it was applied for."""

    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    extended_due: datetime | None = None
    applied_at: datetime | None = None


def rule_in_force(standard: Standard, rule: Rule) -> dict[str, Any]:
    """The rule as a reader needs it: which standard, which limit, on what basis."""
    return {
        "standard": standard.id, "version": standard.version, "id": rule.id, "amount": rule.limit.amount,
        "unit": rule.limit.unit, "rolls_forward": rule.limit.roll_forward, "basis_zh": rule.basis_zh,
        "basis_en": rule.basis_en, "valid_from": rule.valid_from, "valid_to": rule.valid_to,
    }  # fmt: skip


def days_without_work(calendar: Calendar, start: date, end: date) -> list[dict[str, Any]]:
    """The days from start to end that did not count, with the name of the holiday; make-up days are named as worked."""
    found = []
    for i in range(min((end - start).days + 1, MOST_DAYS)):
        day = start + timedelta(days=i)
        name, works = holiday_of(calendar, day), calendar.is_working_day(day)
        if not works or name:
            zh, en = name or (None, None)
            found.append({"day": day, "is_worked": works, "name_zh": zh, "name_en": en})
    return found


def durations(
    calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[tuple[datetime, datetime | None]] = ()
) -> dict[str, Any]:
    """Working and calendar seconds with everything they are made of; `credited_seconds` deducts at most a fifth."""
    spans = clock.explain(calendar, start, end)
    gross = sum(int((b - a).total_seconds()) for a, b in spans)
    merged = clock.merge_pauses(pauses, start, end)
    held = [clock.business_seconds(calendar, a, b) for a, b in merged]
    paused = sum(held)
    return {
        "business_seconds": gross,
        "calendar_seconds": clock.calendar_seconds(calendar.zone, start, end),
        "is_off_hours": gross == 0 and end > start,
        "intervals": [[a, b] for a, b in spans],
        "pauses": [{"from": a, "to": b, "seconds": n} for (a, b), n in zip(merged, held, strict=True)],
        "pause_seconds": paused,
        "net_seconds": gross - paused,
        "credited_seconds": gross - min(paused, gross // 5),
        "days_off": days_without_work(calendar, start.date(), end.date()),
    }


def due_times(calendar: Calendar, start: datetime, rule: Rule, end: datetime, approved: Approved) -> dict[str, Any]:
    """The strict due moment and the allowed one: pauses begun in time, or an extension applied for in time."""
    strict = clock.due(calendar, start, rule.limit)
    allowed = clock.due_after_pauses(calendar, start, rule.limit, approved.pauses, end) if approved.pauses else strict
    return {"due": strict, "due_allowed": max(allowed, extended_due(approved, strict) or allowed)}


def extended_due(approved: Approved, strict: datetime) -> datetime | None:
    """The extended due moment where it was applied for before the strict one had passed."""
    if approved.extended_due is None or (approved.applied_at is not None and approved.applied_at > strict):
        return None
    return approved.extended_due


def share_used(
    calendar: Calendar,
    start: datetime,
    at: datetime,
    limit: clock.Limit,
    pauses: Sequence[tuple[datetime, datetime | None]] = (),
) -> float:
    """How much of a limit in business hours was used at a moment, pauses taken out; 1 is all of it.

    Raises ValueError for limits counted in days.
    """
    if limit.unit != "business_hour":
        raise ValueError("the share used of a limit is counted in business hours")
    worked = clock.business_seconds(calendar, start, at) - clock.pause_seconds(calendar, pauses, start, at)
    return worked / (limit.amount * 3600)
