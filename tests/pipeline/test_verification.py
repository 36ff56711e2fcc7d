"""Verification by hand and every day: whatever was changed is found, counted and named."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from pipeline.house.jobs import Directly
from pipeline.house.state_of_house import state_of_house
from pipeline.house.verification import self_check_job, verify
from pipeline.judgement import evidence_files
from pipeline.judgement.evidence_files import Given
from records.access import OPERATOR
from records.canonical import document_sha256
from records.instance import Instance
from records.models import Assessment, AuditEntry, AuditHead
from tests.pipeline.kept_house import RESULT, damage, kept_house, run

__all__ = ["kept_house"]  # the fixture `instance`


def test_verify_untouched_is_ok(instance: Instance) -> None:
    assert verify(instance).to_json() == {
        "ok": True,
        "parts": {"checked": 2, "bad": []},
        "audit": {"checked": 6, "first_bad": None},
        "assessments": {"checked": 1, "different": []},
        "evidence": {"checked": 0, "bad": []},
        "broken": [],
    }


@pytest.mark.parametrize(("act", "problem"), [(damage, "hash"), (Path.unlink, "missing")])
def test_verify_names_the_part_even_of_a_withdrawn_batch(
    instance: Instance, act: Callable[[Path], None], problem: str
) -> None:
    path = next(instance.parts_folder.glob("responses/000002-*.parquet"))
    act(path)
    bad = verify(instance).to_json()["parts"]["bad"]
    assert bad == [{"batch": 2, "path": f"responses/{path.name}", "problem": problem}]


@pytest.mark.parametrize(
    ("tamper", "first_bad"),
    [
        (update(AuditEntry).where(AuditEntry.number == 3).values(who="bob"), 3),
        (update(AuditEntry).where(AuditEntry.number == 4).values(detail={"n": 99}), 4),
        (delete(AuditEntry).where(AuditEntry.number == 2), 2),
        (delete(AuditEntry).where(AuditEntry.number == 6), 6),
        (delete(AuditEntry).where(AuditEntry.number == 1), 1),
        (update(AuditHead).values(number=7), 7),
    ],
)
def test_verify_finds_the_first_broken_link(instance: Instance, tamper: object, first_bad: int) -> None:
    with instance.session() as session:
        session.execute(tamper)  # type: ignore[call-overload]
    found = verify(instance)
    assert (found.is_ok, found.audit.first_bad) == (False, first_bad)


def test_verify_finds_a_changed_result(instance: Instance) -> None:
    with instance.session() as session:
        session.get_one(Assessment, 1).result = {**RESULT, "units": []}
    assert verify(instance).different_assessments == [1]


def test_verify_finds_a_result_that_its_values_do_not_give(instance: Instance) -> None:
    forged = json.loads(json.dumps(RESULT))
    forged["units"][0].update(score=99.0, rank=1, reason=None)
    with instance.session() as session:
        row = session.get_one(Assessment, 1)
        row.result, row.result_sha256 = forged, document_sha256(forged)
    assert verify(instance).different_assessments == [1]


def test_self_check_job_notes_the_outcome(instance: Instance) -> None:
    answer = self_check_job(instance, Directly())
    assert answer["ok"] is True
    assert verify(instance).audit.checked == 7


def break_part(instance: Instance) -> str:
    path = next(instance.parts_folder.glob("responses/000001-*.parquet"))
    damage(path)
    return f"batch 1: responses/{path.name}: hash"


def break_trail(instance: Instance) -> str:
    with instance.session() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == 3).values(who="bob"))
    return "audit trail: broken at entry 3"


def break_result(instance: Instance) -> str:
    with instance.session() as session:
        session.get_one(Assessment, 1).result = {**RESULT, "units": []}
    return "assessment 1: the stored result is not what was frozen"


def break_evidence(instance: Instance) -> str:
    with instance.session() as session:
        given = Given("proof.pdf", io.BytesIO(b"%PDF-1.4 proof"))
        (kept,) = evidence_files.keep(instance, session, subject="objection", subject_id=1, files=[given], by="ann")
    damage(evidence_files.path_of(instance, kept.sha256))
    return f"evidence {kept.sha256}: the file is gone or changed"


BREAKS = (break_part, break_trail, break_result, break_evidence)


@pytest.mark.parametrize(
    "acts", [*((act,) for act in BREAKS), BREAKS], ids=lambda acts: acts[0].__name__ if len(acts) == 1 else "all"
)
def test_self_check_counts_and_names_whatever_is_broken(
    instance: Instance, acts: tuple[Callable[[Instance], str], ...], caplog: pytest.LogCaptureFixture
) -> None:
    expected = [act(instance) for act in acts]
    self_check_job(instance, Directly())
    with instance.session() as session:
        (noted,) = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "self_check"))
    assert noted == {"ok": False, "bad": len(acts), "first": expected[0]}
    assert [message for message in caplog.messages if message.startswith("self-check")] == [
        f"self-check: {line}" for line in expected
    ]
    told = run(instance, "verify", code=1).splitlines()
    assert told[1:] == expected
    state = state_of_house(instance, OPERATOR)
    assert (state.is_fit, state.first_broken) == (False, expected[0])
