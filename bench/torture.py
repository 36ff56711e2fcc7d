"""Breaks a small instance in every way a machine can, and verifies after each fault that nothing is lost.

`python -m bench.torture --faults 60 --seed 7` prints a table. A fault is survived when the state is told in words
(an exit code with a sentence, never a traceback), nothing half-accepted is seen, everything accepted before is still
there, and `verify` finds every part, every link of the audit trail and every frozen result as it was written.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import PROJECT, machine

WENXIAO = [sys.executable, "-m", "pipeline.commands"]
HEADER = "工单编号,承办单位,来电时间,办结时间,工单状态,主要内容"
PATIENCE = 120.0  # seconds a command may take before it counts as hanging


@dataclass
class Torture:
    """An instance that is broken again and again, and what must still be in it."""

    folder: Path
    random: random.Random
    accepted: dict[int, int] = field(default_factory=dict)  # batch -> rows, as told when it was accepted
    files: int = 0
    faults: list[str] = field(default_factory=list)

    def command(self, *arguments: str) -> list[str]:
        """The command line of the product on this instance."""
        return [*WENXIAO, "--instance", str(self.folder), *arguments]

    def run(self, *arguments: str, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments), cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=False,
            preexec_fn=before,
        )  # fmt: skip

    def killed(self, delay: float, *arguments: str) -> str:
        """Run a command and kill it after a while; its standard output up to then."""
        with subprocess.Popen(
            self.command(*arguments), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            start_new_session=True,
        ) as process:  # fmt: skip
            try:
                return process.communicate(timeout=delay)[0]
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return process.communicate()[0]

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


def importing(path: Path) -> list[str]:
    """The arguments of an import of a file."""
    return ["import", str(path), "--kind", "responses", "--create-units", "--json"]


def kill_import(torture: Torture) -> None:
    """kill -9 of `wenxiao import` at a random moment."""
    path, _ = torture.new_file()
    torture.note(torture.killed(torture.random.uniform(0.2, 3.5), *importing(path)))


def kill_assess(torture: Torture) -> None:
    """kill -9 of `wenxiao assess` at a random moment."""
    wanted = ["assess", "--scheme", "bj_three_rates", "--period", "2024-03", "--draws", "100", "--json"]
    torture.killed(torture.random.uniform(0.5, 4.0), *wanted)


def kill_serve(torture: Torture) -> None:
    """kill -9 of the web server, the worker and their parent while a check is queued."""
    from pipeline import jobs
    from records.instance import Instance

    instance = Instance.open(torture.folder)
    job = jobs.enqueue(instance, "self_check")
    torture.killed(torture.random.uniform(1.5, 4.0), "worker", "--name", "torture")
    with subprocess.Popen(torture.command("worker", "--name", "torture"), cwd=PROJECT, stderr=subprocess.DEVNULL) as w:
        try:
            _wait_for(lambda: jobs.progress(instance, job).is_over)
        finally:
            w.kill()
    if jobs.progress(instance, job).state != "done":
        torture.faults.append(f"a job that a killed worker had begun is {jobs.progress(instance, job).state}")
    instance.close()


def disk_full(torture: Torture) -> None:
    """No file may grow past a random size: writing fails as on a full disk."""
    path, _ = torture.new_file()
    size = torture.random.choice([4 << 10, 16 << 10, 64 << 10])
    done = torture.run(*importing(path), before=lambda: _limit_files(size))
    if not torture.note(done.stdout):
        _must_be_told(torture, done, "disk full")


def read_only(torture: Torture) -> None:
    """The folders of parts and staging cannot be written (their names lead to files)."""
    path, _ = torture.new_file()
    staging, aside = torture.folder / "staging", torture.folder / "staging-aside"
    staging.rename(aside)
    staging.write_text("not a folder")
    try:
        done = torture.run(*importing(path))
    finally:
        staging.unlink(missing_ok=True) if staging.is_file() else shutil.rmtree(staging, ignore_errors=True)
        aside.rename(staging)
    if not torture.note(done.stdout):
        _must_be_told(torture, done, "read-only")


def locked_catalogue(torture: Torture) -> None:
    """Another program holds the write lock of the catalogue for some seconds."""
    path, _ = torture.new_file()
    with closing(sqlite3.connect(torture.folder / "catalogue.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with subprocess.Popen(
            torture.command(*importing(path)), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            time.sleep(torture.random.uniform(0.5, 3.0))
            holder.execute("ROLLBACK")
            output, errors = process.communicate(timeout=PATIENCE)
    if not torture.note(output):
        torture.faults.append(f"a lock of some seconds was not waited for: {errors[-200:]}")


def damaged_part(torture: Torture) -> None:
    """One byte of a part flips, or the part is gone: `verify` must name it; then it is put back."""
    parts = sorted((torture.folder / "parts").rglob("*.parquet"))
    if not parts:
        return
    part = torture.random.choice(parts)
    kept, mode = part.read_bytes(), part.stat().st_mode
    expected = "hash" if torture.random.random() < 0.5 else "missing"
    part.unlink()
    if expected == "hash":
        place = torture.random.randrange(len(kept))
        part.write_bytes(kept[:place] + bytes([kept[place] ^ 0xFF]) + kept[place + 1 :])
    found = json.loads(torture.run("verify", "--json").stdout)
    if [bad["problem"] for bad in found["parts"]["bad"]] != [expected]:
        torture.faults.append(f"a part that is {expected} was told as {found['parts']['bad']}")
    part.unlink(missing_ok=True)
    part.write_bytes(kept)
    part.chmod(mode)


def half_written(torture: Torture) -> None:
    """What a crash leaves in the parts folder: half a file under a temporary and under a final name."""
    target = torture.folder / "parts" / "responses"
    target.mkdir(parents=True, exist_ok=True)
    for name in (f".999{torture.files}.tmp", f"999{torture.files}.parquet"):
        (target / name).write_bytes(b"PAR1half")
    path, _ = torture.new_file()
    done = torture.run(*importing(path))
    if not torture.note(done.stdout):
        torture.faults.append(f"a stray file stopped an import: {done.stderr[-200:]}")


FAULTS: dict[str, Callable[[Torture], None]] = {
    "kill -9 import": kill_import,
    "kill -9 assess": kill_assess,
    "kill -9 worker": kill_serve,
    "disk full": disk_full,
    "read-only folder": read_only,
    "catalogue locked": locked_catalogue,
    "part damaged or missing": damaged_part,
    "half-written part": half_written,
}


def lost_or_broken(torture: Torture) -> list[str]:
    """Everything that is not as it was told: lost batches, half batches, what `verify` finds."""
    done = torture.run("verify", "--json")
    found = list(torture.faults)
    torture.faults.clear()
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return [*found, f"verify says {done.stderr[-300:]}"]
    if not answer["ok"]:
        found.append(f"verify finds {done.stdout}")
    listed = json.loads(torture.run("batches", "list", "--json").stdout)
    stored = {entry["id"]: entry["row_count"] for entry in listed["batches"] if entry["state"] == "accepted"}
    for batch, rows in torture.accepted.items():
        if stored.get(batch) != rows:
            found.append(f"batch {batch} had {rows} rows and has {stored.get(batch)}")
    counted = json.loads(
        torture.run("metrics", "--period", "all", "--by", "total", "--metric", "n_received", "--json").stdout
    )
    numbers = [row["value"] for row in counted["rows"] if row["total"] in (None, "pooled")]
    if stored and numbers[0] != sum(stored.values()):
        found.append(f"{numbers[0]} cases are counted of {sum(stored.values())} accepted rows")
    torture.accepted.update(stored)
    return found


def torment(faults: int, seed: int, kinds: list[str] | None = None) -> tuple[Counter[str], list[str], int]:
    """Break an instance so many times; how often each fault was tried, what went wrong, how many batches stand."""
    tried: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="wxtorture") as folder:
        torture = Torture(Path(folder) / "instance", random.Random(seed))
        path, _ = torture.new_file()
        torture.note(torture.run(*importing(path)).stdout)
        for number in range(faults):
            kind = (kinds or list(FAULTS))[number % len(kinds or FAULTS)]
            tried[kind] += 1
            FAULTS[kind](torture)
            wrong += [f"{kind} ({number}): {line}" for line in lost_or_broken(torture)]
        return tried, wrong, len(torture.accepted)


def _limit_files(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _must_be_told(torture: Torture, done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode == 0 or "Traceback" in done.stderr or not done.stderr.strip() + done.stdout.strip():
        torture.faults.append(f"{what}: exit {done.returncode}, said {done.stderr[-300:]!r}")


def _wait_for(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.1)


def main() -> int:
    """Print the table; ends with 1 when anything was lost or broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.torture")
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    started = time.perf_counter()
    tried, wrong, batches = torment(given.faults, given.seed)
    print(f"{machine()}, seed {given.seed}, {time.perf_counter() - started:.0f} s\n")
    print("| fault | tried | survived |\n| --- | --- | --- |")
    for kind, count in tried.items():
        broken = len({line.split(":")[0] for line in wrong if line.startswith(kind)})
        print(f"| {kind} | {count} | {count - broken} |")
    print(f"\nbatches accepted {batches}, lost or broken {len(wrong)}")
    for line in wrong:
        print(f"- {line}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
