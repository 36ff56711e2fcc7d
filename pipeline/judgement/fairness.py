"""Is a comparison fair? Raw, adjusted and shrunk scores with the rank under each, reliability, funnels, robustness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from evaluation.rules.parameters import comparison_of
from evaluation.rules.scheme import Indicator, Scheme, load
from evaluation.scores.board import lay
from evaluation.scores.observations import Observation
from evaluation.scores.points import anchor, points
from evaluation.scores.replay import evidence_of, units_of, values_of
from evaluation.scores.result import Assessment, UnitResult
from evaluation.scores.told import told
from evaluation.trace import plain
from evaluation.uncertainty import funnel as limits
from evaluation.uncertainty.ranges import is_partly_shown
from evaluation.uncertainty.ranks import ranks
from evaluation.uncertainty.robustness import Robustness
from pipeline.judgement import assessing
from pipeline.judgement.period_change import is_rate
from pipeline.judgement.scoring import robustness_over
from pipeline.views import shown
from pipeline.views.prepared import Prepared
from records.access import Action, Viewer
from records.instance import Instance

Scores = Mapping[str, float | None]
ROBUSTNESS_DRAWS = 200
NOTABLE_MOVE = 0.1  # share of the ranks of a group: an adjustment that moves a unit further is explained
STRAIGHT = frozenset({"goalposts", "rate_x_full", "target_distance"})


@dataclass(frozen=True)
class Line:
    """One unit: its score as it stands, adjusted for its mix of cases, drawn to its peers; the rank under each.

    `surely_better` and `surely_worse` are the numbers of peers that are certainly before and behind it, by the
    joint intervals.
    """

    unit: str
    name: str
    raw: float | None
    adjusted: float | None
    shrunk: float | None
    raw_rank: int | None
    adjusted_rank: int | None
    shrunk_rank: int | None
    reliability: float | None
    surely_better: int | None
    surely_worse: int | None
    reason: str | None
    is_mix_alone: bool = False  # too little of its mix in common with its peers for an adjusted score

    @property
    def moves(self) -> bool:
        """Does the rank depend on which of the three is read?"""
        found = {self.raw_rank, self.adjusted_rank, self.shrunk_rank} - {None}
        return len(found) > 1


@dataclass(frozen=True)
class FunnelPoint:
    """A unit in a funnel; `zone` is inside, notable or different."""

    unit: str
    name: str
    rate: float
    cases: float
    zone: str


@dataclass(frozen=True)
class Funnel:
    """All units of a peer group against chance; `phi` 1 is pure chance, above 10 the mix of cases must be looked at."""

    code: str
    centre: float
    phi: float
    between: float  # variance between units beyond chance
    levels: tuple[float, float]
    points: tuple[FunnelPoint, ...]

    @property
    def needs_case_mix(self) -> bool:
        return self.phi > limits.LARGEST_PHI


@dataclass(frozen=True)
class Group:
    """The fairness of one peer group."""

    code: str | None
    lines: tuple[Line, ...]
    ranked: int
    funnel: Funnel | None

    @property
    def is_mix_alone(self) -> bool:
        """Has no unit enough of its mix in common with the others, as where each has a field of its own?"""
        return bool(self.lines) and all(line.is_mix_alone for line in self.lines)

    @property
    def moved(self) -> frozenset[str]:
        """Units that the adjustment moves by more than a tenth of the ranks of the group."""
        return frozenset(
            line.unit
            for line in self.lines
            if line.raw_rank and line.adjusted_rank
            and abs(line.adjusted_rank - line.raw_rank) > NOTABLE_MOVE * self.ranked
        )  # fmt: skip


@dataclass(frozen=True)
class Fairness:
    """What the page shows."""

    groups: tuple[Group, ...]
    adjusted_codes: tuple[str, ...]
    codes: tuple[str, ...]  # indicators that have a funnel
    code: str | None
    robustness: Robustness
    least_units: int  # peers below which the spread between units is not estimated
    is_partly_shown: bool  # an indicator of some unit is told as a range
    rank_interval: float  # share of the draws inside an interval of ranks
    least_overlap: float  # of the mix in common with the peers, for an adjusted score

    @property
    def is_partly_alone(self) -> bool:
        """Is an adjusted score withheld in a group whose other units have one?"""
        return any(line.is_mix_alone for group in self.groups if not group.is_mix_alone for line in group.lines)


def fairness_of(instance: Instance, viewer: Viewer, number: int, code: str | None = None) -> Fairness:
    """The fairness of an assessment; `code` chooses the funnel, by default the heaviest rate.

    Raises Forbidden and NothingToShow as `pipeline.views.shown.prepared` does.
    """
    prepared = shown.prepared(instance, viewer, number=number, action=Action.SEE_RANKING)
    result = prepared.source.assessment
    scheme = load(assessing.get(instance, number).scheme_text)
    alone = _mix_alone(scheme, prepared)
    adjusted = {
        unit: None if unit in alone else score for unit, score in _adjusted_scores(result, scheme, prepared).items()
    }
    shrunk = _shrunk_scores(result, scheme)
    rates = _rate_codes(result)
    chosen = code if code in rates else next(iter(rates), None)
    names = sorted({row.group for row in result.units}, key=lambda group: group or "")
    groups = tuple(_group(prepared, name, (adjusted, shrunk), alone, chosen) for name in names)
    codes = sorted({row["metric"] for row in prepared.source.adjusted} & set(scheme.codes))
    return Fairness(
        groups,
        tuple(codes),
        tuple(rates),
        chosen,
        robustness_over(result, scheme, draws=ROBUSTNESS_DRAWS),
        scheme.comparison.least_units,
        any(is_partly_shown(unit) for unit in result.units),
        scheme.uncertainty.rank_interval,
        scheme.comparison.least_overlap,
    )


def _mix_alone(scheme: Scheme, prepared: Prepared) -> frozenset[str]:
    """Units whose mix is too unlike their peers' in an indicator of the scheme: what is adjusted there is a guess."""
    return frozenset(
        row["unit"]
        for row in prepared.source.adjusted
        if row["metric"] in scheme.codes and row.get("overlap", 1.0) < scheme.comparison.least_overlap
    )


