"""For monitors: alive, ready or not and why, numbers for a token of an administrator."""

from __future__ import annotations

import json
import logging
import os

import pytest

from pipeline.house import jobs, monitoring, people, schedule
from pipeline.house.logs import JsonLines
from tests.web.office import open_office


@pytest.fixture
def office(tmp_path, template):
    return open_office(tmp_path, template)


def test_alive_and_ready(office):
    client = office.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]) == (200, {"database": True, "folder": True, "disk": True})


def test_not_ready_says_what_is_missing(office, monkeypatch):
    monkeypatch.setattr(monitoring, "SMALLEST_FREE", 1 << 62)
    answer = office.test_client().get("/readyz")
    assert (answer.status_code, answer.json["checks"]["disk"]) == (503, False)


def test_numbers_are_for_administrators(office):
    instance = office.extensions["wenxiao"]
    client = office.test_client()
    token = people.make_token(instance, sign_in="admin", title="monitor", by="test")
    other = people.make_token(instance, sign_in="assessor", title="x", by="test")
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {other}"}).status_code == 403
    jobs.enqueue(instance, "self_check")
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    lines = answer.text.splitlines()
    assert 'wenxiao_jobs{state="queued"} 1' in lines
    assert f'wenxiao_http_requests_total{{method="GET",status="401",process="{os.getpid()}"}} 1' in lines
    assert all(line.startswith("#") or len(line.rsplit(" ", 1)) == 2 for line in lines)
    assert not {"assessor", "市教育局"} & set(answer.text.split())


def test_daily_job_is_asked_for_once(office):
    instance = office.extensions["wenxiao"]
    from datetime import datetime

    for hour in (2, 3, 4, 23):
        schedule.ask(instance, datetime(2025, 3, 7, hour))
    schedule.ask(instance, datetime(2025, 3, 8, 3))
    assert jobs.count_open(instance)["queued"] == 2


def test_json_lines_hold_the_trace():
    try:
        raise ValueError("broken")
    except ValueError:
        import sys

        record = logging.LogRecord("wenxiao.web", logging.ERROR, "", 1, "fault %s", ("x",), sys.exc_info())
    line = json.loads(JsonLines().format(record))
    assert (line["level"], line["message"]) == ("ERROR", "fault x")
    assert "broken" in line["trace"]
