"""The history of one case as events: who acted when, what counts as the first answer, and who answers to whom.

Works on plain events so that every source with a message log is treated alike. Notices sent by a machine, internal
notes and the opening message of a case that staff wrote down are no answers. Equal times keep a fixed order of states,
so that the order of rows in a file never matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import unquote


class What(StrEnum):
    """What happened, in the order in which events of one second follow each other."""

    RECEIVED = "received"
    ASSIGNED = "assigned"  # to `unit`
    SIGNED = "signed"
    ACKNOWLEDGED = "acknowledged"
    CONTACTED = "contacted"
    CITIZEN = "citizen"  # a message of the citizen
    NOTE = "note"  # internal
    RETURNED = "returned"  # by the unit, to whoever dispatched
    REPLY = "reply"  # a public message of the unit
    PAUSED = "paused"
    RESUMED = "resumed"
    CLOSED = "closed"
    REOPENED = "reopened"


REOPEN_WINDOW = timedelta(days=30)
SLIP = timedelta(hours=1)
ACTORS = ("citizen", "staff", "machine")
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
    return answers_and_wait(in_order(events))[0]


def answers_and_wait(ordered: Sequence[Event]) -> tuple[list[Answer], datetime | None]:
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


def open_spans(
    ordered: Sequence[Event], start: datetime
) -> tuple[list[tuple[datetime, datetime | None]], int, list[datetime]]:
    """Open stretches, how often the case was reopened, and when it came back too late to count as reopened.

    `ordered` are events in order; a stretch that still runs ends with None.
    """
    spans: list[tuple[datetime, datetime | None]] = [(start, None)]
    reopens, repeats = 0, []
    for event in ordered:
        begin, end = spans[-1]
        if event.what is What.CLOSED and end is None:
            spans[-1] = (begin, event.at)
        elif event.what is What.REOPENED and end is not None:
            if event.by == "staff" and event.at - end <= SLIP:
                spans[-1] = (begin, None)
            elif event.at - end <= REOPEN_WINDOW:
                spans.append((event.at, None))
                reopens += 1
            else:
                repeats.append(event.at)
    return spans, reopens, repeats


def pauses(ordered: Sequence[Event]) -> tuple[list[tuple[datetime, datetime | None]], bool]:
    """Pauses of a case in order, and whether the last one still runs (its end is None)."""
    found: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = None
    for event in ordered:
        if event.what is What.PAUSED:
            since = since or event.at
        elif event.what is What.RESUMED and since is not None:
            found.append((since, event.at))
            since = None
    return ([*found, (since, None)] if since else found), since is not None


def as_text(events: Iterable[Event]) -> str:
    """Events in order as one text, joined by |, each time/what/by/unit; the inverse of `from_text`.

    In the name of a unit the signs %, / and | are written as in a web address, %2F for /.

    >>> as_text([Event(datetime(2025, 3, 3, 9), What.RECEIVED, "citizen")])
    '2025-03-03T09:00:00/received/citizen/'
    """
    return "|".join(f"{e.at.isoformat()}/{e.what}/{e.by}/{_escaped(e.unit or '')}" for e in in_order(events))


def from_text(text: str) -> list[Event]:
    """Events of a stored text. Raises ValueError for a text of another form."""
    found = []
    for part in text.split("|") if text else ():
        at, what, by, unit = part.split("/")
        if by not in ACTORS:
            raise ValueError(f"{by!r} is nobody who acts")
        found.append(Event(datetime.fromisoformat(at), What(what), by, unquote(unit) or None))
    return found


def _escaped(unit: str) -> str:
    return unit.replace("%", "%25").replace("/", "%2F").replace("|", "%7C")
