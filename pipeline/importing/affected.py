"""The headline metrics of the units a checked file touches, before and after: counted as if it were accepted.

The staged rows are counted beside the accepted parts. The derived files this builds are named by content, like all
others, so that after the confirmation the same files serve. Nothing in the catalogue changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metrics.clocks import period
from metrics.values import compute
from pipeline.importing.comparing import compared_views
from pipeline.importing.staged import staged_part
from pipeline.numbers.counting import build_facts, unit_names
from pipeline.numbers.tallies import Request, empty_table, tally
from records.canonical import file_sha256
from records.engine import Engine
from records.engine_views import PartFiles, View
from records.instance import Instance
from records.parts import DATE_COLUMN, PartInfo
from records.vocabulary import PART_COLUMNS, Kind

HEADLINES = ("n_received", "R5", "H1.strict", "H2")
ROWS_UP_TO = 50_000  # a larger batch would keep the page waiting
UNITS_SHOWN = 50
Values = dict[tuple[str, str], float | None]


@dataclass(frozen=True)
class UnitEffect:
    """One affected unit: (before, after) by metric; None where a metric has no value."""

    unit: str
    name: str
    values: dict[str, tuple[float | None, float | None]]


@dataclass(frozen=True)
class BatchEffect:
    """The period counted, the affected units of the directory (those with most rows first), and how many there are."""

    period: str
    units: tuple[UnitEffect, ...]
    count: int


def effect_of_batch(instance: Instance, batch: int, kind: Kind, *, rows: int) -> BatchEffect | None:
    """What confirming a checked batch does to the headline metrics of its units, over the days of its rows.

    None for kinds that no headline is counted from, for more than ROWS_UP_TO rows, and without a dated row. A unit
    that the confirmation would first create is not in the directory yet and is left out.
    """
    staged = staged_part(instance, batch)
    if kind is not Kind.RESPONSES or rows > ROWS_UP_TO or not staged.exists():
        return None
    part = _part(instance, staged, batch)
    if part.first_at is None or part.last_at is None:
        return None
    names = unit_names(instance)
    found = [unit for unit in _affected(instance, staged) if unit in names]
    asked = period.parse(f"{part.first_at.date()}..{part.last_at.date()}")
    shown = found[:UNITS_SHOWN]
    known = build_facts(instance)
    before = _values(instance, known.views, known.days, asked, shown) if known.as_of else {}
    then = build_facts(instance, staged=part)
    after = _values(instance, then.views, then.days, asked, shown)
    units = tuple(
        UnitEffect(unit, names[unit], {code: (before.get((unit, code)), after.get((unit, code))) for code in HEADLINES})
        for unit in shown
    )
    return BatchEffect(asked.label, units, len(found))


def _part(instance: Instance, staged: Path, batch: int) -> PartInfo:
    """The staged file as the part it would become; its path is absolute, so that no folder is put before it."""
    at = DATE_COLUMN[Kind.RESPONSES]
    view = PartFiles((staged,), PART_COLUMNS[Kind.RESPONSES])
    rows, first, last = Engine(instance).run(f"SELECT count(*), min({at}), max({at}) FROM staged", {"staged": view})[0]
    return PartInfo(batch, Kind.RESPONSES, str(staged.resolve()), file_sha256(staged), rows, first, last)


def _affected(instance: Instance, staged: Path) -> list[str]:
    """The units of the staged rows, and those that held one of these records before."""
    text = """
        SELECT unit FROM (
            SELECT unit FROM staged
            UNION ALL
            SELECT stored.unit FROM stored JOIN staged
              ON stored.register IS NOT DISTINCT FROM staged.register AND stored.case_no = staged.case_no
        ) AS touched WHERE unit IS NOT NULL GROUP BY unit ORDER BY count(*) DESC, unit
    """
    views = compared_views(instance, staged, Kind.RESPONSES)
    return [unit for (unit,) in Engine(instance).run(text, views)]


def _values(
    instance: Instance, views: Mapping[str, View], days: Mapping[str, Any], asked: period.Period, units: Sequence[str]
) -> Values:
    request = Request(asked, [asked], False, "kept", None, list(HEADLINES), sorted(units))
    table = tally(Engine(instance), views, days, request) if units else empty_table(request)
    rows = compute.metric_values(table, list(HEADLINES), None)
    return {(row.unit, row.metric): row.value for row in rows if row.unit is not None}
