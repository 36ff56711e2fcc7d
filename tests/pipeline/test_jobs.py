"""Jobs: queued, done, failed with a sentence, and gone on with after kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.house import jobs
from pipeline.house.jobs import Directly, JobProgress
from pipeline.importing import BatchConflict
from records.instance import Instance
from records.locking import FolderLock, LockTaken
from tests.pipeline import job_examples

RUNNER = """
import sys
from pathlib import Path
from pipeline.house import jobs, worker
from records.instance import Instance
jobs.KINDS.update(**{name: f"tests.pipeline.job_examples:{name}" for name in ("count", "fail", "collide")})
worker.work(Instance.open(Path(sys.argv[1])), follows_input=True)
"""


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    for name in ("count", "fail", "collide"):
        monkeypatch.setitem(jobs.KINDS, name, f"tests.pipeline.job_examples:{name}")
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


@pytest.fixture
def start_worker(instance: Instance) -> Iterator[Callable[[], subprocess.Popen]]:
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        root = Path(__file__).parents[2]
        command = [sys.executable, "-c", RUNNER, str(instance.folder)]
        there = {**os.environ, "WENXIAO_DATABASE_URL": instance.database_url}
        started.append(subprocess.Popen(command, cwd=root, env=there, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


def wait_until(is_so: Callable[[], Any], seconds: float = 30.0) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := is_so():
            return answer
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def over(instance: Instance, job: str) -> Callable[[], JobProgress | None]:
    def look() -> JobProgress | None:
        found = jobs.progress(instance, job)
        return found if found.is_over else None

    return look


def lines(instance: Instance) -> list[str]:
    path = instance.folder / "steps.txt"
    return path.read_text().split() if path.exists() else []


def test_queued_before_any_worker_then_done_and_failed(
    instance: Instance, start_worker: Callable[[], subprocess.Popen]
) -> None:
    good = jobs.enqueue(instance, "count", n=3, by="ann")
    bad, slower = jobs.enqueue(instance, "fail"), jobs.enqueue(instance, "collide")
    assert jobs.progress(instance, good).state == "queued"
    start_worker()
    done = wait_until(over(instance, good))
    assert (done.state, done.answer, done.percent, done.kind) == ("done", {"counted": 3}, 100, "count")
    assert (done.done, done.total, done.stage) == (2, 3, "step 2")
    failed = wait_until(over(instance, bad))
    assert (failed.state, failed.error) == ("failed", "the file is gone; upload it again")
    assert lines(instance) == ["0", "1", "2"]
    assert jobs.failure(instance, good) is None
    assert isinstance(jobs.failure(instance, bad), ValueError)
    wait_until(over(instance, slower))
    conflict = jobs.failure(instance, slower)
    assert isinstance(conflict, BatchConflict)
    assert (str(conflict), conflict.code, conflict.facts["by"]) == ("li was faster", "others_were_faster", "li")
    assert {job.job for job in jobs.list_jobs(instance)} == {good, bad, slower}
    assert [job.job for job in jobs.list_jobs(instance, kind="fail")] == [bad]


def test_killed_worker_goes_on_at_the_next_step(
    instance: Instance, start_worker: Callable[[], subprocess.Popen]
) -> None:
    first = start_worker()
    running = jobs.enqueue(instance, "count", n=6, pause=0.4)
    waiting = jobs.enqueue(instance, "count", n=0)
    wait_until(lambda: len(lines(instance)) >= 3)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    before = lines(instance)
    assert jobs.progress(instance, running).state == "running"
    start_worker()
    assert wait_until(over(instance, running)).answer == {"counted": 6}
    assert wait_until(over(instance, waiting)).state == "done"
    after = lines(instance)[len(before) :]
    # Only the step in which the worker died may run twice; the finished ones are not run again.
    assert after[0] in (before[-1], str(int(before[-1]) + 1))
    assert after == [str(number) for number in range(int(after[0]), 6)]


@pytest.mark.parametrize("how", ["input closes", "terminated"])
def test_worker_leaves(instance: Instance, start_worker: Callable[[], subprocess.Popen], how: str) -> None:
    process = start_worker()
    job = jobs.enqueue(instance, "count", n=200, pause=0.1)
    wait_until(lambda: lines(instance))
    if how == "terminated":
        process.terminate()
    else:
        assert process.stdin is not None
        process.stdin.close()
    assert process.wait(timeout=10) == 0
    assert jobs.progress(instance, job).state == "running"


def test_enqueue_unknown_kind_is_refused(instance: Instance) -> None:
    with pytest.raises(jobs.UnknownKind, match="count"):
        jobs.enqueue(instance, "nonsense")


def test_progress_of_unknown_job(instance: Instance) -> None:
    with pytest.raises(jobs.JobMissing):
        jobs.progress(instance, "0" * 32)


def test_cancelled_job_does_not_run(instance: Instance, start_worker: Callable[[], subprocess.Popen]) -> None:
    stopped = jobs.enqueue(instance, "count", n=5)
    jobs.cancel(instance, stopped)
    start_worker()
    wait_until(over(instance, jobs.enqueue(instance, "fail")))
    assert jobs.progress(instance, stopped).state == "cancelled"
    assert lines(instance) == []


def test_directly_runs_the_same_function_without_a_queue(instance: Instance) -> None:
    steps = Directly()
    assert job_examples.count(instance, steps, n=2) == {"counted": 2}
    assert steps.stages == ["step 0", "step 1"]


@pytest.mark.parametrize(("done", "total", "percent"), [(0, 0, 0), (1, 3, 33), (3, 3, 99), (5, 3, 99)])
def test_percent_of_a_running_job(done: int, total: int, percent: int) -> None:
    assert JobProgress("x", "count", "running", done, total).percent == percent


GIVING_UP = """
import sys
from pathlib import Path
from pipeline.house import worker
from records.instance import Instance
worker.LOCK_SECONDS = 0.2
worker.work(Instance.open(Path(sys.argv[1])), name="one", follows_input=True)
"""


def test_a_worker_whose_place_is_taken_leaves_while_its_input_is_open(instance: Instance) -> None:
    command = [sys.executable, "-c", GIVING_UP, str(instance.folder)]
    with (
        FolderLock(instance.folder / "worker-one.lock"),
        subprocess.Popen(
            command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        assert process.stderr is not None
        told = process.stderr.read()
        assert process.wait(60) == 1, told
    assert "LockTaken: another process holds worker-one.lock" in told


def test_lock_is_held_by_one(tmp_path: Path) -> None:
    with FolderLock(tmp_path / "lock"), pytest.raises(LockTaken), FolderLock(tmp_path / "lock"):
        pass
    with FolderLock(tmp_path / "lock") as again:
        assert again.path.exists()
