"""The assessment of a period: scores, grades and ranks with their uncertainty, and the trace behind each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.cautions import cautions_of
from evaluation.rules.scheme import Scheme
from evaluation.scores.adjustments import score_without
from evaluation.scores.board import Board, is_in_scheme, lay
from evaluation.scores.grades import Decision, decide, quota_ceilings
from evaluation.scores.observations import NOT_APPLICABLE, AssessedUnit, Evidence, Value
from evaluation.scores.result import Assessment, UnitResult
from evaluation.trace import NOT_RATED, Trace, information_of, plain, traces
from evaluation.uncertainty import beyond_chance
from evaluation.uncertainty import draws as uncertainty
from evaluation.uncertainty.chance import Chance, Places, places, rankable, run_a, score_reliability
from evaluation.uncertainty.posterior import Posterior, posterior

Floats = NDArray[np.float64]
SMALL_N, NOT_RELIABLE, OUTSIDE = "small_n", "not_reliable", "outside_scheme"
NOT_MEASURED = "scheme_not_measured"
OTHER_SCOPE = {"kept": "all", "all": "kept"}


def assess(
    scheme: Scheme,
    values: Iterable[Value],
    units: Sequence[AssessedUnit],
    *,
    period: str,
    as_of: str | None = None,
    seed: int | None = None,
    draws: int | None = None,
    provenance: Mapping[str, Any] | None = None,
    evidence: Sequence[Evidence] = (),
    other: Sequence[Value] | None = None,
) -> Assessment:
    """Score units by a scheme.

    `values` are metric values (or `Observation`s of a plain table); a unit without a value for an indicator is missing
    there, never 0. Every unit gets a row, sorted by code; those outside the scheme's peer groups carry the reason
    "outside_scheme". Scores are unrounded. Run A (data uncertainty only) gives the 95 % score interval, the 90 % rank
    interval inside the peer group and the probability of each grade; `seed` and `draws` default to the scheme's.
    A unit on too few cases is scored but neither ranked nor graded ("small_n"); in a peer group of at least 15 units
    nobody is ranked whose score is less reliable than `small_n.reliability` ("not_reliable"); when less than
    `missing_below` of the weight of the whole scheme is measured, nobody is ("scheme_not_measured").
    `other` holds the same metrics in the scope that is not scored (with or without excluded cases): its values and
    scores stand beside the scored ones.

    Raises ValueError when one unit has two values of one metric, or two units share a code.
    """
    _refuse_twins(units)
    used_seed = scheme.uncertainty.seed if seed is None else seed
    used_draws = scheme.uncertainty.draws if draws is None else draws
    board = lay(scheme, values, units, evidence)
    sure = _sureness(board, seed=used_seed, draws=used_draws)
    beside = None if other is None else lay(scheme, other, units, evidence)
    outside = [UnitResult(u.code, u.peer_group, None, reason=OUTSIDE, name=u.name)
               for u in units if not is_in_scheme(scheme, u)]  # fmt: skip
    return Assessment(
        scheme=scheme.identity(),
        period=period,
        as_of=as_of,
        seed=used_seed,
        draws=used_draws,
        units=sorted([*_rows(board, sure, beside), *outside], key=lambda row: row.unit),
        warnings=cautions_of(board, sure.can_rank, sure.chance),
        provenance=dict(provenance or {}),
        quota=quota_ceilings(scheme.grades, _sizes(board, sure.can_rank)),
        scope=scheme.scope,
        other_scope=None if other is None else OTHER_SCOPE[scheme.scope],
        draw_rule=uncertainty.RULE,
        comparison_rule=beyond_chance.RULE,
    )


@dataclass(frozen=True)
class _Sureness:
    """How sure the scores of a board are, and which of them may be ranked."""

    posteriors: Mapping[str, Posterior]
    chance: Chance
    places: Places
    reliability: Floats
    has_cases: NDArray[np.bool_]
    can_rank: NDArray[np.bool_]


def _sureness(board: Board, *, seed: int, draws: int) -> _Sureness:
    scheme = board.scheme
    posteriors = {
        i.code: posterior(board.columns[i.code], board.groups, scheme.comparison.least_units) for i in scheme.indicators
    }
    has_cases = rankable(board)
    chance = run_a(board, posteriors, has_cases, seed=seed, draws=draws)
    reliability = score_reliability(board, chance)
    can_rank = has_cases & ~(reliability < scheme.small_n.reliability) & board.is_measured
    return _Sureness(posteriors, chance, places(board, can_rank, chance), reliability, has_cases, can_rank)


def _rows(board: Board, sure: _Sureness, beside: Board | None) -> list[UnitResult]:
    """The result of every unit of the board, with its score in the other scope where that is known."""
    rows = [_row(board, number, sure, trace) for number, trace in enumerate(traces(board, sure.posteriors, beside))]
    if beside is None:
        return rows
    return [replace(row, other_score=plain(score)) for row, score in zip(rows, beside.scores, strict=True)]


def _refuse_twins(units: Sequence[AssessedUnit]) -> None:
    codes = sorted(unit.code for unit in units)
    twins = sorted({a for a, b in pairwise(codes) if a == b})
    if twins:
        raise ValueError("these units stand twice: " + ", ".join(twins))


def _sizes(board: Board, can_rank: NDArray[np.bool_]) -> dict[str, int]:
    return {
        "" if name is None else name: int(((board.groups == number) & can_rank).sum())
        for number, name in enumerate(board.group_names)
    }


def _rank_reason(board: Board, sure: _Sureness, number: int) -> str | None:
    if sure.can_rank[number]:
        return None
    if not board.is_measured:
        return NOT_MEASURED
    return NOT_RELIABLE if sure.has_cases[number] else SMALL_N


def _row(board: Board, number: int, sure: _Sureness, trace: Trace) -> UnitResult:
    unit, score, adjusted = board.units[number], board.scores[number], board.adjusted[number]
    chance, rank_reason = sure.chance, _rank_reason(board, sure, number)
    common: dict[str, Any] = {
        "unit": unit.code,
        "name": unit.name,
        "group": unit.peer_group,
        "bonus": adjusted.bonus,
        "deduction": adjusted.deduction,
        "vetoes": _vetoes(board, number, chance, is_graded=rank_reason is None and not np.isnan(score)),
        "evidence": _items(board, number),
        "groups": trace.groups,
        "indicators": trace.indicators,
        "information": information_of(board, number),
        "n": trace.n,
    }
    if np.isnan(score):
        return UnitResult(score=None, reason=_why_not_rated(trace), **common)
    decision = _decision(board, number, chance, is_graded=rank_reason is None)
    return UnitResult(
        score=plain(score),
        low=plain(np.fmin(chance.low[number], score)) if np.isfinite(chance.low[number]) else None,
        high=plain(np.fmax(chance.high[number], score)) if np.isfinite(chance.high[number]) else None,
        grade=decision.grade,
        grade_candidates=list(decision.candidates),
        grade_probability=dict(decision.probability),
        grade_certain=decision.is_certain,
        reason=rank_reason,
        rank_reason=rank_reason,
        base_score=plain(board.base[number]),
        shrunk_score=plain(chance.mean[number]),
        reliability=plain(sure.reliability[number]),
        **_places(number, chance, sure.places),
        **common,
    )


def _vetoes(board: Board, number: int, chance: Chance, *, is_graded: bool) -> list[dict[str, Any]]:
    """The vetoes of one unit with the score and the grades it would have without any of them."""
    without = _decision(board, number, chance, is_graded=is_graded, caps=()).candidates
    score = plain(board.scores[number])
    return [{**veto, "score_without": score, "grade_without": list(without)} for veto in board.adjusted[number].vetoes]


def _items(board: Board, number: int) -> list[dict[str, Any]]:
    """What was added or taken, each with the score the unit would have without it."""
    adjusted, base = board.adjusted[number], float(board.base[number])
    caps = board.scheme.bonus_cap, board.scheme.deduction_cap
    without = [score_without(base, adjusted, item, caps) for item in adjusted.items]
    return [
        {**item, "score_without": plain(np.clip(got, 0, 100) if board.is_bounded else got)}
        for item, got in zip(adjusted.items, without, strict=True)
    ]


def _places(number: int, chance: Chance, found: Places) -> dict[str, Any]:
    """Rank fields of one unit. The interval holds the rank itself, which shrinkage may have put outside the draws."""
    rank = found.rank[number]
    if np.isnan(rank):
        return {}
    low, high = chance.rank_low[number], chance.rank_high[number]
    return {
        "rank": int(rank),
        "rank_low": None if np.isnan(low) else int(min(low, rank)),
        "rank_high": None if np.isnan(high) else int(max(high, rank)),
        "joint_rank_low": None if np.isnan(found.joint_low[number]) else int(found.joint_low[number]),
        "joint_rank_high": None if np.isnan(found.joint_high[number]) else int(found.joint_high[number]),
        "probability_top": plain(chance.top[number]),
        "probability_bottom": plain(chance.bottom[number]),
    }


def _decision(
    board: Board, number: int, chance: Chance, *, is_graded: bool, caps: Sequence[str] | None = None
) -> Decision:
    """The grade of one unit, under its own vetoes or under other `caps`."""
    scheme = board.scheme
    if not scheme.grades.cuts or not is_graded:
        return Decision(None, (), {})
    probability = [float(p) for p in chance.grades[:, number]]
    held = board.adjusted[number].cap_grades if caps is None else caps
    return decide(float(board.scores[number]), probability, scheme.grades, held, scheme.uncertainty.certain)


def _why_not_rated(trace: Trace) -> str:
    """The one reason of all missing indicators, if they share one (too few cases, no follow-up …), else "not_rated"."""
    absent = {row.reason or NOT_RATED for row in trace.indicators if row.points is None}
    has_points = any(row.points is not None for row in trace.indicators)
    reasons = absent - NOT_APPLICABLE or absent
    return reasons.pop() if len(reasons) == 1 and not has_points else NOT_RATED
