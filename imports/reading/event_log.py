"""Event logs: files with one row per event become one row per case, which is read on like any other file.

The row of a case stands where its last event stood, so that a case is found again in its file. What counts as an
answer, a reopening or a pause is told by `records.vocabulary.events`; the events themselves go along as `history`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from imports.limits import limits
from imports.reading.grid import Grid, Row, is_blank
from imports.values.cells import CellError, is_blank_word, number_text, plain, text_of
from imports.values.dates import parse_moment
from imports.values.units import UnitReader
from records.vocabulary import CASE_FIELDS
from records.vocabulary.events import (
    Event,
    What,
    as_text,
    first_response,
    in_order,
    open_spans,
    pauses,
    received_at,
)

NEEDED = ("case_no", "at", "event")
MADE = (
    "received_at", "dispatched_at", "signed_at", "acknowledged_at", "contacted_at", "first_response_at", "returned_at",
    "transferred_at", "closed_at", "final_closed_at", "reopened_at", "suspended_from", "suspended_until", "state",
    "content", "reply_text", "n_returns", "n_transfers", "n_closings", "n_reworks", "history",
)  # fmt: skip
Words = Mapping[str, str]  # word as it is compared -> what it means


@dataclass
class Problem:
    """A cell of the log that cannot be read: the row of the event, and the row its case is given."""

    code: str
    row: int
    case_row: int
    value: str


@dataclass
class EventLog:
    """The log as rows of cases, and what could not be read in it."""

    grid: Grid
    events: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass
class _Case:
    """What the rows of one case said."""

    number: Any
    row: int = 0
    events: list[Event] = field(default_factory=list)
    texts: dict[tuple[dt.datetime, What], str] = field(default_factory=dict)
    units: dict[str, Any] = field(default_factory=dict)  # code -> name as written
    unit: Any = ""
    own: dict[int, Any] = field(default_factory=dict)  # other columns: the first thing said
    faults: list[tuple[str, int, str]] = field(default_factory=list)


@cache
def _words(part: str) -> Words:
    document = tomllib.loads(Path(__file__).with_name("event_log.toml").read_text("utf-8"))
    if part == "by":
        return document["by"]
    return {plain(word): meaning for meaning, words in document[part].items() for word in words}


def known_event_words() -> str:
    """The words that name an event; a file with another word is refused with this list."""
    return " ".join(_words("events"))


def read_log(grid: Grid, units: UnitReader, zone: str, order: str | None = None) -> EventLog | None:
    """The cases of an event log; None for a file of another kind.

    A file is an event log when one of its first rows names a case number, an event and the time of the event.
    """
    found = _header(grid)
    if found is None:
        return None
    number, header, places = found
    log = EventLog(grid)
    cases: dict[str, _Case] = {}
    for row_no, row in enumerate(itertools.islice(grid.rows(), number, None), number + 1):
        if not is_blank(row) and row_no not in grid.hidden_rows:
            _take(row, row_no, places, cases, units, zone, order)
            log.events += 1
    rows = {case.row: _folded(case, header, places) for case in cases.values()}
    for case in cases.values():
        log.problems += [Problem(code, row, case.row, value) for code, row, value in case.faults]
    head = _folded_header(header, places)
    log.grid = dataclasses.replace(
        grid,
        rows=lambda: _rows(grid, number, head, rows),
        hidden_rows=frozenset(),
        is_ragged_text=False,
        text=None,
    )
    return log


def _header(grid: Grid) -> tuple[int, Row, dict[str, int]] | None:
    words = _words("headers")
    for number, row in enumerate(itertools.islice(grid.rows(), limits().header_search_rows), 1):
        places: dict[str, int] = {}
        for index, cell in enumerate(row):
            meaning = words.get(plain(cell))
            if meaning is not None and meaning not in places:
                places[meaning] = index
        if all(name in places for name in NEEDED):
            return number, row, places
    return None


def _take(
    row: Row, row_no: int, places: Mapping[str, int], cases: dict[str, _Case], units: UnitReader, zone: str,
    order: str | None,
) -> None:  # fmt: skip
    """Add one event to its case. A row without a number is a case of its own, refused later by that."""
    cells = {name: row[index] if index < len(row) else "" for name, index in places.items()}
    key = _key(cells["case_no"]) or f"row {row_no}"
    case = cases.setdefault(key, _Case(cells["case_no"]))
    case.row = row_no
    for index, cell in enumerate(row):
        if index not in places.values() and index not in case.own and not is_blank_word(cell):
            case.own[index] = cell
    try:
        event = _event(cells, case, units, zone, order)
    except CellError as error:
        case.faults.append((error.code, row_no, text_of(error.value)))
        return
    case.events.append(event)
    if not is_blank_word(cells.get("text")):
        case.texts[event.at, event.what] = text_of(cells["text"])


def _key(cell: Any) -> str | None:
    try:
        return number_text(cell)
    except CellError:
        return text_of(cell)


def _event(cells: Mapping[str, Any], case: _Case, units: UnitReader, zone: str, order: str | None) -> Event:
    """The event of a row. Raises CellError for a word, a time or a unit that is not known."""
    what = What(_meaning(cells["event"], "events"))
    at = parse_moment(cells["at"], order, zone=zone)
    if at is None:
        raise CellError("date_unreadable", cells["at"])
    if not isinstance(at, dt.datetime):
        raise CellError("event_without_time", cells["at"])
    by = _words("by").get(what, "staff")
    if not is_blank_word(cells.get("by")):
        by = _meaning(cells["by"], "actors")
    code = None
    if not is_blank_word(cells.get("unit")):
        found = units(cells["unit"])
        code = found[0] if found else None
        if code is not None:
            case.units[code] = cells["unit"]
    return Event(at, what, by, code)


def _meaning(cell: Any, part: str) -> str:
    meaning = _words(part).get(plain(cell))
    if meaning is None:
        raise CellError("value_unknown", cell)
    return meaning


def _folded_header(header: Row, places: Mapping[str, int]) -> Row:
    names = [CASE_FIELDS[name].label_zh for name in ("case_no", "unit", *MADE)]
    return [*names, *(cell for index, cell in enumerate(header) if index not in places.values())]


def _folded(case: _Case, header: Row, places: Mapping[str, int]) -> Row:
    """The row of a case. A case with a fault is refused anyway; what could be read stands in its row all the same."""
    ordered = in_order(case.events)
    made = _made(case, ordered)
    rest = [case.own.get(index, "") for index in range(len(header)) if index not in places.values()]
    holder = _holder(ordered)
    unit = case.units.get(holder, "") if holder else ""
    return [case.number, unit, *("" if made.get(name) is None else made[name] for name in MADE), *rest]


def _holder(ordered: Sequence[Event]) -> str | None:
    """The unit that has the case: the last it was assigned to, else the last that acted."""
    assigned = [e.unit for e in ordered if e.what is What.ASSIGNED and e.unit]
    acting = [e.unit for e in ordered if e.unit]
    named = assigned or acting
    return named[-1] if named else None


def _made(case: _Case, ordered: Sequence[Event]) -> dict[str, Any]:
    """The fields of a case that follow from its events."""
    start = received_at(ordered)
    if start is None:
        return {"history": as_text(ordered) or None}
    spans, reopens, _ = open_spans(ordered, start)
    ends = [end for _, end in spans if end]
    response = first_response(ordered)
    held = pauses(ordered)[0]
    assigned = [e for e in ordered if e.what is What.ASSIGNED]
    turns = [e for e, before in zip(assigned, [None, *assigned], strict=False) if before and e.unit != before.unit]
    longest = max(held, key=lambda pause: (pause[1] or dt.datetime.max) - pause[0], default=(None, None))
    first = _first_times(ordered, assigned[-1].at if assigned else start)
    said = {What.RECEIVED: start, What.REPLY: response.at if response else None}
    texts = {what: case.texts.get((at, what)) for what, at in said.items() if at is not None}
    return first | {
        "received_at": start,
        "dispatched_at": assigned[-1].at if assigned else None,
        "transferred_at": turns[-1].at if turns else None,
        "first_response_at": response.at if response else None,
        "closed_at": ends[0] if ends else None,
        "final_closed_at": ends[-1] if len(ends) > 1 and spans[-1][1] else None,
        "reopened_at": spans[-1][0] if len(spans) > 1 else None,
        "suspended_from": longest[0],
        "suspended_until": longest[1],
        "state": _state(spans[-1][1] is not None, bool(held) and held[-1][1] is None, response is not None),
        "content": texts.get(What.RECEIVED),
        "reply_text": texts.get(What.REPLY),
        "n_returns": sum(e.what is What.RETURNED for e in ordered),
        "n_transfers": len(turns),
        "n_closings": len(ends),
        "n_reworks": reopens,
        "history": as_text(ordered),
    }


def _first_times(ordered: Sequence[Event], assigned: dt.datetime) -> dict[str, dt.datetime | None]:
    """The first event of each kind; a signature counts after the last assignment."""

    def first(what: What, since: dt.datetime | None = None) -> dt.datetime | None:
        return next((e.at for e in ordered if e.what is what and (since is None or e.at >= since)), None)

    return {
        "signed_at": first(What.SIGNED, assigned),
        "acknowledged_at": first(What.ACKNOWLEDGED),
        "contacted_at": first(What.CONTACTED),
        "returned_at": first(What.RETURNED),
    }


def _state(is_closed: bool, is_paused: bool, is_replied: bool) -> str:
    if is_closed:
        return "closed"
    if is_paused:
        return "suspended"
    return "replied" if is_replied else "open"


def _rows(grid: Grid, number: int, head: Row, cases: Mapping[int, Row]) -> Iterator[Row]:
    """The rows of the sheet: above the header as they are, then each case at its place and nothing elsewhere."""
    blank: Row = [""] * len(head)
    for row_no, row in enumerate(grid.rows(), 1):
        yield row if row_no < number else (head if row_no == number else cases.get(row_no, blank))
