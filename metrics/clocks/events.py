"""Who held a case when, and what is awaited at a moment, from its events (`records.vocabulary.events`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from records.vocabulary.events import (
    ORDER,
    Answer,
    Event,
    What,
    answers,
    answers_and_wait,
    first_response,
    in_order,
    received_at,
)

__all__ = ["ORDER", "Answer", "Event", "Hold", "What", "answers", "first_response", "holds", "in_order", "received_at",
           "waiting_since"]  # fmt: skip


@dataclass(frozen=True)
class Hold:
    """The time a unit held the case. `end` None: still there. `how` is answered, transferred or open."""

    unit: str | None
    start: datetime
    end: datetime | None
    how: str
    answered_at: datetime | None


def waiting_since(events: Iterable[Event], as_of: datetime) -> tuple[str, datetime] | None:
    """What is awaited at a moment: ("first", receipt) or ("follow_up", the message not yet answered), else None.

    A unit that spoke last owes nothing; a closed case owes nothing, whatever the citizen wrote before.
    """
    spoken, since = answers_and_wait([e for e in in_order(events) if e.at <= as_of])
    return None if since is None else ("follow_up" if spoken else "first", since)


def holds(events: Iterable[Event]) -> list[Hold]:
    """Which unit held the case when. A transfer ends the hold of a unit as "transferred": it did not answer in it.

    The citizen's clock runs on over all of them; each unit's own clock runs from its assignment. A unit that is
    assigned its own case after a while has not passed it on.
    """
    ordered = in_order(events)
    start = received_at(ordered)
    if start is None:
        return []
    turns = [(e.at, e.unit) for e in ordered if e.what is What.ASSIGNED]
    first = _first_unit(ordered)
    if not turns or (turns[0][0] > start and turns[0][1] != first):
        turns = [(start, first), *turns]
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
