"""Uploads that the worker checks and confirms, and which ones a person waits for instead."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from typing import Any

from imports.progress import Tell
from pipeline import importing
from pipeline.house import jobs
from pipeline.importing.uploads import JOB, Upload, check, checked, confirm, folder_of, load, mark_failed, write
from records.instance import Instance

_CHECKING = threading.BoundedSemaphore(1)  # one small file at a time in a process that answers pages


def start_check(instance: Instance, upload_id: str) -> None:
    """Checks a small file at once; a larger one, or one that comes while another is checked here, is the worker's.

    So however many files arrive together, the pages of this process keep most of its time.
    """
    if load(instance, upload_id).is_small and _CHECKING.acquire(blocking=False):
        try:
            check(instance, upload_id)
        finally:
            _CHECKING.release()
    else:
        queue_check(instance, upload_id)


def follow(instance: Instance, upload_id: str) -> tuple[Upload, jobs.JobProgress | None]:
    """The upload as it is now, with the progress of its job; a job that broke off is noted in the upload."""
    upload = load(instance, upload_id)
    progress = jobs.progress(instance, upload.job) if upload.job else None
    if progress and progress.state in ("failed", "cancelled"):
        upload = mark_failed(instance, upload_id, progress.error or "")
    return upload, progress


def queue_check(instance: Instance, upload_id: str) -> None:
    """Lets the worker check the file; a person may leave the page meanwhile."""
    upload = load(instance, upload_id)
    write(instance, replace(upload, state="checking", answer=None, error=None))
    _note_job(instance, upload_id, jobs.enqueue(instance, "check_upload", by=upload.by, upload=upload_id))


def queue_confirm(instance: Instance, upload_id: str, by: str) -> str:
    """Lets the worker make the checked rows records; answers the id of the job.

    A second click, or a second person, gets the job that is under way already. Raises UploadMissing, NotChecked.
    """
    batch = (checked(instance, upload_id).answer or {})["batch"]
    job = f"confirm-{upload_id}-{batch}"
    return jobs.enqueue(instance, "confirm_upload", by=by, job=job, upload=upload_id, person=by)


def check_job(instance: Instance, steps: jobs.Steps, *, upload: str) -> dict[str, Any]:
    """The job `check_upload`. Answers the state and the batch, nothing of the file's content."""
    steps.expect(1)
    try:
        return steps.step("checking", lambda: _check_step(instance, upload, steps.tell))
    except Exception as error:
        mark_failed(instance, upload, " ".join(str(error).split()))
        raise


def confirm_job(instance: Instance, steps: jobs.Steps, *, upload: str, person: str) -> dict[str, Any]:
    """The job `confirm_upload`. Answers the batch; one that a killed worker had confirmed already is not refused."""
    steps.expect(2)
    batch = steps.step("opening", lambda: (checked(instance, upload).answer or {})["batch"])
    return steps.step("confirming", lambda: _confirm_once(instance, upload, batch, person))


def _confirm_once(instance: Instance, upload_id: str, batch: int, by: str) -> dict[str, Any]:
    if importing.is_accepted(instance, batch):
        shutil.rmtree(folder_of(instance, upload_id), ignore_errors=True)
    else:
        confirm(instance, upload_id, by)
    importing.prepare(instance, batch)
    return {"batch": batch}


def _check_step(instance: Instance, upload_id: str, tell: Tell) -> dict[str, Any]:
    done = check(instance, upload_id, tell)
    return {"state": done.state, "batch": (done.answer or {}).get("batch")}


def _note_job(instance: Instance, upload_id: str, job: str) -> None:
    folder = folder_of(instance, upload_id)
    if folder.exists():  # a quick worker may have confirmed the upload already
        (folder / JOB).write_text(job)
