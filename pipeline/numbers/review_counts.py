"""Counts that no export of cases holds: checks by people, calls after bad ratings, residents, the period before."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import select

from metrics.clocks.daytable import day_date, day_number
from metrics.clocks.period import Period, before, parse
from metrics.counting import reviews
from metrics.counting.aggregates import ROWS, TIME_UNIT
from metrics.counting.count_table import CountTable
from metrics.values import comparative
from metrics.values.table_indicators import READ_HERE, SQUARES, column_name
from pipeline.numbers.listed_cases import Group, groups_of
from pipeline.numbers.table_counts import laid_out, with_totals
from pipeline.numbers.tallies import Request, tally
from records.engine import CountingEngine
from records.engine_views import Columns, View
from records.instance import Instance
from records.models import SampleCase, Unit
from records.tables import tables_for_metrics
from records.vocabulary import ColumnType

Sums = dict[str, dict[tuple[str, str, str | None], int]]  # by count, then by unit, label of the period and split
CHECK_CODES = ("H8", "H2.two_phase")
BAD_TABLES = {"S5": ("bad_fixed", ("bad_ratings_due", "bad_ratings_fixed")),
              "S10": ("bad_called", ("bad_ratings_valid", "bad_ratings_called"))}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The question, and what the facts say of it."""

    request: Request
    views: Mapping[str, View]
    days: Mapping[str, Any]
    as_of_day: int
    first_day: int
    start_day: int


def with_reviews(instance: Instance, engine: CountingEngine, table: CountTable, asked: Asked) -> CountTable:
    """The table with what the asked codes need beside counts of cases; numbers of tables and cases are added up."""
    codes, periods = set(asked.request.codes), asked.request.periods
    if not periods:
        return table
    added: dict[str, np.ndarray] = {}
    if codes & {*CHECK_CODES, *BAD_TABLES}:
        views = dict(asked.views) | {"period_days": _period_days(asked)}
        for name, sums in _reviewed(instance, engine, views, asked, codes):
            added |= {_name(name, count): laid_out(found, table) for count, found in sums.items()}
    if "Q1" in codes:
        scored = _scored(instance, engine, asked)
        added |= {column_name("scored", name): laid_out(found, table) for name, found in scored.items()}
    if "P2" in codes:
        added |= _residents(instance, table)
    if "P4" in codes:
        added |= _before(engine, table, asked)
    known = {name: table.column(name) for name in added if name in table.counts}
    return replace(table, counts={**table.counts, **added, **{n: column + added[n] for n, column in known.items()}})


def _name(table: str, count: str) -> str:
    """What a count is called in the count table; the two strata of checks belong to no table."""
    return count if count in reviews.STRATA else column_name(table, count)


def _reviewed(
    instance: Instance, engine: CountingEngine, views: dict[str, View], asked: Asked, codes: set[str]
) -> Iterable[tuple[str, Sums]]:
    scope = asked.request.scope
    checks = _checks(instance) if codes & {*CHECK_CODES} else []
    if checks:
        names = ("register", "case_no", "is_untrue", "is_confirmed")
        columns = {name: [row[i] for row in checks] for i, name in enumerate(names)}
        view = Columns(columns, {"is_untrue": ColumnType.BIG, "is_confirmed": ColumnType.BIG})
        with engine.open({**views, "checks": view}) as statements:
            yield (
                "checked",
                _sums(statements.run(reviews.checks_text(scope, asked.request.split)), reviews.CHECKED, asked),
            )
    wanted = [BAD_TABLES[code] for code in BAD_TABLES if code in codes]
    if wanted:
        with instance.session() as session:
            views["cases"] = tables_for_metrics(instance, session)["cases"]
        with engine.open(views) as statements:
            if not statements.run(reviews.calls_recorded_text())[0][0]:
                return
            text = reviews.bad_ratings_text(scope, asked.as_of_day, asked.request.split)
            sums = _sums(statements.run(text), reviews.BAD, asked)
        for table, counts in wanted:
            yield table, {count: sums[count] for count in ("rows", *counts)}


