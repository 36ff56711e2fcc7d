"""Several workers on one PostgreSQL server share a queue: every job is done, and none twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pipeline.house import jobs
from records.instance import Instance
from tests.pipeline.test_jobs import wait_until

RUNNER = """
import sys
from pathlib import Path
from pipeline.house import jobs, worker
from records.instance import Instance
jobs.KINDS.update(count="tests.pipeline.job_examples:count")
worker.work(Instance.open(Path(sys.argv[1])), name=sys.argv[2], follows_input=True)
"""
JOBS, STEPS = 12, 3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.postgresql
def test_several_workers_never_do_a_job_twice(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs.KINDS, "count", "tests.pipeline.job_examples:count")
    instance = Instance.open(tmp_path / "instance")
    queued = [jobs.enqueue(instance, "count", n=STEPS, pause=0.1) for _ in range(JOBS)]
    root = Path(__file__).parents[2]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", RUNNER, str(instance.folder), name],
            cwd=root,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for name in ("first", "second", "third")
    ]
    try:
        wait_until(lambda: all(jobs.progress(instance, job).is_over for job in queued), seconds=60)
        assert {jobs.progress(instance, job).state for job in queued} == {"done"}
        done = Counter((instance.folder / "steps.txt").read_text().split())
        assert done == {str(step): JOBS for step in range(STEPS)}
    finally:
        for process in started:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()
        instance.close()
