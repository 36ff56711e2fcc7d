"""A draft from stored parts, its life to publication, and the commands around it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evaluation.scores.board import lay
from evaluation.uncertainty.chance import rankable
from evaluation.uncertainty.robustness import robustness
from pipeline.commands import main
from pipeline.judgement import assessing
from pipeline.judgement.assessing import AssessmentMissing, StepRefused
from pipeline.judgement.scheme_store import PublicationRefused, differences, find_scheme, publish
from pipeline.numbers.counting import metric_values
from pipeline.paper.report_source import source_for
from records.canonical import document_sha256
from records.clock import now
from records.instance import Instance
from records.models import Assessment, Finding, Unit
from records.parts import adopt, withdraw
from records.vocabulary import Kind
from tests.evaluation.builders import GRADES, indicator, scheme, units, values
from tests.records.conftest import add_batch, case, write_part

CLOSING = f"""id = "closing"
version = "1"
title = {{ zh = "办结", en = "Closing" }}
[[indicator]]
code = "H9"
weight = 70
method = "goalposts"
zero = 0.5
full = 1.0
[[indicator]]
code = "Q1"
weight = 30
method = "goalposts"
zero = 50
full = 95
[[deduction]]
code = "D1"
source = "confirmed_finding"
per_item = 2
cap = 10
{GRADES}"""
CLOSED = {"u1": 40, "u2": 30, "u3": 5}
RECEIVED = {"u1": 40, "u2": 40, "u3": 8}


def rows() -> list[dict[str, Any]]:
    """Cases of three units; some of them closed a day later."""
    found = []
    for unit, count in RECEIVED.items():
        for number in range(count):
            at = datetime(2024, 3, 1, 9) + timedelta(hours=number)
            closed = (
                {"closed_at": at + timedelta(days=1), "state": "closed"} if number < CLOSED[unit] else {"state": "open"}
            )
            found.append(case(f"{unit}-{number}", unit, at.isoformat(" "), exported_at=datetime(2024, 7, 1), **closed))
    return found


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with three units, their cases of March 2024 and the scheme "closing"; copied for each test."""
    folder = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        opened = Instance.open(folder / "instance")
    number = add_batch(opened, kind=Kind.RESPONSES)
    staged = write_part(opened.staging_folder / "1" / "part.parquet", rows())
    with opened.session() as session:
        session.add_all(Unit(code=code, name=f"Unit {code}") for code in RECEIVED)
        adopt(opened, session, staged, Kind.RESPONSES, number, by="ann")
    (folder / "closing.toml").write_text(CLOSING, "utf-8")
    publish(opened, folder / "closing.toml", by="ann")
    metric_values(opened, period="2024")  # the facts lie in the folder then, and no copy builds them again
    opened.close()
    return folder


