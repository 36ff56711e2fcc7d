"""Trials of a draft scheme: the last assessed period scored by it, as a job; nothing is stored but the job's answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from evaluation.rules.scheme import from_document, load
from evaluation.scores.result import Assessment as Result
from evaluation.uncertainty.ranges import is_partly_shown
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


def units_told(instance: Instance, viewer: Viewer, number: int, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The units of a trial for a reader: without the scores of units that are told partly as ranges, which come last.

    A score under other weights gives away what the ranges of the assessment hide; so does an indicator that only the
    draft holds.
    """
    source = shown.prepared(instance, viewer, number=answer["assessment"]).source
    codes = {*load(scheme_drafts.get(instance, number).text).codes} - {*from_document(source.scheme).codes}
    hidden: set[str | None] = {unit.unit for unit in source.assessment.units if is_partly_shown(unit)}
    hidden |= {value.unit for value in source.values if value.reason == REASON and value.metric in codes}
    bare: dict[str, Any] = {"score_before": None, "score": None, "change": None, "grades_before": [], "grades": []}
    rows = [{**row, "is_hidden": row["unit"] in hidden, **(bare if row["unit"] in hidden else {})}
            for row in answer["units"]]  # fmt: skip
    return sorted(rows, key=lambda row: (row["is_hidden"], row["unit"] if row["is_hidden"] else ""))


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


def side_by_side(before: Result, after: Result) -> list[dict[str, Any]]:
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
