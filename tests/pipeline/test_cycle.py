"""The cycle: comments, objections with evidence, the exclusion ledger by two persons, counting again, correction."""

from __future__ import annotations

import io
import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from evaluation.assess import assess
from evaluation.scores.observations import AssessedUnit, Observation
from pipeline.house.backups import make_backup, restore_backup
from pipeline.house.verification import verify
from pipeline.importing.exclusions import save_exclusions
from pipeline.judgement import assessing, cycle, effects, exclusions, objections, versions
from pipeline.judgement.assessing import StepRefused
from pipeline.judgement.evidence_files import EvidenceRefused, Given, changed_files, files_of, path_of
from pipeline.judgement.exclusions import ExclusionRefused, Wanted
from pipeline.judgement.objections import Claim, ObjectionRefused
from pipeline.numbers.ledger import decided
from records.access import Forbidden, Viewer
from records.canonical import document_sha256
from records.clock import now
from records.instance import Instance
from records.models import Assessment, Exclusion, Objection
from records.queries import review
from records.vocabulary import Role
from tests.evaluation.builders import indicator, scheme
from tests.pipeline.test_assessing import prepared

__all__ = ["prepared"]

ANN = Viewer(1, "Ann", Role.ASSESSOR, sign_in="ann")
BOB = Viewer(2, "Bob", Role.ASSESSOR, sign_in="bob")
HEAD = Viewer(3, "Head", Role.UNIT_HEAD, frozenset({"u2"}), sign_in="head")
PDF = b"%PDF-1.7 proof"
DRAFT = 1
OPEN_CASE = "u2-39"  # the last of 40 cases of u2, not closed


