"""Counting statements over the facts: integers only, by unit and period and one more split. One text for every engine.

Views: `facts`, `period_days` (day, period) where the answer is split into several periods, and `unit_places` (unit,
place) where units are told by their place.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import BigInteger, and_, case, column, func, null, select, table
from sqlalchemy.sql.selectable import FromClause

from metrics.clocks.limits import MET, MISSED, NO_LIMIT, NOT_YET_DUE, OPEN_PAST_DUE
from metrics.statements import Expression, big, count_where, flag, number, text_of, total
from records.columns import FACTS

SCOPES = ("kept", "all")
SPLITS = ("category", "channel", "case_type", "urgency", "mix")
MIX = ("category", "channel", "urgency")  # what a unit does not choose; "mix" splits by all three, joined by |
KEPT = 128  # texts kept of each statement: compiling one takes longer than running it over a small city
STANDINGS = {"met": MET, "missed": MISSED, "open": OPEN_PAST_DUE, "not_due": NOT_YET_DUE, "no_limit": NO_LIMIT}
UNIT_PLACES = table("unit_places", column("unit"), column("place", BigInteger))
PERIOD_DAYS = table("period_days", column("day", BigInteger), column("period", BigInteger))


@dataclass(frozen=True)
class Cells:
    """What to count: days first..last (not included), the scope, an optional split, whether periods are told apart."""

    first_day: int
    end_day: int
    scope: str = "kept"
    split: str | None = None
    has_periods: bool = False
    places: tuple[int, int] | None = None  # units first..last (not included) as places in `unit_places`, not as codes

    def __post_init__(self) -> None:
        if self.scope not in SCOPES:
            raise ValueError(f"scope {self.scope!r}: use kept (without excluded cases) or all")
        if self.split is not None and self.split not in SPLITS:
            raise ValueError(f"split {self.split!r}: use one of {', '.join(SPLITS)}")


def in_scope(scope: str, f: Any = FACTS.c) -> Any:
    """Cases of the scope: all, or without those taken out of the assessment."""
    return f.is_excluded == 0 if scope == "kept" else f.received_day.is_not(None)


def eligible(scope: str) -> Any:
    """Cases that rates are about: no duplicates, no withdrawn ones; `kept` also drops those of another body."""
    tests = [in_scope(scope), FACTS.c.is_duplicate == 0, FACTS.c.is_withdrawn == 0]
    return and_(*tests, FACTS.c.is_not_responsible == 0) if scope == "kept" else and_(*tests)


def split_of(columns: Any, name: str) -> Any:
    """The expression a split groups by."""
    if name != "mix":
        return columns[name]
    parts: list[Expression] = [func.coalesce(columns[part], "") for part in MIX]
    return reduce(lambda whole, part: whole + "|" + part, parts)


def source_of(cells: Cells, day: Any, facts: FromClause = FACTS) -> tuple[FromClause, list[Any], Any]:
    """From clause, group columns and condition."""
    source: Any = facts
    period: Any = number(0)
    if cells.has_periods:
        source, period = facts.join(PERIOD_DAYS, day == PERIOD_DAYS.c.day), PERIOD_DAYS.c.period
    condition = and_(day >= cells.first_day, day < cells.end_day)
    if cells.places is not None:
        source = source.join(UNIT_PLACES, facts.c.unit == UNIT_PLACES.c.unit)
        place = UNIT_PLACES.c.place
        condition = and_(condition, place >= cells.places[0], place < cells.places[1])
    split = split_of(facts.c, cells.split) if cells.split else null()
    groups = [_unit_of(cells, facts).label("unit"), period.label("period"), split.label("split")]
    return source, groups, condition


def _unit_of(cells: Cells, facts: FromClause) -> Any:
    return facts.c.unit if cells.places is None else UNIT_PLACES.c.place


def group_by(cells: Cells, facts: FromClause = FACTS) -> list[Any]:
    """What the rows of these cells are told apart by: the unit, and the period and the split where they are asked."""
    keys: list[Any] = [_unit_of(cells, facts)]
    if cells.has_periods:
        keys.append(PERIOD_DAYS.c.period)
    if cells.split:
        keys.append(split_of(facts.c, cells.split))
    return keys


def counts_text(cells: Cells, names: Collection[str] | None = None) -> str:
    """Additive counts of the receipt cohort, one row per unit, period and split: all of `count_columns`, or these."""
    return _counts_text(cells, None if names is None else tuple(names))


@lru_cache(KEPT)
def _counts_text(cells: Cells, names: tuple[str, ...] | None) -> str:
    # Most counts ask whether a case is eligible. Told once for each case, the statement takes half as long.
    facts = select(FACTS, flag(eligible(cells.scope)).label("is_eligible")).subquery("facts")
    source, groups, condition = source_of(cells, facts.c.received_day, facts)
    every = _count_columns(facts.c, in_scope(cells.scope, facts.c), facts.c.is_eligible == 1).items()
    columns = [expression.label(name) for name, expression in every if names is None or name in names]
    return text_of(select(*groups, *columns).select_from(source).where(condition).group_by(*group_by(cells, facts)))


def count_columns(scope: str) -> dict[str, Expression]:
    """Every additive count by name. `n_` counts rows in scope, `e_` eligible ones, `v_` valid follow-ups."""
    return _count_columns(FACTS.c, in_scope(scope), eligible(scope))


def _count_columns(f: Any, kept: Any, fit: Any) -> dict[str, Expression]:
    closed, replied = f.is_closed == 1, f.is_replied == 1
    columns = {
        "n_received": big(func.count()),
        "n_excluded": count_where(f.is_excluded == 1),
        "n_duplicate": count_where(f.is_duplicate == 1),
        "n_withdrawn": count_where(f.is_withdrawn == 1),
        "n_not_responsible": count_where(f.is_not_responsible == 1),
        "n_eligible": count_where(fit),
        "n_replied": count_where(kept, replied),
        "n_closed": count_where(kept, closed),
        "n_open": count_where(kept, f.is_closed == 0),
        "n_dispatched": count_where(kept, f.is_dispatched == 1),
        "n_extended": count_where(f.is_extended == 1),
        "n_suspended": count_where(f.is_suspended == 1),
        "n_date_only": count_where(kept, f.is_date_only == 1),
        "n_contradictory": count_where(kept, f.is_contradictory == 1),
        "n_returns": total(case((kept, f.n_returns), else_=number(0))),
        "e_replied": count_where(fit, replied),
        "e_closed": count_where(fit, closed),
        "e_dispatched": count_where(fit, f.is_dispatched == 1),
        "e_returned": count_where(fit, f.is_dispatched == 1, f.is_returned == 1),
        "e_published": count_where(fit, replied, f.is_published == 1),
        "e_public_known": count_where(fit, replied, f.is_public_known == 1),
        "e_unanswered_3_months": count_where(fit, f.is_unanswered_3_months == 1),
        "e_rework": count_where(fit, closed, f.is_rework == 1),
        "e_first_time": count_where(fit, closed, f.is_rework == 0, f.is_claimed_resolved == 1),
        "e_repeat_watched": count_where(fit, f.is_repeat_watched == 1),
        "e_repeated": count_where(fit, f.is_repeated == 1),
        "claim_closed": count_where(fit, closed, f.is_not_responsible == 0),
        "claim_resolved": count_where(fit, closed, f.is_not_responsible == 0, f.is_claimed_resolved == 1),
        "claim_partly": count_where(fit, closed, f.is_not_responsible == 0, f.is_claimed_resolved == 0,
                                    f.is_claimed_partly == 1),
        "outcome_known": count_where(f.is_outcome_known == 1),
        "cells_required": total(case((kept, f.cells_required), else_=number(0))),
        "cells_filled": total(case((kept, f.cells_filled), else_=number(0))),
    }  # fmt: skip
    return (
        columns | _standing_columns(f, fit) | _follow_up_columns(f, fit) | _rating_columns(f, fit)
        | _recorded_columns(f)
    )  # fmt: skip


def _standing_columns(f: Any, fit: Any) -> dict[str, Expression]:
    columns = {}
    for clock, kinds in (("sign", ("strict",)), ("reply", ("strict", "allowed")), ("close", ("strict", "allowed"))):
        for kind in kinds:
            for name, code in STANDINGS.items():
                columns[f"{clock}_{kind}_{name}"] = count_where(fit, f[f"{clock}_{kind}"] == code)
    return columns


def _follow_up_columns(f: Any, fit: Any) -> dict[str, Expression]:
    valid = and_(fit, f.valid_follow_up == 1)
    return {
        "v": count_where(valid),
        "v_contacted": count_where(valid, f.contacted == 1),
        "v_resolved": count_where(valid, f.resolved == "yes"),
        "v_partly": count_where(valid, f.resolved == "partly"),
        "v_satisfied": count_where(valid, f.rating >= 4),
        "v_basic": count_where(valid, f.rating == 3),
        "v_dissatisfied": count_where(valid, f.rating.in_((1, 2))),
    }


def _rating_columns(f: Any, fit: Any) -> dict[str, Expression]:
    columns = {f"rating_{level}": count_where(fit, f.rating == level) for level in range(6)}
    for grade in ("manner", "speed"):
        for level in range(1, 6):
            columns[f"{grade}_{level}"] = count_where(fit, f[f"{grade}_grade"] == level)
    return columns


def _recorded_columns(f: Any) -> dict[str, Expression]:
    """How many rows say anything about a matter: 0 in the whole answer means the source does not record it."""
    return {
        "known_reply": count_where(f.is_replied == 1),
        "known_follow_up": count_where(f.valid_follow_up.is_not(None)),
        "known_contacted": count_where(f.contacted.is_not(None)),
        "known_resolved": count_where(f.resolved.is_not(None)),
        "known_rating": count_where(f.rating.is_not(None)),
        **{f"known_{name}": count_where(f[f"is_{name}_known"] == 1)
           for name in ("return", "extension", "suspension", "exclusion", "rework")},
        "known_person": count_where(f.is_repeat_watched == 1),
        "known_sign": count_where(f.sign_ended.is_not(None)),
        "known_reply_clock": count_where(f.reply_ended.is_not(None)),
        "known_close_clock": count_where(f.close_ended.is_not(None)),
        "unknown_calendar": count_where(f.close_calendar_seconds.is_not(None), f.close_seconds.is_(None)),
    }  # fmt: skip


def times_text(cells: Cells, clocks: Collection[tuple[str, bool]], shares: Collection[str] = ()) -> str:
    """One row per eligible case: unit, period, split where asked, and how long it took on each clock so far.

    Of a clock (its name, and whether in working time) twice the seconds, and one more where it ended: `seconds_…`; of
    one in `shares` so what was `used` of the limit `allowed`. -1 where the clock is not known, 0 where there is no
    limit: numbers without nulls come out of an engine far faster. Nothing is added up: hardly two cases of a unit take
    equally long.
    """
    return _times_text(cells, tuple(clocks), tuple(shares))


@lru_cache(KEPT)
def _times_text(cells: Cells, clocks: tuple[tuple[str, bool], ...], shares: tuple[str, ...]) -> str:
    source, groups, condition = source_of(cells, FACTS.c.received_day)
    columns = [_with_end(_taken(*pair), pair[0]).label(seconds_name(*pair)) for pair in clocks]
    for clock in shares:
        limit = FACTS.c[f"{clock}_limit"]
        columns += [
            _with_end(FACTS.c[f"{clock}_used"], clock).label(f"used_{clock}"),
            case((limit > 0, limit), else_=number(0)).label(f"allowed_{clock}"),
        ]
    asked = groups if cells.split else groups[:2]
    return text_of(select(*asked, *columns).select_from(source).where(condition, eligible(cells.scope)))


def _with_end(taken: Any, clock: str) -> Expression:
    return case((taken >= 0, 2 * taken + flag(FACTS.c[f"{clock}_ended"] == 1)), else_=number(-1))


def seconds_name(clock: str, in_working_time: bool) -> str:
    """The column of `times_text` with the seconds of a clock.

    >>> seconds_name("reply", False)
    'seconds_reply_calendar'
    """
    return f"seconds_{clock}" if in_working_time else f"seconds_{clock}_calendar"


def _taken(clock: str, in_working_time: bool) -> Any:
    return FACTS.c[f"{clock}_seconds" if in_working_time else f"{clock}_calendar_seconds"]


@lru_cache(KEPT)
def closings_text(cells: Cells) -> str:
    """Closings by the day they happened (activity), also of cases opened again since: unit, period, split, n."""
    source, groups, condition = source_of(cells, FACTS.c.closing_day)
    statement = select(*groups, big(func.count()).label("n")).select_from(source)
    return text_of(statement.where(condition, in_scope(cells.scope)).group_by(*group_by(cells)))
