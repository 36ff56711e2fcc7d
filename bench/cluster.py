"""A real Spark cluster on this machine: `make cluster-test` or `python -m bench.cluster [CASES]`.

A standalone master and two workers on loopback count the metrics of at least two million cases; in a second run one
worker is killed with -9 in the middle. Both answers must equal the one of DuckDB. Only the processes started here are
stopped. Needs `pip install 'wenxiao[spark]'` and Java 17.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from bench.make_cases import UNITS, make_instance
from bench.measure import machine
from metrics.clocks.period import months_in, parse
from metrics.counting import backlog, counts, replies_alike
from metrics.counting.counts import Cells
from pipeline.numbers.counting import build_facts, period_days
from records.engine import CountingEngine, Engine
from records.engine_views import Columns, View
from records.spark import SparkEngine
from records.vocabulary import ColumnType

CASES = 2_000_000
UNITS_TIMED = 50  # whose cases arrive in the driver one by one: about 200,000
LOOPBACK = "127.0.0.1"
WORKER_MEMORY = "2g"
START_SECONDS = 120
POLL_SECONDS = 0.05


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
    """What is counted: additive counts, replies alike, closings, the backlog, and the times of the cases of some units.

    Times are asked as the product asks them: by month, for some units told by their place.
    """
    cells, months = Cells(0, 100_000, split="category"), Cells(0, 100_000, has_periods=True)
    return {
        "counts": counts.counts_text(cells),
        "counts by month": counts.counts_text(months),
        "replies alike": replies_alike.fingerprints_text(Cells(0, 100_000)),
        "closings": counts.closings_text(cells),
        "backlog": backlog.backlog_text("kept", None, (19_800, 19_900)),
        "times": counts.times_text(replace(months, places=(0, UNITS_TIMED)), [("reply", False), ("close", True)],
                                   ["close"]),
    }  # fmt: skip


def small_views() -> dict[str, View]:
    """The days of each month of the generated year, and the places of the units."""
    periods = months_in(parse("2024"))
    units: dict[str, list[Any]] = {"unit": [f"u{i:03d}" for i in range(UNITS)], "place": list(range(UNITS))}
    places = Columns(units, {"unit": ColumnType.TEXT, "place": ColumnType.BIG})
    return {"period_days": period_days(periods, date(2024, 1, 1), date(2025, 1, 1)), "unit_places": places}


def digests(engine: CountingEngine, views: Mapping[str, View]) -> dict[str, str]:
    """SHA-256 of every sorted table of integers."""
    with engine.open(views) as statements:
        return {name: _digest(statements.run(text)) for name, text in texts().items()}


def _digest(rows: list[tuple[Any, ...]]) -> str:
    return hashlib.sha256("\n".join(sorted(map(str, rows))).encode()).hexdigest()


@dataclass
class Killing(threading.Thread):
    """Watches the executors of the running query and kills the worker whose executor has active tasks."""

    running: Cluster
    port: int
    executor: str = ""
    active: int = 0
    tasks_before: int = 0
    retried: int = 0  # tasks that failed with their executor; each was run again, for the query came to its end
    repeated: int = 0  # stages run a second time for results lost with the executor
    after: dict[str, Any] = field(default_factory=dict)
    is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Kill the first worker while its executor provably works, then keep the last that the driver says of it."""
        while not self.is_over.wait(POLL_SECONDS):
            found = {entry["id"]: entry for entry in self._ask("allexecutors") if entry["id"] != "driver"}
            if self.executor:
                self._look(found)
            elif busy := [e for e in found.values() if self._is_of_victim(e) and e["activeTasks"] > 0]:
                self.executor, self.active = busy[0]["id"], busy[0]["activeTasks"]
                self.tasks_before = busy[0]["completedTasks"]
                end(self.running.workers[0])

    def _is_of_victim(self, entry: dict[str, Any]) -> bool:
        """The log of an executor lies in the work folder of its worker; the driver knows only the process's port."""
        folder = self.running.folder / "worker0"
        return any(path.name == entry["id"] for path in folder.glob("app-*/*"))

    def _look(self, found: dict[str, dict[str, Any]]) -> None:
        """Keep the last answers; the driver is silent once its session has stopped."""
        self.after = found.get(self.executor, self.after)
        stages = self._ask("stages")
        self.retried = max([self.retried, sum(stage["numFailedTasks"] for stage in stages)])
        self.repeated = max([self.repeated, sum(stage["attemptId"] > 0 for stage in stages)])

    def _ask(self, what: str) -> list[dict[str, Any]]:
        """One page of the status API of the driver; nothing before it listens and after it has stopped."""
        base = f"http://{LOOPBACK}:{self.port}/api/v1/applications"
        try:
            with urllib.request.urlopen(base, timeout=5) as answer:
                application = json.load(answer)[0]["id"]
            with urllib.request.urlopen(f"{base}/{application}/{what}", timeout=5) as answer:
                return json.load(answer)
        except (OSError, IndexError, http.client.HTTPException):
            return []

    @property
    def is_proven(self) -> bool:
        """Did tasks run on the executor when it was killed, and did the driver lose it afterwards?"""
        return self.active > 0 and self.after.get("isActive") is False

    def __str__(self) -> str:
        reason = self.after.get("removeReason")
        return (
            f"executor {self.executor}: {self.active} active and {self.tasks_before} completed tasks when its worker "
            f"was killed; afterwards active {self.after.get('isActive')} ({reason}); "
            f"{self.retried} tasks retried, {self.repeated} stages repeated"
        )


def main() -> int:
    """Count three times and print the times; 1 when an answer differs or no running task was hit."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as base:
        folder, port = Path(base), _free_port()
        instance = make_instance(folder / "instance", cases)
        views = {"facts": build_facts(instance).views["facts"], **small_views()}
        print(f"{machine()}; {cases:,} cases", flush=True)
        expected = timed("DuckDB", Engine(instance), views)
        (folder / "cluster").mkdir()
        settings = {"spark.driver.host": LOOPBACK, "spark.executor.cores": "1", "spark.driver.bindAddress": LOOPBACK,
                    "spark.ui.enabled": "true", "spark.ui.port": str(port)}  # fmt: skip
        with cluster(folder / "cluster") as running:
            engine = SparkEngine(instance, running.master, settings)
            whole = timed("Spark, master and two workers", engine, views)
            killing = Killing(running, port)
            killing.start()
            broken = timed("Spark, the worker of a busy executor killed with -9", engine, views)
            killing.is_over.set()
            killing.join()
            print(killing)
            is_one_left = running.workers[0].poll() is not None and running.workers[1].poll() is None
        instance.close()
    is_equal = expected == whole == broken
    print(f"equal: {is_equal}; a running task was hit: {killing.is_proven}; one worker left: {is_one_left}")
    for name, value in expected.items():
        print(f"  {name}: {value[:16]}")
    return 0 if is_equal and killing.is_proven and is_one_left else 1


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def timed(label: str, engine: CountingEngine, views: Mapping[str, View]) -> dict[str, str]:
    """The digests an engine gives; prints the seconds it took, its start included."""
    started = time.perf_counter()
    found = digests(engine, views)
    print(f"{label}: {time.perf_counter() - started:.1f} s", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
