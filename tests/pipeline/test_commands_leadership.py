"""`wenxiao posts`, `appraisals`, `rectification`: what the pages do, from the command line, over the demonstration."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.commands import main
from records.instance import Instance

Run = Callable[..., Result]


@pytest.fixture
def wenxiao(demo_copy: Instance) -> Run:
    return lambda *words: CliRunner().invoke(main, ["--instance", str(demo_copy.folder), *words])


def answer(found: Result) -> Any:
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_terms_are_added_once_and_results_count_whole_months(wenxiao: Run) -> None:
    term = answer(wenxiao("posts", "list", "--json"))["terms"][0]
    wrong = wenxiao("posts", "add", term["unit"], term["post"], "--from", "2024-02-01")
    assert (wrong.exit_code, "end that term first" in wrong.stderr) == (1, True)
    assert "no such unit" in wenxiao("posts", "add", "nobody", "主任", "--from", "2024-02-01").stderr
    posts = answer(wenxiao("posts", "results", "1", "--json"))["posts"]
    months = {row["term"]["id"]: (row["months"], row["cut"]) for row in posts}
    whole, cut = months[term["id"]]
    assert (len(whole), whole[0], cut) == (6, "2024-01", ["2024-07"])
    assert all("score" not in row for row in posts)


def test_tables_are_checked_and_made(wenxiao: Run, tmp_path: Path) -> None:
    made = answer(wenxiao("appraisals", "make", "four_tables", "--period", "2024"))
    assert [table["table"]["id"] for table in made["tables"]] == [
        "performance",
        "civilisation",
        "ideology",
        "development",
    ]
    assert made["sources"][0]["number"] == 1
    assert (
        wenxiao("appraisals", "make", "four_tables", "--period", "2024", "--out", str(tmp_path / "a.csv")).exit_code
        == 0
    )
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('id = "x"\n[[row]]\ntable = "q"\n', "utf-8")
    found = wenxiao("appraisals", "check", str(wrong), "--json")
    assert (found.exit_code, json.loads(found.stdout)["ok"]) == (1, False)
    assert wenxiao("appraisals", "keep", str(wrong)).exit_code == 1
    assert "known are four_tables" in wenxiao("appraisals", "make", "none", "--period", "2024").stderr


def test_tasks_are_listed_and_nothing_is_opened_twice(wenxiao: Run) -> None:
    tasks = answer(wenxiao("rectification", "list", "--json"))["tasks"]
    proposed = answer(wenxiao("rectification", "propose", "2", "--json"))["proposals"]
    assert len(tasks) == len(proposed) > 0
    assert all(row["is_open"] for row in proposed)
    again = wenxiao("rectification", "open", "2", "--due", "2999-01-01", "--proof", "台账")
    assert (again.exit_code, "not open yet" in again.stderr) == (1, True)
    draft = wenxiao("rectification", "propose", "4")
    assert (draft.exit_code, "publish it first" in draft.stderr) == (1, True)


def test_terms_come_by_a_file_and_a_row_that_cannot_stand_is_named(wenxiao: Run, tmp_path: Path) -> None:
    unit = answer(wenxiao("posts", "list", "--json"))["terms"][0]["unit"]
    file = tmp_path / "terms.csv"
    header, good = "unit,post,from,to\n", f"{unit},分管负责人,2024-01-01,2024-06-30\n{unit},分管负责人,2024-07-01,\n"
    file.write_text(header + good + f"nobody,主任,2024-01-01,\n{unit},分管负责人,2024-05-01,\n", "utf-8")
    found = wenxiao("posts", "import", str(file), "--json")
    said = json.loads(found.stdout)
    assert (found.exit_code, len(said["terms"]), [row["line"] for row in said["left_out"]]) == (1, 2, [4, 5])
    assert "no such unit" in said["left_out"][0]["why"]
    terms = answer(wenxiao("posts", "list", "--json"))["terms"]
    assert [term["to_day"] for term in terms if term["id"] in said["terms"]] == ["2024-06-30", None]
    file.write_text(header + f"{unit},主任,1月1日,\n", "utf-8")
    assert "line 2, from" in wenxiao("posts", "import", str(file)).stderr
    assert len(answer(wenxiao("posts", "list", "--json"))["terms"]) == len(terms)
