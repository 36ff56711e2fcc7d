"""`wenxiao metrics` in a new process on the demonstration city of `make run`, from the command to the last line.

Twice: with nothing derived kept (facts and index are made first, as after an import) and with the facts that are there
from then on. Every metric of every unit of a year. `WENXIAO_BENCH_DEMO` names a city that is there already; its derived
files are made anew, nothing else of it changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import PROJECT, Ratio

SECONDS = 2.5
RUNS = 5
PERIOD = "2025"


def ratios() -> list[Ratio]:
    """The slowest start against the target; facts made first, and found."""
    if known := os.environ.get("WENXIAO_BENCH_DEMO"):
        return _measured(Path(known))
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "demo"
        subprocess.run([*_program(folder), "demo", "--no-serve"], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)  # fmt: skip
        return _measured(folder)


def _measured(folder: Path) -> list[Ratio]:
    facts = folder / "facts"
    first, later = [], []
    for _ in range(RUNS):
        for path in (*facts.glob("*.parquet"), *facts.glob("*.json")):
            path.unlink()
        shutil.rmtree(facts / "index", ignore_errors=True)
        first.append(_seconds(folder))
        later.append(_seconds(folder))
    name = "cold `wenxiao metrics` on the demonstration city"
    return [
        Ratio(f"{name}, facts made first, median of {RUNS}", sorted(first)[RUNS // 2], SECONDS, 1.0,
              note=f"{min(first):.2f} to {max(first):.2f} s"),
        Ratio(f"{name}, median of {RUNS}", sorted(later)[RUNS // 2], SECONDS, 1.0,
              note=f"{min(later):.2f} to {max(later):.2f} s"),
    ]  # fmt: skip


def _program(folder: Path) -> list[str]:
    return [sys.executable, "-m", "pipeline.commands", "--instance", str(folder)]


def _seconds(folder: Path) -> float:
    started = time.perf_counter()
    answer = subprocess.run([*_program(folder), "metrics", "--period", PERIOD], cwd=PROJECT, check=True,
                            stdout=subprocess.PIPE)  # fmt: skip
    seconds = time.perf_counter() - started
    if answer.stdout.count(b"\n") < 1_000:
        raise RuntimeError("the answer is not that of a city")
    return seconds
