"""Statements over every observation of a record: what vanished between exports, and what was changed afterwards.

An export that brings most of the records known of its units from its time span is taken as complete; what it lacks has
vanished. The measure is the whole export: a unit that lost many records must not make its own loss look like
an extract. An export of changed records only is never taken as complete.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CTE, and_, case, func, literal, null, or_, select

from metrics.statements import flag, number, text_of
from records.columns import CASES

COMPLETE_NUMERATOR, COMPLETE_DENOMINATOR = 4, 5  # an export with four fifths of the known records is complete
KINDS = ("start_changed", "limit_changed", "category_changed", "moved_backwards", "closed_before_seen_open")


def vanished_text(first: str, end: str) -> str:
    """Records received in [first, end) that a later complete export of their unit no longer holds.

    Columns: unit, register, case_no, the batch that saw it last, the batch that lacks it, whether it was still open.
    `first` and `end` are ISO days.
    """
    seen = _seen()
    cover = _covers(seen)
    missing = _missing(seen, cover)
    newest = _newest()
    same = and_(newest.c.register == missing.c.register, newest.c.case_no == missing.c.case_no)
    open_still = flag(newest.c.closed_at.is_(None), or_(newest.c.state.is_(None), newest.c.state != "closed"))
    rows = (
        select(
            newest.c.unit, newest.c.register, newest.c.case_no, newest.c.batch.label("seen_in"),
            missing.c.missing_in, open_still.label("was_open"),
        )
        .select_from(newest.join(missing, same))
        .where(newest.c.received_at >= _moment(first), newest.c.received_at < _moment(end),
               missing.c.missing_at > newest.c.exported_at)
        .order_by(newest.c.unit, newest.c.register, newest.c.case_no)
    )  # fmt: skip
    return text_of(rows)


def rewritten_text(first: str, end: str) -> str:
    """Changes between two observations that follow each other, one row per record and kind of change.

    Columns: unit, register, case_no, kind (position in KINDS), batch before, batch after. A corrected reply
    or a move forward in state is no change in this sense.
    """
    pairs = _pairs()
    p = pairs.c
    backwards = and_(p.state_before == "closed", p.state.in_(("new", "open")), p.reopened_at.is_(None))
    conditions = (
        p.received_at != p.received_before,
        p.due_at != p.due_before,
        or_(p.category != p.category_before, p.case_type != p.case_type_before),
        backwards,
        and_(p.closed_at < p.last_open_at, or_(p.closed_before.is_(None), p.closed_at != p.closed_before)),
    )
    inside = and_(p.received_at >= _moment(first), p.received_at < _moment(end), p.batch_before.is_not(None))
    parts = [
        select(p.unit, p.register, p.case_no, number(kind).label("kind"), p.batch_before, p.batch).where(
            inside, condition
        )
        for kind, condition in enumerate(conditions)
    ]
    union = parts[0].union_all(*parts[1:]).cte("changes")
    return text_of(select(*union.c).order_by(*union.c))


def _moment(day: str) -> Any:
    return literal(datetime.fromisoformat(day))


def _register() -> Any:
    return func.coalesce(CASES.c.register, "")


def _seen() -> CTE:
    """Which record stood in which batch."""
    columns = (_register().label("register"), CASES.c.case_no, CASES.c.unit, CASES.c.received_at, CASES.c.batch,
               CASES.c.exported_at)  # fmt: skip
    return select(*columns).cte("seen")


def _covers(seen: CTE) -> CTE:
    """The units of each batch, and the time span of the whole batch."""
    s = seen.c
    spans = (
        select(
            s.register, s.batch, s.exported_at,
            func.min(s.received_at).label("low"), func.max(s.received_at).label("high"),
        )
        .group_by(s.register, s.batch, s.exported_at)
        .cte("spans")
    )  # fmt: skip
    present = select(s.register, s.unit, s.batch).distinct().cte("present")
    same = and_(present.c.register == spans.c.register, present.c.batch == spans.c.batch)
    return select(*spans.c, present.c.unit).select_from(spans.join(present, same)).cte("covers")


def _missing(seen: CTE, cover: CTE) -> CTE:
    """Records known before a complete export of their unit and span, and not in it; the first such export of each."""
    first_seen = (
        select(
            seen.c.register,
            seen.c.case_no,
            seen.c.unit,
            seen.c.received_at,
            func.min(seen.c.exported_at).label("known_at"),
        )
        .group_by(seen.c.register, seen.c.case_no, seen.c.unit, seen.c.received_at)
        .cte("first_seen")
    )
    within = and_(
        first_seen.c.register == cover.c.register, first_seen.c.unit == cover.c.unit,
        first_seen.c.received_at >= cover.c.low, first_seen.c.received_at <= cover.c.high,
        first_seen.c.known_at < cover.c.exported_at,
    )  # fmt: skip
    here = seen.alias("here")
    held = and_(
        here.c.register == first_seen.c.register, here.c.case_no == first_seen.c.case_no, here.c.batch == cover.c.batch
    )
    known = (
        select(
            first_seen.c.register, first_seen.c.unit, first_seen.c.case_no, cover.c.batch, cover.c.exported_at,
            flag(here.c.batch.is_not(None)).label("is_held"),
        )
        .select_from(first_seen.join(cover, within).outerjoin(here, held))
        .cte("known")
    )  # fmt: skip
    complete = (
        select(known.c.register, known.c.batch)
        .group_by(known.c.register, known.c.batch)
        .having(COMPLETE_DENOMINATOR * func.sum(known.c.is_held) >= COMPLETE_NUMERATOR * func.count())
        .cte("complete")
    )
    same = and_(complete.c.register == known.c.register, complete.c.batch == known.c.batch)
    return (
        select(
            known.c.register, known.c.case_no, func.min(known.c.batch).label("missing_in"),
            func.max(known.c.exported_at).label("missing_at"),
        )
        .select_from(known.join(complete, same))
        .where(known.c.is_held == 0)
        .group_by(known.c.register, known.c.case_no)
        .cte("missing")
    )  # fmt: skip


def _newest() -> CTE:
    order = (CASES.c.exported_at.desc(), CASES.c.batch.desc(), CASES.c.row_no.desc())
    age = func.row_number().over(partition_by=(_register(), CASES.c.case_no), order_by=order)
    columns = (_register().label("register"), CASES.c.case_no, CASES.c.unit, CASES.c.received_at, CASES.c.closed_at,
               CASES.c.state, CASES.c.batch, CASES.c.exported_at)  # fmt: skip
    ranked = select(*columns, age.label("age")).cte("ranked")
    return select(*(c for c in ranked.c if c.name != "age")).where(ranked.c.age == 1).cte("newest")


def _pairs() -> CTE:
    """Each observation with the one before it."""
    record = (_register(), CASES.c.case_no)
    order = (CASES.c.exported_at, CASES.c.batch, CASES.c.row_no)

    def before(column: Any) -> Any:
        return func.lag(column).over(partition_by=record, order_by=order)

    earlier = {
        "received": CASES.c.received_at, "due": CASES.c.due_at, "category": CASES.c.category,
        "case_type": CASES.c.case_type, "state": CASES.c.state, "closed": CASES.c.closed_at,
        "batch": CASES.c.batch,
    }  # fmt: skip
    was_open = and_(CASES.c.closed_at.is_(None), CASES.c.state.in_(("new", "open", "replied")))
    last_open = func.max(case((was_open, CASES.c.exported_at), else_=null())).over(
        partition_by=record, order_by=order, rows=(None, -1)
    )
    now = (CASES.c.unit, CASES.c.case_no, CASES.c.received_at, CASES.c.due_at, CASES.c.category, CASES.c.case_type,
           CASES.c.state, CASES.c.closed_at, CASES.c.reopened_at, CASES.c.batch)  # fmt: skip
    return select(
        _register().label("register"),
        *now,
        last_open.label("last_open_at"),
        *(before(c).label(f"{name}_before") for name, c in earlier.items()),
    ).cte("pairs")
