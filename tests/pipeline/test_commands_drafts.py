"""`wenxiao drafts`: a draft is started, saved with its faults, proposed, and published by another account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.commands import drafts as command
from pipeline.commands import main
from records.instance import Instance

BASE = "bj_three_rates@2025.1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Instance.open(tmp_path / "instance").close()
    return tmp_path / "instance"


def run(folder: Path, *arguments: str) -> tuple[int, Any]:
    done = CliRunner().invoke(main, ["--instance", str(folder), "drafts", *arguments])
    return done.exit_code, json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout + done.stderr


def test_draft_from_start_to_publication(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, made = run(folder, "start", BASE, "2032.1", "--json")
    assert (code, made["name"], made["state"], made["faults"]) == (0, "bj_three_rates@2032.1", "editing", 0)
    number, text = str(made["draft"]), tmp_path / "draft.toml"

    text.write_text(run(folder, "show", number)[1].replace("weight = 40", "weight = 41"), encoding="utf-8")
    code, faulty = run(folder, "save", number, str(text), "--json")
    assert (code, faulty["faults"], faulty["revision"]) == (0, 1, 2)
    assert run(folder, "step", number, "--to", "propose")[0] == 1
    assert "line" in run(folder, "show", number)[1]

    text.write_text(text.read_text("utf-8").replace("weight = 41", "weight = 40"), encoding="utf-8")
    assert run(folder, "save", number, str(text))[0] == 0
    assert run(folder, "step", number, "--to", "propose", "--json")[1]["state"] == "proposed"
    code, answer = run(folder, "step", number, "--to", "publish")
    assert (code, "another person" in answer) == (1, True)
    monkeypatch.setattr(command, "who_runs", lambda: "cli:second")
    code, published = run(folder, "step", number, "--to", "publish", "--json")
    assert (code, published["version"]) == (0, "2032.1")
    assert run(folder, "--json")[1] == {"drafts": []}


def test_wrong_words_get_a_sentence(folder: Path, tmp_path: Path) -> None:
    assert run(folder, "start", "nothing", "2032.1")[0] == 1
    assert "published already" in run(folder, "start", BASE, "2025.1")[1]
    assert run(folder, "show", "99")[0] == 1
    assert run(folder, "start", BASE, "2032.1")[0] == 0
    code, answer = run(folder, "simulate", "1")
    assert (code, "no assessment" in answer) == (1, True)