def _adjusted_scores(result: Assessment, scheme: Scheme, prepared: Prepared) -> dict[str, float | None]:
    """Scores when the adjusted rates stand in the place of the raw ones; empty where nothing was adjusted."""
    better = {(row["unit"], row["metric"]): float(row["value"]) for row in prepared.source.adjusted}
    if not better:
        return {}
    values = [
        Observation(row.unit, row.metric, better[row.unit, row.metric], n=row.n)
        if (row.unit, row.metric) in better and row.value is not None
        else row
        for row in values_of(result)
    ]
    board = lay(scheme, values, units_of(result), evidence_of(result))
    found = {unit.code: plain(score) for unit, score in zip(board.units, board.scores, strict=True)}
    for unit in result.units:
        if unit.unit in found and is_partly_shown(unit):
            put = {row.code: better[unit.unit, row.code] for row in unit.indicators if (unit.unit, row.code) in better}
            found[unit.unit] = shifted(unit, scheme, put)
    return found


def _shrunk_scores(result: Assessment, scheme: Scheme) -> dict[str, float | None]:
    """Scores drawn to the peers."""
    return {
        unit.unit: shifted(unit, scheme, {row.code: row.shrunk for row in unit.indicators if row.shrunk is not None})
        if is_partly_shown(unit)
        else unit.shrunk_score
        for unit in result.units
    }


def shifted(unit: UnitResult, scheme: Scheme, put: Mapping[str, float]) -> float | None:
    """The shown score with `put` in the place of shown values: score + sum of effective weight·(new points - points).

    It is made from shown numbers only, so that nothing withheld can be told from it; indicators told as a range stay
    as they are. None where nothing can be put in, and for schemes whose means or methods are not straight lines.
    """
    levels = {scheme.across, *(group.across for group in scheme.groups)} - {None}
    if unit.score is None or levels != {"arithmetic"}:
        return None
    lines = {row.code: row for row in scheme.indicators if row.method in STRAIGHT and not row.proof}
    moves = [
        row.effective_weight * (_points_of(lines[row.code], put[row.code]) - row.points)
        for row in unit.indicators
        if row.code in put and row.code in lines and row.points is not None
    ]
    return told(min(max(unit.score + sum(moves), 0.0), 100.0), unit.score) if moves else None


