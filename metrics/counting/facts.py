"""Facts: one row per case as it stands at the cut-off, with its clocks, flags and standing against its limit.

One statement over the views `current_cases` (the newest observation of each case), `recorded` (what each register
records at all) and `days` (the day table). Derived and rebuildable, for all months or any of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, String, and_, case, cast, column, exists, func, literal, null, or_, select, table, true

from metrics.clocks.daytable import day_number
from metrics.clocks.standard import Standard
from metrics.clocks.standings import clock_columns, with_standings
from metrics.clocks.timing import Moment, days_table, fixed_moment, join_days, missing_moment_columns, moment_columns
from metrics.statements import Expression, big, flag, flag_any, number, text_of
from records.columns import CURRENT, FACTS, RECORDED

FACTS_VERSION = "6"
TEXTS_KEPT = 16  # compiling a text takes longer than running it over a month of a small city
EVENTS = {
    "received": "received_at", "dispatched": "dispatched_at", "signed": "signed_at", "contacted": "contacted_at",
    "responded": "responded_at", "closed": "closed_at", "due": "due_at", "extended": "extended_due_at",
    "applied": "extension_applied_at", "suspended": "suspended_from", "resumed": "suspended_until",
}  # fmt: skip
TEXT_CHANNELS = ("website", "message_board", "mailbox")
REPEAT_DAYS = 90
Move = tuple[str, int, str]  # a unit, the day from which its cases are another's, and whose
LEDGER = table("ledger", column("register", String), column("case_no", String))
CELLS = ("channel", "case_type", "category", "state")  # required in every row; times and outcome where they apply


@dataclass(frozen=True)
class Cut:
    """What the facts depend on beside the rows: the cut-off, the limits, and whether the source's own limits hold."""

    as_of: datetime
    standard: Standard
    uses_source_limits: bool = True
    has_ledger: bool = False  # whether the view `ledger` (register, case_no) names further cases as excluded
    moves: tuple[Move, ...] = ()  # whose later cases are another unit's; of several that fit the first holds


def facts_text(cut: Cut, days: Mapping[str, Any], named: Collection[str] | None = None) -> str:
    """The statement that builds the facts; `days` are the columns of the view of that name.

    `named` are the times that any row has, where that is known: the others are not looked up, and nothing else
    changes. Raises IndexError when the day table does not hold the cut-off.
    """
    place = day_number(cut.as_of.date()) - days["day"][0]
    day = tuple((name, values[place]) for name, values in days.items())
    return _facts_text(cut, day, _reach(days), None if named is None else frozenset(named))


@lru_cache(TEXTS_KEPT)
def _facts_text(
    cut: Cut, day: tuple[tuple[str, Any], ...], reach: tuple[int, int], named: frozenset[str] | None
) -> str:
    """The statement, given the row of the day table of the cut-off: nothing else of the table stands in it."""
    intervals = sum(name.startswith("start_") for name, _ in day)
    days, known = days_table(name for name, _ in day), EVENTS.values() if named is None else named
    timed = _timed(_current(), days, intervals, known)
    as_of = fixed_moment(cut.as_of, dict(day))
    stood = with_standings(_clocked(timed), as_of, cut.standard, cut.uses_source_limits, reach)
    columns = [*_plain_columns(stood, as_of, cut.has_ledger), *clock_columns(stood)]
    ordered = {column.name: column for column in columns}
    if cut.moves:
        ordered["unit"] = _unit_then(stood, cut.moves).label("unit")
    chosen = [_stored(ordered[column.name], column) for column in FACTS.c]
    # No order: each part is sorted by unit and its rows stay together, and no count depends on it.
    return text_of(select(*chosen))


def _unit_then(rows: CTE, moves: Sequence[Move]) -> Expression:
    """The unit that answers for a case received on its day."""
    r = rows.c
    tests = [(and_(r.unit == unit, r.received_day >= day), literal(successor)) for unit, day, successor in moves]
    return case(*tests, else_=r.unit)


def _stored(value: Any, column: Any) -> Any:
    """A number in the width it is stored in; texts as they are, for engines name their type differently."""
    return value if isinstance(column.type, String) else cast(value, column.type).label(column.name)


