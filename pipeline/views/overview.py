"""The whole city as view models: bands per peer group, heat map, movers beyond chance, coverage of the data."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.scores.result import UnitResult
from pipeline.views import card_parts, sentences
from pipeline.views.card_parts import Demand
from pipeline.views.movers import Mover, movers, unsettled_rates
from pipeline.views.prepared import Prepared
from pipeline.views.scorecards import Grade, grades_of, received
from pipeline.views.words import Words, listed, words_of

MOST_MOVERS = 8
SHADES = (60, 70, 80, 90)  # points from which the next shade of the heat map begins


@dataclass(frozen=True)
class BandUnit:
    """A unit as it stands in a band."""

    code: str
    name: str
    score: float | None
    low: float | None
    high: float | None
    grade: Grade | None
    is_certain: bool
    candidates: tuple[str, ...]
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    received: int | None  # cases
    reason: str | None
    is_few: bool = False  # scored, but with too few cases to be ranked: shown in grey


@dataclass(frozen=True)
class Band:
    """The units of a peer group with one grade, in administrative order; grade None is "not graded"."""

    grade: Grade | None
    units: tuple[BandUnit, ...]


@dataclass(frozen=True)
class PeerGroup:
    """A peer group in bands."""

    code: str
    title: Words
    bands: tuple[Band, ...]
    size: int
    quota: int | None = None  # ceiling of the best grade, shown and never enforced

    @property
    def units(self) -> tuple[BandUnit, ...]:
        """All units, best band first."""
        return tuple(unit for band in self.bands for unit in band.units)


@dataclass(frozen=True)
class Cell:
    """One indicator of one unit in the heat map; `shade` 1 (weak) to 5 (strong), None without points."""

    code: str
    value: float | None
    low: float | None
    high: float | None
    measure: str
    shade: int | None
    comparison: str | None
    reason: str | None


@dataclass(frozen=True)
class HeatRow:
    """A unit of the heat map."""

    unit: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class HeatMap:
    """Units × indicators of one peer group."""

    columns: tuple[tuple[str, Words], ...]
    groups: tuple[tuple[Words, tuple[HeatRow, ...]], ...]
    rule: Words  # what made "better" and "worse"


@dataclass(frozen=True)
class Coverage:
    """What the numbers rest on."""

    units: int
    units_with_cases: int
    cases: int | None
    excluded: int | None
    completeness: float | None
    participation: float | None
    batches: int
    months: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Heading:
    """Which assessment a page shows."""

    number: int
    state: str
    period: str
    as_of: str | None
    scheme: Words
    scheme_version: str


@dataclass(frozen=True)
class Overview(Heading):
    """The start page of somebody who sees the whole city."""

    grades: tuple[Grade, ...]
    groups: tuple[PeerGroup, ...]
    heat: HeatMap
    risers: tuple[Mover, ...]
    fallers: tuple[Mover, ...]
    unsettled: Words  # rates that still change in these months, as an enumeration
    coverage: Coverage
    demands: tuple[Demand, ...]
    has_ranks: bool


def heading(prepared: Prepared) -> Heading:
    """Which assessment these numbers are of."""
    source = prepared.source
    return Heading(
        number=source.number,
        state=source.state,
        period=source.assessment.period,
        as_of=source.assessment.as_of,
        scheme=words_of(source.scheme.get("title"), source.assessment.scheme.get("id", "")),
        scheme_version=source.assessment.scheme.get("version", ""),
    )


def overview(prepared: Prepared) -> Overview:
    """The view model of the whole city."""
    source = prepared.source
    moves = movers(prepared)
    return Overview(
        **vars(heading(prepared)),
        grades=grades_of(source.scheme),
        groups=groups(prepared),
        heat=heat_map(prepared),
        risers=tuple(m for m in moves if m.is_better)[:MOST_MOVERS],
        fallers=tuple(m for m in moves if not m.is_better)[:MOST_MOVERS],
        unsettled=listed(prepared.definition(code).name for code in unsettled_rates(prepared)),
        coverage=coverage(prepared),
        demands=card_parts.demands(prepared, None),
        has_ranks=bool(source.scheme.get("grades", {}).get("ranks")),
    )


def groups(prepared: Prepared) -> tuple[PeerGroup, ...]:
    """Every peer group in bands; inside a band the order of the directory, so that a place in it says nothing."""
    scheme = prepared.source.scheme.get("grades", {})
    grades = grades_of(prepared.source.scheme)
    best_share = scheme.get("quota", {}).get(grades[0].code) if grades else None
    found = []
    for code in _group_order(prepared):
        peers = prepared.peers(code)
        bands = tuple(_band(prepared, peers, grade, bool(scheme.get("ranks"))) for grade in (*grades, None))
        quota = int(best_share * len(peers)) if best_share else None
        kept = tuple(band for band in bands if band.units)
        found.append(PeerGroup(code or "", prepared.group_title(code), kept, len(peers), quota))
    return tuple(found)


def _group_order(prepared: Prepared) -> list[str | None]:
    used = list(dict.fromkeys(result.group for result in prepared.results.values()))
    known = [code for code in prepared.source.peer_groups if code in used]
    return [*known, *(code for code in used if code not in known)]


def _band(prepared: Prepared, peers: list[UnitResult], grade: Grade | None, has_ranks: bool) -> Band:
    held = [result for result in peers if result.grade == (grade.code if grade else None)]
    return Band(grade, tuple(_band_unit(prepared, result, grade, has_ranks) for result in held))


def _band_unit(prepared: Prepared, result: UnitResult, grade: Grade | None, has_ranks: bool) -> BandUnit:
    return BandUnit(
        code=result.unit,
        name=prepared.name(result.unit),
        score=result.score,
        low=result.low,
        high=result.high,
        grade=grade,
        is_certain=result.grade_certain,
        candidates=tuple(result.grade_candidates),
        rank=result.rank if has_ranks else None,
        rank_low=result.rank_low,
        rank_high=result.rank_high,
        received=received(prepared, result.unit),
        reason=result.reason or result.rank_reason,
        is_few=result.score is not None and result.rank_reason is not None,
    )


def band_sizes(prepared: Prepared, group: str | None) -> list[tuple[Words, int]]:
    """How many ranked units of a peer group hold each grade, best first, for the scale behind a rank."""
    ranked = [result for result in prepared.peers(group) if result.rank_low is not None]
    grades = grades_of(prepared.source.scheme)
    return [(grade.title, sum(1 for result in ranked if result.grade == grade.code)) for grade in grades]


def heat_map(prepared: Prepared) -> HeatMap:
    """Units × indicators with the points' shade; the number stands in every cell, the shade only helps the eye."""
    codes = [code for code in prepared.codes if _is_measured(prepared, code)]
    columns = tuple((code, prepared.definition(code).name) for code in codes)
    measures = {code: prepared.definition(code).measure for code in codes}
    rows = []
    for group in _group_order(prepared):
        peers = prepared.peers(group)
        rows.append((prepared.group_title(group), tuple(_heat_row(prepared, peer, measures) for peer in peers)))
    rule = sentences.comparison_rule(prepared.source.assessment.comparison_rule, prepared.source.scheme)
    return HeatMap(columns, tuple(rows), rule)


