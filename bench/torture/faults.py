"""What breaks: a killed command, a full disk, a lost file, a lock, a clock that goes back."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.torture.victim import ASSESS, Victim, importing, named_parts, patience

COMPILER = shutil.which("cc")


def kill_import(victim: Victim) -> None:
    """kill -9 of `wenxiao import` at a random moment."""
    path, _ = victim.new_file()
    victim.note(victim.killed(victim.moment(3.5), *importing(path)))


def kill_assess(victim: Victim) -> None:
    """kill -9 of `wenxiao assess` at a random moment."""
    victim.killed(victim.moment(4.0), *ASSESS)


def kill_report(victim: Victim) -> None:
    """kill -9 of `wenxiao report` at a random moment: the file is whole or not there."""
    out = victim.folder.parent / f"report-{victim.files}-{victim.random.randrange(10**6)}.xlsx"
    number = victim.random.choice([1, 1, 2])
    wanted = ["report", str(number), "--kind", "workbook", "--format", "xlsx", "--out", str(out)]
    victim.killed(victim.moment(5.0), *wanted)
    if out.exists() and (not zipfile.is_zipfile(out) or zipfile.ZipFile(out).testzip()):
        victim.wrong.append("half a report lies under its name")
    out.unlink(missing_ok=True)


def kill_withdraw(victim: Victim) -> None:
    """kill -9 of withdrawing and of restoring a batch: it is in the numbers or not, and comes back whole."""
    batch = str(victim.random.choice(sorted(victim.accepted)))
    victim.killed(victim.moment(1.5), "batches", "withdraw", batch, "--why", "torture")
    victim.killed(victim.moment(1.5), "batches", "restore", batch)
    victim.run("batches", "restore", batch)


def disk_full(victim: Victim) -> None:
    """No file may grow past a random size: an import, a draft or a report fails as on a full disk."""
    path, _ = victim.new_file()
    report = ["report", "1", "--kind", "workbook", "--format", "xlsx", "--out", str(path.with_suffix(".xlsx"))]
    wanted = victim.random.choice([importing(path), importing(path), ASSESS, report])
    size = victim.random.choice([4 << 10, 16 << 10, 64 << 10])
    done = victim.run(*wanted, before=lambda: _limit_files(size))
    if not victim.note(done.stdout) and done.returncode:
        victim.must_be_told(done, "disk full")


def read_only(victim: Victim) -> None:
    """The folder of staged files cannot be written (its name leads to a file)."""
    path, _ = victim.new_file()
    staging, aside = victim.folder / "staging", victim.folder / "staging-aside"
    staging.rename(aside)
    staging.write_text("not a folder")
    try:
        done = victim.run(*importing(path))
    finally:
        staging.unlink(missing_ok=True) if staging.is_file() else shutil.rmtree(staging, ignore_errors=True)
        aside.rename(staging)
    if not victim.note(done.stdout):
        victim.must_be_told(done, "read-only")


def locked_catalogue(victim: Victim) -> None:
    """Another program holds the write lock of the catalogue for some seconds: the import waits and succeeds."""
    path, _ = victim.new_file()
    with closing(sqlite3.connect(victim.folder / "catalogue.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with victim.start(*importing(path)) as process:
            time.sleep(victim.moment(3.0))
            holder.execute("ROLLBACK")
            output, errors = process.communicate(timeout=patience())
    if not victim.note(output):
        victim.wrong.append(f"a lock of some seconds was not waited for: {errors[-200:]}")


def damaged_part(victim: Victim) -> None:
    """One byte of a part flips, or the part is gone: `verify` must name it; then it is put back."""
    part = victim.folder / "parts" / victim.random.choice(named_parts(victim))  # a killed import may leave others
    kept, mode = part.read_bytes(), part.stat().st_mode
    expected = "hash" if victim.random.random() < 0.5 else "missing"
    part.unlink()
    if expected == "hash":
        place = victim.random.randrange(len(kept))
        part.write_bytes(kept[:place] + bytes([kept[place] ^ 0xFF]) + kept[place + 1 :])
    found = json.loads(victim.run("verify", "--json").stdout)
    if [bad["problem"] for bad in found["parts"]["bad"]] != [expected]:
        victim.wrong.append(f"a part that is {expected} was told as {found['parts']['bad']}")
    part.unlink(missing_ok=True)
    part.write_bytes(kept)
    part.chmod(mode)


def half_written(victim: Victim) -> None:
    """What a crash leaves: half a file under a temporary and under a final name counts for nothing, stops nothing."""
    target, strays = victim.folder / "parts" / "responses", []
    for name in (f".999{victim.files}.tmp", f"999{victim.files}.parquet"):
        strays.append(target / name)
        strays[-1].write_bytes(b"PAR1half")
    path, _ = victim.new_file()
    done = victim.run(*importing(path))
    if not victim.note(done.stdout):
        victim.wrong.append(f"a stray file stopped an import: {done.stderr[-200:]}")
    for stray in strays:  # else `damaged_part` might choose one
        stray.unlink()


def clock_set_back(victim: Victim) -> None:
    """The clock of the machine goes back some days during the import."""
    path, _ = victim.new_file()
    days = victim.random.randrange(1, 400)
    late: dict[str, Any] = {"LD_PRELOAD": str(_late_clock(victim)), "CLOCK_BACK_SECONDS": str(days * 86_400)}
    done = victim.run(*importing(path), **late)
    if not victim.note(done.stdout):
        victim.wrong.append(f"a clock set back by {days} days stopped an import: {done.stderr[-200:]}")


def _late_clock(victim: Victim) -> Path:
    """The library that shifts the time of day, compiled beside the instance."""
    library = victim.folder.parent / "clock_back.so"
    if not library.exists():
        source = Path(__file__).with_name("clock_back.c")
        subprocess.run([str(COMPILER), "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return library


def _limit_files(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


EVERYWHERE: dict[str, Callable[[Victim], None]] = {
    "kill -9 import": kill_import,
    "kill -9 assess": kill_assess,
    "kill -9 report": kill_report,
    "kill -9 withdraw and restore": kill_withdraw,
    "disk full": disk_full,
    "read-only folder": read_only,
    "part damaged or missing": damaged_part,
    "half-written part": half_written,
    **({"clock set back": clock_set_back} if COMPILER else {}),
}
ON_SQLITE = {"catalogue locked": locked_catalogue}
