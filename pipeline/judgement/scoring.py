"""Scores from measured values, and from frozen ones again: checking a result, a trial, other choices of the scheme."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.assess import SMALL_N, assess
from evaluation.rules.scheme import Scheme, load
from evaluation.scores.replay import evidence_of, units_of, values_of
from evaluation.scores.result import Assessment as Result
from evaluation.scores.result import IndicatorResult
from evaluation.uncertainty import draws as uncertainty
from evaluation.uncertainty.chance import rankable
from evaluation.uncertainty.imputation import completed
from evaluation.uncertainty.robustness import Robustness, robustness
from pipeline.judgement.measuring import Measured, measure
from pipeline.judgement.stored import Stored, get, row_of, stored
from records.canonical import document_sha256
from records.instance import Instance

NEVER_DRAWN = ("score",)
COMPARED = (*NEVER_DRAWN, "low", "high", "grade", "grade_certain", "rank", "rank_low", "rank_high", "reason")


def scored(scheme: Scheme, measured: Measured, *, seed: int | None, draws: int | None) -> Result:
    """The result of a scheme over measured values, with what each rating form gave to its blended indicators."""
    result = assess(
        scheme,
        measured.values,
        measured.units,
        period=measured.period,
        as_of=measured.as_of,
        seed=seed,
        draws=draws,
        provenance=measured.provenance,
        evidence=measured.evidence,
        other=measured.other,
    )
    return _with_parts(result, measured) if measured.parts else result


def _with_parts(result: Result, measured: Measured) -> Result:
    """The result with what each rating form gave to its blended indicators."""

    def told(unit: str, row: IndicatorResult) -> IndicatorResult:
        parts = measured.parts.get((unit, row.code), ())
        return replace(row, parts=[part.to_json() for part in parts]) if parts else row

    units = [replace(unit, indicators=[told(unit.unit, row) for row in unit.indicators]) for unit in result.units]
    return replace(result, units=units)


def recompute(instance: Instance, number: int) -> list[str]:
    """Compare a frozen result with its hash and score its values again; the places that differ, empty when none.

    Scores, intervals, grades and ranks are made anew from the frozen values, the stored scheme text, seed and draws.
    Of a result drawn by an earlier rule the scores alone: the rest rests on draws that are no longer made.
    """
    with instance.session() as session:
        row = row_of(session, number)
        found, is_as_hashed = stored(row), document_sha256(row.result) == row.result_sha256
    different = [] if is_as_hashed else ["result_sha256"]
    scheme = load(found.scheme_text)
    if scheme.sha256 != found.result.scheme["sha256"]:
        different.append("scheme.sha256")
    again = {unit.unit: unit for unit in rescored(found.result, scheme).units}
    compared = COMPARED if found.result.draw_rule == uncertainty.RULE else NEVER_DRAWN
    for unit in found.result.units:
        for name in compared:
            if unit.unit not in again or getattr(again[unit.unit], name) != getattr(unit, name):
                different.append(f"{unit.unit}.{name}")
    return different


def rescored(result: Result, scheme: Scheme) -> Result:
    """Score the frozen values of a result by a scheme."""
    return assess(
        scheme,
        values_of(result),
        units_of(result),
        period=result.period,
        as_of=result.as_of,
        seed=result.seed,
        draws=result.draws,
        evidence=evidence_of(result),
    )


def simulate(instance: Instance, number: int, scheme: Scheme) -> tuple[Stored, Result]:
    """The stored assessment, and the same period under another scheme over the records of today.

    Nothing is stored. The warning "records_changed" is added when the accepted batches are no longer those of the
    stored assessment, so that a difference may come from the data.
    """
    found = get(instance, number)
    measured = measure(instance, scheme, found.result.period)
    after = scored(scheme, measured, seed=found.result.seed, draws=found.result.draws)
    if measured.provenance.get("batches") != found.result.provenance.get("batches"):
        after = replace(after, warnings=[*after.warnings, "records_changed:"])
    return found, after


def robustness_of(instance: Instance, number: int, *, draws: int = 500, seed: int | None = None) -> Robustness:
    """Run B over a stored assessment: how much its ranks owe to weights, goalposts, aggregation and each indicator."""
    found = get(instance, number)
    return robustness_over(found.result, load(found.scheme_text), draws=draws, seed=seed)


def robustness_over(told: Result, scheme: Scheme, *, draws: int, seed: int | None = None) -> Robustness:
    """Run B over the values of a result as a reader is told it: over tables that fit, where values are told as ranges.

    It is made from what is told and a seed alone, so it tells nothing of a hidden value (docs/adr/0084).
    """
    used = told.seed if seed is None else seed
    boards = completed(told, scheme, seed=used)
    few = {unit.unit for unit in told.units if unit.rank_reason == SMALL_N}
    can_rank = rankable(boards[0]) & np.array([unit.code not in few for unit in boards[0].units], dtype=bool)
    return robustness(boards, can_rank, seed=used, draws=draws)
