"""Facts: one row per case as it stands at the cut-off, with its clocks, flags and standing against its limit.

One statement over the views `cases` (every accepted observation) and `days` (the day table). Derived and rebuildable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, and_, case, func, literal, null, or_, select, true

from metrics.limits import (
    MET,
    amount_of,
    paused,
    rule_number,
    source_limit,
    standing,
    used_at,
)
from metrics.standard import Standard
from metrics.statements import Expression, big, flag, flag_any, larger, number, text_of
from metrics.timing import Moment, days_table, fixed_moment, join_days, moment_columns, moment_of
from records.columns import CASES, CLOCKS, FACTS

FACTS_VERSION = "1"
EVENTS = {
    "received": "received_at", "dispatched": "dispatched_at", "signed": "signed_at", "contacted": "contacted_at",
    "responded": "responded_at", "closed": "closed_at", "due": "due_at", "extended": "extended_due_at",
    "applied": "extension_applied_at", "suspended": "suspended_from", "resumed": "suspended_until",
}  # fmt: skip
SPAN = {
    "sign": ("dispatched", "signed"), "contact": ("received", "contacted"),
    "reply": ("received", "responded"), "close": ("received", "closed"),
}  # fmt: skip
TEXT_CHANNELS = ("website", "message_board", "mailbox")
REPEAT_DAYS = 90
LONG_TEXTS = ("title", "content", "place", "reply_text", "result_text", "tags")
CELLS = ("channel", "case_type", "category", "state")  # required in every row; times and outcome where they apply


@dataclass(frozen=True)
class Cut:
    """What the facts depend on beside the rows: the cut-off, the limits, and whether the source's own limits hold."""

    as_of: datetime
    standard: Standard
    uses_source_limits: bool = True


def facts_text(cut: Cut, days: Mapping[str, Any]) -> str:
    """The statement that builds the facts; `days` are the columns of the view of that name.

    Raises KeyError when the day table does not hold the cut-off.
    """
    intervals = sum(name.startswith("start_") for name in days)
    current = _current()
    timed = _timed(current, days_table(days), intervals)
    as_of = fixed_moment(cut.as_of, days)
    clocked = _clocked(timed, as_of)
    columns = [*_plain_columns(clocked, as_of), *_clock_columns(clocked, as_of, cut, _reach(days))]
    ordered = {column.name: column for column in columns}
    chosen = [ordered[column.name] for column in FACTS.c]
    return text_of(select(*chosen).order_by(clocked.c.unit, clocked.c.received_day))


def _reach(days: Mapping[str, Any]) -> tuple[int, int]:
    """Working days and working seconds up to the end of the known years: a limit beyond is unknown."""
    known = [i for i, value in enumerate(days["before_day"]) if value is not None]
    if not known:
        return 0, 0
    last = known[-1]
    spans = sum(days[f"end_{name[6:]}"][last] - days[name][last] for name in days if name.startswith("start_"))
    return days["working_through"][last], days["before_day"][last] + spans


def _current() -> CTE:
    """The newest observation of each record, its repeat, and what its register records at all."""
    order = (flag(CASES.c.exported_at.is_not(None)).desc(), CASES.c.exported_at.desc(), CASES.c.batch.desc(),
             CASES.c.row_no.desc())  # fmt: skip
    key = (func.coalesce(CASES.c.register, ""), CASES.c.case_no)
    age = func.row_number().over(partition_by=key, order_by=order)
    kept = [c for c in CASES.c if c.name not in LONG_TEXTS]
    ranked = select(*kept, age.label("age")).cte("observations")
    newest = select(*(c for c in ranked.c if c.name != "age")).where(ranked.c.age == 1).cte("newest")
    recorded = _recorded(newest)
    again = func.lead(newest.c.received_at).over(
        partition_by=(newest.c.person_token, newest.c.category), order_by=(newest.c.received_at, newest.c.case_no)
    )
    names = [c for c in newest.c if c.name != "register"]
    join = newest.join(recorded, func.coalesce(newest.c.register, "") == recorded.c.register_key)
    return select(
        func.coalesce(newest.c.register, "").label("register"),
        *names,
        case((newest.c.person_token.is_not(None), again), else_=null()).label("again_at"),
        _responded(newest).label("responded_at"),
        case((newest.c.first_response_at.is_not(None), newest.c.first_response_at_is_date),
             else_=newest.c.contacted_at_is_date).label("responded_at_is_date"),
        *(c for c in recorded.c if c.name != "register_key"),
    ).select_from(join).cte("current_cases")  # fmt: skip


def _responded(rows: CTE) -> Expression:
    """The first response; a hotline case solved by phone without a text was answered by that contact."""
    by_phone = and_(rows.c.channel == "hotline", rows.c.closed_at.is_not(None), rows.c.reply_length.is_(None))
    return case(
        (rows.c.first_response_at.is_not(None), rows.c.first_response_at),
        (by_phone, rows.c.contacted_at),
        else_=null(),
    )


