"""Uploads that the worker checks and confirms: what the pages say meanwhile, and at the end."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pipeline import importing
from pipeline.house.jobs import Directly, JobProgress
from pipeline.importing import upload_jobs, uploads
from tests.web.office import (
    instance_of,
    orders,
    stored_rows,
    upload,
)
from web.words.batch_conflicts import SENTENCES


def test_uploads_progress_shows_rows_and_percent(
    office: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "INLINE_BYTES", 0)
    check = upload(client, orders()).headers["Location"]
    job = JobProgress("x", "check_upload", "running", 60_000, 200_000, "reading")
    monkeypatch.setattr(upload_jobs.jobs, "progress", lambda *_: job)
    part = client.get(check.replace("/check", "/progress")).text
    assert 'max="100" value="30"' in part
    assert "已读取 60,000 行，约 200,000 行" in part
    assert "data-poll=" in part
    assert f'href="{check}">刷新' in part  # for visitors without a script


def test_uploads_large_file_is_checked_by_the_job(
    office: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "INLINE_BYTES", 0)
    check = upload(client, orders()).headers["Location"]
    number = check.split("/")[2]
    told: list[tuple[int, int, str]] = []
    steps = Directly()
    monkeypatch.setattr(steps, "tell", lambda *words: told.append(words))
    assert upload_jobs.check_job(instance_of(office), steps, upload=number)["state"] == "checked"
    assert told[-1] == (20, 20, "comparing")
    assert "确认" in client.get(check).text


def test_uploads_large_file_is_confirmed_by_the_job(
    office: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = upload(client, orders()).headers["Location"]
    number = check.split("/")[2]
    monkeypatch.setattr(uploads, "INLINE_BYTES", 0)
    running = client.post(check.replace("/check", "/confirm")).headers["Location"]
    page = client.get(running).text
    assert "正在入库" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert stored_rows(office) == 0
    done = upload_jobs.confirm_job(instance_of(office), Directly(), upload=number, person="assessor")
    job = JobProgress(running.rsplit("/", 1)[1], "confirm_upload", "done", answer=done)
    monkeypatch.setattr(upload_jobs.jobs, "progress", lambda *_: job)
    assert f'data-goto="{running}"' in client.get(f"{running}/progress").text
    assert client.get(running).headers["Location"] == f"/batches/{done['batch']}"
    assert stored_rows(office) == 20


def test_uploads_confirmation_that_fails_says_why(
    office: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = upload(client, orders()).headers["Location"]
    job = JobProgress("x", "confirm_upload", "failed", error="no space left")
    monkeypatch.setattr(upload_jobs.jobs, "progress", lambda *_: job)
    monkeypatch.setattr(upload_jobs.jobs, "failure", lambda *_: OSError("no space left"))
    answer = client.get(check.replace("/check", "/confirm/x"), follow_redirects=True)
    assert "no space left" in answer.text


def test_large_file_that_somebody_else_overtook_says_so_in_the_language_of_the_reader(
    office: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = upload(client, orders(20)).headers["Location"]
    instance, number = instance_of(office), check.split("/")[2]
    other = uploads.load(instance, upload(client, orders(21)).headers["Location"].split("/")[2])
    importing.confirm(instance, (other.answer or {})["batch"], "admin")
    with pytest.raises(importing.BatchConflict) as met:
        upload_jobs.confirm_job(instance, Directly(), upload=number, person="assessor")
    kept = pickle.loads(pickle.dumps(met.value))
    job = JobProgress("x", "confirm_upload", "failed", error=str(kept))
    monkeypatch.setattr(upload_jobs.jobs, "progress", lambda *_: job)
    monkeypatch.setattr(upload_jobs.jobs, "failure", lambda *_: kept)
    page = client.get(check.replace("/check", "/confirm/x"), follow_redirects=True).text
    assert f"导入了同一来源、时期重叠的批次 {(other.answer or {})['batch']}" in page
    assert "confirmed meanwhile" not in page


def test_every_conflict_of_a_batch_has_a_sentence_for_the_pages() -> None:
    folder = Path(importing.__file__).parent
    raised = re.findall(
        r"raise BatchConflict\((?:[^()]|\([^()]*\))*\)", "".join(map(Path.read_text, folder.glob("*.py")))
    )
    told = {code for call in raised for code in SENTENCES if f'"{code}"' in call}
    assert [call for call in raised if not any(f'"{code}"' in call for code in SENTENCES)] == []
    assert told == set(SENTENCES)


@pytest.mark.parametrize("kind", [None, "find_findings"])
def test_uploads_confirmation_is_no_other_job(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, kind: str | None
) -> None:
    check = upload(client, orders()).headers["Location"]
    if kind:
        monkeypatch.setattr(upload_jobs.jobs, "progress", lambda *_: JobProgress("x", kind, "running"))
    assert client.get(check.replace("/check", "/confirm/x")).status_code == 404


def test_uploads_only_one_small_file_is_checked_here_at_a_time(office: Flask, client: FlaskClient):
    def state_of(text: str) -> str:
        address = upload(client, text).headers["Location"]
        return uploads.load(instance_of(office), address.split("/")[2]).state

    with upload_jobs._CHECKING:
        assert state_of(orders(4)) == "checking"
    assert state_of(orders(5)) == "checked"


def test_uploads_confirmed_before_a_crash_are_told_as_confirmed_to_their_person_alone(
    office: Flask, client: FlaskClient
) -> None:
    """The process was killed after the rows were accepted and before the file was forgotten."""
    check = upload(client, orders()).headers["Location"]
    instance, number = instance_of(office), check.split("/")[2]
    batch = (uploads.load(instance, number).answer or {})["batch"]
    importing.confirm(instance, batch, "assessor")
    with pytest.raises(importing.BatchConflict, match="assessor"):
        uploads.confirm(instance, number, "somebody")
    assert client.post(check.replace("/check", "/confirm")).headers["Location"] == f"/batches/{batch}"
    assert stored_rows(office) == 20
    with pytest.raises(uploads.UploadMissing):
        uploads.load(instance, number)


def test_who_confirms_second_reads_in_their_language_who_was_faster(office: Flask, client: FlaskClient) -> None:
    """Two files of the same records, checked side by side; the other person's is confirmed first."""
    check = upload(client, orders(20)).headers["Location"]
    instance = instance_of(office)
    other = uploads.load(instance, upload(client, orders(21)).headers["Location"].split("/")[2])
    importing.confirm(instance, (other.answer or {})["batch"], "admin")
    page = client.post(check.replace("/check", "/confirm"), follow_redirects=True).text
    assert f"导入了同一来源、时期重叠的批次 {(other.answer or {})['batch']}" in page
    assert "confirmed meanwhile" not in page
    assert "校验中断" not in page
