"""`wenxiao precision`: the numbers of cases 73 and 74 by the command, and wrong usage in one sentence."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from pipeline.commands.findings import precision_command


@pytest.mark.parametrize(
    ("arguments", "name", "expected"),
    [
        (["--population", "7271", "--margin", "0.04"], "required", 555),
        (["--population", "18800", "--answers", "1128"], "reached", 0.0283),
        (["--population", "18800", "--answers", "1128"], "reached_without_correction", 0.0292),
        (["--population", "2436", "--answers", "536"], "reached", 0.0374),
        (["--population", "2436", "--answers", "536"], "reached_without_correction", 0.0423),
    ],
)
def test_case_073_and_074_by_the_command(arguments: list[str], name: str, expected: float) -> None:
    answer = CliRunner().invoke(precision_command, [*arguments, "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)[name] == pytest.approx(expected, abs=5e-5)


def test_more_answers_than_people_are_refused() -> None:
    assert CliRunner().invoke(precision_command, ["--population", "5", "--answers", "6"]).exit_code == 2