@pytest.fixture(scope="module")
def drafted(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared instance with a draft of 2024 by ann, which takes a second to count; copied for each test."""
    folder = tmp_path_factory.mktemp("drafted")
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        opened = Instance.open(folder / "instance")
    made = assessing.make_draft(opened, scheme_id="closing", period="2024", by="ann", draws=100)
    assert (made.number, made.state) == (DRAFT, "draft")
    opened.close()
    return folder


@pytest.fixture
def instance(drafted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    shutil.copytree(drafted, tmp_path, dirs_exist_ok=True)
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def at_state(instance: Instance, state: str) -> int:
    """The draft of 2024 taken to a state by ann."""
    for step in cycle.STATES[1 : cycle.STATES.index(state) + 1]:
        assessing.advance(instance, DRAFT, step, by="bob" if step == "published" else "ann")
    return DRAFT


def score(instance: Instance, number: int, unit: str = "u2") -> float | None:
    return next(row.score for row in assessing.get(instance, number).result.units if row.unit == unit)


def proof(name: str = "证明.pdf", content: bytes = PDF) -> list[Given]:
    return [Given(name, io.BytesIO(content))]


def object_to_record(instance: Instance, number: int, **more: Any) -> int:
    claim = Claim("本件不属于我单位，联系人 13812345678", case_no=OPEN_CASE)
    return objections.raise_objection(instance, HEAD, number=number, unit="u2", claim=claim, **more)


def test_accepted_objection_reaches_the_ledger_and_the_next_count(instance: Instance) -> None:
    number = at_state(instance, "appeal")
    made = object_to_record(instance, number, files=proof())
    effect = objections.preview(instance, ANN, made)
    assert effect is not None
    # 30 of 40 closed is 75 %, half way between 50 % and 100 %; 30 of 39 is 76.9 %.
    assert (effect.score_before, effect.score_after) == (pytest.approx(50.0), pytest.approx((30 / 39 - 0.5) * 200))
    assert effects.as_seen(effect, HEAD) == effect  # no citizen's answer is in this scheme
    objections.decide(instance, ANN, made, is_accepted=True, remedy="exclude", answer="查实")
    with instance.session() as session:
        entry = session.query(Exclusion).one()
        assert (entry.state, entry.applied_by, entry.decided_by) == ("approved", "head", "ann")
    assert score(instance, number) == pytest.approx(50.0)  # the draft itself does not move
    with pytest.raises(StepRefused, match="count it again"):
        assessing.advance(instance, number, "final", by="ann")
    again = assessing.recount(instance, number, by="ann", why="异议成立")
    assert (again.state, score(instance, again.number)) == ("appeal", effect.score_after)
    assert assessing.advance(instance, again.number, "final", by="ann").state == "final"


def test_accepted_objection_joins_what_the_ledger_knows(instance: Instance) -> None:
    number = at_state(instance, "appeal")
    made, later = object_to_record(instance, number), object_to_record(instance, number)
    with instance.session() as session:
        asked = session.get_one(Objection, made)
        key = {"register": asked.register or "", "case_no": asked.case_no, "unit_code": asked.unit_code}
    with instance.session() as session:
        waiting = Exclusion(**key, ground="other", state="applied", applied_by="ann", applied_at=now())
        session.add(waiting)
    with pytest.raises(ObjectionRefused, match="same person"):
        objections.decide(instance, ANN, made, is_accepted=True, remedy="exclude", answer="是")
    with instance.session() as session:
        session.get_one(Exclusion, waiting.id).applied_by = "head"
    for objection in (made, later):
        objections.decide(instance, ANN, objection, is_accepted=True, remedy="exclude", answer="是")
    with instance.session() as session:
        (entry,) = session.query(Exclusion)
        assert (entry.state, entry.applied_by, entry.decided_by) == ("approved", "head", "ann")


def test_excluded_case_counts_in_the_other_scope(instance: Instance) -> None:
    number = at_state(instance, "appeal")
    objections.decide(
        instance, ANN, object_to_record(instance, number), is_accepted=True, remedy="exclude", answer="是"
    )
    again = assessing.recount(instance, number, by="ann")
    found = next(row for row in again.result.units if row.unit == "u2")
    row = found.indicator("H9")
    assert row is not None
    assert (row.numerator, row.denominator) == (30, 39)
    assert (row.other_numerator, row.other_denominator) == (30, 40)
    assert (found.other_score, again.result.scope, again.result.other_scope) == (pytest.approx(50.0), "kept", "all")


def test_open_objection_holds_the_result_back(instance: Instance) -> None:
    number = at_state(instance, "appeal")
    made = object_to_record(instance, number)
    with pytest.raises(StepRefused, match="1 open objections"):
        assessing.advance(instance, number, "final", by="ann")
    objections.withdraw(instance, HEAD, made)
    assert assessing.advance(instance, number, "final", by="ann").state == "final"


def test_objection_to_a_figure_shows_what_the_claim_would_give(instance: Instance) -> None:
    number = at_state(instance, "appeal")
    claim = Claim("应为九成", indicator="H9", claimed=0.9)
    made = objections.raise_objection(instance, HEAD, number=number, unit="u2", claim=claim)
    effect = objections.preview(instance, ANN, made)
    assert effect is not None
    assert effect.values == {"H9": (0.75, 0.9)}
    assert effect.change == pytest.approx(30.0)


@pytest.mark.parametrize("state", ["draft", "review", "final", "published"])
def test_objections_are_only_taken_in_their_period(instance: Instance, state: str) -> None:
    number = at_state(instance, state)
    with pytest.raises((cycle.Closed, Forbidden)):
        object_to_record(instance, number)


def test_comments_and_objections_end_with_their_last_day(instance: Instance) -> None:
    number = at_state(instance, "review")
    cycle.comment(instance, HEAD, number=number, unit="u2", text="数据有误", indicator="H9")
    with instance.session() as session:
        session.get_one(Assessment, number).review_until = instance.today() - timedelta(days=1)
        assert [c.indicator for c in cycle.comments_on(session, viewer=HEAD, number=number)] == ["H9"]
        other = Viewer(4, "Other", Role.UNIT_HEAD, frozenset({"u1"}), sign_in="other")
        assert cycle.comments_on(session, viewer=other, number=number) == []
    with pytest.raises(cycle.Closed):
        cycle.comment(instance, HEAD, number=number, unit="u2", text="再说一句")
    with pytest.raises(StepRefused, match="has passed"):
        assessing.advance(instance, number, "appeal", by="ann", until=instance.today() - timedelta(days=1))


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        (Claim(" ", indicator="H9"), "no_reason_given"),
        (Claim("不服"), "nothing_disputed"),
        (Claim("不服", case_no="u1-1"), "no_such_record"),
    ],
)
def test_objection_without_substance_is_refused(instance: Instance, claim: Claim, code: str) -> None:
    number = at_state(instance, "appeal")
    with pytest.raises(ObjectionRefused) as refused:
        objections.raise_objection(instance, HEAD, number=number, unit="u2", claim=claim)
    assert refused.value.code == code


def test_unit_sees_and_raises_only_its_own(instance: Instance) -> None:
    number = at_state(instance, "appeal")
    with pytest.raises(Forbidden):
        objections.raise_objection(instance, HEAD, number=number, unit="u1", claim=Claim("x", indicator="H9"))
    made = object_to_record(instance, number, files=proof())
    other = Viewer(4, "Other", Role.UNIT_HEAD, frozenset({"u1"}), sign_in="other")
    with instance.session() as session:
        own = review.objection(session, viewer=HEAD, number=made)
        assert own is not None
        assert "13812345678" not in own.text
        assert review.file(session, viewer=HEAD, number=own.files[0].id) is not None
        assert review.objection(session, viewer=other, number=made) is None
        assert review.file(session, viewer=other, number=own.files[0].id) is None


def test_evidence_lies_under_its_hash_and_a_change_is_found(instance: Instance) -> None:
    made = object_to_record(instance, at_state(instance, "appeal"), files=proof())
    with instance.session() as session:
        kept = files_of(session, subject="objection", subject_id=made)[0]
    path = path_of(instance, kept.sha256)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (PDF, 0o400)
    assert changed_files(instance) == (1, [])
    path.chmod(0o600)
    path.write_bytes(PDF + b"!")
    assert changed_files(instance) == (1, [kept.sha256])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"", "empty_file"),
        ("a.exe", b"MZ", "unknown_kind_of_file"),
        ("a.pdf", b"<script>", "unknown_kind_of_file"),
        ("a.html", b"%PDF-", "unknown_kind_of_file"),
    ],
)
def test_strange_evidence_is_refused_with_the_objection(
    instance: Instance, name: str, content: bytes, code: str
) -> None:
    number = at_state(instance, "appeal")
    with pytest.raises(EvidenceRefused) as refused:
        object_to_record(instance, number, files=proof(name, content))
    assert refused.value.code == code
    with instance.session() as session:
        assert review.list_objections(session, viewer=ANN) == []


def test_exclusion_needs_a_document_and_another_person(instance: Instance) -> None:
    wanted = Wanted("u2", OPEN_CASE, "not_responsible")
    with pytest.raises(ExclusionRefused, match="no document"):
        exclusions.request(instance, ANN, wanted)
    number = at_state(instance, "review")
    entry = exclusions.request(instance, ANN, wanted, proof())
    with pytest.raises(ExclusionRefused, match="same person"):
        exclusions.decide(instance, ANN, entry, is_approved=True, answer="同意")
    assert decided(instance).cases == ()
    exclusions.decide(instance, BOB, entry, is_approved=True, answer="同意")
    assert [case_no for _, case_no in decided(instance).cases] == [OPEN_CASE]
    with instance.session() as session:
        row = review.exclusion(session, viewer=HEAD, number=entry)
    assert row is not None
    assert row.effect is not None
    assert row.effect["score_after"] == pytest.approx((30 / 39 - 0.5) * 200)
    again = assessing.recount(instance, number, by="ann")
    assert score(instance, again.number) == pytest.approx(row.effect["score_after"])
    exclusions.take_back(instance, BOB, entry, why="文件无效")
    assert score(instance, assessing.recount(instance, again.number, by="ann").number) == pytest.approx(50.0)


def test_refused_and_repeated_requests(instance: Instance) -> None:
    wanted = Wanted("u2", OPEN_CASE, "law")
    entry = exclusions.request(instance, HEAD, wanted, proof())
    with pytest.raises(ExclusionRefused, match="already in the ledger"):
        exclusions.request(instance, ANN, wanted, proof())
    exclusions.decide(instance, ANN, entry, is_approved=False, answer="理由不足")
    assert exclusions.request(instance, HEAD, wanted, proof()) == entry
    with pytest.raises(Forbidden):
        exclusions.decide(instance, HEAD, entry, is_approved=True, answer="同意")


def test_requests_from_a_file_wait_for_another_person(instance: Instance) -> None:
    row = {"unit": "u2", "case_no": OPEN_CASE, "register": "", "ground": "不合理诉求", "note": None, "applied_at": None}
    with instance.session() as session:
        save_exclusions(session, [row], zone="Asia/Shanghai", by="ann", batch=7)
    with instance.session() as session:
        entry = review.list_exclusions(session, viewer=ANN)[0]
    assert (entry.ground, entry.batch_id, entry.state) == ("不合理诉求", 7, "applied")
    with pytest.raises(ExclusionRefused, match="same person"):
        exclusions.decide(instance, ANN, entry.id, is_approved=True, answer="同意")
    exclusions.decide(instance, BOB, entry.id, is_approved=True, answer="同意")
    assert len(decided(instance).cases) == 1


def test_correction_after_publication_keeps_the_old_hash(instance: Instance) -> None:
    number = at_state(instance, "published")
    old = assessing.get(instance, number)
    entry = exclusions.request(instance, ANN, Wanted("u2", OPEN_CASE, "law"), proof())
    exclusions.decide(instance, BOB, entry, is_approved=True, answer="同意")
    new = assessing.advance(instance, number, "reopen", by="ann", why="更正")
    assert assessing.get(instance, number).result_sha256 == old.result_sha256
    with instance.session() as session:
        assert document_sha256(session.get_one(Assessment, number).result) == old.result_sha256
        assert cycle.versions_of(session, new.number) == [new.number, number]
    assert assessing.recompute(instance, number) == []
    assert new.result_sha256 != old.result_sha256


def test_backup_brings_the_evidence_back_and_verify_looks_at_it(instance: Instance, tmp_path: Path) -> None:
    made = object_to_record(instance, at_state(instance, "appeal"), files=proof())
    make_backup(instance, tmp_path / "all.zip")
    restored = restore_backup(tmp_path / "again", tmp_path / "all.zip")
    with restored.session() as session:
        kept = files_of(session, subject="objection", subject_id=made)[0]
    assert path_of(restored, kept.sha256).read_bytes() == PDF
    assert verify(restored).to_json()["evidence"] == {"checked": 1, "bad": []}
    path_of(restored, kept.sha256).unlink()
    assert (verify(restored).is_ok, verify(restored).bad_evidence) == (False, [kept.sha256])
    restored.close()


def test_a_change_in_the_other_scope_alone_is_told() -> None:
    used = scheme(indicator("x", 100))
    units, kept = [AssessedUnit("u", "U"), AssessedUnit("v", "V")], [Observation(unit, "x", 80.0) for unit in "uv"]
    others = [[Observation("u", "x", value), Observation("v", "x", 70.0)] for value in (70.0, 60.0)]
    old, new = (assess(used, kept, units, period="2024", other=other) for other in others)
    (found,) = versions.changed_units(old, new)
    assert (found.unit, found.score_before, found.score_after) == ("u", 80.0, 80.0)
    assert (found.other_before, found.other_after) == (70.0, 60.0)
    assert versions.changed_units(old, old) == []
