"""Every hostile and odd file ends in its class, within its limits, and leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imports.answer import CheckAnswer
from imports.check import check_file
from imports.options import ImportOptions, UnitDirectory
from imports.problems import problem_codes
from records.vocabulary import Kind, Severity
from tests.shared_data import SHARED, shared_file

pytestmark = pytest.mark.reader_process

_EXPECTED = SHARED / "data/ugly/expected.json"
_FILES: dict[str, dict] = json.loads(_EXPECTED.read_text("utf-8"))["files"] if _EXPECTED.exists() else {}


def outcome(answer: CheckAnswer) -> str:
    """The class of an answer: why it was unreadable, else whether the reading met anything odd."""
    unreadable = [problem_codes()[problem.code].outcome for problem in answer.problems]
    if answer.is_unreadable:
        return next(entry for entry in unreadable if entry)
    odd = {"read", "column"}
    said = [p for p in answer.problems if problem_codes()[p.code].stage in odd]
    warned = [p for p in said if p.severity is Severity.WARN or p.code == "no_data_rows"]
    return "readable-with-warning" if warned else "ok"


@pytest.mark.shared
def test_ugly_list_has_70_files() -> None:
    shared_file("data/ugly/expected.json")
    assert len(_FILES) == 70


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(_FILES))
def test_ugly_file_ends_in_its_class(name: str, tmp_path: Path) -> None:
    expected = _FILES[name]
    answer = check_file(
        shared_file(f"data/{name}"),
        kind=Kind.RESPONSES,
        options=ImportOptions(),
        directory=UnitDirectory(),
        keys={"person": b"p" * 32, "device": b"d" * 32},
        staging=tmp_path,
        language="en",
    )
    assert outcome(answer) in [expected["class"], *expected["accept"]], [p.message for p in answer.problems]
    assert answer.state == "refused"
    assert all(problem.message for problem in answer.problems)
    assert list(tmp_path.iterdir()) == [], "a refused file leaves nothing"
