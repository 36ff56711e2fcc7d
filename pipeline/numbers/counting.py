"""From the stored parts to metric values: facts built once per content, counted in the engine, divided in `metrics`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from metrics.clocks import calendar, standard
from metrics.clocks.daytable import EPOCH, day_date, day_number, sql_columns
from metrics.clocks.period import Period, month_of
from metrics.clocks.period import parse as period_of
from metrics.counting.count_table import CountTable
from metrics.counting.facts import Cut
from metrics.value import MetricValue
from metrics.values import compute, needs
from metrics.values.table_twins import with_twins
from pipeline.house import calendar_years
from pipeline.numbers.answering import Answering
from pipeline.numbers.facts_store import FactsPlan, days_view
from pipeline.numbers.ledger import Ledger, decided
from pipeline.numbers.question import CountingError, Shape, shape_of
from pipeline.numbers.reply_prints import prints_view
from pipeline.numbers.review_counts import Asked, with_reviews
from pipeline.numbers.table_counts import with_tables
from pipeline.numbers.tallies import Request, empty_table, tally
from records.current import CurrentCases, current_cases
from records.engine import CountingEngine, Engine
from records.engine_views import Columns, View
from records.instance import Instance
from records.parts import PartInfo, accepted_parts
from records.queries.units import moves
from records.spark import SparkEngine, is_spark
from records.tables import tables_for_metrics
from records.vocabulary import ColumnType, Kind

SOURCE_STANDARD = "source, else default"
ROW_KEYS = (
    "unit", "unit_name", "peer_group", "period", "group", "metric", "numerator", "denominator", "value", "low", "high",
    "n", "reason", "coverage", "total", "source", "exclusions",
)  # fmt: skip


@dataclass(frozen=True)
class MetricsAnswer:
    """What `wenxiao metrics` answers."""

    period: str
    as_of: datetime | None
    scope: str
    standard: str
    engine: str
    batches: list[int]
    rows: list[MetricValue]
    seconds: float
    facts_key: str
    unit_names: Mapping[str, str]
    exclusions: Mapping[tuple[str | None, str, str | None, str], Mapping[str, int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The stable answer of `wenxiao metrics --json` and of the API."""
        names = ("period", "as_of", "scope", "standard", "engine", "batches", "seconds", "facts_key")
        head = {name: getattr(self, name) for name in names}
        return {**head, "rows": [self._row(value) for value in self.rows]}

    def _row(self, value: MetricValue) -> dict[str, Any]:
        name = self.unit_names.get(value.unit) if value.unit else None
        row = {**value._asdict(), "unit_name": name, "exclusions": self.left_out(value)}
        return {key: row[key] for key in ROW_KEYS}

    def left_out(self, value: MetricValue) -> Mapping[str, int] | None:
        """Cases that stand outside the denominator of a value, by why; None where it is not made of cases."""
        if value.total == "mean_of_units" or value.source == "tables" or needs.is_of_tables(value.metric):
            return None
        return self.exclusions.get((value.owner, value.period, value.group, needs.clock_of_rate(value.metric)))


@dataclass(frozen=True)
class Facts:
    """The facts of the accepted batches: the views to count over, their cut-off and the key of their content."""

    views: dict[str, View]
    days: dict[str, Any]
    as_of: datetime | None
    key: str
    batches: list[int]
    first_day: date | None
    last_day: date | None