def _recorded(rows: CTE) -> CTE:
    names = {
        "records_sign": rows.c.signed_at, "records_contact": rows.c.contacted_at,
        "records_reply": rows.c.first_response_at, "records_close": rows.c.closed_at, "records_due": rows.c.due_at,
    }  # fmt: skip
    flags = (func.max(flag(column.is_not(None))).label(name) for name, column in names.items())
    key = func.coalesce(rows.c.register, "")
    return select(key.label("register_key"), *flags).group_by(key).cte("recorded")


def _timed(current: CTE, days: CTE, intervals: int) -> CTE:
    """Every event as integers."""
    source: Any = current
    columns: list[Any] = list(current.c)
    for name, column in EVENTS.items():
        source, day = join_days(source, current.c[column], days, name)
        columns += moment_columns(current.c[column], current.c[f"{column}_is_date"], day, name, intervals)
    source, day = join_days(source, current.c.again_at, days, "again")
    columns.append(day.c.day.label("again_day"))
    return select(*columns).select_from(source).cte("timed")


def _clocked(timed: CTE, as_of: Moment) -> CTE:
    """The flags of state, and for each clock whether it ended (1), runs (0) or does not apply (null)."""
    t = timed.c
    reopened = and_(t.reopened_at > func.coalesce(t.final_closed_at, t.closed_at), t.state != "closed")
    has_closed = or_(t.closed_at.is_not(None), t.state == "closed")
    has_replied = or_(t.responded_at.is_not(None), t.reply_length > 0, t.state == "replied", t.published_at.is_not(None))
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
            (f.closed_at.is_not(None), number(1)), (or_(f.records_close == 0, f.is_closed == 1), null()), else_=number(0)
        ),
    }
    return select(*flags.c, *(end.label(f"{clock}_ended") for clock, end in ends.items())).cte("clocked")


def _plain_columns(rows: CTE, as_of: Moment) -> list[Any]:
    r = rows.c
    closed = r.is_closed == 1
    extended = or_(r.extended_due_at.is_not(None), r.n_extensions > 0)
    rework = or_(r.n_reworks > 0, r.n_closings > 1, r.reopened_at.is_not(None))
    claimed = or_(r.resolved == "yes", and_(r.resolved.is_(None), r.outcome == "resolved"))
    waits = and_(r.is_replied == 0, r.is_closed == 0, r.channel.in_(TEXT_CHANNELS))
    watched = and_(closed, r.person_token.is_not(None), r.closed_day + REPEAT_DAYS <= as_of.day)
    flags = {
        "is_excluded": flag_any(r.is_excluded == 1, r.state == "excluded"),
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
        "cells_required": required,
        "cells_filled": filled,
        "is_replied": r.is_replied,
        "is_closed": r.is_closed,
    }
    copied = ("register", "case_no", "unit", "channel", "case_type", "urgency", "category", "resolved",
              "reply_fingerprint")  # fmt: skip
    small = ("batch", "contacted", "valid_follow_up", "rating", "rating_scale", "manner_grade", "speed_grade",
             "n_returns")  # fmt: skip
    return [
        *(r[name].label(name) for name in copied),
        *(big(r[name]).label(name) for name in small),
        *(big(value).label(name) for name, value in (flags | numbers).items()),
    ]


def _three_months_before(as_of: Moment) -> Any:
    """A day number three calendar months earlier is at least 89 and at most 92 days back; 92 never accuses too early."""
    return as_of.day - 92


def _cells(rows: CTE) -> tuple[Any, Any]:
    """How many key cells a row must have, and how many it has."""
    r = rows.c
    always = [(true(), r[name].is_not(None)) for name in CELLS if name != "state"]
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


def _clock_columns(rows: CTE, as_of: Moment, cut: Cut, reach: tuple[int, int]) -> list[Any]:
    columns: list[Any] = []
    for clock in CLOCKS:
        start, event = (moment_of(rows, name) for name in SPAN[clock])
        ended = rows.c[f"{clock}_ended"]
        end = _either(ended, event, as_of)
        runs = and_(ended.is_not(None), end.local >= start.local)
        is_exact = and_(runs, start.is_date == 0, end.is_date == 0)
        strict, allowed = _standings(rows, clock, start, end, cut, as_of, reach)
        columns += [
            big(case((runs, ended), else_=null())).label(f"{clock}_ended"),
            big(case((is_exact, end.work - start.work), else_=null())).label(f"{clock}_seconds"),
            big(case((is_exact, end.real - start.real), else_=null())).label(f"{clock}_calendar_seconds"),
            big(case((runs, strict), else_=null())).label(f"{clock}_strict"),
            big(case((runs, allowed), else_=null())).label(f"{clock}_allowed"),
        ]
    return columns


