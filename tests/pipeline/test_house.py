"""Keeping house: verification finds what was changed, a backup brings everything back, the doctor says what to do."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, update

from evaluation.result import Assessment as Result
from evaluation.result import UnitResult
from evaluation.scheme import load
from pipeline.commands import main
from pipeline.house import people
from pipeline.house.backups import BackupError, make_backup, restore_backup
from pipeline.house.doctor import examine
from pipeline.house.jobs import Directly
from pipeline.house.verification import self_check_job, verify
from pipeline.judgement.assessing import rescored
from records import audit
from records.canonical import document_sha256
from records.clock import now
from records.instance import Instance
from records.models import Assessment, AssessmentEvent, AuditEntry, AuditHead, PeerGroup, Unit
from records.parts import adopt, withdraw
from records.vocabulary import Kind, Role
from tests.records.conftest import add_batch, case, write_part

SCHEME = load(next((Path(__file__).parents[2] / "evaluation" / "schemes").glob("bj_three_rates@*.toml")))
DRAFT = Result(
    scheme={"id": SCHEME.id, "version": SCHEME.version, "sha256": SCHEME.sha256},
    period="2024", as_of="2025-01-01", seed=1, draws=10, units=[UnitResult("b", None, None, reason="no_cases")],
)  # fmt: skip
RESULT = rescored(DRAFT, SCHEME).to_json()


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """Two units (the parent sorts after its child), two parts, one of them withdrawn, an assessment, an account."""
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    opened = Instance.open(tmp_path / "instance")
    for number in ("1", "2"):
        batch = add_batch(opened, answer={"rows": number})
        staged = write_part(opened.staging_folder / f"{number}.parquet", [case(number)])
        with opened.session() as session:
            adopt(opened, session, staged, Kind.RESPONSES, batch)
    with opened.session() as session:
        withdraw(session, 2, by="ann", why="wrong month")
        session.add_all(
            [PeerGroup(code="g", title="街道"), Unit(code="z", name="区"), Unit(code="b", name="街", peer_group="g")]
        )
        session.flush()
        session.get_one(Unit, "b").parent_code = "z"
        session.add(
            Assessment(
                scheme_id=SCHEME.id, scheme_version=SCHEME.version, scheme_sha256=SCHEME.sha256,
                scheme_text=SCHEME.text,
                period="2024", state="draft", seed=1, draws=10, result=RESULT, result_sha256=document_sha256(RESULT),
                provenance={}, made_by="ann", made_at=now(),
                events=[AssessmentEvent(to_state="draft", by="ann", at=now())],
            )
        )  # fmt: skip
    people.add_person(
        opened, sign_in="li", name="李", role=Role.UNIT_HEAD, unit_code="b", password="x y z long", by="t"
    )
    with opened.session() as session:
        for number in range(5):
            audit.write(session, "ann", "test", f"subject {number}", {"n": number})
    yield opened
    opened.close()


def test_verify_untouched_is_ok(instance: Instance) -> None:
    assert verify(instance).to_json() == {
        "ok": True,
        "parts": {"checked": 2, "bad": []},
        "audit": {"checked": 6, "first_bad": None},
        "assessments": {"checked": 1, "different": []},
        "evidence": {"checked": 0, "bad": []},
    }


def damage(path: Path) -> None:
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


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


def test_backup_and_restore_bring_everything_back(instance: Instance, tmp_path: Path) -> None:
    own = {
        "calendar.toml": "[week]",
        "schemes/own@1.toml": "id",
        "fonts/song.ttf": "f",
        "facts/prepared/a.json.gz": "n",
    }
    for name, text in own.items():
        (instance.folder / name).parent.mkdir(exist_ok=True, parents=True)
        (instance.folder / name).write_text(text)
    counts = make_backup(instance, tmp_path / "backup.zip")
    assert (counts["parts"], (tmp_path / "backup.zip").stat().st_mode & 0o777) == (2, 0o600)
    restored = restore_backup(tmp_path / "restored", tmp_path / "backup.zip")
    assert verify(restored) == verify(instance)
    assert restored.keys.secrets == instance.keys.secrets
    assert {name: (restored.folder / name).read_text() for name in own} == own
    assert (restored.folder / "settings.toml").read_text() == (instance.folder / "settings.toml").read_text()
    assert people.authenticate(restored, "li", "x y z long") is not None
    with restored.session() as session:
        assert session.get_one(Unit, "b").parent_code == "z"
        audit.write(session, "ann", "test", "goes on")
    assert verify(restored).audit.first_bad is None
    restored.close()


def test_restore_refuses_a_folder_in_use(instance: Instance, tmp_path: Path) -> None:
    make_backup(instance, tmp_path / "backup.zip")
    with pytest.raises(BackupError, match="holds data already"):
        restore_backup(instance.folder, tmp_path / "backup.zip")
    assert verify(instance).is_ok


def test_restore_after_a_broken_restore_goes_through(instance: Instance, tmp_path: Path) -> None:
    make_backup(instance, tmp_path / "backup.zip")
    half = tmp_path / "half"
    shutil.copytree(instance.parts_folder, half / "parts")
    shutil.copy(instance.folder / "keys.json", half)
    assert verify(restore_backup(half, tmp_path / "backup.zip")).is_ok


def rewrite(source: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    target = source.with_name("changed.zip")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if changed := change(name, old.read(name)):
                new.writestr(*changed)
    return target


def flip_part(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content[:-1] + b"x" if name.startswith("parts/") else content


def drop_part(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name.startswith("parts/") else (name, content)


def climb_out(name: str, content: bytes) -> tuple[str, bytes]:
    if name == "manifest.json":
        document = json.loads(content)
        document["files"]["../../evil"] = document["files"].pop("settings.toml")
        return name, json.dumps(document).encode()
    return ("../../evil" if name == "settings.toml" else name), content


def newer(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content.replace(b'"revision": "0', b'"revision": "9') if name == "manifest.json" else content


@pytest.mark.parametrize(
    ("change", "message"),
    [(flip_part, "not what was written"), (drop_part, "missing"), (climb_out, "misplaced"), (newer, "newer program")],
)
def test_restore_refuses_a_changed_file(
    instance: Instance, tmp_path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], message: str
) -> None:
    make_backup(instance, tmp_path / "backup.zip")
    with pytest.raises(BackupError, match=message):
        restore_backup(tmp_path / "restored", rewrite(tmp_path / "backup.zip", change))
    assert not (tmp_path / "restored").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"no zip at all"])
def test_restore_refuses_another_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(BackupError):
        restore_backup(tmp_path / "restored", tmp_path / "x.zip")


def test_doctor_on_a_good_instance_has_nothing_bad(instance: Instance) -> None:
    assert [finding.name for finding in examine(instance) if finding.state == "bad"] == []


def test_doctor_names_what_is_wrong(instance: Instance) -> None:
    (instance.folder / "keys.json").chmod(0o644)
    instance.folder.chmod(0o755)
    (instance.parts_folder / "responses" / "stray.parquet").write_bytes(b"")
    states = {finding.name: finding.state for finding in examine(instance)}
    assert {name: states[name] for name in ("key_file", "folder", "orphans", "database", "soundness")} == {
        "key_file": "bad", "folder": "warn", "orphans": "warn", "database": "ok", "soundness": "ok",
    }  # fmt: skip


def run(instance: Instance, *arguments: str, code: int = 0) -> str:
    answer = CliRunner().invoke(main, ["--instance", str(instance.folder), *arguments])
    assert answer.exit_code == code, answer.output
    return answer.output


def test_commands_answer_json_and_exit_codes(instance: Instance, tmp_path: Path) -> None:
    assert json.loads(run(instance, "verify", "--json"))["ok"] is True
    assert json.loads(run(instance, "migrate", "--json"))["revision"]
    assert json.loads(run(instance, "doctor", "--json"))["ok"] is True
    assert json.loads(run(instance, "backup", str(tmp_path / "b.zip"), "--json"))["parts"] == 2
    assert "holds data already" in run(instance, "restore", str(tmp_path / "b.zip"), code=1)
    damage(next(instance.parts_folder.glob("responses/*.parquet")))
    assert json.loads(run(instance, "verify", "--json", code=1))["ok"] is False
    assert "hash" in run(instance, "verify", code=1)


def test_users_commands(instance: Instance) -> None:
    made = json.loads(run(instance, "users", "add", "Wang", "--name", "王", "--role", "assessor", "--json"))
    assert people.authenticate(instance, "wang", made["password"]) is not None
    listed = json.loads(run(instance, "users", "list", "--json"))["users"]
    assert [(user["sign_in"], user["role"]) for user in listed] == [("li", "unit_head"), ("wang", "assessor")]
    assert "password" not in listed[0]
    run(instance, "users", "disable", "wang")
    assert people.authenticate(instance, "wang", made["password"]) is None
    assert "taken" in run(instance, "users", "add", "wang", "--name", "王", "--role", "auditor", code=1)
    assert "no account" in run(instance, "users", "reset", "nobody", code=1)
    run(instance, "users", "add", "x", "--name", "x", "--role", "king", code=2)
    token = json.loads(run(instance, "token", "li", "--json"))["token"]
    assert people.viewer_of_token(instance, token) is not None
