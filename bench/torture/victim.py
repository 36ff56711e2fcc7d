"""The instance that is broken again and again, and what must still be in it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import PROJECT
from pipeline.house.verification import verify
from pipeline.numbers.counting import metric_values
from records.access import OPERATOR
from records.instance import Instance
from records.parts import all_parts
from records.queries.batches import list_batches

WENXIAO = [sys.executable, "-m", "pipeline.commands"]
HEADER = "工单编号,承办单位,来电时间,办结时间,工单状态,主要内容"
PATIENCE = 120.0  # seconds a command may take on a quiet machine before it counts as hanging
ASSESS = ["assess", "--scheme", "bj_three_rates", "--period", "2024-03", "--draws", "100", "--json"]


def patience(seconds: float = PATIENCE) -> float:
    """Seconds to wait now for what takes at most so many on a quiet machine: more by what waits for each core.

    >>> patience(10) >= 10
    True
    """
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    return seconds * max(1.0, waiting)


@dataclass
class Victim:
    """An instance, the batches it said it accepted, and what went wrong with the fault of the moment."""

    folder: Path
    random: random.Random
    accepted: dict[int, int] = field(default_factory=dict)  # batch -> rows, as told when it was accepted
    files: int = 0
    wrong: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> list[str]:
        """The command line of the product on this instance."""
        return [*WENXIAO, "--instance", str(self.folder), *arguments]

    def run(
        self, *arguments: str, before: Callable[[], None] | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments), cwd=PROJECT, capture_output=True, text=True, timeout=patience(), check=False,
            preexec_fn=before, env={**os.environ, **self.environment, **environment},
        )  # fmt: skip

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a session of its own."""
        return subprocess.Popen(
            self.command(*arguments), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, env={**os.environ, **self.environment},
        )  # fmt: skip

    def killed(self, delay: float, *arguments: str) -> str:
        """Run a command and kill it and its children after a while; its standard output up to then."""
        with self.start(*arguments) as process:
            try:
                return process.communicate(timeout=delay)[0]
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return process.communicate()[0]

    def moment(self, seconds: float) -> float:
        """A random moment up to so many seconds."""
        return self.random.uniform(0.1, seconds)

    def new_file(self) -> tuple[Path, int]:
        """A file of new cases, each with a number of its own."""
        self.files += 1
        count = self.random.randrange(200, 2000)
        lines = [HEADER]
        for n in range(count):
            received, closed = f"2024-03-{1 + n % 27:02d} 09:00", f"2024-03-{2 + n % 27:02d} 10:00"
            lines.append(f"T{self.files:04d}{n:05d},单位{n % 7},{received},{closed},已办结,路灯不亮")
        path = self.folder.parent / f"cases-{self.files}.csv"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path, count

    def note(self, output: str) -> bool:
        """Remember an acceptance that was told; True when there was one."""
        try:
            answer = json.loads(output)
        except ValueError:
            return False
        if answer.get("state") != "accepted":
            return False
        self.accepted[answer["batch"]] = answer["rows"]["accepted"]
        return True

    def must_be_told(self, done: subprocess.CompletedProcess[str], what: str) -> None:
        """A command that could not do its work says so in words and with an exit code."""
        if done.returncode == 0 or "Traceback" in done.stderr or not done.stderr.strip() + done.stdout.strip():
            self.wrong.append(f"{what}: exit {done.returncode}, said {done.stderr[-300:]!r}")


def importing(path: Path) -> list[str]:
    """The arguments of an import of a file."""
    return ["import", str(path), "--kind", "responses", "--create-units", "--json"]


def named_parts(victim: Victim) -> list[str]:
    """The parts that batches name, relative to their folder, sorted."""
    instance = Instance.open(victim.folder)
    try:
        with instance.session() as session:
            return sorted(part.path for part in all_parts(session))
    finally:
        instance.close()


def lost_or_broken(victim: Victim) -> list[str]:
    """Everything that is not as it was told: lost batches, half batches, wrong counts, what `verify` finds."""
    found, victim.wrong = victim.wrong, []
    instance = Instance.open(victim.folder)
    try:
        checked = verify(instance)
        if not checked.is_ok:
            found.append(f"verify finds {checked.to_json()}")
        with instance.session() as session:
            rows = list_batches(session, viewer=OPERATOR, states=("accepted",))
        stored = {row.id: row.row_count or 0 for row in rows}
        for batch, count in victim.accepted.items():
            if stored.get(batch) != count:
                found.append(f"batch {batch} had {count} rows and has {stored.get(batch)}")
        answer = metric_values(instance, period="all", by=("total",), codes=["n_received"])
        counted = next(row.value for row in answer.rows if row.total in (None, "pooled"))
        if stored and counted != sum(stored.values()):
            found.append(f"{counted} cases are counted of {sum(stored.values())} accepted rows")
    finally:
        instance.close()
    victim.accepted.update(stored)
    return found
