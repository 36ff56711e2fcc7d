"""Rules between the columns of a row and between rows, run on the whole staged file at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imports.parts.staging import Staging
from imports.parts.statements import KEYS, Constants
from imports.problems import problem_codes
from records.vocabulary import Kind
from records.vocabulary.schema import CASE_TIMES

# Times that may lie ahead: limits and planned ends are no events.
PLANNED = frozenset({"due_at", "extended_due_at", "suspended_until"})
# How far a case is, as an expression; NULL for states beside the usual way.
STATE_RANK = "CASE state WHEN 'new' THEN 0 WHEN 'open' THEN 1 WHEN 'replied' THEN 2 WHEN 'closed' THEN 3 END"
_ONE_TIME = frozenset({"reply_same_instant", "time_in_future"})  # rules whose sentence tells one time of a row


@dataclass(frozen=True)
class Finding:
    """A rule that some rows break: how many, the first of them, and its value."""

    code: str
    field: str
    count: int
    first_row: int
    value: str | None = None


def event_times(kind: Kind, staged: Mapping[str, str]) -> list[str]:
    """The staged times at which something happened."""
    names = CASE_TIMES if kind is Kind.RESPONSES else ("answered_at", "started_at", "checked_at", "updated_at")
    return [name for name in names if name in staged and name not in PLANNED]


def blocking_findings(staging: Staging, kind: Kind, constants: Constants) -> Iterator[Finding]:
    """Row rules that refuse a row; the rows are marked as bad."""
    for code, field, condition in _blocking(kind, staging.columns, constants):
        known = f"row_no IN (SELECT row_no FROM bad WHERE field = '{field}')"
        rows = f"SELECT row_no FROM staged WHERE ({condition}) AND NOT {known}"
        count, first = staging.query(f"SELECT count(*), min(row_no) FROM ({rows})")[0]
        if count:
            staging.query(f"INSERT INTO bad SELECT row_no, '{code}', '{field}' FROM ({rows})")
            yield Finding(code, field, count, first, _shown(staging, code, field, first))


def _blocking(kind: Kind, staged: Mapping[str, str], constants: Constants) -> Iterator[tuple[str, str, str]]:
    if kind is Kind.RESPONSES:
        yield "case_no_missing", "case_no", "case_no IS NULL"
        yield "received_missing", "received_at", "received_at IS NULL"
        if "first_response_at" in staged:
            yield "reply_before_received", "first_response_at", _earlier("first_response_at")
        if "closed_at" in staged:
            yield "closed_before_received", "closed_at", _earlier("closed_at")
    elif kind is Kind.SURVEYS:
        if "answer_no" in staged:
            yield "case_no_missing", "answer_no", "answer_no IS NULL"
        if constants.needs_case and "case_no" in staged:
            yield "case_no_missing", "case_no", "case_no IS NULL"
    elif kind is Kind.CHANNELS:
        yield "case_no_missing", "channel_name", "channel_name IS NULL"
    elif kind is Kind.COUNTS and "period" in staged and not constants.has_period:
        yield "period_blank", "period", "period IS NULL"
    if kind is not Kind.SURVEYS and "unit" in staged and constants.unit is None:
        yield "unit_missing", "unit", "unit IS NULL"


def _earlier(name: str, than: str = "received_at") -> str:
    """Earlier in time; by day where one of the two gives only a day."""
    by_day = f"({name}_is_date = 1 OR {than}_is_date = 1)"
    return f"CASE WHEN {by_day} THEN CAST({name} AS DATE) < CAST({than} AS DATE) ELSE {name} < {than} END"


def _shown(staging: Staging, code: str, field: str, row_no: int) -> str | None:
    """The cells of a row that a rule about times compares, as people write them; None for other rules."""
    beside = problem_codes()[code].beside
    if beside is None and code not in _ONE_TIME:
        return None
    names = (field, beside) if beside else (field,)
    written = ", ".join(
        f"left(CAST({name} AS VARCHAR), CASE WHEN {name}_is_date = 1 THEN 10 ELSE 19 END)" for name in names
    )
    return " < ".join(staging.query(f"SELECT {written} FROM staged WHERE row_no = {row_no}")[0])


def warnings(staging: Staging, kind: Kind, now: dt.datetime) -> Iterator[Finding]:
    """Row rules that are said but refuse nothing."""
    for code, field, condition in _warning(kind, staging.columns, now):
        count, first = staging.query(f"SELECT count(*), min(row_no) FROM staged WHERE {condition}")[0]
        if count:
            yield Finding(code, field, count, first, _shown(staging, code, field, first))
    yield from _duplicates(staging, kind)


def _warning(kind: Kind, staged: Mapping[str, str], now: dt.datetime) -> Iterator[tuple[str, str, str]]:
    tomorrow = (now + dt.timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")
    for name in event_times(kind, staged):
        yield "time_in_future", name, f"{name} > TIMESTAMP '{tomorrow}'"
    if kind is not Kind.RESPONSES or "received_at" not in staged:
        return
    if "first_response_at" in staged:
        same = "first_response_at = received_at AND first_response_at_is_date = 0 AND received_at_is_date = 0"
        yield "reply_same_instant", "first_response_at", same
    for name in event_times(kind, staged):
        if name not in ("received_at", "first_response_at", "closed_at"):
            yield "event_before_received", name, _earlier(name)
    if "state" in staged and "closed_at" in staged:
        yield "closed_without_time", "state", "state = 'closed' AND closed_at IS NULL"


def _duplicates(staging: Staging, kind: Kind) -> Iterator[Finding]:
    key = KEYS[kind]
    if kind is Kind.COUNTS:
        yield from _repeated_units(staging)
    if key not in staging.columns:
        return
    repeated = f"SELECT {key}, count(*) - 1 AS n, min(row_no) AS first FROM staged WHERE {key} IS NOT NULL GROUP BY 1"
    rows = staging.query(f"SELECT {key}, n, first FROM ({repeated}) WHERE n > 0 ORDER BY first")
    for value, count, first in rows[:10]:
        yield Finding("duplicate_in_file", key, count, first, value)
    if rows and kind is Kind.RESPONSES and "state" in staging.columns:
        yield from _moved_back(staging)
    if len(rows) > 10:
        yield Finding("duplicate_in_file", key, sum(n for _, n, _ in rows[10:]), rows[10][2], rows[10][0])


def _moved_back(staging: Staging) -> Iterator[Finding]:
    """Cases whose last row, the one that counts, stands further back than a row above it, and nothing reopened them."""
    reopened = "max(reopened_at) OVER cases" if "reopened_at" in staging.columns else "NULL"
    rows = f"""
        SELECT case_no, row_no, {reopened} AS reopened,
               {STATE_RANK} AS place, max({STATE_RANK}) OVER cases AS furthest
        FROM staged WHERE case_no IS NOT NULL WINDOW cases AS (PARTITION BY case_no)
        QUALIFY row_number() OVER (PARTITION BY case_no ORDER BY row_no DESC) = 1
    """
    is_back = "place < furthest AND reopened IS NULL"
    found = f"SELECT count(*), min(row_no), arg_min(case_no, row_no) FROM ({rows}) WHERE {is_back}"
    count, first, number = staging.query(found)[0]
    if count:
        yield Finding("state_backwards_in_file", "state", count, first, number)


def _repeated_units(staging: Staging) -> Iterator[Finding]:
    """Units that stand in an aggregate table more than once for the same period and channel."""
    names = ", ".join(name for name in ("unit", "period", "channel") if name in staging.columns)
    named = "FROM staged WHERE unit IS NOT NULL"
    repeated = f"SELECT unit, count(*) - 1 AS n, max(row_no) AS last {named} GROUP BY {names} HAVING n > 0"
    for unit, count, last in staging.query(f"{repeated} ORDER BY last LIMIT 10"):
        yield Finding("duplicate_in_file", "unit", count, last, unit)
