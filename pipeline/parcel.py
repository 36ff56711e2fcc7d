"""One case like a parcel: what happened when, which clocks ran and why, and what each export said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from metrics import calendar as calendars
from metrics import clock, standard
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import batches, cases, units
from records.vocabulary.schema import CASE_TIMES

NOT_EVENTS = ("due_at", "extended_due_at", "suspended_until", "extension_applied_at")
CLOCKS = (
    # clock, starts at (the first that is set), ends at (the first that is set)
    ("sign", ("dispatched_at", "received_at"), ("signed_at",)),
    ("reply", ("dispatched_at", "received_at"), ("first_response_at", "published_at")),
    ("close", ("dispatched_at", "received_at"), ("closed_at",)),
)


@dataclass(frozen=True)
class Stage:
    """An event of the case. A date without a time of day is never read as midnight: `is_date` says so."""

    name: str
    at: datetime
    is_date: bool


@dataclass(frozen=True)
class RunClock:
    """A clock of the case. `end` is None while it runs; `reason` says why nothing could be counted."""

    name: str
    start: datetime
    end: datetime | None
    until: datetime
    working_seconds: int | None = None
    due: datetime | None = None
    limit: str | None = None
    rule: str | None = None
    is_met: bool | None = None
    intervals: tuple[clock.Span, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Observation:
    """What one export said: where it stands in which file, and which fields differ from the export before."""

    batch: int
    file_name: str
    sheet: str | None
    row: int | None
    exported_at: datetime | None
    state: str | None
    outcome: str | None
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Parcel:
    """A case with everything its page shows. `case` holds the newest observation, as far as the viewer may see it."""

    case: Mapping[str, Any]
    unit_name: str
    stages: list[Stage]
    clocks: list[RunClock]
    observations: list[Observation]


def parcel(instance: Instance, *, viewer: Viewer, register: str, case_no: str) -> Parcel | None:
    """The case of a register, or None when there is none the viewer may see."""
    with instance.session() as session:
        rows = cases.one(instance, session, viewer=viewer, case_no=case_no, register=register)
        if not rows:
            return None
        files = {number: batches.one(session, viewer=OPERATOR, number=number) for number in {r["batch"] for r in rows}}
        unit = units.one_unit(session, viewer=viewer, code=rows[0]["unit"])
    newest = rows[0]
    names = {number: row.file_name if row else "" for number, row in files.items()}
    return Parcel(newest, unit.name if unit else newest["unit"], stages(newest), clocks(newest), _observed(rows, names))


def stages(case: Mapping[str, Any]) -> list[Stage]:
    """The events of a case in the order of time; what is not in the file is not there.

    >>> [s.name for s in stages({"closed_at": datetime(2024, 3, 5), "received_at": datetime(2024, 3, 1)})]
    ['received_at', 'closed_at']
    """
    found = [
        Stage(name, case[name], bool(case.get(f"{name}_is_date")))
        for name in CASE_TIMES
        if name not in NOT_EVENTS and case.get(name) is not None
    ]
    order = {name: place for place, name in enumerate(CASE_TIMES)}
    return sorted(found, key=lambda stage: (stage.at, order[stage.name]))


def clocks(case: Mapping[str, Any]) -> list[RunClock]:
    """The sign, reply and close clocks with their counted intervals; one without a start does not run."""
    found = []
    for name, starts, ends in CLOCKS:
        start, end = _first(case, starts), _first(case, ends)
        until = end or case.get("exported_at")
        if start is not None and until is not None:
            found.append(_counted(RunClock(name, start, end, until), case))
    return found


def _counted(run: RunClock, case: Mapping[str, Any]) -> RunClock:
    calendar = calendars.load()
    try:
        spans = tuple(clock.explain(calendar, run.start, run.until))
        due, limit, rule = _limit(run, case, calendar)
    except calendars.CalendarError as error:
        return replace(run, reason=str(error))
    seconds = sum(int((last - first).total_seconds()) for first, last in spans)
    is_met = None if due is None or (run.end is None and run.until <= due) else run.until <= due
    counted = replace(run, working_seconds=seconds, due=due, limit=limit, rule=rule, is_met=is_met, intervals=spans)
    return replace(counted, reason="negative") if run.until < run.start else counted


def _limit(
    run: RunClock, case: Mapping[str, Any], calendar: calendars.Calendar
) -> tuple[datetime | None, str | None, str | None]:
    """Due moment, limit and rule: the source's own deadline where the file gives one, else the standard's."""
    if run.name == "sign":
        hours = standard.load().sign_hours
        return clock.due(calendar, run.start, clock.Limit(hours, "hour")), f"{hours} hour", "sign"
    source = case.get("due_at")
    if source is not None:
        end_of_day = source.replace(hour=23, minute=59, second=59)
        return (end_of_day if case.get("due_at_is_date") else source), None, "source"
    received = case.get("received_at") or run.start
    rule = standard.load().rule_for(
        run.name, case.get("channel"), case.get("case_type"), case.get("urgency"), received.date()
    )
    if rule is None:
        return None, None, None
    return clock.due(calendar, run.start, rule.limit), f"{rule.limit.amount} {rule.limit.unit}", rule.id


def _observed(rows: list[dict[str, Any]], names: Mapping[int, str]) -> list[Observation]:
    ignored = {"batch", "sheet", "row_no", "exported_at"}
    found = []
    for place, row in enumerate(rows):
        before = rows[place + 1] if place + 1 < len(rows) else None
        changed = (
            tuple(name for name in row if before and name not in ignored and row[name] != before[name])
            if before
            else ()
        )
        found.append(
            Observation(
                row["batch"], names.get(row["batch"], ""), row.get("sheet"), row.get("row_no"),
                row.get("exported_at"), row.get("state"), row.get("outcome"), changed,
            )
        )  # fmt: skip
    return found


def _first(case: Mapping[str, Any], names: tuple[str, ...]) -> datetime | None:
    return next((case[name] for name in names if case.get(name) is not None), None)
