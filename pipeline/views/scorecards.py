"""The scorecard of one unit as a view model: everything its page prints, made from prepared results only."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.scores.result import IndicatorResult, UnitResult
from evaluation.scores.told import middle
from evaluation.uncertainty.ranges import SHOWN_AS_RANGE
from metrics.disclosure.small_cells import LEVEL_CODES
from metrics.disclosure.small_cells import REASON as WITHHELD
from metrics.value import MetricValue
from pipeline.judgement.measuring import NOT_MEASURED
from pipeline.views import card_parts, sentences
from pipeline.views.card_parts import AdjustedRate, Demand, NamedFinding
from pipeline.views.prepared import Prepared
from pipeline.views.words import Words, words_of

MOST_TILES = 12
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
CLAIMED, CONFIRMED = "H2s", "H2"


class UnitNotAssessed(LookupError):
    """The assessment holds no such unit."""


@dataclass(frozen=True)
class Grade:
    """A grade of the scheme."""

    code: str
    title: Words
    place: int  # 0 is the best
    from_points: float


@dataclass(frozen=True)
class Tile:
    """One indicator of the unit against its target and its peers.

    `value` None has a `reason`; where low and high are there nevertheless, they are the range it is told in.
    """

    code: str
    name: Words
    measure: str
    value: float | None
    low: float | None
    high: float | None
    numerator: float | None
    denominator: float | None
    n: int | None
    reason: str | None
    target: float | None
    gap: float | None  # value − target, as it stands
    is_met: bool | None
    is_higher_better: bool
    peer_median: float | None
    peer_low: float | None
    peer_high: float | None
    comparison: str | None  # "better" or "worse" than the peers beyond chance
    points: float | None
    effective_weight: float
    contribution: float | None
    months: tuple[float | None, ...]
    is_few: bool = False  # fewer cases than may be ranked: shown in grey

    @property
    def is_range(self) -> bool:
        """Is the value told as a range, because it rests on the answers of a few citizens?"""
        return self.reason == SHOWN_AS_RANGE and self.low is not None

    @property
    def is_empty(self) -> bool:
        """Is nothing known of the value?"""
        return self.value is None and not self.is_range


@dataclass(frozen=True)
class Scorecard:
    """One unit in one assessment."""

    number: int
    state: str
    period: str
    as_of: str | None
    scheme: Words
    scheme_version: str
    unit: str
    name: str
    group: str | None
    group_title: Words
    group_size: int
    n: int | None  # cases received; None where they were not counted
    grade: Grade | None
    grades: tuple[Grade, ...]
    grade_certain: bool
    grade_candidates: tuple[str, ...]
    score: float | None
    low: float | None
    high: float | None
    group_median: float | None
    rank: int | None  # None where the scheme prints no ranks
    rank_low: int | None
    rank_high: int | None
    ranked: int  # units of the group that have a rank
    reason: str | None
    vetoes: tuple[Words, ...]
    key_sentence: Words
    tiles: tuple[Tile, ...]
    months: tuple[str, ...]
    satisfaction: dict[str, int]
    satisfaction_withheld: bool  # some level has too few people to be shown to this reader
    claimed: float | None
    confirmed: float | None
    backlog: tuple[tuple[Words, int], ...]  # open cases by age, youngest first
    overdue: int | None  # open cases past their limit
    adjusted: tuple[AdjustedRate, ...]
    demands: tuple[Demand, ...]
    findings: tuple[NamedFinding, ...]
    objections: tuple[int, int]  # all, still open
    exclusions: int
    rectifications: tuple[int, int]  # all, not accepted yet
    notes: tuple[tuple[Words, str, Words], ...]  # label, figure, what it means
    rule: Words  # what made "better" and "worse"

    @property
    def main_tiles(self) -> tuple[Tile, ...]:
        """The heaviest indicators, in the order of the scheme; the table below the tiles holds all of them."""
        heaviest = sorted(self.tiles, key=lambda tile: (tile.is_empty, -tile.effective_weight))[:MOST_TILES]
        return tuple(tile for tile in self.tiles if tile in heaviest)

    @property
    def measured(self) -> tuple[Tile, ...]:
        """Every indicator that has a value or a reason of the unit's own; those nobody has stand in `unmeasured`."""
        return tuple(tile for tile in self.tiles if tile.reason != NOT_MEASURED)

    @property
    def unmeasured(self) -> tuple[Tile, ...]:
        """Indicators of the scheme that were not counted for anybody in the period."""
        return tuple(tile for tile in self.tiles if tile.reason == NOT_MEASURED)

    def tile(self, code: str | None) -> Tile | None:
        """The tile of an indicator; for a code not of this scheme, the heaviest rate with a value and a trend."""
        by_code = {tile.code: tile for tile in self.tiles}
        if code in by_code:
            return by_code[code]
        return max(self.tiles, key=_weight_to_show, default=None)


def _weight_to_show(tile: Tile) -> tuple[bool, bool, bool, float]:
    has_trend = sum(value is not None for value in tile.months) > 1
    return tile.value is not None, has_trend, tile.measure == "rate", tile.effective_weight


