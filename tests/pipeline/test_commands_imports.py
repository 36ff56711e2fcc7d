"""`wenxiao import`, `batches`, `layouts`, `units`, `problems`, `demo`: JSON keys, exit codes, errors in a sentence."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from pipeline.commands import main
from pipeline.commands.demo import look_for_findings
from records.clock import now
from records.instance import Instance
from records.models import Finding, JobNote

ROWS = "工单编号,承办单位,来电时间\n热线-1,市水务局,2024-03-05 09:00:00\n"
KEYS = {"state", "batch", "same_as_batch", "file", "rows", "columns", "problems", "period", "vanished", "masked",
        "seconds"}  # fmt: skip


@pytest.fixture
def wenxiao(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    monkeypatch.delenv("WENXIAO_DEBUG", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--instance", str(tmp_path / "instance"), *arguments])

    return run


@pytest.fixture
def orders(tmp_path: Path) -> str:
    path = tmp_path / "orders.csv"
    path.write_text(ROWS, encoding="utf-8")
    return str(path)


def test_import_json_has_the_keys_of_the_contract(wenxiao: Any, orders: str) -> None:
    result = wenxiao("import", orders, "--kind", "responses", "--create-units", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert set(answer) >= KEYS
    assert (answer["state"], answer["rows"]["accepted"], answer["batch"]) == ("accepted", 1, 1)


def test_import_again_exits_1_and_names_the_batch(wenxiao: Any, orders: str) -> None:
    wenxiao("import", orders, "--kind", "responses", "--create-units")
    result = wenxiao("import", orders, "--kind", "responses", "--create-units", "--json")
    assert (result.exit_code, json.loads(result.stdout)["same_as_batch"]) == (1, 1)


def test_import_dry_run_stores_nothing(wenxiao: Any, orders: str) -> None:
    result = wenxiao("import", orders, "--kind", "responses", "--create-units", "--dry-run", "--json")
    assert (result.exit_code, json.loads(result.stdout)["state"]) == (0, "checked")
    assert json.loads(wenxiao("batches", "list", "--json").stdout) == {"batches": []}


def test_import_unknown_unit_exits_1(wenxiao: Any, orders: str) -> None:
    result = wenxiao("import", orders, "--kind", "responses", "--json")
    assert result.exit_code == 1
    assert "unit_unknown" in {problem["code"] for problem in json.loads(result.stdout)["problems"]}


@pytest.fixture
def partly(wenxiao: Any, tmp_path: Path) -> tuple[str, str]:
    """A file of which the good rows are in as batch 1, and the corrected list of the two others."""
    file, errors = tmp_path / "partly.csv", tmp_path / "errors.xlsx"
    rows = ["热线-2,市水务局,不详", "热线-3,市水务局,2024-03-07", "热线-4,市水务局,2024-13-08"]
    file.write_text(ROWS + "\n".join(rows) + "\n", encoding="utf-8")
    command = ["import", str(file), "--kind", "responses", "--create-units", "--partial", "--errors", str(errors)]
    result = wenxiao(*command)
    assert f"wenxiao import {errors} --kind responses --completes 1" in result.output
    book = openpyxl.load_workbook(errors)
    book.worksheets[0]["C2"], book.worksheets[0]["C3"] = "2024-03-06", "2024-03-08"
    book.save(errors)
    return str(file), str(errors)


def rows_of(wenxiao: Any, *arguments: str) -> tuple[int, dict[str, int]]:
    result = wenxiao("import", *arguments, "--kind", "responses", "--json")
    return result.exit_code, json.loads(result.stdout)["rows"]


def test_rows_refused_at_first_come_in_by_their_list_alone(wenxiao: Any, partly: tuple[str, str]) -> None:
    _, errors = partly
    exit_code, rows = rows_of(wenxiao, errors, "--completes", "1")
    assert exit_code == 0
    assert (rows["read"], rows["accepted"], rows["new"], rows["skipped"]["blank"]) == (2, 2, 2, 0)
    assert "2024-03-08" in wenxiao("record", "热线-4", "--json").stdout
    first, second = (json.loads(wenxiao("batches", "show", n, "--json").stdout) for n in ("1", "2"))
    assert first["exported_at"] == second["exported_at"]
    assert rows_of(wenxiao, errors, "--completes", "1")[0] == 1  # the same list


def test_rows_refused_at_first_come_in_with_the_file(wenxiao: Any, partly: tuple[str, str]) -> None:
    file, errors = partly
    exit_code, rows = rows_of(wenxiao, file, "--repaired", errors)
    assert (exit_code, rows["new"], rows["unchanged"]) == (0, 2, 2)
    assert rows_of(wenxiao, file, "--repaired", errors)[0] == 1
    assert rows_of(wenxiao, file)[0] == 1


def test_list_that_completes_no_batch_is_refused(wenxiao: Any, partly: tuple[str, str], tmp_path: Path) -> None:
    file, errors = partly
    assert "there is no batch 9" in wenxiao("import", errors, "--kind", "responses", "--completes", "9").output
    assert rows_of(wenxiao, file, "--completes", "1")[0] == 1  # no list at all
    book = openpyxl.load_workbook(errors)
    book.worksheets[0]["D2"], book.worksheets[0]["F2"] = 4, None  # row 4 is in already
    book.save(tmp_path / "other.xlsx")
    result = wenxiao("import", str(tmp_path / "other.xlsx"), "--kind", "responses", "--completes", "1")
    assert (result.exit_code, "第 4 行不是本文件的行" in result.output) == (1, True)


def test_import_of_something_else_exits_3(wenxiao: Any, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"")
    result = wenxiao("import", str(tmp_path / "x.xlsx"), "--kind", "responses", "--json")
    assert (result.exit_code, json.loads(result.stdout)["problems"][0]["code"]) == (3, "file_empty")


@pytest.mark.parametrize(
    "extra",
    [
        ["--map", "unit"],
        ["--value", "state=closed"],
        ["--scale", "rating"],
        ["--kind", "nothing"],
        ["--header-row", "x"],
    ],
)
def test_import_wrong_usage_exits_2(wenxiao: Any, orders: str, extra: tuple[str, ...]) -> None:
    assert wenxiao("import", orders, "--kind", "responses", *extra).exit_code == 2


def test_import_missing_file_is_one_sentence(wenxiao: Any) -> None:
    result = wenxiao("import", "nowhere.csv", "--kind", "responses")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert len(result.stderr.splitlines()) == 1


def test_batches_show_withdraw_restore(wenxiao: Any, orders: str) -> None:
    wenxiao("import", orders, "--kind", "responses", "--create-units")
    shown = json.loads(wenxiao("batches", "show", "1", "--json").stdout)
    assert (shown["batch"], shown["row_count"], shown["answer"]["rows"]["new"]) == (1, 1, 1)
    assert wenxiao("batches", "withdraw", "1").exit_code == 2  # a reason is required
    assert wenxiao("batches", "withdraw", "1", "--why", "wrong").exit_code == 0
    assert wenxiao("batches", "withdraw", "1", "--why", "wrong").exit_code == 1
    assert json.loads(wenxiao("batches", "restore", "1", "--json").stdout)["state"] == "accepted"
    assert wenxiao("batches", "show", "9").exit_code == 1


def test_units_list_tree_alias(wenxiao: Any, tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_text("单位编码,单位名称,上级单位\nA1,水务局,\nA2,节水中心,水务局\n", encoding="utf-8")
    assert wenxiao("import", str(tmp_path / "u.csv"), "--kind", "units").exit_code == 0
    tree = json.loads(wenxiao("units", "tree", "--json").stdout)["units"]
    assert [(node["code"], [child["code"] for child in node["units"]]) for node in tree] == [("A1", ["A2"])]
    assert wenxiao("units", "alias", "水利局=A1").exit_code == 0
    assert wenxiao("units", "alias", "水利局=A2").exit_code == 1
    assert wenxiao("units", "alias", "水利局").exit_code == 2
    listed = {row["code"]: row["aliases"] for row in json.loads(wenxiao("units", "--json").stdout)["units"]}
    assert listed == {"A1": ["水利局"], "A2": []}


def test_saved_layout_by_command(wenxiao: Any, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("甲,乙,丙\n1,市水务局,2024-03-05 09:00:00\n", encoding="utf-8")
    mapping = ["--map", "case_no=甲", "--map", "unit=乙", "--map", "received_at=丙"]
    arguments = ["import", str(path), "--kind", "responses", "--create-units"]
    assert wenxiao(*arguments, *mapping, "--save-layout", "own", "--dry-run").exit_code == 0
    assert wenxiao(*arguments, "--layout", "own").exit_code == 0
    saved = [row["id"] for row in json.loads(wenxiao("layouts", "--json").stdout)["layouts"] if row["saved"]]
    assert saved == ["own"]


def test_problems_lists_the_closed_codes(wenxiao: Any) -> None:
    rows = json.loads(wenxiao("problems", "--json").stdout)["problems"]
    assert {"same_file", "records_vanished", "unit_unknown"} <= {row["code"] for row in rows}
    assert all(row["zh"] and row["en"] for row in rows)


@pytest.mark.parametrize("command", ["import", "batches", "layouts", "units", "problems", "demo"])
def test_help_has_an_example(wenxiao: Any, command: str) -> None:
    result = wenxiao(command, "--help")
    assert result.exit_code == 0
    assert "Example: wenxiao" in result.output


def test_demo_prints_sign_ins_as_tab_separated_lines(demo_folder: Path) -> None:
    size = ["--cases", "2000", "--units", "12", "--seed", "7", "--no-serve"]
    result = CliRunner().invoke(main, ["--instance", str(demo_folder), "demo", *size])
    assert result.exit_code == 0, result.output
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert [len(line) for line in lines] == [3] * 7
    as_json = CliRunner().invoke(main, ["--instance", str(demo_folder), "demo", *size, "--json"])
    entries = json.loads(as_json.stdout)["sign_ins"]
    assert [[e["role"], e["user"], e["password"]] for e in entries] == lines


def test_demo_looks_for_findings_once(demo_copy: Instance) -> None:
    assert look_for_findings(demo_copy)
    with demo_copy.session() as session:
        kinds = [note.kind for note in session.query(JobNote)]
        session.add(Finding(detector="D02", period="2025", document={}, made_at=now()))
    assert kinds == ["find_findings"]
    assert not look_for_findings(demo_copy)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_template_is_written_with_the_units_of_the_directory(wenxiao: Any, tmp_path: Path, language: str) -> None:
    file = tmp_path / "t.xlsx"
    assert wenxiao("template", "followups", str(file), "--language", language).exit_code == 0
    sheets = openpyxl.load_workbook(file).worksheets
    assert [cell.value for cell in sheets[0][1]][1] == {"zh": "原工单编号", "en": "Case number"}[language]
    refused = wenxiao("template", "followups", str(tmp_path / "t.csv"))
    assert (refused.exit_code, (tmp_path / "t.csv").exists()) == (1, False)


def test_case_103_a_category_like_a_formula_is_escaped_in_the_csv_of_metrics(wenxiao: Any, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("工单编号,承办单位,来电时间,问题分类\nA1,市水务局,2024-03-05,=cmd()\n", encoding="utf-8")
    assert wenxiao("import", str(path), "--kind", "responses", "--create-units").exit_code == 0
    told = wenxiao(
        "metrics", "--period", "2024-03", "--by", "unit,category", "--format", "csv", "--metric", "n_received"
    )
    groups = {row["group"] for row in csv.DictReader(told.stdout.splitlines())}
    assert "'=cmd()" in groups
    assert "=cmd()" not in groups