def metric_values(
    instance: Instance,
    *,
    period: str,
    by: tuple[str, ...] = ("unit",),
    codes: Iterable[str] | None = None,
    units: Iterable[str] | None = None,
    scope: str = "kept",
    standard: str | None = None,
    engine: str = "duckdb",
    start_day: int = 1,
    options: compute.Options | None = None,
    ledger: Ledger | None = None,
    subtrees: Mapping[str, frozenset[str]] | None = None,
) -> MetricsAnswer:
    """Every asked metric of every unit of the directory in every period, with the totals (unit None).

    `by` names unit, peer_group or total, a span of time and a split (see `pipeline.numbers.question`); `ledger` takes
    the place of the exclusions decided so far; a unit that `subtrees` names is counted together with all its members.
    Raises CountingError, PeriodError, StandardError, or KeyError for a code that is not computed here.
    """
    started = time.perf_counter()
    wanted, shape = list(codes) if codes else needs.all_codes(), shape_of(by)
    _check(wanted, engine)
    facts = build_facts(instance, standard, ledger=ledger)
    asked = period_of(period, start_day)
    periods = _periods(asked, shape, start_day, facts)
    names = unit_names(instance)
    chosen = _chosen_units(names, units)
    request = Request(asked, periods, shape.span is not None, scope, shape.split, wanted, chosen)
    has_cases = facts.as_of is not None
    counter = _engine(instance, engine)
    views = _with_prints(instance, facts.views, is_named=codes is not None) if "Q2.near" in wanted else facts.views
    table = tally(counter, views, facts.days, request) if has_cases else empty_table(request)
    counted = with_tables(instance, counter, table, request)
    complete = (
        _with_reviews(instance, counter, counted.table, request, facts, start_day) if has_cases else counted.table
    )
    weights = options or compute.Options()
    complete = with_twins(complete, wanted, weights.basically_satisfied, weights.partly)
    answering = Answering(instance, facts, request, options, is_named=codes is not None)
    rows, omitted = answering.rows(complete, shape.base, subtrees)
    label = standard or SOURCE_STANDARD
    batches = sorted({*facts.batches, *counted.batches})
    return MetricsAnswer(asked.label, facts.as_of, scope, label, engine, batches, rows,
                         round(time.perf_counter() - started, 3), facts.key, names, omitted)  # fmt: skip


def _chosen_units(names: Mapping[str, str], wanted: Iterable[str] | None) -> list[str]:
    """The codes asked for, or all of the directory, in order; an unknown one raises CountingError."""
    chosen = sorted(set(wanted)) if wanted is not None else sorted(names)
    unknown = [code for code in chosen if code not in names]
    if unknown:
        raise CountingError(f"no unit {', '.join(unknown)} in the directory; see `wenxiao units`")
    return chosen


def _with_prints(instance: Instance, views: Mapping[str, View], *, is_named: bool) -> Mapping[str, View]:
    """The views with the keys of near-equal replies, where they are there or the metric was asked for by name."""
    with instance.session() as session:
        prints = prints_view(instance, session, may_make=is_named)
    return views if prints is None else {**views, "prints": prints}


def _with_reviews(
    instance: Instance, engine: CountingEngine, table: CountTable, request: Request, facts: Facts, start_day: int
) -> CountTable:
    """The table with what people checked, residents and the period before."""
    if facts.as_of is None or facts.first_day is None:
        return table
    days = day_number(facts.as_of.date()), day_number(facts.first_day)
    return with_reviews(instance, engine, table, Asked(request, facts.views, facts.days, *days, start_day))


def _check(codes: Sequence[str], engine: str) -> None:
    known = set(needs.all_codes())
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise CountingError(f"no metric {', '.join(unknown)}; the methods page and the registry list them all")
    if engine != "duckdb" and not is_spark(engine):
        raise CountingError(f"engine {engine!r}: use duckdb, spark-local or spark://host:port")


def _engine(instance: Instance, name: str) -> CountingEngine:
    return SparkEngine(instance, name) if is_spark(name) else Engine(instance)


def _periods(asked: Period, shape: Shape, start_day: int, facts: Facts) -> list[Period]:
    if shape.span is None:
        return [asked]
    if asked.is_all:
        if facts.first_day is None or facts.last_day is None:
            return []
        asked = Period(asked.label, facts.first_day, facts.last_day + timedelta(days=1))
    return shape.periods(asked, start_day)


def unit_names(instance: Instance) -> dict[str, str]:
    """Name of every unit of the directory by its code."""
    from sqlalchemy import select

    from records.models import Unit

    with instance.session() as session:
        return {code: name for code, name in session.execute(select(Unit.code, Unit.name))}