def _is_measured(prepared: Prepared, code: str) -> bool:
    """Whether any unit has a value of the indicator; a column that is empty for everybody says nothing."""
    found = (result.indicator(code) for result in prepared.results.values())
    return any(indicator is not None and indicator.value is not None for indicator in found)


def _heat_row(prepared: Prepared, result: UnitResult, measures: dict[str, str]) -> HeatRow:
    cells = []
    for code in measures:
        found = result.indicator(code)
        if found is None:
            cells.append(Cell(code, None, None, None, measures[code], None, None, "not_applicable"))
            continue
        ends = (found.value, found.low, found.high)
        cells.append(Cell(code, *ends, measures[code], shade(found.points), found.comparison, found.reason))
    return HeatRow(result.unit, prepared.name(result.unit), tuple(cells))


def shade(points: float | None) -> int | None:
    """1 to 5 for points 0 to 100, None without points.

    >>> shade(59.9), shade(60), shade(95), shade(None)
    (1, 2, 5, None)
    """
    return None if points is None else 1 + sum(points >= cut for cut in SHADES)


def coverage(prepared: Prepared) -> Coverage:
    """How much data stands behind the numbers."""
    received = [prepared.values.get((unit, "n_received")) for unit in prepared.results]
    totals = {code: prepared.values.get((None, code)) for code in ("n_received", "n_excluded", "T1", "S3")}
    whole = {code: value.value for code, value in totals.items() if value is not None}
    monthly = prepared.monthly.get((None, "n_received"), {})
    return Coverage(
        units=len(prepared.results),
        units_with_cases=sum(1 for value in received if value is not None and value.value),
        cases=_whole(whole.get("n_received")),
        excluded=_whole(whole.get("n_excluded")),
        completeness=whole.get("T1"),
        participation=whole.get("S3"),
        batches=len(prepared.source.assessment.provenance.get("batches", [])),
        months=tuple((month, int(monthly[month].value or 0)) for month in prepared.months if month in monthly),
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
