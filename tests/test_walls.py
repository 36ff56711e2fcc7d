"""The import contracts hold, and each of them is seen to break when somebody climbs over the wall."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGES = ("records", "imports", "metrics", "integrity", "evaluation", "reports", "pipeline", "web")

# One climb per contract: the module that gets a new line, the line, the contract that must break.
CLIMBS = [
    ("metrics/value.py", "import imports.answer", "Data flows one way"),
    ("imports/values/cells.py", "import imports.reading.grid", "Within imports a file goes one way"),
    ("metrics/counting/counts.py", "import metrics.values.needs", "Within metrics a case goes one way"),
    ("evaluation/rules/lines.py", "import evaluation.scores.result", "Within evaluation a score goes one way"),
    ("integrity/rules/null.py", "import integrity.detectors.shares", "Within integrity a look goes one way"),
    ("evaluation/scores/result.py", "import records.models", "Calculation knows neither the web nor the stored rows"),
    ("reports/source.py", "import sqlalchemy", "Only metrics writes statements"),
    ("pipeline/__init__.py", "import flask", "Only web knows Flask"),
    ("web/pages/__init__.py", "import records.models", "Pages and forms hold no SQL and no models"),
    ("integrity/__init__.py", "import imports.answer", "Calculation does not read files"),
    ("records/vocabulary/codes.py", "import sqlalchemy", "The words stand on the standard library alone"),
]


def _copy(into: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, into / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", into)
    return into


def _lint(folder: Path) -> str:
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


def test_walls_hold() -> None:
    report = _lint(PROJECT)
    assert "0 broken" in report, report


@pytest.fixture(scope="module")
def climbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = _copy(tmp_path_factory.mktemp("climbed"))
    for name, line, _ in CLIMBS:
        module = folder / name
        module.write_text(module.read_text(encoding="utf-8") + f"\n{line}  # noqa\n", encoding="utf-8")
    return _lint(folder)


@pytest.mark.parametrize("contract", [c for _, _, c in CLIMBS])
def test_wall_breaks_when_climbed(climbed: str, contract: str) -> None:
    assert f"{contract} BROKEN" in climbed


def test_every_contract_has_a_climb() -> None:
    import tomllib

    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert {c["name"] for c in contracts["contracts"]} == {c for _, _, c in CLIMBS}
