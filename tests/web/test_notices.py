"""Notices: who asked for a job hears of its end, once, and nobody else does."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from pipeline.house import notices
from pipeline.house.people import viewer_of_person
from records.clock import now
from records.instance import Instance
from records.models import JobNote, Notice, Person
from records.vocabulary import Role


@pytest.fixture
def asked(instance: Instance):
    """A job that the assessor asked for; answers its id."""
    with instance.session() as session:
        arguments = {"upload": "0123456789abcdef", "person": "assessor"}
        session.add(
            JobNote(job_id="job-1", kind="confirm_upload", arguments=arguments, made_by="assessor", made_at=now())
        )
    yield "job-1"
    with instance.session() as session:
        session.execute(delete(JobNote))
        session.execute(delete(Notice))


def told(instance: Instance, role: Role):
    with instance.session() as session:
        person = session.query(Person).filter_by(sign_in=role.value).one().id
    viewer = viewer_of_person(instance, person)
    return viewer, notices.list_notices(instance, viewer)


def test_end_of_a_job_is_told_once_to_who_asked(instance, asked):
    notices.tell_end(instance, asked, {"batch": 7}, True)
    notices.tell_end(instance, asked, {"batch": 7}, True)  # a worker that was killed after telling
    viewer, rows = told(instance, Role.ASSESSOR)
    assert [(row.code, row.arguments["batch"], row.is_new) for row in rows] == [("job_done", 7, True)]
    assert "person" not in rows[0].arguments
    assert notices.count_new(instance, viewer) == 1
    assert told(instance, Role.ADMIN)[1] == []


def test_a_job_nobody_asked_for_tells_nobody(instance, asked):
    notices.tell_end(instance, "scheduled", None, True)
    assert told(instance, Role.ASSESSOR)[1] == []


def test_page_links_the_result_and_the_bar_counts_until_it_is_read(client_of, instance, asked):
    notices.tell_end(instance, asked, {"batch": 7}, True)
    client = client_of(Role.ASSESSOR)
    page = client.get("/notices").text
    assert 'href="/batches/7"' in page
    assert "数据入库已完成" in page
    newest = told(instance, Role.ASSESSOR)[1][0].id
    assert client.post("/notices/read", data={"up_to": str(newest - 1)}).status_code == 303
    assert "条未读</span>" in client.get("/units").text  # came after what was read
    client.post("/notices/read", data={"up_to": str(newest)})
    assert "条未读</span>" not in client.get("/units").text
    assert client.post("/notices/read", data={"up_to": "1 or 1"}).status_code == 303


def test_failed_job_says_so_without_a_dead_link(client_of, instance, asked):
    notices.tell_end(instance, asked, None, False)
    page = client_of(Role.ASSESSOR).get("/notices?lang=zh").text
    assert "数据入库没有完成" in page
    assert "/batches/None" not in page