def _reach(days: Mapping[str, Any]) -> tuple[int, int]:
    """Working days and working seconds up to the end of the known years: a limit beyond is unknown."""
    known = [i for i, value in enumerate(days["before_day"]) if value is not None]
    if not known:
        return 0, 0
    last = known[-1]
    spans = sum(days[f"end_{name[6:]}"][last] - days[name][last] for name in days if name.startswith("start_"))
    return days["working_through"][last], days["before_day"][last] + spans


def _current() -> CTE:
    """The rows with their first response and what their register records at all."""
    rows, key = CURRENT, func.coalesce(CURRENT.c.register, "")
    return select(
        key.label("register"),
        *(c for c in rows.c if c.name not in ("register", "title")),
        _responded(rows).label("responded_at"),
        case((rows.c.first_response_at.is_not(None), rows.c.first_response_at_is_date),
             else_=rows.c.contacted_at_is_date).label("responded_at_is_date"),
        *(c for c in RECORDED.c if c.name != "register"),
    ).select_from(rows.join(RECORDED, key == RECORDED.c.register)).cte("responded_cases")  # fmt: skip


def _responded(rows: Any) -> Expression:
    """The first response; a hotline case solved by phone without a text was answered by that contact."""
    by_phone = and_(rows.c.channel == "hotline", rows.c.closed_at.is_not(None), rows.c.reply_length.is_(None))
    return case(
        (rows.c.first_response_at.is_not(None), rows.c.first_response_at),
        (by_phone, rows.c.contacted_at),
        else_=null(),
    )


def _timed(current: CTE, days: CTE, intervals: int, named: Collection[str]) -> CTE:
    """Every event as integers; nulls for an event that no row has."""
    source: Any = current
    columns: list[Any] = list(current.c)
    known = {*named, "responded_at"}
    for name, event in EVENTS.items():
        if event not in known:
            columns += missing_moment_columns(name)
            continue
        source, day = join_days(source, current.c[event], days, name)
        columns += moment_columns(current.c[event], current.c[f"{event}_is_date"], day, name, intervals)
    source, day = join_days(source, current.c.again_at, days, "again")
    columns.append(day.c.day.label("again_day"))
    return select(*columns).select_from(source).cte("timed")


def _clocked(timed: CTE) -> CTE:
    """The flags of state, and for each clock whether it ended (1), runs (0) or does not apply (null)."""
    t = timed.c
    reopened = and_(t.reopened_at > func.coalesce(t.final_closed_at, t.closed_at), t.state != "closed")
    has_closed = or_(t.closed_at.is_not(None), t.state == "closed")
    has_replied = or_(
        t.responded_at.is_not(None), t.reply_length > 0, t.state == "replied", t.published_at.is_not(None)
    )
    flags = select(
        *timed.c,
        case((reopened, number(0)), (has_closed, number(1)), else_=number(0)).label("is_closed"),
        flag(has_replied).label("is_replied"),
    ).cte("flagged")
    f = flags.c
    ends = {
        "sign": case(
            (or_(f.records_sign == 0, f.dispatched_at.is_(None), f.state == "returned"), null()),
            else_=flag(f.signed_at.is_not(None)),
        ),
        "contact": case((f.records_contact == 0, null()), else_=flag(f.contacted_at.is_not(None))),
        "reply": case(
            (f.responded_at.is_not(None), number(1)),
            (or_(f.records_reply == 0, f.is_replied == 1), null()),
            else_=number(0),
        ),
        "close": case(
            (f.closed_at.is_not(None), number(1)),
            (or_(f.records_close == 0, f.is_closed == 1), null()),
            else_=number(0),
        ),
    }
    return select(*flags.c, *(end.label(f"{clock}_ended") for clock, end in ends.items())).cte("clocked")


def _in_ledger(rows: CTE) -> Expression:
    """Whether an office decided to leave the case out."""
    same = and_(LEDGER.c.register == rows.c.register, LEDGER.c.case_no == rows.c.case_no)
    return exists().where(same).correlate(rows)


