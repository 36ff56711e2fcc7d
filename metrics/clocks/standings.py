"""Clocks and standings of each case as SQL, in steps: the end of each clock, the limit and its use, the standing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import CTE, BigInteger, and_, case, column, func, literal, null, or_, select, table

from metrics.clocks.limits import NO_LIMIT, amount_of, paused, rule_number, source_limit, standing, used_at
from metrics.clocks.standard import Standard
from metrics.clocks.timing import Moment, moment_of
from metrics.statements import big, flag, larger, number
from records.columns import CLOCKS

SPAN = {
    "sign": ("dispatched", "signed"), "contact": ("received", "contacted"),
    "reply": ("received", "responded"), "close": ("received", "closed"),
}  # fmt: skip
LIMITED = ("reply", "close")
EXACT_UNITS = ("business_hour", "hour")
PARTS = tuple(field.name for field in fields(Moment))


@dataclass(frozen=True)
class Branch:
    """One way a limit is set: its unit, when it holds, and the amount allowed from the start (null: unknown)."""

    unit: str
    condition: Any
    limit: Any


def with_standings(
    rows: CTE, as_of: Moment, standard: Standard, uses_source_limits: bool, reach: tuple[int, int]
) -> CTE:
    """The rows with, for each clock, the moment it ends and whether that is in time: strictly, and as allowed.

    `reach` are the working days and working seconds up to the end of the known years.
    """
    ended = _with_ends(rows, as_of)
    return _with_use(ended, standard, uses_source_limits, reach)


def _with_ends(rows: CTE, as_of: Moment) -> CTE:
    """Each clock ends at its event or, still running, at the cut-off; an open pause ends there too."""
    columns: list[Any] = list(rows.c)
    for clock in CLOCKS:
        start, event = (moment_of(rows, name) for name in SPAN[clock])
        end = _either(rows.c[f"{clock}_ended"] == 1, event, as_of)
        runs = and_(rows.c[f"{clock}_ended"].is_not(None), end.local >= start.local)
        columns += [getattr(end, part).label(f"{clock}_end_{part}") for part in PARTS]
        columns.append(flag(runs).label(f"{clock}_runs"))
        columns.append(flag(runs, start.is_date == 0, end.is_date == 0).label(f"{clock}_exact"))
    pause_end = _either(rows.c.suspended_until.is_not(None), moment_of(rows, "resumed"), as_of)
    columns += [getattr(pause_end, part).label(f"pause_end_{part}") for part in PARTS]
    return select(*columns).cte("ended_clocks")


def _either(condition: Any, event: Moment, otherwise: Moment) -> Moment:
    pairs = {part: case((condition, getattr(event, part)), else_=getattr(otherwise, part)) for part in PARTS}
    return Moment(**pairs)


def _with_use(rows: CTE, standard: Standard, uses_source_limits: bool, reach: tuple[int, int]) -> CTE:
    """What each limited clock was allowed, has used, and is credited for a pause."""
    columns: list[Any] = list(rows.c)
    pause = (moment_of(rows, "suspended"), moment_of(rows, "pause_end"))
    for clock in LIMITED:
        start, end = moment_of(rows, SPAN[clock][0]), moment_of(rows, f"{clock}_end")
        branches = _branches(rows, clock, start, standard, uses_source_limits, reach)
        uses: dict[str, Callable[[str], Any]] = {
            "used": lambda unit, a=start, b=end: used_at(unit, a, b),  # type: ignore[misc]
            "used_before_pause": lambda unit, a=start: used_at(unit, a, pause[0]),  # type: ignore[misc]
            "used_before_application": lambda unit, a=start: used_at(unit, a, moment_of(rows, "applied")),  # type: ignore[misc]
            "credit": lambda unit, a=start, b=end: paused(unit, a, b, pause),  # type: ignore[misc]
        }
        columns += [_choose(branches, measure).label(f"{clock}_{name}") for name, measure in uses.items()]
        limit = case(*((b.condition, b.limit) for b in branches), else_=null())
        columns.append(limit.label(f"{clock}_limit"))
        needs = or_(literal(False), *(b.condition for b in branches if b.unit in EXACT_UNITS))
        columns.append(flag(needs).label(f"{clock}_needs_exact"))
    columns.append(number(standard.sign_hours * 3600).label("sign_limit"))
    return select(*columns).cte("used_limits")


def _branches(
    rows: CTE, clock: str, start: Moment, standard: Standard, uses_source_limits: bool, reach: tuple[int, int]
) -> list[Branch]:
    """In order of precedence: the source's own limit, where its register gives one, then the rules of the standard."""
    branches = []
    if uses_source_limits:
        due = moment_of(rows, "due")
        branches.append(Branch("source", rows.c.records_due == 1, source_limit(due.local, due.is_date, start)))
    chosen = rule_number(standard, clock, rows)
    for unit in sorted({rule.limit.unit for rule in standard.rules if clock in rule.clocks}):
        amount = amount_of(standard, clock, chosen, (unit,))
        branches.append(Branch(unit, amount.is_not(None), _limit(rows, unit, amount, chosen, start, standard, reach)))
    return branches


