"""Published results for everybody: grades and plain figures of each unit, nothing about a handful of people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.scores.result import IndicatorResult, UnitResult
from pipeline.paper import open_data, reporting
from pipeline.views import shown
from pipeline.views.definitions import Definition
from pipeline.views.overview import Heading, heading
from pipeline.views.prepared import Prepared
from pipeline.views.scorecards import Grade, grades_of, received
from pipeline.views.words import Words
from records.access import OPERATOR
from records.instance import Instance
from reports.open_tables import PROTECTED, is_protected


@dataclass(frozen=True)
class OpenUnit:
    """A unit as everybody may see it. A unit with too few cases has neither grade nor score."""

    code: str
    name: str
    grade: Grade | None
    score: float | None
    low: float | None
    high: float | None
    n: int | None  # cases received
    reason: str | None


@dataclass(frozen=True)
class OpenFigure:
    """One indicator of a unit; `value` None has its reason."""

    what: Definition
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    reason: str | None


@dataclass(frozen=True)
class OpenResults:
    """What the open page shows: every peer group in the order of the directory."""

    heading: Heading
    groups: tuple[tuple[Words, tuple[OpenUnit, ...]], ...]


def is_shown(instance: Instance) -> bool:
    """Whether this office shows published results to everybody."""
    return instance.settings.is_open_page_shown


def results(prepared: Prepared) -> OpenResults:
    """All units of a published assessment by peer group."""
    groups = dict.fromkeys(result.group for result in prepared.results.values())
    return OpenResults(
        heading(prepared),
        tuple((prepared.group_title(g), tuple(unit(prepared, r) for r in prepared.peers(g))) for g in groups),
    )


def unit(prepared: Prepared, result: UnitResult) -> OpenUnit:
    """One unit; below ten cases received, or with no indicator on ten, only its name and why there is no more."""
    name = prepared.name(result.unit)
    cases = received(prepared, result.unit)
    if is_protected(cases) or is_protected(result.n):
        return OpenUnit(result.unit, name, None, None, None, None, None, PROTECTED)
    grade = next((g for g in grades_of(prepared.source.scheme) if g.code == result.grade), None)
    reason = result.reason or (None if grade else result.rank_reason)
    return OpenUnit(result.unit, name, grade, result.score, result.low, result.high, cases, reason)


def figures(prepared: Prepared, result: UnitResult) -> tuple[OpenFigure, ...]:
    """The indicators of a unit that were measured, those on too few cases without a value."""
    return tuple(_figure(prepared, i) for i in result.indicators if i.n or i.value is not None)


def _figure(prepared: Prepared, found: IndicatorResult) -> OpenFigure:
    what = prepared.definition(found.code)
    if is_protected(found.n):
        return OpenFigure(what, None, None, None, None, PROTECTED)
    return OpenFigure(what, found.value, found.low, found.high, found.n, found.reason)


def data(instance: Instance, prepared: Prepared, language: str) -> bytes:
    """The open data package (CSV and Parquet with a dictionary) as a zip."""
    source = reporting.source_for(instance, prepared.source.number, language=language, viewer=OPERATOR)
    with TemporaryDirectory(dir=instance.reports_folder) as folder:
        return open_data.write(instance, source, Path(folder) / "data.zip").read_bytes()


def published(instance: Instance) -> Prepared | None:
    """The newest published assessment where the office shows it, else None."""
    return shown.published(instance) if is_shown(instance) else None