def _either(ended: Any, event: Moment, as_of: Moment) -> Moment:
    pairs = {name: case((ended == 1, getattr(event, name)), else_=getattr(as_of, name)) for name in vars(as_of)}
    return replace(as_of, **pairs)


def _standings(
    rows: CTE, clock: str, start: Moment, end: Moment, cut: Cut, as_of: Moment, reach: tuple[int, int]
) -> tuple[Any, Any]:
    """The strict and the allowed standing of one clock."""
    ended = rows.c[f"{clock}_ended"]
    if clock == "contact":
        return null(), null()
    if clock == "sign":
        used, limit = used_at("hour", start, end), number(cut.standard.sign_hours * 3600)
        decidable = and_(start.is_date == 0, end.is_date == 0)
        strict = standing(ended, used <= limit, decidable)
        return strict, strict
    branches = _branches(rows, clock, start, cut, reach)
    used = _choose(branches, lambda unit: used_at(unit, start, end))
    limit = case(*((condition, value) for _, condition, value in branches), else_=null())
    exact = ("business_hour", "hour")
    is_exact = and_(start.is_date == 0, end.is_date == 0)
    needs_exact = or_(literal(False), *(condition for unit, condition, _ in branches if unit in exact))
    decidable = and_(limit.is_not(None), used.is_not(None), or_(~needs_exact, is_exact))
    strict = standing(ended, used <= limit, decidable)
    pause = (moment_of(rows, "suspended"), _either(flag(rows.c.suspended_until.is_not(None)), moment_of(rows, "resumed"), as_of))
    begins_in_time = _choose(branches, lambda unit: used_at(unit, start, pause[0])) <= limit
    credit = _choose(branches, lambda unit: paused(unit, start, end, pause))
    # Pause credit is at most a fifth of the gross time: used - credit <= limit and 4·used <= 5·limit.
    by_pause = and_(rows.c.suspended_from.is_not(None), begins_in_time, used - credit <= limit, 4 * used <= 5 * limit)
    allowed_time = or_(used <= limit, by_pause, _is_within_extension(rows, branches, start, end, limit))
    return strict, standing(ended, func.coalesce(allowed_time, literal(False)), decidable)


def _is_within_extension(rows: CTE, branches: list[Any], start: Moment, end: Moment, limit: Any) -> Any:
    """Whether the end lies within an extended due time that was applied for before the due time had passed."""
    applied, extended = moment_of(rows, "applied"), moment_of(rows, "extended")
    in_time = or_(
        rows.c.extension_applied_at.is_(None),
        _choose(branches, lambda unit: used_at(unit, start, applied)) <= limit,
    )
    last = extended.local + case((extended.is_date == 1, number(86_399)), else_=number(0))
    return and_(rows.c.extended_due_at.is_not(None), in_time, end.local <= last)


def _branches(rows: CTE, clock: str, start: Moment, cut: Cut, reach: tuple[int, int]) -> list[tuple[str, Any, Any]]:
    """(unit, condition, limit) in order of precedence: the source's own limit, then the rules of the standard."""
    branches: list[tuple[str, Any, Any]] = []
    if cut.uses_source_limits:
        due = moment_of(rows, "due")
        branches.append(("source", rows.c.records_due == 1, source_limit(due.local, due.is_date, start)))
    chosen = rule_number(cut.standard, clock, rows)
    days_reach, seconds_reach = reach
    for unit in sorted({rule.limit.unit for rule in cut.standard.rules if clock in rule.clocks}):
        amount = amount_of(cut.standard, clock, chosen, (unit,))
        if unit == "working_day":
            limit = case((start.through + amount <= days_reach, amount), else_=null())
        elif unit == "business_hour":
            limit = case((start.work + amount * 3600 <= seconds_reach, amount * 3600), else_=null())
        elif unit == "hour":
            limit = amount * 3600
        else:
            limit = _calendar_limit(rows, cut.standard, clock, chosen, amount)
        branches.append((unit, amount.is_not(None), limit))
    return branches


def _calendar_limit(rows: CTE, standard: Standard, clock: str, chosen: Any, amount: Any) -> Any:
    """Calendar days to the due day; where it rolls forward, to the next working day."""
    rolling = [i for i, r in enumerate(standard.rules) if r.limit.unit == "calendar_day" and r.limit.roll_forward]
    if not rolling:
        return amount
    from sqlalchemy import BigInteger, column, table

    days = table("days", column("day", BigInteger), column("next_working", BigInteger))
    last = rows.c.received_day + amount
    rolled = select(days.c.next_working).where(days.c.day == last).scalar_subquery()
    return case((chosen.in_(rolling), larger(rolled - rows.c.received_day, amount)), else_=amount)


def _choose(branches: list[tuple[str, Any, Any]], measure: Any) -> Any:
    return case(*((condition, measure(unit)) for unit, condition, _ in branches), else_=null())


__all__ = ["MET", "Cut", "facts_text"]
