"""One case like a parcel: its events in order, each clock with the intervals it counted, every observation of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from metrics.clocks import clock, explanation
from metrics.clocks.calendar import Calendar, CalendarEmpty, CalendarUnpublished
from metrics.clocks.explanation import Approved
from metrics.clocks.standard import Standard
from pipeline.integrity.casehistory import handling_of, holds_of, pauses_of
from pipeline.numbers.counting import build_facts, calendar_of, standard_of
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import batches, cases, findings
from records.vocabulary.schema import CASE_TIMES

CLOCKS = {
    "sign": ("dispatched_at", "signed_at"), "contact": ("received_at", "contacted_at"),
    "reply": ("received_at", "first_response_at"), "close": ("received_at", "closed_at"),
}  # fmt: skip
LIMITED = ("reply", "close")
CLOCK_KEYS = (
    "business_seconds", "calendar_seconds", "net_seconds", "credited_seconds", "pause_seconds", "is_off_hours",
    "working_days", "due", "due_allowed", "rule", "limit", "met", "met_allowed", "reason",
)  # fmt: skip
LAST_SECOND = timedelta(hours=23, minutes=59, seconds=59)


def timeline(
    instance: Instance, case_no: str, register: str | None = None, *, viewer: Viewer = OPERATOR
) -> dict[str, Any] | None:
    """The case, or None when no accepted batch holds it (or the viewer may not see it).

    `findings` are those whose list of cases holds this one, for viewers who may see findings; none of them changes a
    score. Times are naive local. A running clock ends at the cut-off and says so; one without its start is left out.
    """
    with instance.session() as session:
        rows = cases.one(instance, session, viewer=viewer, case_no=case_no, register=register)
        if not rows:
            return None
        files = batches.file_names(session, {row["batch"] for row in rows})
        seen = findings.about_case(session, viewer=viewer, register=rows[0]["register"] or "", case_no=case_no)
    answer = timeline_of(instance, rows)
    for observation in answer["observations"]:
        observation.update(file=files.get(observation["batch"]), row=observation["row_no"])
    told = ("id", "detector", "period", "state")
    answer["findings"] = [
        {**{name: getattr(row, name) for name in told}, "sentence": row.document.get("sentence")} for row in seen
    ]
    return answer


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
        "clocks": [c for name in CLOCKS if (c := _clock(office, standard_of(None), name, rows, as_of))],
        "pauses": pauses_of(rows),
        "handling": handling_of(office, rows, as_of),
        "holds": holds_of(office, rows, as_of),
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
    office: Calendar, limits: Standard, name: str, rows: list[dict[str, Any]], as_of: datetime | None
) -> dict[str, Any] | None:
    """One clock with everything it counted; None where it never started or its event does not apply here."""
    row = rows[0]
    start, end, source = _span(name, row)
    if start is None or (end is None and (as_of is None or name in ("sign", "contact"))):
        return None
    is_running = end is None
    if is_running and name == "close" and row.get("state") == "closed":
        return None
    stop = end or max(as_of or start, start)
    answer = dict.fromkeys(CLOCK_KEYS) | {
        "clock": name, "from": start, "to": end, "is_running": is_running, "source": source, "intervals": [],
        "days_off": [], "pauses": [],
    }  # fmt: skip
    is_date_only = bool(row.get(f"{CLOCKS[name][0]}_is_date")) or bool(end and row.get(f"{CLOCKS[name][1]}_is_date"))
    if is_running and name == "reply" and row.get("closed_at") is not None:
        # The facts know whether this register records replies at all; one row does not.
        return answer | {"is_running": False, "reason": "no_response_recorded"}
    approved = _approved(rows)
    try:
        answer |= _due(office, limits, name, rows, stop, end is not None, approved)
        answer["working_days"] = clock.working_days(office, start.date(), stop.date())
        if is_date_only:
            answer["reason"] = "date_only"
        elif stop < start:
            answer["reason"] = "contradictory_times"
        else:
            answer |= explanation.durations(office, start, stop, approved.pauses if name in LIMITED else ())
    except CalendarUnpublished as error:
        answer["reason"] = f"calendar_not_published: {error.year}"
        answer["calendar_seconds"] = clock.calendar_seconds(office.zone, start, stop)
    except CalendarEmpty:
        answer["reason"] = "calendar_empty"
    return answer


def _span(name: str, row: Mapping[str, Any]) -> tuple[datetime | None, datetime | None, str]:
    """Start and end of a clock and what ended it: a hotline case solved by phone was answered by that contact."""
    start, end = (row.get(field) for field in CLOCKS[name])
    by_phone = row.get("channel") == "hotline" and row.get("closed_at") is not None and not row.get("reply_length")
    if name == "reply" and end is None and by_phone and row.get("contacted_at") is not None:
        return start, row["contacted_at"], "contact"
    return start, end, CLOCKS[name][1].removesuffix("_at")


def _approved(rows: list[dict[str, Any]]) -> Approved:
    newest = rows[0]
    extended = newest.get("extended_due_at")
    if extended is not None and newest.get("extended_due_at_is_date"):
        extended += LAST_SECOND
    pauses = tuple((pause["from"], pause["to"]) for pause in pauses_of(rows))
    return Approved(pauses, extended, newest.get("extension_applied_at"))


def _due(
    office: Calendar, limits: Standard, name: str, rows: list[dict[str, Any]], stop: datetime, has_ended: bool,
    approved: Approved,
) -> dict[str, Any]:  # fmt: skip
    """The rule in force at receipt, its due time and whether it was met; type and urgency as first recorded."""
    row, start = rows[0], rows[0].get("received_at")
    if name not in LIMITED or start is None:
        return {}
    if row.get("due_at") is not None:
        due = row["due_at"] + (LAST_SECOND if row.get("due_at_is_date") else timedelta())
        found: dict[str, Any] = {"due": due, "rule": "source", "limit": None}
        found["due_allowed"] = max(due, explanation.extended_due(approved, due) or due)
    else:
        channel, case_type, urgency = (_first_known(rows, column) for column in ("channel", "case_type", "urgency"))
        rule = limits.rule_for(name, channel, case_type, urgency, start.date())
        if rule is None:
            return {}
        found = {"rule": rule.id, "limit": explanation.rule_in_force(limits, rule)}
        found |= explanation.due_times(office, start, rule, stop, approved)
    for kind in ("", "_allowed"):
        in_time = clock.is_met(stop, found[f"due{kind}"])
        found[f"met{kind}"] = in_time if has_ended else (None if in_time else False)
    return found


def _first_known(rows: list[dict[str, Any]], column: str) -> Any:
    """What the oldest export that says anything about it said: a later change does not move the limit."""
    return next((row[column] for row in reversed(rows) if row.get(column) is not None), None)


def _observation(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("batch", "sheet", "row_no", "exported_at", "state", "unit", "closed_at", "first_response_at", "due_at")
    return {name: row.get(name) for name in shown}


def _exclusions(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not row.get("is_excluded") and not row.get("exclusion_reason"):
        return []
    return [{"at": row.get("excluded_at"), "reason": row.get("exclusion_reason")}]
