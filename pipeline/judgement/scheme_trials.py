"""Trials of a draft scheme: the last assessed period scored by it, as a job; nothing is stored but the job's answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select

from evaluation.rules.scheme import Scheme, from_document, load
from evaluation.scores.board import Board, lay
from evaluation.scores.grades import grade_of_interval
from evaluation.scores.replay import evidence_of, units_of
from evaluation.scores.result import Assessment, UnitResult
from evaluation.uncertainty.imputation import complete_tables
from evaluation.uncertainty.ranges import is_partly_shown
from evaluation.uncertainty.robustness import OrderChange, order_change
from metrics.disclosure.small_cells import REASON
from pipeline.house import jobs
from pipeline.house.jobs import JobProgress, Steps
from pipeline.judgement import scheme_drafts
from pipeline.judgement.scheme_drafts import DraftRefused
from pipeline.views import shown
from records.access import Action, Viewer, require
from records.instance import Instance
from records.models import JobNote

KIND = "try_draft"
_NEWEST = 50  # jobs that are looked through for the one of a draft


def start(instance: Instance, viewer: Viewer, number: int) -> str:
    """Queue a trial of a draft as it stands; the job. Raises DraftRefused: faults, or nothing to try it on."""
    require(viewer, Action.EDIT_SCHEMES)
    draft = scheme_drafts.get(instance, number)
    if draft.faults:
        raise DraftRefused("has_faults")
    scheme_drafts.assessment_to_try(instance, draft)
    return jobs.enqueue(instance, KIND, by=viewer.sign_in, draft=number, revision=draft.revision)


def newest(instance: Instance, number: int) -> JobProgress | None:
    """The newest trial of a draft as it stands now; None where nobody tried this revision."""
    revision = scheme_drafts.get(instance, number).revision
    wanted = select(JobNote).where(JobNote.kind == KIND).order_by(JobNote.made_at.desc()).limit(_NEWEST)
    with instance.session() as session:
        notes = [(note.job_id, note.arguments) for note in session.scalars(wanted)]
    found = next((job for job, told in notes if told == {"draft": number, "revision": revision}), None)
    return None if found is None else jobs.progress(instance, found)


@dataclass(frozen=True)
class Told:
    """A trial for one reader: the units, and how the order inside the peer groups changes where that can be told."""

    units: list[dict[str, Any]]
    order: OrderChange | None
    tables: int  # 1, or the number of tables that fit what the reader is told as ranges


def told(instance: Instance, viewer: Viewer, number: int, answer: dict[str, Any]) -> Told:
    """A trial for a reader: units that are told partly as ranges come last, with the range their score may lie in.

    A score under other weights gives away what the ranges of the assessment hide; so does an indicator that only the
    draft holds. The ranges here are made from those of the assessment alone (docs/adr/0084).
    """
    source = shown.prepared(instance, viewer, number=answer["assessment"]).source
    draft, past = load(scheme_drafts.get(instance, number).text), from_document(source.scheme)
    codes = {*draft.codes} - {*past.codes}
    hidden: set[str | None] = {unit.unit for unit in source.assessment.units if is_partly_shown(unit)}
    hidden |= {value.unit for value in source.values if value.reason == REASON and value.metric in codes}
    before, after = _boards(source.assessment, past, draft)
    ranges = _ranges(after)
    known = {unit.unit: unit for unit in source.assessment.units}
    rows = [_as_range(row, ranges.get(row["unit"]), draft, known.get(row["unit"])) if row["unit"] in hidden
            else {**row, "is_hidden": False} for row in answer["units"]]  # fmt: skip
    ordered = sorted(rows, key=lambda row: (row["is_hidden"], row["unit"] if row["is_hidden"] else ""))
    return Told(ordered, order_change(before, after) if after else None, len(before))


def _boards(result: Assessment, past: Scheme, draft: Scheme) -> tuple[list[Board], list[Board]]:
    """Both schemes over tables that fit what is told; none of the draft where it asks for other numbers."""
    tables = complete_tables(result, past, seed=result.seed)
    units, items = units_of(result), evidence_of(result)
    before = [lay(past, rows, units, items) for rows in tables]
    is_same = {*draft.codes} <= {*past.codes} and (draft.scope, draft.period_start_day) == (
        past.scope, past.period_start_day)  # fmt: skip
    return before, [lay(draft, rows, units, items) for rows in tables] if is_same else []


def _ranges(boards: Sequence[Board]) -> dict[str, tuple[float, float]]:
    """The least and the greatest score of every unit over the tables."""
    if not boards:
        return {}
    scores = np.stack([board.scores for board in boards])
    ends = zip(boards[0].units, scores.min(axis=0), scores.max(axis=0), strict=True)
    return {unit.code: (float(low), float(high)) for unit, low, high in ends if not np.isnan(low + high)}


def _as_range(
    row: dict[str, Any], ends: tuple[float, float] | None, draft: Scheme, known: UnitResult | None
) -> dict[str, Any]:
    """A unit of a trial as the reader is told it, with the range of its score and the grades that the range reaches."""
    before = list(known.grade_candidates) if known else []
    reached = grade_of_interval(*ends, draft.grades) if ends is not None and before and draft.grades.cuts else ()
    bare = {
        "score_before": known.score if known else None,
        "score": None,
        "change": None,
        "score_ends": ends,
        "is_hidden": True,
    }
    return {**row, **bare, "grades_before": before, "grades": list(reached)}


def trial_job(instance: Instance, steps: Steps, *, draft: int, revision: int) -> dict[str, Any]:
    """The queued trial: the assessment it was set beside, its period, and every unit under both schemes."""
    steps.expect(1)
    return steps.step("scoring", lambda: _tried(instance, draft, revision))


def _tried(instance: Instance, draft: int, revision: int) -> dict[str, Any]:
    if scheme_drafts.get(instance, draft).revision != revision:
        raise DraftRefused("changed_meanwhile")
    past, before, after = scheme_drafts.simulate(instance, draft)
    units = side_by_side(before, after)
    return {"assessment": past, "period": after.period, "warnings": list(after.warnings), "units": units}


def side_by_side(before: Assessment, after: Assessment) -> list[dict[str, Any]]:
    """Every unit under both schemes, the largest change of the score first."""
    old = {unit.unit: unit for unit in before.units}
    rows: list[dict[str, Any]] = []
    for unit in after.units:
        was = old.get(unit.unit)
        score = was.score if was else None
        change = None if score is None or unit.score is None else unit.score - score
        rows.append({
            "unit": unit.unit, "name": unit.name, "score_before": score, "score": unit.score, "change": change,
            "grades_before": list(was.grade_candidates) if was else [], "grades": list(unit.grade_candidates),
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["change"] is None, -abs(row["change"] or 0.0), row["unit"]))
