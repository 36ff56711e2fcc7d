"""A trial of a draft scheme: asked for once per revision, its answer is the simulation unit by unit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.uncertainty.imputation import IMPUTATIONS
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
    seen = scheme_trials.told(demo_copy, reader, draft.id, answer)
    rows = {row["unit"]: row for row in seen.units}
    assert all(rows[unit]["score"] is rows[unit]["change"] is None for unit in ranges)
    assert all(rows[unit.unit]["score_before"] == unit.score for unit in told if unit.unit in ranges)
    assert any(row["score"] is not None for row in rows.values())
    whole = scheme_trials.told(demo_copy, OPERATOR, draft.id, answer)
    assert [row["score"] for row in whole.units] == [row["score"] for row in answer["units"]]
    assert (whole.tables, seen.tables) == (1, IMPUTATIONS)
    assert whole.order is not None
    assert whole.order.shift_ends == (0.0, 0.0), "an unchanged copy moves nobody"
    ends = [rows[unit]["score_ends"] for unit in ranges if rows[unit]["score_ends"]]
    assert ends
    for unit in told:  # an unchanged copy: the range under the draft is what the reader is told of the score
        if unit.unit in ranges and (found := rows[unit.unit]["score_ends"]):
            low, high = (unit.low, unit.high) if unit.score is None else (unit.score, unit.score)
            assert low - 0.06 <= found[0] <= found[1] <= high + 0.06


def test_an_indicator_that_only_the_draft_holds_leaves_hidden_units_without_a_range(demo_copy: Instance) -> None:
    reader = Viewer(1, "reader", Role.ASSESSOR)
    draft = scheme_drafts.start(demo_copy, WRITER, "bj_three_rates@2025.1", "2033.4")
    answer = scheme_trials.trial_job(demo_copy, Directly(), draft=draft.id, revision=draft.revision)
    another = {("indicator", 0, "code"): "R5"}
    scheme_drafts.change(demo_copy, WRITER, draft.id, another, revision=draft.revision)
    seen = scheme_trials.told(demo_copy, reader, draft.id, answer)
    assert seen.order is None
    assert all(row["score_ends"] is None and not row["grades"] for row in seen.units if row["is_hidden"])


def test_weights_that_move_the_order_are_told_to_readers_of_ranges_too(demo_copy: Instance) -> None:
    reader = Viewer(1, "reader", Role.ASSESSOR)
    draft = scheme_drafts.start(demo_copy, WRITER, "bj_three_rates@2025.1", "2033.5")
    rows = {row["code"]: place for place, row in enumerate((draft.document or {})["indicator"])}
    weights = {("indicator", rows[code], "weight"): w for code, w in (("R2", 98), ("H2", 1), ("S1a", 1))}
    changed = scheme_drafts.change(demo_copy, WRITER, draft.id, weights, revision=draft.revision)
    answer = scheme_trials.trial_job(demo_copy, Directly(), draft=draft.id, revision=changed.revision)
    seen, whole = (scheme_trials.told(demo_copy, who, draft.id, answer) for who in (reader, OPERATOR))
    assert whole.order.shift_ends[0] == whole.order.shift_ends[1] > 0
    assert 0 <= seen.order.shift_ends[0] <= seen.order.shift_ends[1] > 0
    assert seen.order.kendall_ends[0] < 1
    again = scheme_trials.told(demo_copy, reader, draft.id, {**answer, "units": []})
    assert again.order == seen.order, "made from the assessment as this reader sees it, not from the trial's scores"


def test_trial_waits_in_the_queue_until_the_draft_changes(demo_copy: Instance) -> None:
    draft = scheme_drafts.start(demo_copy, WRITER, "bj_three_rates@2025.1", "2033.2")
    job = scheme_trials.start(demo_copy, WRITER, draft.id)
    found = scheme_trials.newest(demo_copy, draft.id)
    assert found is not None
    assert (found.job, found.state) == (job, "queued")
    assert jobs.list_jobs(demo_copy, kind="try_draft")[0].job == job
    scheme_drafts.change(demo_copy, WRITER, draft.id, {("status",): "official"}, revision=draft.revision)
    assert scheme_trials.newest(demo_copy, draft.id) is None
