"""The command line contract: every documented JSON key of every command that answers, and the exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.commands import main
from records.access import OPERATOR
from records.clock import now
from records.instance import Instance
from records.models import Finding
from records.queries import cases

Run = Callable[..., Any]
PROJECT = Path(__file__).parents[2]
UNIT = {
    "unit", "group", "score", "low", "high", "grade", "grade_probability", "grade_certain", "rank", "rank_low",
    "rank_high", "reason", "vetoes", "indicators",
}  # fmt: skip
INDICATOR = {"code", "value", "points", "weight", "effective_weight", "contribution", "reason"}
ROW = {"unit", "unit_name", "period", "metric", "numerator", "denominator", "value", "low", "high", "n", "reason"}
FINDING = {
    "id", "detector", "unit", "unit_name", "named", "count", "n", "value", "expected", "p_adjusted", "sentence",
    "case_nos", "state",
}  # fmt: skip


@pytest.fixture
def wenxiao(demo_instance: Instance) -> Run:
    """Runs a command over the small demonstration city; answers exit code and JSON document."""
    return run_on(demo_instance)


def run_on(instance: Instance) -> Run:
    def run(*arguments: str) -> tuple[int, Any]:
        done = CliRunner().invoke(main, ["--instance", str(instance.folder), *arguments])
        return done.exit_code, json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stderr

    return run


def test_metrics(wenxiao: Run) -> None:
    code, answer = wenxiao("metrics", "--period", "2024", "--by", "unit", "--metric", "R5", "--json")
    assert code == 0
    assert set(answer) >= {"period", "as_of", "scope", "standard", "engine", "batches", "rows", "seconds"}
    assert all(set(row) >= ROW for row in answer["rows"])
    assert all((row["value"] is None) == (row["reason"] is not None) for row in answer["rows"])
    assert answer["engine"] == "duckdb"


def test_record(wenxiao: Run, demo_instance: Instance) -> None:
    with demo_instance.session() as session:
        case_no = cases.page(demo_instance, session, viewer=OPERATOR, limit=1).rows[0]["case_no"]
    code, answer = wenxiao("record", case_no, "--json")
    assert code == 0
    assert {"events", "clocks", "observations", "findings", "exclusions"} <= set(answer)
    assert {"batch", "file", "sheet", "row"} <= set(answer["observations"][0])


def test_clock(wenxiao: Run) -> None:
    times = ["--from", "2024-02-08 10:00", "--to", "2024-02-21 10:00"]
    code, answer = wenxiao("clock", *times, "--limit", "5 working_day", "--json")
    assert code == 0
    assert set(answer) >= {"business_seconds", "calendar_seconds", "working_days", "due", "met", "intervals", "reason"}
    assert answer["due"].startswith("2024-02-21")


def test_record_names_the_findings_that_list_it(demo_copy: Instance) -> None:
    with demo_copy.session() as session:
        case = cases.page(demo_copy, session, viewer=OPERATOR, limit=1).rows[0]
        document = {"cases": [[case["register"], case["case_no"]]], "sentence": {"zh": "线索", "en": "finding"}}
        session.add(Finding(detector="D17", period="2025", unit_code=case["unit"], document=document, made_at=now()))
    _, answer = run_on(demo_copy)("record", case["case_no"], "--json")
    assert [(found["detector"], found["sentence"]["en"]) for found in answer["findings"]] == [("D17", "finding")]


def test_demands(wenxiao: Run) -> None:
    code, answer = wenxiao("demands", "--period", "2024", "--json")
    assert code == 0
    assert answer["demands"]


def test_judgement(demo_copy: Instance) -> None:
    wenxiao = run_on(demo_copy)
    code, made = wenxiao("assess", "--scheme", "bj_three_rates", "--period", "2024", "--draws", "100", "--json")
    assert code == 0
    assert set(made) >= {"assessment", "state", "scheme", "seed", "units"}
    assert set(made["scheme"]) >= {"id", "version", "sha256"}
    assert (made["state"], set(made["units"][0]) >= UNIT) == ("draft", True)
    assert set(made["units"][0]["indicators"][0]) >= INDICATOR
    for command in (["assessments", "list"], ["assessments", "show", "1"], ["schemes", "list"], ["robustness", "1"]):
        code, answer = wenxiao(*command, "--json")
        assert (code, bool(answer)) == (0, True), command
    assert wenxiao("assessments", "advance", str(made["assessment"]), "--to", "published", "--json")[0] == 1


def test_findings_and_sample(demo_copy: Instance) -> None:
    wenxiao = run_on(demo_copy)
    code, answer = wenxiao("findings", "--period", "2025", "--json")
    assert (code, set(answer) >= {"period", "findings"}) == (0, True)
    assert answer["findings"]
    assert all(set(row) >= FINDING and set(row["sentence"]) == {"zh", "en"} for row in answer["findings"])
    code, answer = wenxiao("sample", "--period", "2025", "--size", "12", "--seed", "3", "--json")
    assert (code, answer["seed"], answer["size"]) == (0, 3, len(answer["cases"]))
    assert all(set(row) >= {"case_no", "unit", "stratum", "reason"} for row in answer["cases"])
    assert {row["reason"] for row in answer["cases"]} <= {"flagged", "random"}


def test_house(wenxiao: Run) -> None:
    code, answer = wenxiao("verify", "--json")
    assert (code, answer["ok"]) == (0, True)
    assert set(answer["parts"]) >= {"checked", "bad"}
    assert set(answer["audit"]) >= {"checked", "first_bad"}
    assert set(answer["assessments"]) >= {"checked", "different"}
    for command in (["units", "list"], ["layouts"], ["problems"], ["batches", "list"], ["batches", "show", "2"],
                    ["users", "list"], ["migrate"]):  # fmt: skip
        code, answer = wenxiao(*command, "--json")
        assert (code, bool(answer)) == (0, True), command


def test_demo_tells_the_same_sign_ins_again(wenxiao: Run, demo_instance: Instance) -> None:
    from tests.conftest import DEMO_CASES, DEMO_SEED, DEMO_UNITS

    plan = ["--cases", str(DEMO_CASES), "--units", str(DEMO_UNITS), "--seed", str(DEMO_SEED)]
    code, answer = wenxiao("demo", *plan, "--no-serve", "--json")
    assert code == 0
    assert {entry["role"] for entry in answer["sign_ins"]} == {"admin", "assessor", "unit_head", "org_dept", "auditor"}
    assert all(entry["user"] and entry["password"] for entry in answer["sign_ins"])


@pytest.mark.parametrize(
    "command", [["metrics"], ["metrics", "--period", "2024", "--by", "planet"], ["report"], ["no"]]
)
def test_wrong_usage_is_2(wenxiao: Run, command: list[str]) -> None:
    code, _ = wenxiao(*command)
    assert code == 2


@pytest.mark.parametrize(
    "command",
    [["record", "nothing like it"], ["batches", "show", "999"],
     ["assessments", "show", "999"], ["report", "999", "--kind", "annual", "--format", "docx", "--out", "x.docx"]],
)  # fmt: skip
def test_refused_is_1_with_one_sentence(wenxiao: Run, command: list[str]) -> None:
    code, said = wenxiao(*command)
    assert code == 1
    assert isinstance(said, str)
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1


def test_unreadable_is_3(tmp_path, demo_copy: Instance) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n not a spreadsheet")
    code, answer = run_on(demo_copy)("import", str(tmp_path / "x.xlsx"), "--kind", "responses", "--json")
    assert code == 3
    assert answer["problems"][0]["code"]


def test_a_reader_who_has_seen_enough_ends_the_command_quietly() -> None:
    """`wenxiao problems | head -1` closes the pipe after a line; the rest is neither printed nor complained about."""
    command = [sys.executable, "-c", "from pipeline.commands import main; main(['problems', '--json'])"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, cwd=PROJECT, stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")