def _plain_columns(rows: CTE, as_of: Moment, has_ledger: bool) -> list[Any]:
    r = rows.c
    decided = [_in_ledger(rows)] if has_ledger else []
    closed = r.is_closed == 1
    extended = or_(r.extended_due_at.is_not(None), r.n_extensions > 0)
    rework = or_(r.n_reworks > 0, r.n_closings > 1, r.reopened_at.is_not(None))
    claimed = or_(r.resolved == "yes", and_(r.resolved.is_(None), r.outcome == "resolved"))
    waits = and_(r.is_replied == 0, r.is_closed == 0, r.channel.in_(TEXT_CHANNELS))
    watched = and_(closed, r.person_token.is_not(None), r.closed_day + REPEAT_DAYS <= as_of.day)
    flags = {
        "is_excluded": flag_any(r.is_excluded == 1, r.state == "excluded", *decided),
        "is_duplicate": flag_any(r.outcome == "duplicate", r.merged_into.is_not(None)),
        "is_withdrawn": flag(r.outcome == "withdrawn"),
        "is_not_responsible": flag(r.outcome == "not_responsible"),
        "is_dispatched": flag(r.dispatched_at.is_not(None)),
        "is_published": flag_any(r.is_public_reply == 1, r.published_at.is_not(None)),
        "is_public_known": flag_any(r.is_public_reply.is_not(None), r.published_at.is_not(None)),
        "is_unanswered_3_months": flag(waits, r.received_day < _three_months_before(as_of)),
        "is_returned": flag_any(r.n_returns > 0, r.returned_at.is_not(None), r.state == "returned"),
        "is_extended": flag(extended),
        "is_suspended": flag_any(r.suspended_from.is_not(None), r.state == "suspended"),
        "is_rework": flag(rework),
        "is_claimed_resolved": flag(claimed),
        "is_claimed_partly": flag(r.outcome == "partly"),
        "is_outcome_known": flag_any(r.resolved.is_not(None), and_(r.outcome.is_not(None), r.outcome != "unknown")),
        "is_return_known": flag_any(r.n_returns.is_not(None), r.returned_at.is_not(None), r.state == "returned"),
        "is_extension_known": flag_any(r.n_extensions.is_not(None), r.extended_due_at.is_not(None)),
        "is_suspension_known": flag_any(r.suspended_from.is_not(None), r.state == "suspended"),
        "is_exclusion_known": flag_any(r.is_excluded.is_not(None), r.state == "excluded"),
        "is_rework_known": flag_any(
            r.n_reworks.is_not(None), r.n_closings.is_not(None), r.reopened_at.is_not(None)
        ),
        "is_repeat_watched": flag(watched),
        "is_repeated": flag(watched, r.again_day <= r.closed_day + REPEAT_DAYS),
        "is_date_only": flag_any(r.received_is_date == 1, and_(r.closed_at.is_not(None), r.closed_is_date == 1)),
        "is_contradictory": flag_any(
            r.closed_local < r.received_local, r.responded_local < r.received_local, r.signed_local < r.dispatched_local
        ),
    }  # fmt: skip
    required, filled = _cells(rows)
    numbers = {
        "received_day": r.received_day,
        "closed_day": case((closed, r.closed_day), else_=null()),
        "closing_day": r.closed_day,
        "cells_required": required,
        "cells_filled": filled,
        "is_replied": r.is_replied,
        "is_closed": r.is_closed,
    }
    copied = ("register", "case_no", "unit", "channel", "case_type", "urgency", "category", "resolved",
              "reply_fingerprint")  # fmt: skip
    small = ("batch", "month", "contacted", "valid_follow_up", "rating", "rating_scale", "manner_grade", "speed_grade",
             "n_returns")  # fmt: skip
    return [
        *(r[name].label(name) for name in copied),
        *(big(r[name]).label(name) for name in small),
        *(big(value).label(name) for name, value in (flags | numbers).items()),
    ]


def _three_months_before(as_of: Moment) -> Any:
    """Three calendar months are 89 to 92 days; 92 never says too early that they have passed."""
    return as_of.day - 92


def _cells(rows: CTE) -> tuple[Any, Any]:
    """How many key cells a row must have, and how many it has."""
    r = rows.c
    always: list[tuple[Any, Any]] = [(true(), r[name].is_not(None)) for name in CELLS if name != "state"]
    always.append((true(), and_(r.state.is_not(None), r.state != "unknown")))
    applying = [
        (r.is_closed == 1, r.closed_at.is_not(None)),
        (r.is_closed == 1, and_(r.outcome.is_not(None), r.outcome != "unknown")),
        (and_(r.is_replied == 1, r.records_reply == 1), r.first_response_at.is_not(None)),
    ]
    required: Any = number(len(always))
    filled: Any = number(0)
    for needed, is_filled in [*always, *applying]:
        filled = filled + flag(needed, is_filled)
    for needed, _ in applying:
        required = required + flag(needed)
    return required, filled
