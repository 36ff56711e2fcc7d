"""Counting statements of the detectors: how many cases of a unit could show a pattern, and how many do.

A signal is a pair of conditions over the facts, the newest observation and the features of the reply. One statement
counts all of them at once, integers only; another lists the records behind one of them. What a count means, and whether
it is unusual among peers, is settled in `integrity`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, and_, extract, false, func, literal, literal_column, or_, select, true

from metrics.clocks.daytable import day_date
from metrics.statements import count_where, text_of
from records.columns import CASES, FACTS, FEATURES

SHORT_CORE = 30
LONG_CORE = 50
FEW_ELEMENTS = 1
UNLIKE = 10  # thousandths of cosine below which message and reply share next to nothing
UNLIKE_IF_ODD = 40  # the same for a reply that is also unlike all others on its topic; random pairs reach .031
ODD_FOR_TOPIC = 150
TEN_MINUTES: Any = literal_column("INTERVAL '10 minutes'")
JUMP_DAYS: Any = literal_column("INTERVAL '3 days'")
RETURN_WINDOW: Any = literal_column("INTERVAL '4 days'")  # two working days, and the weekend that may lie between
PROMISE_DAYS: Any = literal_column("INTERVAL '60 days'")  # for a promise that names no date
LATE_SENDING_DAYS = 7
WAITING_DAYS = 30  # a message younger than this is not yet counted as left unanswered
TEXT_CHANNELS = ("website", "message_board", "mailbox")
CHARGES = ("complaint", "report")


@dataclass(frozen=True)
class Signal:
    """Cases `among` which a `pattern` is counted."""

    name: str
    among: Any
    pattern: Any


def joined(*, has_features: bool = True) -> CTE:
    """One row per case as it stands: its facts, the times the detectors need, and the features of its reply."""
    same_row = and_(
        func.coalesce(CASES.c.register, "") == FACTS.c.register,
        CASES.c.case_no == FACTS.c.case_no,
        CASES.c.batch == FACTS.c.batch,
    )
    same_reply = and_(
        FEATURES.c.register == FACTS.c.register,
        FEATURES.c.case_no == FACTS.c.case_no,
        FEATURES.c.batch == FACTS.c.batch,
    )
    wanted = (
        "received_at", "dispatched_at", "first_response_at", "closed_at", "closed_at_is_date", "dispatched_at_is_date",
        "due_at", "extension_applied_at", "first_rating", "rated_at", "returned_at", "state", "outcome", "person_token",
    )  # fmt: skip
    columns = [*FACTS.c, *(CASES.c[name] for name in wanted)]
    source = FACTS.join(CASES, same_row)
    if not has_features:
        return select(*columns).select_from(source).cte("joined")
    features = [c for c in FEATURES.c if c.name not in ("register", "case_no", "batch")]
    return select(*columns, *features).select_from(source.outerjoin(FEATURES, same_reply)).cte("joined")


def signals(rows: CTE, as_of_day: int) -> tuple[Signal, ...]:
    """All signals of the share kind; `as_of_day` is the day number of the cut-off."""
    r = rows.c
    replied = r.core_length.is_not(None)
    said = or_(r.resolved.is_not(None), r.rating >= 1, r.is_repeat_watched == 1)
    unhappy = or_(r.resolved == "no", r.rating.between(1, 2), r.is_repeated == 1)
    closed = r.is_closed == 1
    limited = and_(r.close_ended == 1, r.close_limit > 0)
    heaped = and_(r.close_used <= r.close_limit, r.close_used * 10 > r.close_limit * 9)
    written = and_(r.channel.in_(TEXT_CHANNELS), r.received_day < as_of_day - WAITING_DAYS)
    backwards = and_(
        r.closed_at < r.dispatched_at,
        func.coalesce(r.closed_at_is_date, 0) == 0,
        func.coalesce(r.dispatched_at_is_date, 0) == 0,
    )
    promised = and_(r.promised_day.is_not(None), r.promised_day < as_of_day)
    soon = and_(r.has_promise == 1, r.promised_day.is_(None), r.first_response_at.is_not(None))
    long_ago = r.first_response_at + PROMISE_DAYS < literal(day_date(as_of_day))
    # No source says when a case was rated first, only that it was after the closing.
    turned_later = func.coalesce(r.rated_at > r.closed_at + JUMP_DAYS, false())
    come_back = and_(r.returned_at.is_not(None), r.dispatched_at.is_not(None))
    return (
        Signal("perfunctory", replied, r.is_perfunctory == 1),
        Signal("off_topic", and_(r.core_length >= LONG_CORE, r.likeness.is_not(None), r.is_perfunctory == 0),
               or_(and_(r.likeness < UNLIKE_IF_ODD, r.topic_likeness < ODD_FOR_TOPIC),
                   and_(r.likeness < UNLIKE, r.topic_likeness.is_(None)))),
        Signal("too_short", replied, r.core_length < SHORT_CORE),
        Signal("closed_not_resolved", and_(closed, said), unhappy),
        Signal("rating_jump", and_(r.first_rating.between(1, 2), r.rating >= 1), and_(r.rating >= 4, ~turned_later)),
        Signal("instant", and_(r.close_ended == 1, r.dispatched_at.is_not(None), r.case_type != "inquiry"),
               and_(r.closed_at >= r.dispatched_at, r.closed_at < r.dispatched_at + TEN_MINUTES)),
        Signal("heaped", limited, heaped),
        Signal("heaped_unsolved", and_(limited, heaped, r.resolved.is_not(None)), r.resolved != "yes"),
        Signal("unheaped_unsolved", and_(limited, ~heaped, r.resolved.is_not(None)), r.resolved != "yes"),
        Signal("returned", r.is_dispatched == 1, r.is_returned == 1),
        Signal("ping_pong", r.is_dispatched == 1, r.n_returns >= 2),
        Signal("returned_late", come_back, r.returned_at > r.dispatched_at + RETURN_WINDOW),
        Signal("excluded", true(), r.is_excluded == 1),
        Signal("unhappy_excluded", r.rating.between(1, 2), r.is_excluded == 1),
        Signal("happy_excluded", r.rating >= 3, r.is_excluded == 1),
        Signal("extended", true(), r.is_extended == 1),
        Signal("extended_late", true(), r.extension_applied_at > r.due_at),
        Signal("suspended", true(), r.is_suspended == 1),
        Signal("no_active_rating", closed, or_(r.rating.is_(None), r.rating == 0)),
        Signal("repeated", r.is_repeat_watched == 1, r.is_repeated == 1),
        Signal("few_elements", replied, r.elements <= FEW_ELEMENTS),
        Signal("default_rating", r.rating.is_not(None), r.rating == 0),
        Signal("unkept_promise", replied,
               and_(promised, or_(r.closed_day.is_(None), r.closed_day < r.promised_day))),
        Signal("undated_promise", replied,
               and_(soon, long_ago, or_(r.closed_at.is_(None), r.closed_at < r.first_response_at + PROMISE_DAYS))),
        Signal("refused", replied, or_(r.is_refusal == 1, r.points_elsewhere == 1)),
        Signal("signed_later", r.signed_lag.is_not(None), r.signed_lag > 0),
        Signal("sent_late", r.signed_lag.is_not(None), r.signed_lag < -LATE_SENDING_DAYS),
        Signal("contradictory", true(), or_(r.is_contradictory == 1, backwards)),
        Signal("charge_unanswered", and_(written, r.case_type.in_(CHARGES)), r.is_replied == 0),
        Signal("other_unanswered", and_(written, or_(r.case_type.is_(None), r.case_type.not_in(CHARGES))),
               r.is_replied == 0),
    )  # fmt: skip


def share_names(as_of_day: int) -> list[str]:
    """The names of the share signals, in the order of the columns of `shares_text`."""
    return [signal.name for signal in signals(joined(), as_of_day)]


def shares_text(first_day: int, end_day: int, as_of_day: int) -> str:
    """For every unit with cases received in [first_day, end_day): unit, then for each signal `among` and `pattern`."""
    rows = joined()
    columns: list[Any] = []
    for signal in signals(rows, as_of_day):
        columns.append(count_where(signal.among).label(f"{signal.name}_among"))
        columns.append(count_where(signal.among, signal.pattern).label(f"{signal.name}_pattern"))
    inside = and_(rows.c.received_day >= first_day, rows.c.received_day < end_day)
    return text_of(select(rows.c.unit, *columns).where(inside).group_by(rows.c.unit).order_by(rows.c.unit))


def mixed_shares_text(name: str, column: str, first_day: int, end_day: int, as_of_day: int) -> str:
    """One signal by unit and by the values of a column of the facts: unit, value, among, pattern."""
    rows = joined()
    signal = next(s for s in signals(rows, as_of_day) if s.name == name)
    inside = and_(rows.c.received_day >= first_day, rows.c.received_day < end_day, signal.among)
    keys = (rows.c.unit, func.coalesce(rows.c[column], "").label("value"))
    counted = select(*keys, func.count().label("among"), count_where(signal.pattern).label("pattern"))
    return text_of(counted.where(inside).group_by(rows.c.unit, rows.c[column]).order_by(rows.c.unit, rows.c[column]))


def records_text(
    wanted: Mapping[str, Sequence[str]], first_day: int, end_day: int, as_of_day: int, limit: int = 200
) -> str:
    """The records behind several signals, each for some units: signal, unit, register, number; the oldest of each.

    One statement for all of them, so that cases, facts and features are joined once.
    """
    rows = joined()
    named = {signal.name: signal for signal in signals(rows, as_of_day)}
    inside = and_(rows.c.received_day >= first_day, rows.c.received_day < end_day)
    keys = (rows.c.unit, rows.c.register, rows.c.case_no, rows.c.received_day)
    parts = [
        select(literal(name).label("signal"), *keys).where(
            inside, rows.c.unit.in_(sorted(units)), named[name].among, named[name].pattern
        )
        for name, units in sorted(wanted.items())
    ]
    shown = (parts[0].union_all(*parts[1:]) if len(parts) > 1 else parts[0]).cte("shown").c
    order = (shown.received_day, shown.register, shown.case_no)
    place = func.row_number().over(partition_by=(shown.signal, shown.unit), order_by=order)
    ranked = select(shown.signal, shown.unit, shown.register, shown.case_no, place.label("place")).cte("ranked").c
    chosen = select(ranked.signal, ranked.unit, ranked.register, ranked.case_no).where(ranked.place <= limit)
    return text_of(chosen.order_by(ranked.signal, ranked.unit, ranked.place))


def all_records_text(name: str, first_day: int, end_day: int, as_of_day: int) -> str:
    """The records of every unit that show one pattern: unit, register, number."""
    rows = joined()
    signal = next(s for s in signals(rows, as_of_day) if s.name == name)
    inside = and_(rows.c.received_day >= first_day, rows.c.received_day < end_day)
    chosen = select(rows.c.unit, rows.c.register, rows.c.case_no).where(inside, signal.among, signal.pattern)
    return text_of(chosen.order_by(rows.c.unit, rows.c.register, rows.c.case_no))


def registers_text(first_day: int, end_day: int) -> str:
    """Cases of each register: register, cases."""
    inside = and_(FACTS.c.received_day >= first_day, FACTS.c.received_day < end_day)
    return text_of(select(FACTS.c.register, func.count().label("n")).where(inside).group_by(FACTS.c.register))


def repeats_text(first_day: int, end_day: int) -> str:
    """Exact repeats of replies: unit, how often a text came, how many texts came that often. Inquiries are left out."""
    inside = and_(
        FACTS.c.received_day >= first_day, FACTS.c.received_day < end_day, FACTS.c.reply_fingerprint.is_not(None),
        or_(FACTS.c.case_type.is_(None), FACTS.c.case_type != "inquiry"),
    )  # fmt: skip
    texts = (
        select(FACTS.c.unit, func.count().label("times"))
        .where(inside)
        .group_by(FACTS.c.unit, FACTS.c.reply_fingerprint)
        .cte("texts")
    )
    return text_of(
        select(texts.c.unit, texts.c.times, func.count().label("texts"))
        .group_by(texts.c.unit, texts.c.times)
        .order_by(texts.c.unit, texts.c.times)
    )


def repeated_records_text(unit: str, first_day: int, end_day: int, limit: int = 200) -> str:
    """Cases of a unit whose reply came more than once, the most frequent text first: register, number."""
    f = FACTS.c
    inside = and_(f.unit == unit, f.received_day >= first_day, f.received_day < end_day,
                  f.reply_fingerprint.is_not(None), or_(f.case_type.is_(None), f.case_type != "inquiry"))  # fmt: skip
    times = func.count().over(partition_by=f.reply_fingerprint)
    mine = select(f.register, f.case_no, f.reply_fingerprint, times.label("times")).where(inside).cte("mine")
    m = mine.c
    chosen = select(m.register, m.case_no).where(m.times > 1)
    order = (m.times.desc(), m.reply_fingerprint, m.register, m.case_no)
    return text_of(chosen.order_by(*order).limit(limit))


def minutes_text(first_day: int, end_day: int) -> str:
    """Closings by the minute of the hour: unit, minute, cases. Closings given as a date only have no minute."""
    rows = joined(has_features=False)
    minute = extract("minute", rows.c.closed_at)
    inside = and_(
        rows.c.received_day >= first_day, rows.c.received_day < end_day, rows.c.close_ended == 1,
        func.coalesce(rows.c.closed_at_is_date, 0) == 0,
    )  # fmt: skip
    keys = (rows.c.unit, minute)
    return text_of(select(rows.c.unit, minute.label("minute"), func.count().label("n")).where(inside).group_by(*keys))
