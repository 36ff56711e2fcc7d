"""A small instance whose house is kept: two parts, one of them withdrawn, an assessment, an account, a trail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation.rules.scheme import load
from evaluation.scores.result import Assessment as Result
from evaluation.scores.result import UnitResult
from pipeline.commands import main
from pipeline.house import people
from pipeline.judgement.assessing import rescored
from records import audit
from records.canonical import document_sha256
from records.clock import now
from records.instance import Instance
from records.models import Assessment, AssessmentEvent, PeerGroup, Unit
from records.parts import adopt, withdraw
from records.vocabulary import Kind, Role
from tests.records.conftest import add_batch, case, write_part

SCHEME = load(next((Path(__file__).parents[2] / "evaluation" / "schemes").glob("bj_three_rates@*.toml")))
DRAFT = Result(
    scheme={"id": SCHEME.id, "version": SCHEME.version, "sha256": SCHEME.sha256},
    period="2024", as_of="2025-01-01", seed=1, draws=10, units=[UnitResult("b", None, None, reason="no_cases")],
)  # fmt: skip
RESULT = rescored(DRAFT, SCHEME).to_json()


@pytest.fixture(name="instance")
def kept_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
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


def damage(path: Path) -> None:
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def run(instance: Instance, *arguments: str, code: int = 0) -> str:
    answer = CliRunner().invoke(main, ["--instance", str(instance.folder), *arguments])
    assert answer.exit_code == code, answer.output
    return answer.output