def _points_of(indicator: Indicator, value: float) -> float:
    one = np.array([value])
    return float(points(anchor(indicator, one, np.zeros(1, dtype=np.int64)), one)[0])


def _rate_codes(result: Assessment) -> list[str]:
    """Rates that enough units of a peer group have, the heaviest first; means of grades have no funnel."""
    weights: dict[str, float] = {}
    counts: Counter[tuple[str, str | None]] = Counter()
    for unit in result.units:
        for row in unit.indicators:
            if is_rate(row):
                weights[row.code] = row.weight
                counts[row.code, unit.group] += 1
    kept = {code for (code, _), units in counts.items() if units >= limits.FEWEST_UNITS}
    return sorted(kept, key=lambda code: (-weights[code], code))


def _group(
    prepared: Prepared, group: str | None, scores: tuple[Scores, Scores], alone: frozenset[str], code: str | None
) -> Group:
    adjusted, shrunk = scores
    units = prepared.peers(group)
    ranked = [unit for unit in units if unit.rank is not None]
    raw = {unit.unit: unit.rank for unit in ranked if unit.rank is not None}
    mixed = _ranks({unit.unit: adjusted.get(unit.unit) for unit in ranked}, raw)
    drawn = _ranks({unit.unit: shrunk.get(unit.unit) for unit in ranked}, raw)
    lines = tuple(
        Line(
            unit.unit, prepared.name(unit.unit), unit.score, adjusted.get(unit.unit), shrunk.get(unit.unit),
            raw.get(unit.unit), mixed.get(unit.unit), drawn.get(unit.unit), unit.reliability,
            None if unit.joint_rank_low is None else unit.joint_rank_low - 1,
            None if unit.joint_rank_high is None else len(ranked) - unit.joint_rank_high,
            unit.reason, unit.unit in alone,
        )
        for unit in units
    )  # fmt: skip
    return Group(group, lines, len(ranked), _funnel(prepared, units, code))


def _ranks(scores: Scores, raw: Mapping[str, int]) -> dict[str, int]:
    """The raw places of those with a score, handed out anew by these scores; who has none keeps the raw place.

    Places of units that are told to nobody stay free, so that only what the scores change counts as a change.

    >>> _ranks({"a": None, "b": 80.0, "c": 81.0, "d": 70.0}, {"a": 1, "b": 3, "c": 4, "d": 8})
    {'b': 4, 'c': 3, 'd': 8}
    """
    known = {unit: score for unit, score in scores.items() if score is not None}
    if not known:
        return {}
    places: list[int] = []
    for place in sorted(raw[unit] for unit in known):
        places.append(max(place, places[-1] + 1) if places else place)  # shared raw places stand for one after another
    found = ranks(np.array(list(known.values())))
    return {unit: places[int(rank) - 1] for unit, rank in zip(known, found, strict=True)}


def _funnel(prepared: Prepared, units: Iterable[UnitResult], code: str | None) -> Funnel | None:
    if code is None:
        return None
    rows = [(unit.unit, row) for unit in units if (row := unit.indicator(code)) is not None and is_rate(row)]
    kept = [(unit, row.numerator or 0.0, row.denominator or 1.0) for unit, row in rows]
    if len(kept) < limits.FEWEST_UNITS:
        return None
    hits, cases = (np.array([row[place] for row in kept], dtype=float) for place in (1, 2))
    used = comparison_of(prepared.source.scheme)
    found, centre = limits.between_units(hits, cases, used.funnel_winsor), float(hits.sum() / cases.sum())
    points = tuple(
        FunnelPoint(unit, prepared.name(unit), h / n, n,
                    limits.zone(h / n, n, centre, found.tau2, used.funnel_levels))
        for unit, h, n in kept
    )  # fmt: skip
    return Funnel(code, centre, found.phi, found.tau2, used.funnel_levels, points)