def build_facts(
    instance: Instance,
    standard_id: str | None = None,
    *,
    ledger: Ledger | None = None,
    staged: PartInfo | None = None,
) -> Facts:
    """The facts for a standard; months whose content has not changed are read from the store, the others are built.

    The key covers part hashes, cut-off, standard, calendar, decided exclusions and the version of the statement, so
    that a withdrawn and restored batch finds its old facts again. `ledger` defaults to the exclusions decided so far;
    `staged` is a file of cases that is counted as if it were accepted.
    """
    ledger = decided(instance) if ledger is None else ledger
    with instance.session() as session:
        parts = [part for kind in (Kind.RESPONSES, Kind.SURVEYS) for part in accepted_parts(session, kind)]
        views = dict(tables_for_metrics(instance, session))
        moved = tuple((unit, day_number(day), successor) for unit, day, successor in moves(session))
    if staged is not None:
        parts.append(staged)
    batches = sorted(part.batch for part in parts)
    dates = [moment for part in parts for moment in (part.first_at, part.last_at) if moment]
    if not dates:
        return Facts(views, {}, None, "", batches, None, None)
    first, last = min(dates).date(), max(dates).date()
    current = current_cases(instance, [part for part in parts if part.kind is Kind.RESPONSES])
    as_of = _as_of(instance, current, views)
    if as_of is None:
        return Facts(views, {}, None, "", batches, None, None)
    limits = standard_of(standard_id)
    # Whole years, a year ahead of the first case and two behind the last one, so that a new month moves no border.
    days = sql_columns(
        calendar_of(instance),
        max(date(first.year - 1, 1, 1), EPOCH),
        date(max(last, as_of.date()).year + 3, 12, 31),
    )
    cut = Cut(as_of, limits, uses_source_limits=standard_id is None, has_ledger=bool(ledger.cases), moves=moved)
    plan = FactsPlan(instance, current, cut, days, ledger)
    facts, view = plan.month_files(), days_view(days)
    counted: dict[str, View] = {"facts": facts, "answers": views["answers"], "days": view}
    return Facts(counted, days, as_of, plan.key([part.sha256 for part in parts]), batches, first, last)


def standard_of(standard_id: str | None) -> standard.Standard:
    """The named standard, or the common limits where none is named."""
    return standard.load(standard_id or "default")


def calendar_of(instance: Instance) -> calendar.Calendar:
    """The office calendar of an instance: `calendar.toml` in its folder, else the one shipped, in its zone; years that
    were added in the browser take the place of those in either."""
    return calendar_years.with_years(instance, _file_calendar(instance))


def _file_calendar(instance: Instance) -> calendar.Calendar:
    own = instance.folder / "calendar.toml"
    if own.exists():
        return calendar.load(own)
    shipped = calendar.load("office")
    zone = instance.settings.timezone
    return shipped if zone == shipped.zone else calendar.in_zone(shipped, zone)


def _as_of(instance: Instance, current: CurrentCases, views: Mapping[str, View]) -> datetime | None:
    """The newest cut-off among the accepted batches; without one, the newest time of receipt or closing."""
    found = current.exported_at
    if found is None:
        answers = {"answers": views["answers"]}
        found = Engine(instance).run("SELECT max(exported_at) FROM answers", answers)[0][0] or current.last_at
    return found.replace(microsecond=0) if found else None


def as_of(instance: Instance) -> datetime | None:
    """The cut-off of the accepted batches, None without any."""
    return build_facts(instance).as_of


def newest_month(instance: Instance) -> str | None:
    """The month in which the last case was received, such as 2025-03: what a page shows before anybody asks.

    An export made in January says nothing yet of January. None without cases.
    """
    facts = build_facts(instance)
    if facts.as_of is None:
        return None
    newest = Engine(instance).run("SELECT max(received_day) FROM facts", {"facts": facts.views["facts"]})[0][0]
    return None if newest is None else month_of(day_date(newest))


def period_days(periods: Sequence[Period], first: date, last: date) -> Columns:
    """The days of each period as a view (day, period), where period is its place in the list."""
    pairs = [
        (day, i)
        for i, p in enumerate(periods)
        for day in range(day_number(max(p.start, first)), day_number(min(p.end, last + timedelta(days=1))))
    ]
    values = {"day": [day for day, _ in pairs], "period": [i for _, i in pairs]}
    return Columns(values, {"day": ColumnType.BIG, "period": ColumnType.BIG})
