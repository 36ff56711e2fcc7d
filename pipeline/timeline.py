"""One case like a parcel: its events in order, each clock with the intervals it counted, every observation of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from metrics import clock
from metrics.calendar import Calendar, CalendarEmpty, CalendarUnpublished
from metrics.standard import Standard
from pipeline.counting import build_facts, calendar_of, standard_of
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import cases
from records.vocabulary.schema import CASE_TIMES

CLOCKS = {
    "sign": ("dispatched_at", "signed_at"), "contact": ("received_at", "contacted_at"),
    "reply": ("received_at", "first_response_at"), "close": ("received_at", "closed_at"),
}  # fmt: skip


def timeline(
    instance: Instance, case_no: str, register: str | None = None, *, viewer: Viewer = OPERATOR
) -> dict[str, Any] | None:
    """The case, or None when no accepted batch holds it (or the viewer may not see it).

    Times are naive local. A running clock ends at the cut-off and says so; a clock without its start is left out.
    """
    with instance.session() as session:
        rows = cases.one(instance, session, viewer=viewer, case_no=case_no, register=register)
    return timeline_of(instance, rows) if rows else None


def timeline_of(instance: Instance, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The same from the observations of one case, the newest first."""
    newest = rows[0]
    office = calendar_of(instance)
    as_of = build_facts(instance).as_of
    return {
        **{name: newest.get(name) for name in ("register", "case_no", "unit", "channel", "case_type", "urgency",
                                               "category", "state", "outcome", "resolved", "rating", "is_excluded",
                                               "exclusion_reason")},
        "as_of": as_of,
        "events": _events(newest),
        "clocks": [c for name in CLOCKS if (c := _clock(office, standard_of(None), name, newest, as_of))],
        "pauses": _pauses(newest),
        "observations": [_observation(row) for row in rows],
        "findings": [],
        "exclusions": _exclusions(newest),
    }  # fmt: skip


def _events(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    events = [
        {"event": name, "at": row[name], "is_date": bool(row.get(f"{name}_is_date"))}
        for name in CASE_TIMES
        if row.get(name) is not None
    ]
    return sorted(events, key=lambda e: (e["at"], CASE_TIMES.index(e["event"])))


def _clock(
    office: Calendar, limits: Standard, name: str, row: Mapping[str, Any], as_of: datetime | None
) -> dict[str, Any] | None:
    """One clock with its counted intervals; None where it never started or its event does not apply here."""
    start, end = (row.get(field) for field in CLOCKS[name])
    if start is None or (end is None and (as_of is None or name in ("sign", "contact"))):
        return None
    is_running = end is None
    if is_running and name == "close" and row.get("state") == "closed":
        return None
    stop = end or max(as_of or start, start)
    answer: dict[str, Any] = {
        "clock": name, "from": start, "to": end, "is_running": is_running, "business_seconds": None,
        "calendar_seconds": None, "working_days": None, "intervals": [], "days_off": [], "due": None, "rule": None,
        "met": None, "reason": None,
    }  # fmt: skip
    is_date_only = bool(row.get(f"{CLOCKS[name][0]}_is_date")) or bool(end and row.get(f"{CLOCKS[name][1]}_is_date"))
    if is_running and name == "reply" and row.get("closed_at") is not None:
        # The facts know whether this register records replies at all; one row does not.
        return answer | {"is_running": False, "reason": "no_response_recorded"}
    try:
        answer |= _due(office, limits, name, row, end, as_of)
        answer["working_days"] = clock.working_days(office, start.date(), stop.date())
        if is_date_only:
            answer["reason"] = "date_only"
        elif stop < start:
            answer["reason"] = "contradictory_times"
        else:
            answer |= _durations(office, start, stop)
    except CalendarUnpublished as error:
        answer["reason"] = f"calendar_not_published: {error.year}"
        answer["calendar_seconds"] = clock.calendar_seconds(office.zone, start, stop)
    except CalendarEmpty:
        answer["reason"] = "calendar_empty"
    return answer


def _durations(office: Calendar, start: datetime, stop: datetime) -> dict[str, Any]:
    days = (start.date() + timedelta(days=i) for i in range((stop.date() - start.date()).days + 1))
    return {
        "business_seconds": clock.business_seconds(office, start, stop),
        "calendar_seconds": clock.calendar_seconds(office.zone, start, stop),
        "intervals": [[a, b] for a, b in clock.explain(office, start, stop)],
        "days_off": [day for day in days if not office.is_working_day(day)],
    }


def _due(
    office: Calendar, limits: Standard, name: str, row: Mapping[str, Any], end: datetime | None, as_of: datetime | None
) -> dict[str, Any]:
    if name not in ("reply", "close"):
        return {}
    if row.get("due_at") is not None:
        due, rule = row["due_at"], "source"
        due += timedelta(hours=23, minutes=59, seconds=59) if row.get("due_at_is_date") else timedelta()
    else:
        start = row["received_at"]
        found = limits.rule_for(name, row.get("channel"), row.get("case_type"), row.get("urgency"), start.date())
        if found is None:
            return {}
        due, rule = clock.due(office, start, found.limit), found.id
    met = clock.is_met(end, due) if end else (False if as_of and as_of > due else None)
    return {"due": due, "rule": rule, "met": met}


def _pauses(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    if row.get("suspended_from") is None:
        return []
    return [{"from": row["suspended_from"], "to": row.get("suspended_until"), "kind": "suspended"}]


def _observation(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("batch", "sheet", "row_no", "exported_at", "state", "unit", "closed_at", "first_response_at", "due_at")
    return {name: row.get(name) for name in shown}


def _exclusions(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not row.get("is_excluded") and not row.get("exclusion_reason"):
        return []
    return [{"at": row.get("excluded_at"), "reason": row.get("exclusion_reason")}]