def _sums(rows: Iterable[tuple[Any, ...]], names: Sequence[str], asked: Asked) -> Sums:
    sums: Sums = {name: {} for name in names}
    for unit, place, split, *values in rows:
        own = None if asked.request.split is None else split or ""
        for name, value in zip(names, values, strict=True):
            sums[name][unit, asked.request.periods[place].label, own] = int(value)
    return sums


def _checks(instance: Instance) -> list[tuple[str, str, int, int]]:
    """The checks of cases drawn at random whose citizen was reached; of two checks of a case the later one."""
    wanted = (
        select(SampleCase)
        .where(SampleCase.reason == "random", SampleCase.result.in_(("yes", "partly", "no")))
        .order_by(SampleCase.id)
    )
    with instance.session() as session:
        found = {
            (c.register, c.case_no): (int(c.is_claimed and c.result == "no"), int(c.result == "yes"))
            for c in session.scalars(wanted)
        }
    return [(*case, *flags) for case, flags in sorted(found.items())]


def _scored(instance: Instance, engine: CountingEngine, asked: Asked) -> Sums:
    """Replies scored by the form, in rounds that lie wholly inside a period; by a split where the case has it."""
    from pipeline.judgement.rubric_results import scored_items

    items, split = scored_items(instance), asked.request.split
    groups: dict[int, set[Group]] = {}
    if split is not None:
        groups = groups_of(engine, asked.views, split, ((i, s.register, s.case_no) for i, s in enumerate(items)))
    got = defaultdict[tuple[str, str, str | None], list[float]](list)
    for place, item in enumerate(items):
        drawn = parse(item.period)
        own = [None] if split is None else [group for _, group in groups.get(place, ())]
        for period in asked.request.periods:
            if period.start <= drawn.start and drawn.end <= period.end:
                for group in own:
                    got[item.unit, period.label, group].append(item.points)
    sums: Sums = {name: {} for name in (ROWS, "replies_scored", "reply_points", READ_HERE, SQUARES)}
    for key, points in got.items():
        n, squares = len(points), math.fsum(value * value for value in points)
        values = (n, n, round(math.fsum(points) * TIME_UNIT), n, round(squares * TIME_UNIT))
        for own_sums, value in zip(sums.values(), values, strict=True):
            own_sums[key] = value
    return sums


def _period_days(asked: Asked) -> Columns:
    from pipeline.numbers.counting import period_days

    days = asked.days["day"]
    return period_days(asked.request.periods, day_date(days[0]), day_date(days[-1]))


def _residents(instance: Instance, table: CountTable) -> dict[str, np.ndarray]:
    with instance.session() as session:
        known = {code: n for code, n in session.execute(select(Unit.code, Unit.residents)) if n}
    received = table.column("n_received").tolist()
    people = [known.get(unit or "", 0) for unit, _, _ in table.keys]
    cases = [n if people[i] else 0 for i, n in enumerate(received)]
    return {comparative.RESIDENTS: with_totals(table, people), comparative.RESIDENT_CASES: with_totals(table, cases)}


def _before(engine: CountingEngine, table: CountTable, asked: Asked) -> dict[str, np.ndarray]:
    """Cases of the period before each period, and whether the data reach back to its first day."""
    request, earlier = asked.request, {}
    for period in request.periods:
        found = before(period, asked.start_day)
        if found is not None and day_number(found.start) >= asked.first_day:
            earlier[period.label] = found
    zeros = np.zeros(len(table.keys), np.int64)
    if not earlier:
        return {comparative.BEFORE: zeros, comparative.IS_COVERED: zeros}
    spans = [replace(found, label=label) for label, found in earlier.items()]
    whole = Period("", min(p.start for p in spans), max(p.end for p in spans))
    question = replace(request, asked=whole, periods=spans, is_by_month=True, codes=["n_received"])
    counted = tally(engine, asked.views, asked.days, question)
    n = dict(zip(counted.keys, counted.column("n_received").tolist(), strict=True))
    return {
        comparative.BEFORE: np.array([n.get(key, 0) for key in table.keys], np.int64),
        comparative.IS_COVERED: np.array([label in earlier for _, label, _ in table.keys], np.int64),
    }
