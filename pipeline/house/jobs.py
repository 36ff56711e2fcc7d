"""Long work: a job is a use case in named steps, put in a queue here and done by the worker (`pipeline.house.worker`).

Each finished step is recorded, so a worker that was killed goes on at the next one. Arguments and answers of jobs are
identifiers and counts, never personal data.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import select

from records.clock import now
from records.instance import Instance
from records.models import JobNote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dbos import DBOSClient

QUEUE = "jobs"
WORKFLOW = "job"
EVENT = "progress"

KINDS: dict[str, str] = {
    "check_upload": "pipeline.importing.upload_jobs:check_job",
    "confirm_upload": "pipeline.importing.upload_jobs:confirm_job",
    "make_report": "pipeline.paper.report_jobs:make_job",
    "assess": "pipeline.judgement.assessing:assess_job",
    "try_draft": "pipeline.judgement.scheme_trials:trial_job",
    "find_findings": "pipeline.integrity.review:find_job",
    "self_check": "pipeline.house.verification:self_check_job",
    "retention": "pipeline.house.retention:retention_job",
}
"""Kind of job -> `module:function`; the function takes (instance, steps, **arguments), returns plain data or None."""

STATES = {
    "DELAYED": "queued",
    "ENQUEUED": "queued",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
    "CANCELLED": "cancelled",
}

Answer = TypeVar("Answer")


class JobMissing(LookupError):
    """There is no such job."""


class UnknownKind(ValueError):
    """No job of this kind is known."""


@dataclass(frozen=True)
class JobProgress:
    """How far a job is. `state` is queued, running, done, failed or cancelled."""

    job: str
    kind: str
    state: str
    done: int = 0
    total: int = 0
    stage: str = ""
    answer: Any = None
    error: str | None = None

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    @property
    def percent(self) -> int:
        """Whole percent for a progress bar; 100 only for a job that is done.

        >>> JobProgress("x", "assess", "running", 3, 3).percent, JobProgress("x", "assess", "done").percent
        (99, 100)
        """
        if self.state == "done":
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0


class Steps(Protocol):
    """What a job function is given to do its work in steps."""

    @property
    def job(self) -> str:
        """The id of the job, the same after a restart: what a step makes under it is made once."""

    def expect(self, total: int) -> None:
        """Say how many steps (or pieces) there will be."""

    def step(self, stage: str, function: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
        """Run one idempotent step; after a crash a finished one is not run again, its recorded answer comes back."""

    def tell(self, done: int, total: int, stage: str) -> None:
        """Say from inside a step how far it is."""


class Directly:
    """Steps without a queue, for commands and tests: each runs at once. `stages` lists what ran."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.job = uuid.uuid4().hex

    def expect(self, total: int) -> None:
        """Nothing to prepare."""

    def step(self, stage: str, function: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
        self.stages.append(stage)
        return function(*args, **kwargs)

    def tell(self, done: int, total: int, stage: str) -> None:
        """Nobody is watching."""


def function_of(kind: str) -> Callable[..., Any]:
    """The function that does a kind of job. Raises UnknownKind."""
    if kind not in KINDS:
        raise UnknownKind(f"there is no job of kind {kind!r}; known are {', '.join(sorted(KINDS))}")
    module, _, name = KINDS[kind].partition(":")
    return getattr(import_module(module), name)


def enqueue(instance: Instance, kind: str, *, by: str = "", job: str = "", **arguments: Any) -> str:
    """Put a job in the queue and return its id. The worker starts it within a second.

    With `job` the caller names it: a second job of the same name is the first.
    """
    function_of(kind)
    job = job or uuid.uuid4().hex
    with _client(instance) as client:
        client.enqueue({"queue_name": QUEUE, "workflow_name": WORKFLOW, "workflow_id": job}, kind, arguments)
    with instance.session() as session:
        if session.get(JobNote, job) is None:
            session.add(JobNote(job_id=job, kind=kind, arguments=arguments, made_by=by, made_at=now()))
    return job


def enqueue_once(instance: Instance, kind: str, name: str) -> None:
    """Put a job in the queue unless one of this name was put there before, by whichever process."""
    function_of(kind)
    with _client(instance) as client:
        client.enqueue({"queue_name": QUEUE, "workflow_name": WORKFLOW, "workflow_id": name}, kind, {})


def count_open(instance: Instance) -> dict[str, int]:
    """How many jobs wait and how many run."""
    with _client(instance) as client:
        found = client.list_workflows(status=["ENQUEUED", "PENDING"], load_input=False, load_output=False)
    states = [STATES[status.status] for status in found]
    return {state: states.count(state) for state in ("queued", "running")}


def progress(instance: Instance, job: str) -> JobProgress:
    """How far a job is. Raises JobMissing for an unknown id."""
    with _client(instance) as client:
        found = client.list_workflows(workflow_ids=[job], load_input=True, load_output=True)
        if not found:
            raise JobMissing(f"there is no job {job}")
        told = client.get_event(job, EVENT, timeout_seconds=0) or {}
    status = found[0]
    arguments = status.input["args"] if status.input else ("",)
    state = STATES[status.status]
    error = _sentence(status.error) if state == "failed" else None
    return JobProgress(job, arguments[0], state, **told, answer=status.output, error=error)


def failure(instance: Instance, job: str) -> BaseException | None:
    """What ended a job that failed, as it was raised; None for every other. Raises JobMissing for an unknown id."""
    with _client(instance) as client:
        found = client.list_workflows(workflow_ids=[job], load_input=False, load_output=True)
    if not found:
        raise JobMissing(f"there is no job {job}")
    error = found[0].error
    return error if isinstance(error, BaseException) else None


def cancel(instance: Instance, job: str) -> None:
    """Take a job out of the queue, or stop it before its next step."""
    with _client(instance) as client:
        client.cancel_workflow(job)


def list_jobs(instance: Instance, *, kind: str | None = None, limit: int = 50) -> list[JobProgress]:
    """The newest jobs first."""
    wanted = select(JobNote.job_id).order_by(JobNote.made_at.desc(), JobNote.job_id).limit(limit)
    if kind is not None:
        wanted = wanted.where(JobNote.kind == kind)
    with instance.session() as session:
        ids = list(session.scalars(wanted))
    return [progress(instance, job) for job in ids]


def load_library() -> None:
    """Load what reaches the job store, half a second of a processor, before somebody waits for it."""
    import_module("dbos")


def prepare_store(instance: Instance) -> None:
    """Create the job store when it is missing, so that a job can be queued before any worker has run."""
    from dbos import DBOS

    path = instance.folder / "jobs.db"
    if instance.is_embedded:
        if path.exists() and path.stat().st_size > 0:
            return
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        path.chmod(0o600)
    DBOS.migrate(instance.jobs_url)


@contextmanager
def _client(instance: Instance) -> Iterator[DBOSClient]:
    from dbos import DBOSClient

    prepare_store(instance)
    client = DBOSClient(system_database_url=instance.jobs_url, application_name="wenxiao", lazy=True)
    try:
        yield client
    finally:
        client.destroy()


def _sentence(error: BaseException | None) -> str:
    if error is None:
        return "the worker died several times on this job"
    return " ".join(str(error).split()) or type(error).__name__
