"""Every metric of the small demonstration city by a second, plain implementation: all units, all months, equal."""

from __future__ import annotations

import math
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from metrics.clocks import period
from metrics.counting.rates import COUNTS, rates
from metrics.registry import REGISTRY
from metrics.shared_demands.near_duplicates import near_prints
from metrics.shared_demands.text_vectors import normalised
from metrics.value import MetricValue
from metrics.values import needs, points, table_indicators
from pipeline.numbers.counting import build_facts, calendar_of, metric_values, standard_of
from pipeline.numbers.demands import shared_demands
from pipeline.numbers.ledger import decided
from records.engine import Engine
from records.instance import Instance
from records.models import SampleCase, Unit
from records.tables import tables_for_metrics
from tests.in_process import files_read_here
from tests.pipeline import full_inputs
from tests.pipeline.plain_facts import PlainCases, plain_answers
from tests.pipeline.plain_metrics import Cell
from tests.pipeline.plain_reviews import (
    ASIDE,
    REVIEWS,
    plain_confirmed,
    plain_gap,
    plain_growth,
    plain_quality,
    plain_residents,
    plain_review,
    plain_scores,
    plain_shared,
)
from tests.pipeline.plain_tables import PlainTables

Z = 1.959963984540054
BY_A_SPLIT = {"P3"}  # has a value only where an answer is split; a test of its own below


class PlainCity:
    """All cases and answers of an instance, read once, and the cells asked of them."""

    def __init__(self, instance: Any) -> None:
        with instance.session() as session:
            views = tables_for_metrics(instance, session)
            self.residents = {code: n for code, n in session.execute(select(Unit.code, Unit.residents)) if n}
            self.units = list(session.scalars(select(Unit.code)))
            self.scored = plain_scores(session)
            names = ("register", "case_no", "reason", "result", "is_claimed")
            self.checks = [{n: getattr(c, n) for n in names} for c in session.scalars(select(SampleCase))]
        facts, self.instance = build_facts(instance), instance
        engine, self.as_of, self.calendar = Engine(instance), facts.as_of, calendar_of(instance)
        assert facts.first_day is not None
        self.first_day = facts.first_day
        assert self.as_of is not None
        rows = engine.dictionaries("SELECT * FROM cases", {"cases": views["cases"]})
        said = engine.dictionaries("SELECT * FROM answers", {"answers": views["answers"]})
        tables = (engine.dictionaries(f"SELECT * FROM {name}", {name: views[name]}) for name in ("counts", "channels"))
        self.tables = PlainTables(*tables)
        out = set(decided(instance).cases)
        self.cases = PlainCases(rows, calendar_of(instance), standard_of(None), self.as_of, out).rows
        for case in self.cases:
            case["keys"] = near_prints([normalised(case["reply_text"])])[0].tolist() if case["reply_text"] else []
        self.answers = plain_answers(said, self.cases)
        self.cells: dict[tuple[str | None, str], Cell] = {}

    def cell(self, unit: str | None, span: tuple[date, date], label: str) -> Cell:
        key = unit, label
        if key not in self.cells:
            cases = [c for c in self.cases if unit in (None, c["unit"])]
            answers = [a for a in self.answers if a["unit"] is not None and unit in (None, a["unit"])]
            self.cells[key] = Cell(cases, answers, span, self.as_of.date())
            self.cells[key].everywhere = self.cases
        return self.cells[key]

    def rate(self, code: str, unit: str | None, span: tuple[date, date], label: str) -> tuple[float, float]:
        """Numerator and denominator; a unit whose cases give none takes its table, and a total adds up its units."""
        own = [self._own_rate(code, one, span, label) for one in (self.units if unit is None else [unit])]
        return sum(hits for hits, _ in own), sum(base for _, base in own)

    def _own_rate(self, code: str, unit: str, span: tuple[date, date], label: str) -> tuple[float, float]:
        hits, base = self.cell(unit, span, label).rates[code]
        told = None if base else self.tables.instead(code, unit, span)
        return told or (hits, base)

    def count(self, code: str, unit: str | None, span: tuple[date, date], label: str) -> float | None:
        """A count; None where only a table is at hand that does not say it."""
        whole = self.cell(unit, span, label)
        silent = [u for u in (self.units if unit is None else [unit]) if not self.cell(u, span, label).cases]
        told = [found[0] for u in silent if (found := self.tables.instead(code, u, span))]
        value = whole.counts[code] + sum(told)
        is_hidden = not whole.cases and any(self.tables.sums_up_cases(u, span) for u in silent)
        return None if is_hidden and not told and not value else value

    def review(self, code: str, unit: str | None, asked: period.Period, cell: Cell) -> float | None:
        """What people checked, and what sets two counts side by side."""
        span = asked.start, asked.end
        if code == "Q1":
            return plain_quality(self.tables, self.scored, unit, span)
        if code in REVIEWS:
            return plain_review(code, self.tables, unit, span, cell, self.checks, self.calendar, self.as_of.date())
        if code == "S7":
            found = plain_gap(cell)
            return None if found is None else found[0]
        if code == "P1":
            groups = [demand.records for demand in shared_demands(self.instance, asked.label)]
            return plain_shared(groups, self.cases, unit)
        if code == "H2.two_phase":
            return plain_confirmed(cell, self.checks)
        if code == "P2":
            return plain_residents(self.cases, unit, span, self.residents)
        earlier = period.before(asked)
        assert earlier is not None
        if code == "P4":
            return plain_growth(self.cases, unit, span, (earlier.start, earlier.end), self.first_day)
        return None  # P3 has a value only where the answer is split; see test_who_speaks


