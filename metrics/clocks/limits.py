"""Limits as SQL: how much of its limit a case has used, and where it stands: met, missed, past due, not yet due."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, case, null

from metrics.clocks.calendar import DAY
from metrics.clocks.daytable import day_number
from metrics.clocks.standard import Rule, Standard
from metrics.clocks.timing import Moment
from metrics.statements import Expression, first_known, larger, number, smaller

NO_LIMIT, MET, MISSED, OPEN_PAST_DUE, NOT_YET_DUE = range(5)


def rule_condition(rule: Rule, rows: Any) -> Any:
    """Whether a row falls under a rule."""
    tests = [
        rows.c[name].in_(values)
        for name, values in (("channel", rule.channels), ("case_type", rule.case_types), ("urgency", rule.urgencies))
        if values
    ]
    if rule.valid_from:
        tests.append(rows.c.received_day >= _day(rule.valid_from))
    if rule.valid_to:
        tests.append(rows.c.received_day < _day(rule.valid_to))
    return and_(*tests) if tests else number(1) == number(1)


def _day(day: date) -> Expression:
    return number(day_number(day))


def rule_number(standard: Standard, clock: str, rows: Any) -> Expression:
    """The place of the rule in force for each row, null where none fits."""
    rules = [(i, rule) for i, rule in enumerate(standard.rules) if clock in rule.clocks]
    return first_known([(rule_condition(rule, rows), number(i)) for i, rule in rules])


def amount_of(standard: Standard, clock: str, chosen: Any, units: tuple[str, ...]) -> Expression:
    """The amount of the chosen rule where its unit is one of these."""
    pairs = [
        (chosen == i, number(rule.limit.amount))
        for i, rule in enumerate(standard.rules)
        if clock in rule.clocks and rule.limit.unit in units
    ]
    return first_known(pairs)


def used_at(unit: str, start: Moment, at: Moment) -> Any:
    """What a moment has used of a limit in this unit, counted from the start; comparable with the limit."""
    match unit:
        case "business_hour":
            # The event is in time when one second earlier the limit was not used up: off hours after it are late.
            return at.work_before - start.work + 1
        case "hour":
            return at.real - start.real
        case "working_day":
            return case((at.day == start.day, number(0)), else_=at.before + 1 - start.through)
        case "calendar_day":
            return at.day - start.day
        case _:
            return at.local - start.local


def paused(unit: str, start: Moment, end: Moment, pause: tuple[Moment, Moment]) -> Any:
    """What a pause, cut to start..end, takes off the use in this unit."""
    part = {"business_hour": "work", "hour": "real", "working_day": "through", "calendar_day": "day"}.get(unit, "local")
    since, until = (getattr(moment, part) for moment in pause)
    length = smaller(until, getattr(end, part)) - larger(since, getattr(start, part))
    return larger(length, number(0))


def standing(ended: Any, is_in_time: Any, is_decidable: Any) -> Expression:
    """The standing code; `ended` 1 or 0, null where the clock does not run for this row."""
    return case(
        (ended.is_(None), null()),
        (~is_decidable, number(NO_LIMIT)),
        (and_(ended == 1, is_in_time), number(MET)),
        (ended == 1, number(MISSED)),
        (is_in_time, number(NOT_YET_DUE)),
        else_=number(OPEN_PAST_DUE),
    )


def source_limit(due: Any, due_is_date: Any, start: Moment) -> Any:
    """The source's own due time as seconds from the start; a date means the end of that day."""
    return due + case((due_is_date == 1, number(DAY - 1)), else_=number(0)) - start.local