@pytest.fixture
def instance(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """A copy of the prepared instance, beside a copy of its scheme file."""
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def draft(instance: Instance, **more: Any) -> assessing.Stored:
    return assessing.make_draft(instance, scheme_id="closing", period="2024", by="ann", draws=200, **more)


def run(instance: Instance, *words: str) -> Result:
    return CliRunner().invoke(main, ["--instance", str(instance.folder), *words])


def test_a_draft_scores_units_and_keeps_where_it_came_from(instance: Instance) -> None:
    made = draft(instance)
    found = {row.unit: row for row in made.result.units}
    assert (made.state, made.number) == ("draft", 1)
    assert found["u1"].score == pytest.approx(100.0)
    assert found["u2"].score == pytest.approx(50.0)
    assert (found["u3"].score, found["u3"].reason) == (None, "too_few")
    assert {row.code: row.reason for row in found["u1"].indicators} == {"H9": None, "Q1": "not_measured"}
    assert "measured_share:70" in made.result.warnings
    assert made.result.provenance["batches"] == [1]
    assert len(made.result.provenance["parts"][0]["sha256"]) == 64
    assert made.result.provenance["scheme"]["sha256"] == find_scheme(instance, "closing").sha256
    assert document_sha256(made.result.to_json()) == made.result_sha256


def test_two_drafts_are_equal_to_the_last_digit(instance: Instance) -> None:
    assert draft(instance).result_sha256 == draft(instance).result_sha256
    assert draft(instance).result_sha256 != draft(instance, seed=5).result_sha256


def test_a_confirmed_finding_is_deducted_and_an_open_one_is_not(instance: Instance) -> None:
    plain = draft(instance).result.units[0].score
    for state in ("open", "confirmed"):
        with instance.session() as session:
            finding = {
                "detector": "D08",
                "period": "2024",
                "unit_code": "u1",
                "document": {},
                "made_at": now(),
            }
            session.add(Finding(**finding, state=state))
    found = draft(instance).result.units[0]
    assert (plain, found.score, found.deduction) == (100.0, 98.0, 2.0)


def test_the_cycle_goes_one_step_at_a_time_and_freezes_the_result(instance: Instance) -> None:
    made = draft(instance)
    with pytest.raises(StepRefused, match="next step is review"):
        assessing.advance(instance, made.number, "published", by="ann")
    for step in ("review", "appeal", "final"):
        assert assessing.advance(instance, made.number, step, by="ann").state == step
    with pytest.raises(StepRefused, match="another person"):
        assessing.advance(instance, made.number, "published", by="ann")
    published = assessing.advance(instance, made.number, "published", by="bob")
    assert (published.state, published.result_sha256) == ("published", made.result_sha256)
    with pytest.raises(StepRefused):
        assessing.advance(instance, made.number, "review", by="bob")


def test_reopening_makes_a_new_draft_and_leaves_the_old_result(instance: Instance) -> None:
    made = draft(instance)
    with pytest.raises(StepRefused, match="only a final or published one"):
        assessing.advance(instance, made.number, "reopen", by="ann")
    for step in ("review", "appeal", "final"):
        assessing.advance(instance, made.number, step, by="ann")
    again = assessing.advance(instance, made.number, "reopen", by="ann", why="a case was withdrawn")
    old = assessing.get(instance, made.number)
    assert (again.state, again.result.provenance["replaces"]) == ("draft", made.number)
    assert (old.result_sha256, old.replaced_by) == (made.result_sha256, again.number)
    with pytest.raises(StepRefused, match="was replaced by"):
        assessing.advance(instance, made.number, "reopen", by="ann")


def test_recompute_finds_a_changed_score(instance: Instance) -> None:
    made = draft(instance)
    assert assessing.recompute(instance, made.number) == []
    with instance.session() as session:
        row = session.get(Assessment, made.number)
        assert row is not None
        changed = [{**unit, "score": 77.0} if unit["unit"] == "u2" else unit for unit in row.result["units"]]
        row.result = {**row.result, "units": changed}
    assert assessing.recompute(instance, made.number) == ["result_sha256", "u2.score"]


def test_of_a_result_drawn_by_an_earlier_rule_the_scores_are_made_anew(instance: Instance) -> None:
    made = draft(instance)

    def stored_as(**changed: object) -> list[str]:
        with instance.session() as session:
            row = session.get(Assessment, made.number)
            assert row is not None
            units = [{**unit, **changed} if unit["unit"] == "u2" else unit for unit in row.result["units"]]
            row.result = {**row.result, "units": units, "draw_rule": None}
            row.result_sha256 = document_sha256(row.result)
        return assessing.recompute(instance, made.number)

    assert stored_as(low=1.0, rank_low=1) == []
    assert stored_as(score=77.0) == ["u2.score"]


def test_an_unknown_number_is_named(instance: Instance) -> None:
    with pytest.raises(AssessmentMissing, match="no assessment 9"):
        assessing.get(instance, 9)


def test_simulation_stores_nothing_and_tells_of_changed_records(instance: Instance) -> None:
    made = draft(instance)
    other = scheme(indicator("H9", 100, method="rate_x_full"))
    before, after = assessing.simulate(instance, made.number, other)
    assert (before.number, after.units[1].score) == (made.number, pytest.approx(75.0))
    assert "records_changed:" not in after.warnings
    assert len(assessing.list_assessments(instance)) == 1
    with instance.session() as session:
        withdraw(session, 1, by="ann", why="test")
    assert "records_changed:" in assessing.simulate(instance, made.number, other)[1].warnings


def test_documents_list_the_batches_a_result_rests_on(instance: Instance) -> None:
    """A batch taken in later was no part of it, one withdrawn later was."""
    made = draft(instance)
    later = add_batch(instance, kind=Kind.RESPONSES)
    more = [case("later-1", "u1", "2024-03-20 09:00:00", exported_at=datetime(2024, 7, 2))]
    staged = write_part(instance.staging_folder / "later" / "part.parquet", more)
    with instance.session() as session:
        adopt(instance, session, staged, Kind.RESPONSES, later, by="ann")
    assert [batch["number"] for batch in source_for(instance, made.number).batches] == [1]
    with instance.session() as session:
        withdraw(session, 1, by="ann", why="test")
    told = source_for(instance, made.number)
    assert [batch["number"] for batch in told.batches] == [1]
    assert "records_changed:" in told.assessment.warnings


def test_robustness_keeps_clear_orders_and_lists_each_indicator_left_out() -> None:
    used = scheme(indicator("a", 50), indicator("b", 50))
    table = {"x": {"a": 90.0, "b": 90.0}, "y": {"a": 70.0, "b": 60.0}, "z": {"a": 50.0, "b": 40.0}}
    board = lay(used, values(table), units(list(table)))
    found = robustness([board], rankable(board), seed=1, draws=100)
    assert [(row.unit, row.rank_low, row.rank_high) for row in found.units] == [("x", 1, 1), ("y", 2, 2), ("z", 3, 3)]
    assert {row.name for row in found.variants if row.kind == "left_out"} == {"a", "b"}
    assert {row.mean_shift for row in found.variants} == {0.0}


def test_a_published_scheme_is_never_overwritten(instance: Instance, tmp_path: Path) -> None:
    path = tmp_path / "closing.toml"
    assert publish(instance, path, by="ann").sha256 == find_scheme(instance, "closing@1").sha256
    path.write_text(CLOSING.replace("zero = 50", "zero = 40"), "utf-8")
    with pytest.raises(PublicationRefused, match="use a new version"):
        publish(instance, path, by="ann")
    path.write_text(CLOSING.replace("zero = 50", "zero = 40").replace('version = "1"', 'version = "2"'), "utf-8")
    publish(instance, path, by="ann")
    changes = differences(find_scheme(instance, "closing@1"), find_scheme(instance, "closing"))
    assert [(c.path, c.before, c.after) for c in changes] == [("indicator[Q1].zero", 50, 40), ("version", "1", "2")]


def test_assess_command_answers_as_the_contract_says(instance: Instance) -> None:
    answer = run(instance, "assess", "--scheme", "closing", "--period", "2024", "--draws", "200", "--json")
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert {"assessment", "state", "scheme", "seed", "units"} <= found.keys()
    wanted = "unit group score low high grade grade_probability grade_certain rank rank_low rank_high reason vetoes"
    assert {*wanted.split(), "indicators"} <= found["units"][0].keys()
    inner = "code value points weight effective_weight contribution reason"
    assert set(inner.split()) <= found["units"][0]["indicators"][0].keys()


def test_assessments_and_refused_steps(instance: Instance) -> None:
    draft(instance)
    listed = json.loads(run(instance, "assessments", "--json").stdout)["assessments"]
    assert [(row["number"], row["state"]) for row in listed] == [(1, "draft")]
    refused = run(instance, "assessments", "advance", "1", "--to", "final")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "next step is review" in refused.stderr
    assert run(instance, "assessments", "advance", "1", "--to", "review").exit_code == 0
    assert json.loads(run(instance, "assessments", "show", "1", "--json").stdout)["state"] == "review"
    assert run(instance, "assessments", "show").exit_code == 2
    assert run(instance, "assessments", "show", "9").exit_code == 1


def test_robustness_and_simulate_commands(instance: Instance, tmp_path: Path) -> None:
    draft(instance)
    found = json.loads(run(instance, "robustness", "1", "--draws", "100", "--json").stdout)
    assert {"seed", "draws", "units", "variants"} <= found.keys()
    answer = json.loads(run(instance, "simulate", "1", "--scheme", str(tmp_path / "closing.toml"), "--json").stdout)
    assert {row["change"] for row in answer["units"]} == {0.0, None}


def test_score_command_on_a_plain_table(instance: Instance, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes("单位,peer_group,H9,Q1,Q1.se\n甲,镇,90%,60,2\n乙,镇,0.7,,\n丙,镇,N/A,70,\n".encode("gb18030"))
    answer = run(instance, "score", str(table), "--scheme", str(tmp_path / "closing.toml"), "--json")
    found = {row["unit"]: row for row in json.loads(answer.stdout)["units"]}
    assert found["甲"]["score"] == pytest.approx(0.7 * 80 + 0.3 * 100 * 10 / 45)
    assert found["甲"]["low"] < found["甲"]["score"] < found["甲"]["high"]
    assert (found["乙"]["score"], found["乙"]["reason"]) == (None, "not_rated")
    assert found["丙"]["score"] == pytest.approx(100 * 20 / 45)
    assert not list((instance.folder / "parts").rglob("*.part"))


@pytest.mark.parametrize(
    ("content", "exit_code", "said"),
    [
        (b"unit,H9\nu,high\n", 1, "row 2, column H9"),
        (b"unit,H9\nu,1\nu,2\n", 1, "stands twice"),
        (b"unit,other\nu,1\n", 1, "no column is an indicator"),
        (b"unit,H9\nu,inf\n", 1, "is not a number"),
        (b"\x00\x01\x02\x00", 3, "not a text table"),
        (None, 3, "cannot be read"),
    ],
)
def test_score_command_refuses_with_a_sentence(
    instance: Instance, tmp_path: Path, content: bytes | None, exit_code: int, said: str
) -> None:
    table = tmp_path / "table.csv"
    if content is not None:
        table.write_bytes(content)
    answer = run(instance, "score", str(table), "--scheme", "closing")
    assert (answer.exit_code, answer.stdout) == (exit_code, "")
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


def test_schemes_commands(instance: Instance, tmp_path: Path) -> None:
    listed = json.loads(run(instance, "schemes", "list", "--json").stdout)["schemes"]
    assert {row["id"]: row["source"] for row in listed}["closing"] == "office"
    assert json.loads(run(instance, "schemes", "show", "closing", "--json").stdout)["document"]["id"] == "closing"
    bad = tmp_path / "bad.toml"
    bad.write_text(CLOSING.replace("weight = 30", "weight = 29.5"), "utf-8")
    answer = run(instance, "schemes", "check", str(bad), "--json")
    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["faults"][0]["en"] == "the weights of the indicators sum to 99.5, not 100"
    assert run(instance, "schemes", "publish", str(bad)).exit_code == 1
    assert run(instance, "schemes", "check", str(tmp_path / "none.toml")).exit_code == 3
    assert run(instance, "schemes", "diff", "closing").exit_code == 2
    assert json.loads(run(instance, "schemes", "diff", "closing", "closing", "--json").stdout)["changes"] == []
