"""Counts of survey answers: follow-ups by the centre, ratings on the platform, independent samples. Integers only.

Views: `answers`, `facts`, `days`, `period_days`. One answer counts once; the newest observation of each holds. Of one
citizen on one case the last answer within twelve hours of the first counts, later ones are counted apart.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, Date, and_, case, cast, func, null, or_, select

from metrics.counting.counts import KEPT, PERIOD_DAYS, UNIT_PLACES, Cells, split_of
from metrics.statements import big, count_where, flag, flag_any, number, text_of, total
from records.columns import ANSWERS, FACTS

SOURCES = ("self", "follow_up", "third_party", "platform")
WEIGHT_UNIT = 10_000
CHANGE_SECONDS = 12 * 3600
SCANNER_SECONDS = 2  # a mail scanner opens all five rating links at once; no citizen does
COUNT_NAMES = frozenset((
    "n_staff_answers", "n_later_answers", "n_scanner_answers", "v", "third_party_answers", "known_rating",
    *(f"v_{name}" for name in ("contacted", "resolved", "partly", "satisfied", "basic", "dissatisfied")),
    *(f"third_party_{name}_{scale}" for name in ("weight", "steps", "squares", "weight_squares", "good_weight")
      for scale in (3, 5)),
    *(f"rating_{level}" for level in range(6)),
))  # fmt: skip
"""The counts that survey answers add to."""


@lru_cache(KEPT)
def answers_text(cells: Cells) -> str:
    """Answers by unit, period, split and source; an answer to a known case counts in the month that case came."""
    valid = _valid()
    v = valid.c
    source: Any = valid
    period: Any = number(0)
    if cells.has_periods:
        source, period = valid.join(PERIOD_DAYS, v.day == PERIOD_DAYS.c.day), PERIOD_DAYS.c.period
    unit, condition = v.unit, and_(v.day >= cells.first_day, v.day < cells.end_day)
    if cells.places is not None:
        unit, source = UNIT_PLACES.c.place, source.join(UNIT_PLACES, v.unit == UNIT_PLACES.c.unit)
        condition = and_(condition, unit >= cells.places[0], unit < cells.places[1])
    split = split_of(v, cells.split) if cells.split else null()
    groups = [unit.label("unit"), period.label("period"), split.label("split"), v.source.label("source")]
    keys: list[Any] = [unit, v.source]
    keys += [PERIOD_DAYS.c.period] if cells.has_periods else []
    keys += [split_of(v, cells.split)] if cells.split else []
    columns = [expression.label(name) for name, expression in answer_columns(v).items()]
    statement = select(*groups, *columns).select_from(source)
    return text_of(statement.where(condition).group_by(*keys))


def answer_columns(v: Any) -> dict[str, Any]:
    """Counts of one source: answers, who was reached, what they said, weights in ten-thousandths."""
    counts = and_(v.is_staff == 0, v.is_late == 0, v.is_scanner == 0, v.is_complete == 1)
    reached = and_(counts, or_(v.reached.is_(None), v.reached == 1))
    fresh = and_(reached, v.has_case_answer == 0)
    weight = case((v.weight.is_(None), number(WEIGHT_UNIT)), else_=v.weight)
    columns = {
        "answers": count_where(counts),
        "staff": count_where(v.is_staff == 1),
        "later": count_where(v.is_staff == 0, v.is_scanner == 0, v.is_late == 1),
        "scanner": count_where(v.is_staff == 0, v.is_scanner == 1),
        "reached": count_where(reached),
        "fresh": count_where(fresh),
        "contacted": count_where(fresh, v.contacted == 1),
        "resolved": count_where(fresh, v.resolved == "yes"),
        "partly": count_where(fresh, v.resolved == "partly"),
        "satisfied": count_where(fresh, v.rating >= 4),
        "basic": count_where(fresh, v.rating == 3),
        "dissatisfied": count_where(fresh, v.rating.in_((1, 2))),
    }
    columns |= {f"rating_{level}": count_where(counts, v.rating == level) for level in range(6)}
    columns |= {f"new_rating_{level}": count_where(counts, v.has_case_rating == 0, v.rating == level)
                for level in range(6)}  # fmt: skip
    for scale, lowest in ((3, 2), (5, 1)):  # a three-level form uses the codes 2, 3, 4
        is_scale = and_(counts, v.rating >= 1, v.scale == scale)
        steps = v.rating - lowest
        columns |= {
            f"weight_{scale}": total(case((is_scale, weight), else_=number(0))),
            f"steps_{scale}": total(case((is_scale, weight * steps), else_=number(0))),
            f"squares_{scale}": total(case((is_scale, weight * steps * steps), else_=number(0))),
            f"weight_squares_{scale}": total(case((is_scale, weight * weight), else_=number(0))),
            f"good_weight_{scale}": total(case((and_(is_scale, v.rating >= 3), weight), else_=number(0))),
        }
    return columns


def _valid() -> CTE:
    a = ANSWERS.c
    identity = (func.coalesce(a.register, ""), func.coalesce(a.source, ""), func.coalesce(a.case_no, ""),
                func.coalesce(a.answer_no, a.row_hash))  # fmt: skip
    order = (flag(a.exported_at.is_not(None)).desc(), a.exported_at.desc(), a.batch.desc(), a.row_no.desc())
    age = func.row_number().over(partition_by=identity, order_by=order)
    columns = (
        "register", "case_no", "unit", "channel", "source", "answered_at", "resolved", "is_complete", "reached",
        "contacted", "rating", "rating_scale", "is_staff", "weight", "person_token", "answer_no", "row_hash",
    )  # fmt: skip
    ranked = select(*(a[name] for name in columns), age.label("age")).cte("answer_observations")
    newest = select(*(ranked.c[name] for name in columns)).where(ranked.c.age == 1).cte("newest_answers")
    return _with_case(_with_lateness(_with_day(newest)))


def _with_day(newest: CTE) -> CTE:
    from metrics.clocks.timing import days_table, second_of_day

    calendar = days_table(("day",))
    join = newest.outerjoin(calendar, cast(newest.c.answered_at, Date) == calendar.c.date)
    local = calendar.c.day * 86_400 + second_of_day(newest.c.answered_at)
    return select(*newest.c, calendar.c.day.label("answered_day"), local.label("local")).select_from(join).cte("dated")


def _with_lateness(dated: CTE) -> CTE:
    """Whether an answer was replaced by, or came after, the one that counts for its case and citizen."""
    d = dated.c
    person = (func.coalesce(d.register, ""), d.source, func.coalesce(d.case_no, d.answer_no, d.row_hash),
              func.coalesce(d.person_token, ""))  # fmt: skip
    said = (func.max(flag(d.rating == level)).over(partition_by=person) for level in range(1, 6))
    first = select(
        *dated.c,
        func.min(d.local).over(partition_by=person).label("first_local"),
        func.max(d.local).over(partition_by=person).label("last_local"),
        *(expression.label(f"has_{level}") for level, expression in enumerate(said, 1)),
    ).cte("firsts")
    f = first.c
    key = (func.coalesce(f.register, ""), f.source, func.coalesce(f.case_no, f.answer_no, f.row_hash),
           func.coalesce(f.person_token, ""), flag(f.local > f.first_local + CHANGE_SECONDS))  # fmt: skip
    place = func.row_number().over(partition_by=key, order_by=(f.local.desc(), f.answer_no.desc(), f.row_hash.desc()))
    ranked = select(*first.c, place.label("place_in_window")).cte("windows")
    r = ranked.c
    is_late = flag_any(r.local > r.first_local + CHANGE_SECONDS, r.place_in_window > 1)
    every_level = (r[f"has_{level}"] == 1 for level in range(1, 6))
    is_scanner = flag(r.last_local <= r.first_local + SCANNER_SECONDS, *every_level)
    return select(*ranked.c, is_late.label("is_late"), is_scanner.label("is_scanner")).cte("answers_once")


def _with_case(answers: CTE) -> CTE:
    """The case an answer is about: its cohort, its split, and whether the case row says the same already."""
    f = FACTS.c
    cases = (
        select(
            f.case_no.label("known_case_no"),
            func.max(f.unit).label("case_unit"),
            func.max(f.received_day).label("case_day"),
            *(func.max(f[name]).label(f"case_{name}") for name in ("category", "channel", "case_type", "urgency")),
            func.max(flag(f.valid_follow_up.is_not(None))).label("has_follow_up"),
            func.max(flag(f.rating.is_not(None))).label("has_rating"),
        )
        .group_by(f.case_no)
        .cte("known_cases")
    )
    a, c = answers.c, cases.c
    return (
        select(
            func.coalesce(a.unit, c.case_unit).label("unit"),
            func.coalesce(c.case_day, a.answered_day).label("day"),
            *(func.coalesce(c[f"case_{n}"], a.channel if n == "channel" else null()).label(n)
              for n in ("category", "channel", "case_type", "urgency")),
            func.coalesce(a.source, "self").label("source"),
            big(a.rating).label("rating"), big(func.coalesce(a.rating_scale, 5)).label("scale"), a.resolved,
            big(a.contacted).label("contacted"), big(a.reached).label("reached"),
            big(func.coalesce(a.is_staff, 0)).label("is_staff"),
            big(func.coalesce(a.is_complete, 1)).label("is_complete"),
            a.is_late, a.is_scanner, big(func.round(a.weight * WEIGHT_UNIT)).label("weight"),
            big(func.coalesce(c.has_follow_up, 0)).label("has_case_answer"),
            big(func.coalesce(c.has_rating, 0)).label("has_case_rating"),
        )
        .select_from(answers.outerjoin(cases, a.case_no == c.known_case_no))
        .cte("valid_answers")
    )  # fmt: skip
