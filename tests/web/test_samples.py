"""The verification sample as people use it: the calls, their results, what is told of them, and protected reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from pipeline.house import people
from pipeline.integrity import protected, sampling
from records.access import Forbidden, Viewer
from records.clock import now
from records.instance import Instance
from records.models import AuditEntry, SampleCase, VerificationSample
from records.vocabulary import Role
from tests.web.office import open_office, sign_in


@pytest.fixture
def office(tmp_path: Path, template: Path) -> Iterator[Flask]:
    app = open_office(tmp_path, template)
    yield app
    app.extensions["wenxiao"].close()


def _sample(app: Flask) -> tuple[Instance, Viewer]:
    instance = app.extensions["wenxiao"]
    with instance.session() as session:
        session.add(VerificationSample(id=1, period="2024", seed=3, made_by="assessor", made_at=now(),
                                       document={"claimed": 900, "others": 100}))  # fmt: skip
        session.flush()
        for place in range(1, 11):
            session.add(SampleCase(sample_id=1, place=place, register="r", case_no=f"C{place}", unit_code="u1",
                                   stratum="u1/resolved", reason="random" if place % 2 else "flagged",
                                   is_claimed=place % 4 != 3, detectors=[] if place % 2 else ["D08"]))  # fmt: skip
    people.add_person(instance, sign_in="caller", name="c", role=Role.ASSESSOR, password="correct horse 99",
                               has_survey_role=True, by="test")  # fmt: skip
    return instance, Viewer(99, "c", Role.ASSESSOR, sign_in="caller", has_survey_role=True)


def test_calls_are_blind_and_logged(office: Flask) -> None:
    instance, viewer = _sample(office)
    items = sampling.work_list(instance, 1, viewer=viewer)
    shown = set(vars(items[0]))
    assert shown == {"place", "register", "case_no", "unit", "result", "note"}
    with instance.session() as session:
        assert session.query(AuditEntry).filter_by(action="read_work_list").count() == 1
    assert sign_in(office, Role.ASSESSOR).get("/samples/1/calls").status_code == 403  # without the survey role
    assert sign_in(office, Role.ASSESSOR).get("/samples/1").status_code == 200


def test_results_give_hit_rate_and_confirmed_rate(office: Flask) -> None:
    instance, viewer = _sample(office)
    given = [(place, "yes" if place % 2 else "no", "") for place in range(1, 11)]
    assert sampling.enter_results(instance, 1, given, viewer=viewer) == 10
    answer = sampling.result_of(instance, 1, viewer=viewer)
    assert answer is not None
    assert answer.confirmed is not None
    assert answer.confirmed.rate == 1.0
    assert [(h.detector, h.reached, h.not_confirmed) for h in answer.hits] == [("D08", 5, 5)]
    page = sign_in(office, Role.ASSESSOR).get("/samples/1").text
    assert "D08" in page


def test_hit_rates_tell_no_answer_of_a_few_to_who_may_not_read_answers(office: Flask) -> None:
    """The finding lists its cases: one case reached and not confirmed would be that citizen's answer."""
    instance, caller = _sample(office)
    desk = Viewer(1, "x", Role.ASSESSOR, sign_in="assessor")
    for results in (["no"] * 10, ["yes"] * 10, ["yes", "no"] * 5):
        given = [(place, result, "") for place, result in enumerate(results, 1)]
        sampling.enter_results(instance, 1, given, viewer=caller)
        whole, told = (sampling.result_of(instance, 1, viewer=viewer) for viewer in (caller, desk))
        assert whole is not None
        assert told is not None
        assert (whole.hits[0].not_confirmed, whole.is_withheld) == (sum(r == "no" for r in results[1::2]), False)
        assert [told.confirmed, told.is_withheld, told.hits[0].not_confirmed, told.hits[0].random_share] == [
            None, True, None, None,
        ]  # fmt: skip
    page = sign_in(office, Role.ASSESSOR).get("/samples/1").text
    assert "人数过少的数字不显示" in page


