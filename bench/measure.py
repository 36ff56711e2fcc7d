"""Run a piece of work in a process of its own and say how long it took and how much memory it held."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Run:
    """Wall-clock seconds and the peak resident memory in MB of one process, its children included."""

    seconds: float
    peak_mb: float
    answer: dict


@dataclass(frozen=True)
class Ratio:
    """One line of the table: the product against its yardstick."""

    name: str
    product: float
    yardstick: float
    target: float
    unit: str = "s"
    note: str = ""

    @property
    def value(self) -> float:
        return self.product / self.yardstick

    @property
    def is_met(self) -> bool:
        return self.value <= self.target


def run_apart(module: str, *arguments: str) -> Run:
    """Run `python -m module arguments` and read the JSON it prints last; raises on a non-zero exit."""
    started = time.perf_counter()
    process = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{process.stderr[-2000:]}")
    answer = json.loads(process.stdout.strip().splitlines()[-1])
    return Run(answer.get("seconds", seconds), answer.get("peak_mb", 0.0), answer)


def report(work: Callable[[], dict | None]) -> None:
    """Time `work` inside this process; print seconds, processor seconds and peak memory as `run_apart` reads them.

    What is made before `work` is handed over is not timed.
    """
    before = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    started = time.perf_counter()
    extra = work() or {}
    seconds = time.perf_counter() - started
    cpu = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) - before
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "cpu": cpu, **extra}))


def peak_mb() -> float:
    """The most memory this process or one of its children has held so far, in MB."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def machine() -> str:
    """What the numbers were measured on, without naming the host."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
