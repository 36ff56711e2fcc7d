"""The list of ugly files, and the class in which the check of a file ends; the files themselves come by upload."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from imports.answer import CheckAnswer
from imports.problems import problem_codes
from records.vocabulary import Severity
from tests.shared_data import SHARED, shared_file

_EXPECTED = SHARED / "data/ugly/expected.json"
FILES: dict[str, dict] = json.loads(_EXPECTED.read_text("utf-8"))["files"] if _EXPECTED.exists() else {}


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
    assert len(FILES) == 70
    assert Counter(entry["class"] for entry in FILES.values()) == {
        "ok": 27, "readable-with-warning": 22, "password-protected": 5, "corrupt": 7, "too-large": 2,
        "not-a-spreadsheet": 7,
    }  # fmt: skip
