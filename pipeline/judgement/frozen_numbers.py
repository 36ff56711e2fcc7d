"""The numbers behind an assessment, counted once when its draft is made and kept beside the facts.

A page view and a document read them in milliseconds, and both print the numbers the judgement was made from, whatever
was imported since. The file is derived: when it is missing it is counted again from the records of today.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from evaluation.rules.scheme import Scheme
from metrics.value import MetricValue
from metrics.values.needs import all_codes
from pipeline.judgement.measuring import assessed_units, options_of
from pipeline.numbers.backlog import open_by_age
from pipeline.numbers.case_mix import ADJUSTED, Adjusted, adjusted
from pipeline.numbers.counting import metric_values
from pipeline.numbers.demands import shared_demands
from pipeline.numbers.excluded_cases import of_period
from pipeline.numbers.unit_statistics import Statistics, statistics_of
from pipeline.paper.report_cases import chosen_cases
from records.instance import Instance

FORM = 6  # raise when the content of the file changes its meaning
LEAST_CASES, MOST_DEMANDS = 3, 300
KEPT = 8  # assessments whose numbers stay in memory
LEVELS = ("5", "4", "3", "2", "1")
ALWAYS = (
    "n_received", "n_eligible", "n_replied", "n_closed", "n_open", "n_excluded", "n_overdue_open", "n_rated",
    "n_default_rated", "n_follow_up", "T1", "S3", *(f"n_rating_{level}" for level in LEVELS), "S1a", "S1b", "S1c",
    "S1d", "S1e", "H2", "H2s", "H7a", "H7b", "R4.strict", "R4.allowed", "R5", "R3.median", "R3.p90",
)  # fmt: skip
MONTHLY = ("n_received", "n_closed", "n_open", "R5", "H2", "S1a")
COLUMNS = MetricValue._fields


@dataclass(frozen=True)
class Numbers:
    """Values of the period and of its months, rates adjusted for the mix, demands, open cases by age, statistics."""

    values: list[MetricValue]
    monthly: list[MetricValue]
    adjusted: list[Adjusted] = field(default_factory=list)
    demands: list[dict[str, Any]] = field(default_factory=list)  # the most people first, without texts of cases
    backlog: Mapping[str, Sequence[int]] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)  # side by side, masked, for the reports
    statistics: Statistics = field(default_factory=dict)  # by unit; see pipeline.numbers.unit_statistics
    # Files of earlier versions hold neither of these.
    ledger: Sequence[tuple[str, str]] | None = None  # decided exclusions that concern the period
    demand_count: int | None = None  # of all that are shared, not only of the largest


def numbers_of(instance: Instance, scheme: Scheme, period: str, result_sha256: str) -> Numbers:
    """The numbers of an assessment: from the file, else counted and written for the next reader."""
    path = _path(instance, scheme, result_sha256)
    if path.exists():
        found = _read(path, path.stat().st_mtime_ns)
        return found if found.ledger is not None else replace(found, ledger=_ledger(instance, scheme, period))
    found = _count(instance, scheme, period)
    _write(path, found)
    return found


def _codes(scheme: Scheme) -> tuple[list[str], list[str]]:
    """What is counted for the period and for its months."""
    known = set(all_codes())
    return (
        [code for code in dict.fromkeys([*scheme.codes, *ALWAYS]) if code in known],
        [code for code in dict.fromkeys([*scheme.codes, *MONTHLY]) if code in known],
    )


def _path(instance: Instance, scheme: Scheme, result_sha256: str) -> Path:
    """One file per result and list of codes, so that a version that counts more does not read an older file."""
    asked = hashlib.sha256(json.dumps([FORM, *_codes(scheme)]).encode()).hexdigest()[:12]
    return instance.facts_folder / "prepared" / f"{result_sha256}-{asked}.json.gz"


def _count(instance: Instance, scheme: Scheme, period: str) -> Numbers:
    """The period and its months, counted as the scheme asks: scope, standard, start of the month, weights."""
    settings: dict[str, Any] = {
        "scope": scheme.scope, "start_day": scheme.period_start_day, "standard": scheme.limits.get("standard"),
        "options": options_of(scheme),
    }  # fmt: skip
    of_period, of_months = _codes(scheme)
    values = metric_values(instance, period=period, by=("unit",), codes=of_period, **settings)
    monthly = metric_values(instance, period=period, by=("unit", "month"), codes=of_months, **settings)
    by_mix = metric_values(instance, period=period, by=("unit", "mix"), codes=ADJUSTED, **settings)
    backlog = open_by_age(instance, period, scope=scheme.scope, start_day=scheme.period_start_day)
    count, demands = _demands(instance, period, scheme.period_start_day)
    cases = chosen_cases(instance, period, start_day=scheme.period_start_day)
    statistics = statistics_of(instance, period, **settings)
    groups = {unit.code: unit.peer_group for unit in assessed_units(instance)}
    mixed = adjusted(by_mix.rows, groups, scheme.comparison.reference_cases)
    ledger = _ledger(instance, scheme, period)
    return Numbers(values.rows, monthly.rows, mixed, demands, backlog, cases, statistics, ledger, count)


def _ledger(instance: Instance, scheme: Scheme, period: str) -> list[tuple[str, str]]:
    return of_period(instance, period, standard=scheme.limits.get("standard"), start_day=scheme.period_start_day)


def _demands(instance: Instance, period: str, start_day: int) -> tuple[int, list[dict[str, Any]]]:
    """How many demands several people share, and the largest as plain data, without texts of cases."""
    found = shared_demands(instance, period, start_day=start_day, least_cases=LEAST_CASES)
    listed = [
        {"topic": demand.category.split("->")[-1] or "—", "place": demand.place, "people": demand.people,
         "cases": demand.cases, "units": demand.units, "growth": demand.growth,
         "first": demand.first.date().isoformat(), "last": demand.last.date().isoformat()}
        for demand in found[:MOST_DEMANDS]
    ]  # fmt: skip
    return len(found), listed


def _write(path: Path, found: Numbers) -> None:
    """Write whole or not at all: readers may come at any time."""
    document = {
        "values": _columns(found.values), "monthly": _columns(found.monthly),
        "adjusted": [astuple(rate) for rate in found.adjusted],
        "demands": found.demands,
        "backlog": {unit: list(counts) for unit, counts in found.backlog.items()},
        "cases": found.cases, "statistics": found.statistics, "ledger": found.ledger,
        "demand_count": found.demand_count,
    }  # fmt: skip
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.new")
    temporary.write_bytes(gzip.compress(json.dumps(document).encode(), compresslevel=3, mtime=0))
    temporary.chmod(0o600)
    temporary.replace(path)


@lru_cache(maxsize=KEPT)
def _read(path: Path, written_ns: int) -> Numbers:
    """The numbers of a file; kept, because every decision and every import has the pages put together again."""
    document = json.loads(gzip.decompress(path.read_bytes()))
    rates = [Adjusted(*row) for row in document["adjusted"]]
    values, monthly = _values(document["values"]), _values(document["monthly"])
    names = ("demands", "backlog", "cases", "statistics")
    told: dict[str, Any] = {name: document[name] for name in names} | {"demand_count": document.get("demand_count")}
    if (listed := document.get("ledger")) is not None:
        told["ledger"] = [(register, case_no) for register, case_no in listed]
    return Numbers(values, monthly, rates, **told)


def _columns(values: list[MetricValue]) -> dict[str, list[Any]]:
    return {name: [getattr(value, name) for value in values] for name in COLUMNS}


def _values(columns: dict[str, list[Any]]) -> list[MetricValue]:
    known = [name for name in COLUMNS if name in columns]  # a file of an earlier version may lack the last ones
    return [MetricValue(*row) for row in zip(*(columns[name] for name in known), strict=True)]