@pytest.fixture(scope="module")
def full_instance(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The demonstration city with every input it lacks: tables, inspections, checks, scores; and a unit of tables."""
    folder = tmp_path_factory.mktemp("full") / "city"
    shutil.copytree(demo_folder, folder)
    with pytest.MonkeyPatch.context() as patch, files_read_here():
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        instance = Instance.open(folder)
        full_inputs.add_all(instance)
        yield instance
        instance.close()


@pytest.fixture(scope="module")
def city(full_instance: Instance) -> PlainCity:
    return PlainCity(full_instance)


def compared(city: PlainCity, values: list[MetricValue]) -> Counter[str]:
    """Compare each value with its plain twin; by code how many had a value."""
    present, means = Counter[str](), defaultdict[tuple[str, str], list[float]](list)
    for value in values:
        if value.unit is not None and value.value is not None:
            means[value.metric, value.period].append(value.value)
    for value in values:
        if value.total == "mean_of_units":
            own = means[value.metric, value.period]
            assert value.value == (pytest.approx(sum(own) / len(own)) if own else None), value
            continue
        span = period.parse(value.period)
        cell = city.cell(value.unit, (span.start, span.end), value.period)
        if value.reason == "demands_not_grouped":
            continue  # without its name P1 only reads what was grouped before
        where = f"{value.metric} of {value.unit} in {value.period}: {value}"
        present[value.metric] += value.value is not None
        if value.metric in (*REVIEWS, *ASIDE):
            plain = city.review(value.metric, value.unit, span, cell)
            assert value.value == (None if plain is None else pytest.approx(plain)), f"{where} against {plain}"
        elif value.metric in table_indicators.CODES:
            assert value.value == city.tables.value(value.metric, value.unit, (span.start, span.end)), where
        elif value.metric in COUNTS:
            assert value.value == city.count(value.metric, value.unit, (span.start, span.end), value.period), where
        elif value.metric in rates():
            hits, base = city.rate(value.metric, value.unit, (span.start, span.end), value.period)
            if value.value is None:
                assert value.reason in ("not_recorded", "replies_not_read") or base == 0 or not 0 <= hits <= base, where
            else:
                assert (value.numerator, value.denominator) == (hits, base), where
                assert value.value == pytest.approx(hits / base), where
                assert (value.low, value.high) == pytest.approx(plain_wilson(hits, base), abs=1e-9), where
        else:
            plain = cell.points(value.metric) if value.metric in points.CODES else cell.time(value.metric)
            assert (value.value is None) == (plain is None), f"{where} against {plain}"
            if plain is not None:
                assert value.value == pytest.approx(plain, abs=1e-6), where
    return present


def plain_wilson(x: float, n: float) -> tuple[float, float]:
    """The two roots of (p - x/n)² = z² p (1 - p)/n, solved as a quadratic."""
    a, b, c = 1 + Z**2 / n, -(2 * x / n + Z**2 / n), (x / n) ** 2
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))


def test_every_registered_metric_is_made_again_and_has_values(city: PlainCity, full_instance: Instance) -> None:
    """A code that somebody registers fails here until it is recomputed, and one whose inputs are missing as well."""
    answer = metric_values(full_instance, period="2025")
    assert {row.metric for row in answer.rows} == set(needs.all_codes()) == set(REGISTRY)
    present = compared(city, answer.rows)
    assert {code for code in REGISTRY if not present[code]} == BY_A_SPLIT
    assert present.total() > 900


@pytest.mark.parametrize("year", ["2024", "2025"])
def test_every_metric_of_every_unit_in_every_month(city: PlainCity, full_instance: Instance, year: str) -> None:
    answer = metric_values(full_instance, period=year, by=("unit", "month"))
    assert len({row.period for row in answer.rows}) == 12
    assert {row.metric for row in answer.rows} == set(REGISTRY)
    assert compared(city, answer.rows).total() > 10_000


def test_people_who_share_a_demand(city: PlainCity, full_instance: Instance) -> None:
    """P1 of every unit from the records of the groups; each person counts once in a group."""
    rows = metric_values(full_instance, period="2025", codes=["P1"]).rows
    found = [row for row in rows if row.total != "mean_of_units"]
    assert sum(row.value is not None for row in found) > 5
    compared(city, found)


def test_who_speaks(city: PlainCity, full_instance: Instance) -> None:
    """P3: the share of each channel in all cases of a unit."""
    rows = metric_values(full_instance, period="2025", by=("unit", "channel"), codes=["P3"]).rows
    received = [c for c in city.cases if c["received_at"].year == 2025]
    found = [row for row in rows if row.group is not None and row.total != "mean_of_units" and row.value is not None]
    assert len(found) > 10
    for row in found:
        mine = [c for c in received if row.unit in (None, c["unit"])]
        assert row.numerator == sum((c["channel"] or "") == row.group for c in mine)
        assert row.value == pytest.approx(row.numerator / len(mine))
