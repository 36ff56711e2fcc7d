"""The events of one stored case, from all its observations, and what they say about its handling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from metrics.clocks import clock, cycles, events
from metrics.clocks.calendar import Calendar, CalendarUnpublished
from metrics.clocks.cycles import Handling
from metrics.clocks.events import Event, What
from records.vocabulary.events import from_text, pauses

Row = Mapping[str, Any]
POINTS = {
    What.ACKNOWLEDGED: ("acknowledged_at", "machine"), What.CONTACTED: ("contacted_at", "staff"),
    What.REPLY: ("first_response_at", "staff"), What.CLOSED: ("closed_at", "staff"),
    What.REOPENED: ("reopened_at", "citizen"),
}  # fmt: skip


def events_of(rows: Sequence[Row]) -> list[Event]:
    """The events of a case from its observations, the newest first.

    A case of an event log has them all. Else times come from the newest observation; the units the case went through,
    and suspensions a later export no longer shows, from all of them. A change of unit without a time of transfer is
    left out: nobody knows when it was.
    """
    newest = rows[0]
    if newest.get("history"):
        return events.in_order(from_text(newest["history"]))
    if newest.get("received_at") is None:
        return []
    found = [Event(newest["received_at"], What.RECEIVED, "citizen", rows[-1].get("unit"))]
    for what, (column, by) in POINTS.items():
        if newest.get(column) is not None:
            found.append(Event(newest[column], what, by, newest.get("unit")))
    final = newest.get("final_closed_at")
    if final is not None and newest.get("closed_at") is not None and final > newest["closed_at"]:
        found.append(Event(final, What.CLOSED, "staff", newest.get("unit")))
    return events.in_order([*found, *_suspensions(rows), *_assignments(rows)])


def pauses_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Every pause of a case; `to` None while it runs."""
    return [{"from": start, "to": end, "kind": "suspended"} for start, end in pauses(events_of(rows))[0]]


def _suspensions(rows: Sequence[Row]) -> list[Event]:
    ends: dict[datetime, datetime | None] = {}
    for row in reversed(rows):  # the newest observation of a suspension holds
        if row.get("suspended_from") is not None:
            ends[row["suspended_from"]] = row.get("suspended_until")
    found = [Event(start, What.PAUSED) for start in ends]
    return [*found, *(Event(end, What.RESUMED) for end in ends.values() if end is not None)]


def _assignments(rows: Sequence[Row]) -> list[Event]:
    found: list[Event] = []
    before: str | None = None
    for row in reversed(rows):
        unit = row.get("unit")
        if unit is None or unit == before:
            continue
        at = row.get("dispatched_at") if before is None else _transfer(row, found)
        if at is not None:
            found.append(Event(at, What.ASSIGNED, "staff", unit))
        before = unit
    return found


def _transfer(row: Row, before: Sequence[Event]) -> datetime | None:
    """When a case came to a new unit: its transfer, else a dispatch later than the one before."""
    if row.get("transferred_at") is not None:
        return row["transferred_at"]
    dispatched = row.get("dispatched_at")
    return dispatched if dispatched is not None and before and dispatched > before[-1].at else None


def handling_of(office: Calendar, rows: Sequence[Row], as_of: datetime | None) -> dict[str, Any] | None:
    """First, final, full and net handling in working and calendar seconds; None where times are dates or missing."""
    history, newest = events_of(rows), rows[0]
    is_date = any(newest.get(f"{name}_is_date") for name in ("received_at", "closed_at", "final_closed_at"))
    if not history or as_of is None or is_date:
        return None
    by_calendar = cycles.handling(history, as_of, lambda a, b: clock.calendar_seconds(office.zone, a, b))
    try:
        by_work = cycles.handling(history, as_of, lambda a, b: clock.business_seconds(office, a, b))
    except CalendarUnpublished:
        by_work = None
    if by_calendar is None:
        return None
    return {
        "first_closed": by_calendar.first_closed, "final_closed": by_calendar.final_closed,
        "reopens": by_calendar.reopens, "repeats": list(by_calendar.repeats), "problems": list(by_calendar.problems),
        "working": _figures(by_work), "calendar": _figures(by_calendar),
        "cycles": [{"from": c.start, "to": c.end} for c in by_calendar.cycles],
    }  # fmt: skip


def _figures(found: Handling | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "first": found.first, "full": found.full, "net": found.net, "credited": found.credited,
        "cycles": [cycle.gross for cycle in found.cycles],
    }  # fmt: skip


def holds_of(office: Calendar, rows: Sequence[Row], as_of: datetime | None) -> list[dict[str, Any]]:
    """Who held the case when, with the seconds of each unit's own clock; a unit that passed it on did not answer."""
    history = [event for event in events_of(rows) if as_of is None or event.at <= as_of]
    found = []
    for hold in events.holds(history):
        stop = hold.answered_at or hold.end or as_of
        seconds = None if stop is None or stop < hold.start else clock.calendar_seconds(office.zone, hold.start, stop)
        found.append(
            {"unit": hold.unit, "from": hold.start, "to": hold.end, "how": hold.how, "answered_at": hold.answered_at,
             "seconds": seconds}
        )  # fmt: skip
    return found
