"""Random hostile files: always a sentence, never a traceback, an orphan process or a file left behind.

`WENXIAO_TORTURE=500` (as `make torture` sets it) runs that many; `WENXIAO_SEED` starts elsewhere.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from imports.check import check_file
from imports.options import ImportOptions, UnitDirectory
from records.vocabulary import Kind
from tests.imports.helpers import KEYS
from tests.imports.hostile import PLANTED, write_hostile

pytestmark = pytest.mark.reader_process

SEED = int(os.environ.get("WENXIAO_SEED", "20250303"))
RUNS = int(os.environ.get("WENXIAO_TORTURE", "24"))
KINDS = (Kind.RESPONSES, Kind.SURVEYS, Kind.COUNTS, Kind.EXCLUSIONS, Kind.CHANNELS, Kind.UNITS)


def children() -> str:
    return subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    ).stdout


@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_hostile_file_gets_a_sentence(seed: int, tmp_path: Path) -> None:
    path, staging = write_hostile(tmp_path, seed), tmp_path / "staging"
    options = ImportOptions(create_units=True, partial=seed % 2 == 0, errors=str(tmp_path / "errors.xlsx"))
    kind = KINDS[seed % len(KINDS)]
    answer = check_file(path, kind=kind, options=options, directory=UnitDirectory(), keys=KEYS, staging=staging)
    if answer.state == "refused":
        assert answer.problems, f"seed {seed}: refused without a reason"
        assert all(p.message and "Traceback" not in p.message for p in answer.problems)
    left = {entry.name for entry in staging.iterdir()}
    assert left <= ({"part.parquet", "rows.json"} if answer.state == "checked" else set()), f"seed {seed}: {left}"
    assert "imports.worker" not in children(), f"seed {seed}: an orphan process"
    for entry in staging.rglob("*"):
        assert not any(number.encode() in entry.read_bytes() for number in PLANTED), f"seed {seed}: clear number"
