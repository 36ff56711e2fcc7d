"""A real Spark cluster on this machine: `make cluster-test` or `python -m bench.cluster [CASES]`.

A standalone master and two workers on loopback count the metrics of at least two million cases; in a second run one
worker is killed with -9 in the middle. Both answers must equal the one of DuckDB. Only the processes started here are
stopped. Needs `pip install 'wenxiao[spark]'` and Java 17.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.bench_metrics import make_instance
from bench.measure import machine
from metrics import counts
from metrics.counts import Cells
from pipeline.counting import build_facts
from records.engine import CountingEngine, Engine, View
from records.instance import Instance
from records.spark import SparkEngine

CASES = 2_000_000
HOUR = 3600
LOOPBACK = "127.0.0.1"
WORKER_MEMORY = "2g"
START_SECONDS = 120
KILL_AFTER = 0.15  # share of the first run after which the worker dies; a second run is warm and much shorter


class ClusterError(Exception):
    """The cluster did not start, or its answer differs."""


@dataclass
class Cluster:
    """The processes of one cluster."""

    folder: Path
    master: str = ""
    workers: list[subprocess.Popen] = field(default_factory=list)
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self, name: str, *arguments: str) -> subprocess.Popen:
        """Start a Spark daemon as a process group of its own, so that stopping it reaches its executors too."""
        import pyspark

        home = Path(pyspark.__file__).parent
        settings = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": LOOPBACK, "SPARK_DAEMON_MEMORY": "512m",
                    "SPARK_LOCAL_DIRS": str(self.folder / "local")}  # fmt: skip
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(home / "bin" / "spark-class"), *arguments], env=os.environ | settings, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def wait_for(self, name: str, pattern: str) -> str:
        """The first match in a log."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if found := re.search(pattern, (self.folder / f"{name}.log").read_text("utf-8", "replace")):
                return found.group(0)
            time.sleep(0.2)
        raise ClusterError(f"{name} did not start within {START_SECONDS} s; see {self.folder / f'{name}.log'}")

    def stop(self) -> None:
        """Stop what was started here, and nothing else."""
        for process in reversed(self.processes):
            end(process)


def end(process: subprocess.Popen) -> None:
    """Kill a process group that was started here, and wait for it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A master and its workers on free ports of loopback."""
    made = Cluster(folder)
    package = "org.apache.spark.deploy"
    try:
        made.start("master", f"{package}.master.Master", "--host", LOOPBACK, "--port", "0", "--webui-port", "0")
        made.master = made.wait_for("master", rf"spark://{re.escape(LOOPBACK)}:\d+")
        for number in range(workers):
            place = folder / f"worker{number}"
            place.mkdir()
            made.workers.append(
                made.start(place.name, f"{package}.worker.Worker", "--host", LOOPBACK, "--cores", "1", "--memory",
                           WORKER_MEMORY, "--webui-port", "0", "--work-dir", str(place), made.master)
            )  # fmt: skip
            made.wait_for(place.name, "Successfully registered with master")
        yield made
    finally:
        made.stop()


def texts() -> dict[str, str]:
    """What is counted: additive counts, two clocks in whole hours, the backlog."""
    cells = Cells(0, 100_000, split="category")
    return {
        "counts": counts.counts_text(cells),
        "reply hours": counts.histogram_text(Cells(0, 100_000), "reply", True, HOUR),
        "closing hours": counts.histogram_text(Cells(0, 100_000), "close", True, HOUR),
        "backlog": counts.backlog_text(Cells(0, 19_900)),
    }


def digests(engine: CountingEngine, views: Mapping[str, View]) -> dict[str, str]:
    """SHA-256 of every sorted table of integers."""
    with engine.open(views) as statements:
        return {name: _digest(statements.run(text)) for name, text in texts().items()}


def _digest(rows: list[tuple[Any, ...]]) -> str:
    return hashlib.sha256("\n".join(sorted(map(str, rows))).encode()).hexdigest()


def main() -> int:
    """Count three times and print the times; 1 when an answer differs."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        make_instance(folder / "instance", cases, cases // 10)
        instance = Instance.open(folder / "instance")
        views = {"facts": build_facts(instance).views["facts"]}
        print(f"{machine()}; {cases:,} cases", flush=True)
        expected, seconds = timed("DuckDB", Engine(instance), views)
        (folder / "cluster").mkdir()
        with cluster(folder / "cluster") as running:
            engine = SparkEngine(instance, running.master, {"spark.driver.host": LOOPBACK, "spark.executor.cores": "1",
                                                            "spark.driver.bindAddress": LOOPBACK})  # fmt: skip
            whole, seconds = timed("Spark, master and two workers", engine, views)
            victim = threading.Timer(seconds * KILL_AFTER, end, [running.workers[0]])
            victim.start()
            broken, _ = timed("Spark, one worker killed -9 in the middle", engine, views)
            was_in_the_middle = victim.finished.is_set()
            victim.join()
            is_killed = (
                was_in_the_middle and running.workers[0].poll() is not None and running.workers[1].poll() is None
            )
        instance.close()
    is_equal = expected == whole == broken
    print(f"equal: {is_equal}; one worker killed before the end, one left: {is_killed}")
    for name, value in expected.items():
        print(f"  {name}: {value[:16]}")
    return 0 if is_equal and is_killed else 1


def timed(label: str, engine: CountingEngine, views: Mapping[str, View]) -> tuple[dict[str, str], float]:
    """The digests an engine gives, and the seconds it took, its start included."""
    started = time.perf_counter()
    found = digests(engine, views)
    seconds = time.perf_counter() - started
    print(f"{label}: {seconds:.1f} s", flush=True)
    return found, seconds


if __name__ == "__main__":
    sys.exit(main())
