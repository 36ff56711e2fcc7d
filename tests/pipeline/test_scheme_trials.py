"""A trial of a draft scheme: asked for once per revision, its answer is the simulation unit by unit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.uncertainty.ranges import is_partly_shown
from pipeline.house import jobs
from pipeline.house.jobs import Directly
from pipeline.judgement import scheme_drafts, scheme_trials
from pipeline.judgement.scheme_drafts import DraftRefused
from pipeline.views import shown
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.vocabulary import Role

WRITER = replace(OPERATOR, sign_in="writer")


def test_trial_of_an_unchanged_copy_changes_no_score_and_a_changed_weight_does(demo_copy: Instance) -> None:
    draft = scheme_drafts.start(demo_copy, WRITER, "bj_three_rates@2025.1", "2033.1")
    assert scheme_trials.newest(demo_copy, draft.id) is None
    answer = scheme_trials.trial_job(demo_copy, Directly(), draft=draft.id, revision=draft.revision)
    past, _, after = scheme_drafts.simulate(demo_copy, draft.id)
    assert (answer["assessment"], answer["period"]) == (past, after.period)
    assert {row["unit"]: row["score"] for row in answer["units"]} == {unit.unit: unit.score for unit in after.units}
    assert {row["change"] for row in answer["units"]} <= {0.0, None}
    assert any(row["change"] == 0.0 for row in answer["units"])

    rows = {row["code"]: place for place, row in enumerate((draft.document or {})["indicator"])}
    weights = {("indicator", rows["H2"], "weight"): 20, ("indicator", rows["S1a"], "weight"): 70}
    changed = scheme_drafts.change(demo_copy, WRITER, draft.id, weights, revision=draft.revision)
    answer = scheme_trials.trial_job(demo_copy, Directly(), draft=draft.id, revision=changed.revision)
    changes = [abs(row["change"]) for row in answer["units"] if row["change"] is not None]
    assert changes == sorted(changes, reverse=True)
    assert changes[0] > 0
    with pytest.raises(DraftRefused):
        scheme_trials.trial_job(demo_copy, Directly(), draft=draft.id, revision=draft.revision)


def test_a_trial_tells_no_score_that_the_assessment_tells_as_a_range(demo_copy: Instance) -> None:
    reader = Viewer(1, "reader", Role.ASSESSOR)
    draft = scheme_drafts.start(demo_copy, WRITER, "bj_three_rates@2025.1", "2033.3")
    answer = scheme_trials.trial_job(demo_copy, Directly(), draft=draft.id, revision=draft.revision)
    told = shown.prepared(demo_copy, reader, number=answer["assessment"]).source.assessment.units
    ranges = {unit.unit for unit in told if is_partly_shown(unit)}
    assert ranges, "the city is small enough for some"
    rows = {row["unit"]: row for row in scheme_trials.units_told(demo_copy, reader, draft.id, answer)}
    assert all(rows[unit]["score"] is None and not rows[unit]["grades"] for unit in ranges)
    assert any(row["score"] is not None for row in rows.values())
    whole = scheme_trials.units_told(demo_copy, OPERATOR, draft.id, answer)
    assert [row["score"] for row in whole] == [row["score"] for row in answer["units"]]


def test_trial_waits_in_the_queue_until_the_draft_changes(demo_copy: Instance) -> None:
    draft = scheme_drafts.start(demo_copy, WRITER, "bj_three_rates@2025.1", "2033.2")
    job = scheme_trials.start(demo_copy, WRITER, draft.id)
    found = scheme_trials.newest(demo_copy, draft.id)
    assert found is not None
    assert (found.job, found.state) == (job, "queued")
    assert jobs.list_jobs(demo_copy, kind="try_draft")[0].job == job
    scheme_drafts.change(demo_copy, WRITER, draft.id, {("status",): "official"}, revision=draft.revision)
    assert scheme_trials.newest(demo_copy, draft.id) is None
