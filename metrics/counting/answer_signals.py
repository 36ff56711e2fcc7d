"""Counting statements over survey answers, for the detectors of ratings. Tokens are compared here and leave nothing.

The newest observation of each answer counts. `day` is the day an answer was given.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Date, and_, case, cast, func, literal, null, or_, select

from metrics.statements import count_where, flag, text_of
from records.columns import ANSWERS, FACTS

SAME_SOURCE = 5  # answers about one unit from one device or phone on one day
SAME_TEXT = 3
SHORT_TEXT = 8  # characters; shorter remarks are alike by nature
SATISFIED = 4
SIGNALS = ("same_source", "too_fast", "straight", "same_text", "staff", "flagged")


def signals_text(first: str, end: str, fast_below: int) -> str:
    """For each unit: answers, satisfied answers, then for each of SIGNALS `among` and `pattern`.

    `flagged` are answers from one source in a burst, too fast, or by staff; its `pattern_satisfied` tells what is left
    when they are set aside. `first` and `end` are ISO days, `fast_below` seconds.
    """
    rows = marked(first, end, fast_below)
    r = rows.c
    columns: list[Any] = [count_where(r.rating >= 1).label("n"), count_where(r.rating >= SATISFIED).label("satisfied")]
    for name in SIGNALS:
        columns.append(count_where(r[f"can_be_{name}"] == 1).label(f"{name}_among"))
        columns.append(count_where(r[f"is_{name}"] == 1).label(f"{name}_pattern"))
    columns.append(count_where(r.is_flagged == 1, r.rating >= 1).label("flagged_rated"))
    columns.append(count_where(r.is_flagged == 1, r.rating >= SATISFIED).label("flagged_satisfied"))
    return text_of(select(r.unit, *columns).where(r.unit.is_not(None)).group_by(r.unit).order_by(r.unit))


def durations_text(first: str, end: str) -> str:
    """How often each time of filling in came: seconds, answers."""
    rows = _newest(first, end)
    counted = select(rows.c.seconds_used, func.count().label("n")).where(rows.c.seconds_used > 0)
    return text_of(counted.group_by(rows.c.seconds_used).order_by(rows.c.seconds_used))


def bursts_text(unit: str, first: str, end: str, fast_below: int) -> str:
    """The bursts of one unit, no identities: hour, answers, satisfied, from one source, too fast; largest first."""
    rows = marked(first, end, fast_below)
    r = rows.c
    hour = func.date_trunc("hour", r.answered_at)
    counts = (func.count().label("n"), count_where(r.rating >= SATISFIED), count_where(r.is_same_source == 1),
              count_where(r.is_too_fast == 1))  # fmt: skip
    flagged = select(hour.label("hour"), *counts).where(r.unit == unit, r.is_flagged == 1).group_by(hour)
    return text_of(flagged.order_by(func.count().desc(), hour).limit(50))


def hours_text(first: str, end: str) -> str:
    """Good ratings by unit and hour: unit, hour, ratings."""
    rows = _newest(first, end)
    hour = func.date_trunc("hour", rows.c.answered_at)
    good = select(rows.c.unit, hour.label("hour"), func.count().label("n")).where(
        rows.c.unit.is_not(None), rows.c.rating >= SATISFIED, rows.c.answered_at.is_not(None),
        func.coalesce(rows.c.answered_at_is_date, 0) == 0,
    )  # fmt: skip
    return text_of(good.group_by(rows.c.unit, hour).order_by(rows.c.unit, hour))


def third_party_text(first: str, end: str) -> str:
    """Independent answers by unit: unit, rated, satisfied."""
    r = _newest(first, end).c
    counted = select(r.unit, count_where(r.rating >= 1).label("n"), count_where(r.rating >= SATISFIED).label("good"))
    return text_of(counted.where(r.source == "third_party", r.unit.is_not(None)).group_by(r.unit).order_by(r.unit))


def own_text(first_day: int, end_day: int) -> str:
    """The unit's own follow-up by unit: unit, rated, satisfied."""
    f = FACTS.c
    rated = and_(f.valid_follow_up == 1, f.rating >= 1)
    counts = (count_where(rated).label("n"), count_where(rated, f.rating >= SATISFIED).label("good"))
    inside = and_(f.received_day >= first_day, f.received_day < end_day)
    return text_of(select(f.unit, *counts).where(inside).group_by(f.unit).order_by(f.unit))


def marked(first: str, end: str, fast_below: int) -> CTE:
    """Each answer with its signals as 0/1, and whether it could show them."""
    rows = _newest(first, end)
    r = rows.c
    day = cast(r.answered_at, Date)
    source = func.coalesce(r.device_token, r.person_token)
    from_source = func.count().over(partition_by=(r.unit, day, source))
    same_text = func.count().over(partition_by=(r.unit, r.comment))
    levels = and_(r.rating >= 1, r.speed_rating >= 1, r.manner_rating >= 1)
    straight = and_(r.rating == r.speed_rating, r.rating == r.manner_rating,
                    or_(r.skill_rating.is_(None), r.skill_rating == r.rating))  # fmt: skip
    can_be = {
        "same_source": and_(source.is_not(None), r.answered_at.is_not(None)),
        "too_fast": r.seconds_used > 0,
        "straight": levels,
        "same_text": func.length(r.comment) >= SHORT_TEXT,
        "staff": r.is_staff.is_not(None),
    }
    shows = {
        "same_source": from_source >= SAME_SOURCE, "too_fast": r.seconds_used < fast_below, "straight": straight,
        "same_text": same_text >= SAME_TEXT, "staff": r.is_staff == 1,
    }  # fmt: skip
    columns: list[Any] = [r.unit, r.answered_at, r.rating]
    columns += [flag(can_be[name]).label(f"can_be_{name}") for name in can_be]
    columns += [flag(can_be[name], shows[name]).label(f"is_{name}") for name in can_be]
    once = select(*columns).cte("signalled")
    o = once.c
    is_flagged = or_(o.is_same_source == 1, o.is_too_fast == 1, o.is_staff == 1)
    return select(*o, flag(o.rating.is_not(None)).label("can_be_flagged"), flag(is_flagged).label("is_flagged")).cte(
        "marked_answers"
    )


def _newest(first: str, end: str) -> CTE:
    a = ANSWERS.c
    identity = (func.coalesce(a.register, ""), func.coalesce(a.source, ""), func.coalesce(a.case_no, ""),
                func.coalesce(a.answer_no, a.row_hash))  # fmt: skip
    order = (flag(a.exported_at.is_not(None)).desc(), a.exported_at.desc(), a.batch.desc(), a.row_no.desc())
    age = func.row_number().over(partition_by=identity, order_by=order)
    names = ("unit", "source", "answered_at", "answered_at_is_date", "rating", "speed_rating", "manner_rating",
             "skill_rating", "comment", "is_staff", "seconds_used", "device_token", "person_token")  # fmt: skip
    inside = and_(a.answered_at >= literal(datetime.fromisoformat(first)),
                  a.answered_at < literal(datetime.fromisoformat(end)))  # fmt: skip
    ranked = select(*(a[name] for name in names), case((inside, age), else_=null()).label("age")).cte("ranked_answers")
    return select(*(ranked.c[name] for name in names)).where(ranked.c.age == 1).cte("newest_answers")
