"""The worker: takes jobs from the queue and does them, step by step. Started by `wenxiao serve` or `wenxiao worker`."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig

from pipeline import importing
from pipeline.house import jobs, notices, schedule
from records.instance import Instance
from records.locking import FolderLock

VERSION = "1"  # raised only when waiting jobs of an older program can no longer be done
DEATHS_ALLOWED = 3
LOCK_SECONDS = 20.0
NICENESS = 10  # pages come before jobs on a machine that does both

log = logging.getLogger("wenxiao.worker")
Answer = TypeVar("Answer")
_served: list[Instance] = []  # the one instance this process works for


class Durable:
    """Steps that DBOS records."""

    def __init__(self) -> None:
        self._done = 0
        self._total = 0

    @property
    def job(self) -> str:
        return str(DBOS.workflow_id)

    def expect(self, total: int) -> None:
        self._total = total

    def step(self, stage: str, function: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
        DBOS.set_event(jobs.EVENT, {"done": self._done, "total": self._total, "stage": stage})
        answer = DBOS.run_step({"name": stage}, function, *args, **kwargs)
        self._done += 1
        return answer

    def tell(self, done: int, total: int, stage: str) -> None:
        DBOS.set_event(jobs.EVENT, {"done": done, "total": total, "stage": stage})


@DBOS.workflow(name=jobs.WORKFLOW, max_recovery_attempts=DEATHS_ALLOWED)
def run_job(kind: str, arguments: dict[str, Any]) -> Any:
    """One job of any kind."""
    log.info("job %s of kind %s starts", DBOS.workflow_id, kind)
    job = str(DBOS.workflow_id)
    try:
        answer = jobs.function_of(kind)(_served[0], Durable(), **arguments)
    except Exception:
        DBOS.run_step({"name": "telling"}, notices.tell_end, _served[0], job, None, False)
        raise
    DBOS.run_step({"name": "telling"}, notices.tell_end, _served[0], job, answer, True)
    return answer


def start(instance: Instance, name: str) -> None:
    """Start working for an instance in threads of this process. Jobs this worker had begun before go on."""
    _served[:] = [instance]
    jobs.prepare_store(instance)
    config: DBOSConfig = {
        "name": "wenxiao",
        "system_database_url": instance.jobs_url,
        "application_version": VERSION,
        "executor_id": name,
        "log_level": "WARNING",
        "enable_otlp": False,
        "notification_listener_polling_interval_sec": 0.5,
    }
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(
        jobs.QUEUE, worker_concurrency=max(1, instance.settings.job_concurrency), polling_interval_sec=0.3
    )


def work(instance: Instance, *, name: str | None = None, follows_input: bool = False) -> None:
    """Work until SIGTERM, or until standard input closes where a parent holds its other end. Does not return.

    Two workers of one name would do a job twice, so the second one waits for the first to leave and then gives up.
    """
    worker = name or default_name()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    stop = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stop.set())
    if follows_input:
        threading.Thread(target=_wait_for_end_of_input, args=(stop,), daemon=True).start()
    with FolderLock(instance.folder / f"worker-{worker}.lock", wait_seconds=LOCK_SECONDS, stop=stop):
        importing.remove_leftovers(instance)
        start(instance, worker)
        threading.Thread(target=schedule.keep, args=(instance, stop), daemon=True).start()
        log.info("worker %s is ready", worker)
        stop.wait()
        # A running job is left as it is: its finished steps are recorded and the next worker goes on from there.
        os._exit(0)


def default_name() -> str:
    """The name of this worker: `$WENXIAO_WORKER`, else the name of the machine. It must stay the same on a restart."""
    name = os.environ.get("WENXIAO_WORKER") or socket.gethostname() or "worker"
    return "".join(character if character.isalnum() or character in "-_" else "-" for character in name)


def _wait_for_end_of_input(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):  # past the buffer, whose lock no thread may hold when Python ends
        continue
    stop.set()
