"""Random hostile files: always a sentence and exit 1 or 3, never a traceback, an orphan process or a file left behind.

`WENXIAO_TORTURE=500` (as `make torture` sets it) runs that many; `WENXIAO_SEED` starts elsewhere. The seed of a file
stands in the name of its test and, for all of them, in the head of the run (`-s` or a failure shows it).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.commands import main
from records.vocabulary import Kind
from tests.imports.hostile import PLANTED, write_hostile

pytestmark = pytest.mark.reader_process

SEED = int(os.environ.get("WENXIAO_SEED", "20250303"))
RUNS = int(os.environ.get("WENXIAO_TORTURE", "24"))
KINDS = (Kind.RESPONSES, Kind.SURVEYS, Kind.COUNTS, Kind.EXCLUSIONS, Kind.CHANNELS, Kind.UNITS)
MARK = "WENXIAO_TORTURE_MARK"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An instance folder and a folder for temporary files, both for all runs; every child carries a mark."""
    print(f"hostile files from seed {SEED} on")
    base = tmp_path_factory.mktemp("torture")
    (base / "temporary").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(base / "temporary"))
        patch.setattr(tempfile, "tempdir", None)
        patch.setenv(MARK, uuid.uuid4().hex)
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        yield base
    tempfile.tempdir = None


def marked_processes() -> list[str]:
    """Processes that inherited the mark of this run and still live, this one left out."""
    mark, found = f"{MARK}={os.environ[MARK]}".encode(), []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes() and int(entry.name) != os.getpid():
                found.append((entry / "cmdline").read_text(errors="replace"))
        except OSError:  # it ended meanwhile, or belongs to somebody else
            continue
    return found


@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_hostile_file_gets_a_sentence(seed: int, folder: Path, tmp_path: Path) -> None:
    path, instance = write_hostile(tmp_path, seed), folder / "instance"
    kind = KINDS[seed % len(KINDS)]
    command = ["--instance", str(instance), "import", str(path), "--kind", kind.value, "--create-units", "--json"]
    command += ["--errors", str(tmp_path / "errors.xlsx"), *(["--partial"] if seed % 2 == 0 else [])]
    result = CliRunner().invoke(main, command)
    assert result.stdout, result.output or result.exception
    answer = json.loads(result.stdout)
    rows = answer["rows"]
    assert "Traceback" not in result.output
    if result.exit_code:
        assert result.exit_code in (1, 3)
        assert isinstance(result.exception, SystemExit), result.exception
        assert answer["state"] == "refused"
        assert answer["problems"], "refused without a reason"
        assert rows["accepted"] == 0
    else:
        assert answer["state"] == "accepted"
        if kind in (Kind.RESPONSES, Kind.SURVEYS):
            assert rows["read"] == rows["accepted"] + rows["rejected"] + rows["duplicate_in_file"]
    assert all(problem["message"] for problem in answer["problems"])
    staged = [entry for entry in (instance / "staging").rglob("*") if entry.is_file()]
    assert [*(folder / "temporary").iterdir(), *staged] == []
    assert marked_processes() == []
    for entry in (each for each in instance.rglob("*") if each.is_file() and each.suffix != ".parquet"):
        assert not any(number.encode() in entry.read_bytes() for number in PLANTED), entry.name


def test_a_living_child_would_be_found(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert len(marked_processes()) == 1
        child.communicate(b"\n")
    assert marked_processes() == []