def _limit(
    rows: CTE, unit: str, amount: Any, chosen: Any, start: Moment, standard: Standard, reach: tuple[int, int]
) -> Any:
    """The amount in the unit's own measure; null where it runs past the last year with a notice."""
    if unit == "working_day":
        return case((start.through + amount <= reach[0], amount), else_=null())
    if unit == "business_hour":
        return case((start.work + amount * 3600 <= reach[1], amount * 3600), else_=null())
    if unit == "hour":
        return amount * 3600
    rolling = [i for i, r in enumerate(standard.rules) if r.limit.unit == unit and r.limit.roll_forward]
    if not rolling:
        return amount
    days = table("days", column("day", BigInteger), column("next_working", BigInteger))
    rolled = select(days.c.next_working).where(days.c.day == rows.c.received_day + amount).scalar_subquery()
    # Without a notice for the last day nobody knows whether it rolls.
    return case((chosen.in_(rolling), larger(rolled - rows.c.received_day, amount)), else_=amount)


def _choose(branches: list[Branch], measure: Callable[[str], Any]) -> Any:
    return case(*((b.condition, measure(b.unit)) for b in branches), else_=null())


def clock_columns(rows: CTE) -> list[Any]:
    """The columns of the facts for every clock."""
    columns: list[Any] = []
    for clock in CLOCKS:
        start, end = moment_of(rows, SPAN[clock][0]), moment_of(rows, f"{clock}_end")
        ended, runs = rows.c[f"{clock}_ended"], rows.c[f"{clock}_runs"] == 1
        is_exact = rows.c[f"{clock}_exact"] == 1
        strict, allowed = _standings(rows, clock, start, end)
        columns += [
            big(case((runs, ended), else_=null())).label(f"{clock}_ended"),
            big(case((is_exact, end.work - start.work), else_=null())).label(f"{clock}_seconds"),
            big(case((is_exact, end.real - start.real), else_=null())).label(f"{clock}_calendar_seconds"),
            big(case((runs, strict), else_=null())).label(f"{clock}_strict"),
            big(case((runs, allowed), else_=null())).label(f"{clock}_allowed"),
        ]
        if clock in LIMITED:
            known = and_(runs, strict != NO_LIMIT)
            columns += [
                big(case((known, rows.c[f"{clock}_{name}"]), else_=null())).label(f"{clock}_{name}")
                for name in ("used", "limit")
            ]
    return columns


def _standings(rows: CTE, clock: str, start: Moment, end: Moment) -> tuple[Any, Any]:
    """The strict and the allowed standing of one clock."""
    ended = rows.c[f"{clock}_ended"]
    if clock == "contact":
        return null(), null()
    if clock == "sign":
        in_time = used_at("hour", start, end) <= rows.c.sign_limit
        strict = standing(ended, in_time, rows.c.sign_exact == 1)
        return strict, strict
    used, limit, credit = (rows.c[f"{clock}_{name}"] for name in ("used", "limit", "credit"))
    knows = and_(limit.is_not(None), used.is_not(None))
    decidable = and_(knows, or_(rows.c[f"{clock}_needs_exact"] == 0, rows.c[f"{clock}_exact"] == 1))
    in_time = used <= limit
    # Pause credit is at most a fifth of the gross time: used - credit <= limit and 4·used <= 5·limit.
    by_pause = and_(
        rows.c.suspended_from.is_not(None),
        rows.c[f"{clock}_used_before_pause"] <= limit,
        used - credit <= limit,
        4 * used <= 5 * limit,
    )
    allowed = or_(in_time, by_pause, _is_within_extension(rows, clock, end, limit))
    return standing(ended, in_time, decidable), standing(ended, func.coalesce(allowed, literal(False)), decidable)


def _is_within_extension(rows: CTE, clock: str, end: Moment, limit: Any) -> Any:
    """Whether the end lies within an extended due time that was applied for before the due time had passed."""
    extended = moment_of(rows, "extended")
    applied_in_time = or_(rows.c.extension_applied_at.is_(None), rows.c[f"{clock}_used_before_application"] <= limit)
    last = extended.local + case((extended.is_date == 1, number(86_399)), else_=number(0))
    return and_(rows.c.extended_due_at.is_not(None), applied_in_time, end.local <= last)