def test_answers_entered_one_by_one_are_told_all_at_once_or_not_at_all(office: Flask) -> None:
    """Between two looks one answer came in: what changed would be what that citizen said. The same of a correction."""
    instance, caller = _sample(office)
    with instance.session() as session:
        for place in range(11, 101):
            session.add(SampleCase(sample_id=1, place=place, register="r", case_no=f"C{place}", unit_code="u1",
                                   stratum="u1/resolved", reason="random" if place % 2 else "flagged",
                                   is_claimed=place % 4 != 3, detectors=[] if place % 2 else ["D08"]))  # fmt: skip
    desk, client = Viewer(1, "x", Role.ASSESSOR, sign_in="assessor"), sign_in(office, Role.ASSESSOR)

    def told() -> tuple[object, object]:
        return sampling.result_of(instance, 1, viewer=desk), sampling.result_of(instance, 1, viewer=caller)

    looks = []
    for place in range(1, 100):
        sampling.enter_results(instance, 1, [(place, "no" if place % 3 else "yes", "")], viewer=caller)
        looks.append(told())
    closed = [(told.confirmed, told.random_reached, told.hits, told.left) for told, _ in looks]
    assert closed == [(None, None, [], 100 - place) for place in range(1, 100)]
    assert len({whole.random_reached for _, whole in looks}) == 50  # the caller follows every answer
    assert "还有 1 件没有结果" in client.get("/samples/1").text
    sampling.enter_results(instance, 1, [(100, "no", "")], viewer=caller)
    first, whole = told()
    assert first.hits == whole.hits
    assert (first.hits[0].reached, first.hits[0].not_confirmed, first.left) == (50, 34, 0)
    sampling.enter_results(instance, 1, [(2, "yes", "")], viewer=caller)
    after, corrected = told()
    assert after == first
    assert corrected.hits[0].not_confirmed == 33
    assert "首次列出" in client.get("/samples/1").text


@pytest.mark.parametrize("wrong", [(1, "maybe", ""), (99, "yes", "")])
def test_wrong_result_stores_nothing(office: Flask, wrong: tuple[int, str, str]) -> None:
    instance, viewer = _sample(office)
    with pytest.raises(sampling.SampleRefused):
        sampling.enter_results(instance, 1, [(2, "yes", ""), wrong], viewer=viewer)
    assert all(item.result is None for item in sampling.work_list(instance, 1, viewer=viewer))


def test_protected_report_is_masked_and_outside_the_unit(office: Flask) -> None:
    instance, viewer = _sample(office)
    protected.record(instance, unit="u1", text="评价后单位的人打来电话13812345678问我是谁", viewer=viewer)
    rows = protected.list_reports(instance, viewer=viewer)
    assert "13812345678" not in rows[0].text
    protected.close(instance, rows[0].id, outcome="已转纪检部门", viewer=viewer)
    assert protected.list_reports(instance, viewer=viewer)[0].state == "closed"
    for role in (Role.UNIT_HEAD, Role.ORG_DEPT, Role.ADMIN):
        assert sign_in(office, role).get("/samples/protected").status_code == 403
    insider = Viewer(99, "c", Role.ASSESSOR, frozenset({"u1"}), sign_in="caller", has_survey_role=True)
    assert protected.list_reports(instance, viewer=insider) == []
    with pytest.raises(Forbidden):
        protected.record(instance, unit="u1", text="x", viewer=insider)


def test_size_of_a_survey_is_reckoned_on_the_page(office: Flask) -> None:
    """Cases 73 and 74: 7,271 tenants at four points need 555; 1,128 of 18,800 give 2.83 points, 2.92 without factor."""
    client = sign_in(office, Role.ASSESSOR)
    assert "需要的回答" not in client.get("/samples/size").text
    assert "555 份" in client.get("/samples/size?population=7271&margin=4").text
    page = client.get("/samples/size?population=18800&margin=5&answers=1128").text
    assert "± 2.83" in page
    assert "± 2.92" in page
    assert "回答比总数还多" in client.get("/samples/size?population=10&margin=5&answers=11").text