def scorecard(prepared: Prepared, unit: str) -> Scorecard:
    """The scorecard of a unit. Raises UnitNotAssessed."""
    result = prepared.results.get(unit)
    if result is None:
        raise UnitNotAssessed(unit)
    source, peers = prepared.source, prepared.peers(result.group)
    tiles = tuple(_tile(prepared, result, peers, code) for code in prepared.codes if result.indicator(code))
    grades = grades_of(source.scheme)
    scheme = source.scheme.get("grades", {})
    return Scorecard(
        number=source.number,
        state=source.state,
        period=source.assessment.period,
        as_of=source.assessment.as_of,
        scheme=words_of(source.scheme.get("title"), source.assessment.scheme.get("id", "")),
        scheme_version=source.assessment.scheme.get("version", ""),
        unit=unit,
        name=prepared.name(unit),
        group=result.group,
        group_title=prepared.group_title(result.group),
        group_size=len(peers),
        n=received(prepared, unit),
        grade=next((g for g in grades if g.code == result.grade), None),
        grades=grades,
        grade_certain=result.grade_certain,
        grade_candidates=tuple(result.grade_candidates),
        score=result.score,
        low=result.low,
        high=result.high,
        group_median=middle(peer.score for peer in peers),
        rank=result.rank if scheme.get("ranks") else None,
        rank_low=result.rank_low,
        rank_high=result.rank_high,
        ranked=sum(1 for peer in peers if peer.rank_low is not None),
        reason=result.reason or result.rank_reason,
        vetoes=tuple(words_of(veto.get("title"), str(veto.get("code", ""))) for veto in result.vetoes),
        key_sentence=sentences.key_sentence(tiles, None if result.reason == SHOWN_AS_RANGE else result.reason),
        tiles=tiles,
        months=tuple(prepared.months),
        satisfaction=source.satisfaction.get(unit, {}),
        satisfaction_withheld=any(_reason(prepared.values.get((unit, code))) == WITHHELD for code in LEVEL_CODES),
        claimed=_value(prepared.values.get((unit, CLAIMED))),
        confirmed=_value(prepared.values.get((unit, CONFIRMED))),
        backlog=card_parts.backlog(prepared, unit),
        overdue=_whole(prepared.values.get((unit, "n_overdue_open"))),
        adjusted=card_parts.adjusted_rates(prepared, unit),
        demands=card_parts.demands(prepared, unit),
        findings=card_parts.findings(prepared, unit),
        objections=card_parts.objections(prepared, unit),
        exclusions=card_parts.exclusions(prepared, unit),
        rectifications=card_parts.rectifications(prepared, unit),
        notes=sentences.data_notes(prepared, unit),
        rule=sentences.comparison_rule(source.assessment.comparison_rule, source.scheme),
    )


def grades_of(scheme: dict) -> tuple[Grade, ...]:
    """The grades of a scheme document, best first."""
    written = scheme.get("grades", {})
    titles = written.get("titles", {})
    cuts = [tuple(cut) for cut in written.get("cuts", [])]
    return tuple(Grade(code, words_of(titles.get(code), code), i, float(cut)) for i, (code, cut) in enumerate(cuts))


def _tile(prepared: Prepared, result: UnitResult, peers: list[UnitResult], code: str) -> Tile:
    """One indicator; the frozen result of the assessment, never a newer count."""
    found = result.indicator(code) or IndicatorResult(code, None, None, 0, 0, None, reason="missing")
    what = prepared.definition(code)
    others = sorted(v for peer in peers if (v := _indicator_value(peer, code)) is not None)
    gap = None if found.value is None or found.target is None else found.value - found.target
    is_met = None if gap is None else (gap >= 0 if what.is_higher_better else gap <= 0)
    return Tile(
        code=code,
        name=what.name,
        measure=what.measure,
        value=found.value,
        low=found.low,
        high=found.high,
        numerator=found.numerator,
        denominator=found.denominator,
        n=found.n,
        reason=found.reason or (None if found.value is not None else "missing"),
        target=found.target,
        gap=gap,
        is_met=is_met,
        is_higher_better=what.is_higher_better,
        peer_median=middle(others),
        peer_low=_quantile(others, 0.25),
        peer_high=_quantile(others, 0.75),
        comparison=found.comparison,
        points=found.points,
        effective_weight=found.effective_weight,
        contribution=found.contribution,
        months=tuple(prepared.series(result.unit, code)),
        is_few=found.value is not None and found.n is not None and 0 <= found.n < prepared.least_ranked,
    )


def peer_values(prepared: Prepared, card: Scorecard, code: str, *, is_anonymous: bool) -> list[float]:
    """The values of the peers for a strip of dots; only five quantiles when a unit looks at its peers."""
    peers = prepared.peers(card.group)
    known = sorted(v for peer in peers if peer.unit != card.unit and (v := _indicator_value(peer, code)) is not None)
    if not is_anonymous or not known:
        return known
    return [q for share in QUANTILES if (q := _quantile(known, share)) is not None]


def _indicator_value(result: UnitResult, code: str) -> float | None:
    found = result.indicator(code)
    return found.value if found else None


def _value(value: MetricValue | None) -> float | None:
    return value.value if value else None


def _reason(value: MetricValue | None) -> str | None:
    return value.reason if value else None


def received(prepared: Prepared, unit: str) -> int | None:
    """How many cases a unit received, None where not counted; `UnitResult.n` is the largest sample of an indicator."""
    return _whole(prepared.values.get((unit, "n_received")))


def _whole(value: MetricValue | None) -> int | None:
    return None if value is None or value.value is None else int(value.value)


def _quantile(ordered: list[float], share: float) -> float | None:
    """The smallest value whose cumulated count reaches the share, as everywhere in this project."""
    if not ordered:
        return None
    needed = -(-share * len(ordered) // 1)
    return ordered[min(max(int(needed), 1), len(ordered)) - 1]
