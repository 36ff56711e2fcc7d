"""The history of one case as events: who acted when, what counts as the first answer, and who answers to whom.

Works on plain events so that every source with a message log is treated alike. Notices sent by a machine, internal
notes and the opening message of a case that staff wrote down are no answers. Equal times keep a fixed order of states,
so that the order of rows in a file never matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """What happened, in the order in which events of one second follow each other."""

    RECEIVED = "received"
    ASSIGNED = "assigned"  # to `unit`
    ACKNOWLEDGED = "acknowledged"
    CONTACTED = "contacted"
    CITIZEN = "citizen"  # a message of the citizen
    NOTE = "note"  # internal
    REPLY = "reply"  # a public message of the unit
    PAUSED = "paused"
    RESUMED = "resumed"
    CLOSED = "closed"
    REOPENED = "reopened"


ORDER = {what: place for place, what in enumerate(What)}


@dataclass(frozen=True)
class Event:
    """One event. `by` is citizen, staff or machine; `unit` is the unit that acts or, when assigned, gets the case."""

    at: datetime
    what: What
    by: str = "staff"
    unit: str | None = None


@dataclass(frozen=True)
class Answer:
    """One answer: the first public message of people after the citizen began to wait."""

    waited_from: datetime
    at: datetime
    unit: str | None
    source: str = "reply"  # or "contact"


@dataclass(frozen=True)
class Hold:
    """The time a unit held the case. `end` None: still there. `how` is answered, transferred or open."""

    unit: str | None
    start: datetime
    end: datetime | None
    how: str
    answered_at: datetime | None


def in_order(events: Iterable[Event]) -> list[Event]:
    """The events by time; of one second a reply comes before a closing, whatever the order of the rows."""
    return sorted(events, key=lambda e: (e.at, ORDER[e.what], e.by, e.unit or ""))


def received_at(events: Sequence[Event]) -> datetime | None:
    """When the citizen's demand arrived."""
    return next((e.at for e in in_order(events) if e.what is What.RECEIVED), None)


def answers(events: Iterable[Event]) -> list[Answer]:
    """Each answer with the moment since which the citizen had waited, in order.

    The citizen waits from receipt, from a message after the last answer, or from a reopening. Messages that follow an
    answer without a new demand belong to that answer; a closing ends the wait.
    """
    return _answers_and_wait(in_order(events))[0]


def _answers_and_wait(ordered: Sequence[Event]) -> tuple[list[Answer], datetime | None]:
    """The answers, and since when the citizen waits at the end."""
    found: list[Answer] = []
    waits_from: datetime | None = None
    opened_by_staff: datetime | None = None
    for event in ordered:
        match event.what:
            case What.RECEIVED:
                waits_from = event.at
                opened_by_staff = event.at if event.by == "staff" else None
            case What.CITIZEN | What.REOPENED:
                waits_from = waits_from or event.at
            case What.CLOSED:
                waits_from = None
            case What.REPLY if event.by == "staff" and waits_from is not None and event.at != opened_by_staff:
                found.append(Answer(waits_from, event.at, event.unit))
                waits_from = None
    return found, waits_from


def first_response(events: Iterable[Event], *, is_contact_enough: bool = False) -> Answer | None:
    """The first answer of people; with `is_contact_enough` (solved by phone, no text) the first contact otherwise.

    None where nobody answered: a machine's notice or an internal note is no response.
    """
    ordered = in_order(events)
    start = received_at(ordered)
    found = next(iter(answers(ordered)), None)
    if found is not None or start is None or not is_contact_enough:
        return found
    contact = next((e for e in ordered if e.what is What.CONTACTED), None)
    return Answer(start, contact.at, contact.unit, "contact") if contact else None


def waiting_since(events: Iterable[Event], as_of: datetime) -> tuple[str, datetime] | None:
    """What is awaited at a moment: ("first", receipt) or ("follow_up", the message not yet answered), else None.

    A unit that spoke last owes nothing; a closed case owes nothing, whatever the citizen wrote before.
    """
    spoken, since = _answers_and_wait([e for e in in_order(events) if e.at <= as_of])
    return None if since is None else ("follow_up" if spoken else "first", since)


def holds(events: Iterable[Event]) -> list[Hold]:
    """Which unit held the case when. A transfer ends the hold of a unit as "transferred": it did not answer in it.

    The citizen's clock runs on over all of them; each unit's own clock runs from its assignment.
    """
    ordered = in_order(events)
    start = received_at(ordered)
    if start is None:
        return []
    turns = [(e.at, e.unit) for e in ordered if e.what is What.ASSIGNED]
    turns = turns if turns and turns[0][0] <= start else [(start, _first_unit(ordered)), *turns]
    spoken = answers(ordered)
    found = []
    for place, (begin, unit) in enumerate(turns):
        after = turns[place + 1][0] if place + 1 < len(turns) else None
        own = next((a.at for a in spoken if a.at >= begin and (after is None or a.at < after)), None)
        how = "transferred" if after and own is None else ("answered" if own else "open")
        found.append(Hold(unit, begin, after, how, own))
    return found


def _first_unit(ordered: Sequence[Event]) -> str | None:
    return next((e.unit for e in ordered if e.what is What.RECEIVED and e.unit), None)
