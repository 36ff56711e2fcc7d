"""Scoring and weighing plain tables from the command line: no instance, no import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.commands import main
from tests.evaluation.builders import GRADES, HEAD, indicator


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--instance", str(folder / "instance"), *words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scheme = HEAD + indicator("x", 60) + indicator("y", 40, method="minmax") + GRADES
    (tmp_path / "scheme.toml").write_text(scheme, "utf-8")
    (tmp_path / "units.csv").write_text("unit,x,y,z\na,70,10,1\nb,50,30,1\nc,90,,1\n", "utf-8")
    return tmp_path


def test_score_explains_one_unit_up_to_its_way_to_the_next_grade(folder: Path) -> None:
    words = ("score", str(folder / "units.csv"), "--scheme", str(folder / "scheme.toml"))
    found = run(folder, *words, "--explain", "b")
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["y", "x"]  # 40 points, then 30
    assert "score 70.00, grade C" in found.stdout
    assert "to B: 10.00 points" in found.stdout
    assert lines[-1].split()[:3] == ["x", "50.00", "66.67"]
    assert "does not use the column" in found.stderr
    assert run(folder, *words, "--explain", "q").exit_code == 1
    answer = json.loads(run(folder, *words, "--json").stdout)
    assert "relative_minmax:y" in answer["warnings"]
    by_unit = {row["unit"]: row for row in answer["units"]}
    assert by_unit["b"]["next_grade"]["moves"][0]["needed"] == pytest.approx(200 / 3)
    assert (by_unit["c"]["score"], by_unit["c"]["reason"]) == (None, "not_rated")


def test_judgements_become_weights_with_their_ratio(folder: Path) -> None:
    (folder / "good.csv").write_text(",a,b,c\na,1,3,5\nb,,1,3\nc,1/5,1/3,1\n", "utf-8")
    found = run(folder, "weights", "ahp", str(folder / "good.csv"), "--json")
    answer = json.loads(found.stdout)
    assert [row["code"] for row in answer["weights"]] == ["a", "b", "c"]
    assert sum(row["weight"] for row in answer["weights"]) == pytest.approx(100)
    assert answer["consistency_ratio"] == pytest.approx(0.0332, abs=1e-3)  # lambda 3.0385 by Saaty's index .58
    pair = [str(folder / "good.csv")] * 2
    assert json.loads(run(folder, "weights", "ahp", *pair, "--json").stdout)["weights"] == answer["weights"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",a,b,c\na,1,9,1/9\nb,,1,9\nc,,,1\n", "discuss them again"),
        (",a,b\na,1,\nb,1,1\n", "a against b is empty"),
        (",a,b\na,1,often\nb,,1\n", "a judgement is a number above 0"),
        (",a,b\nb,1,2\na,,1\n", "must repeat the codes"),
        (",a,b\na,1,2\nb,2,1\n", "its mirror must be 1 divided by it"),
    ],
)
def test_judgements_that_cannot_be_used_are_refused(folder: Path, text: str, words: str) -> None:
    (folder / "bad.csv").write_text(text, "utf-8")
    found = run(folder, "weights", "ahp", str(folder / "bad.csv"))
    assert found.exit_code == 1
    assert words in found.stderr


def test_entropy_is_a_diagnostic_over_whole_rows(folder: Path) -> None:
    found = run(folder, "weights", "entropy", str(folder / "units.csv"), "--json")
    answer = json.loads(found.stdout)
    assert (answer["units"], answer["left_out"]) == (2, 1)
    assert {row["code"]: round(row["weight"], 6) for row in answer["weights"]}["z"] == 0
    assert "diagnostic only" in answer["warning"]
