"""Improvement tasks through the pages: proposed, opened, handed in with proof, returned, accepted, and their effect."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from evaluation.scores.result import Assessment, IndicatorResult, UnitResult
from pipeline.judgement import good_practice, rectification
from pipeline.judgement.period_change import changes
from pipeline.paper import report_source
from records.access import OPERATOR, Viewer
from records.clock import now
from records.instance import Instance
from records.models import RectificationTask
from records.queries import improvement
from records.vocabulary import Role
from tests.web.office import instance_of, sign_in
from web.words import rectification as words


def proof() -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"%PDF-1.4 proof"), "证明.pdf"


def test_a_weak_indicator_and_a_confirmed_finding_become_accepted_tasks(two_months: Flask) -> None:
    assessor, head = sign_in(two_months, Role.ASSESSOR), sign_in(two_months, Role.UNIT_HEAD)
    page = assessor.get("/rectification/open/1").text
    assert "未达目标，且超出偶然" in page
    assert 'value="u1:H9"' in page
    assert 'value="u1:#1"' in page
    assert "u2:H9" not in page  # u2 closed everything
    assert "下达所选事项" in page
    assert "都已下达" not in page
    due = (instance_of(two_months).today() + timedelta(days=20)).isoformat()
    form = {"chosen": ["u1:H9", "u1:#1"], "due_on": due, "proof": "回访记录，联系电话13800138000"}
    assert "请至少勾选一项" in assessor.post("/rectification/open/1", data={**form, "chosen": []}).text
    late = assessor.post("/rectification/open/1", data={**form, "due_on": "2020-01-01"})
    assert (late.status_code, "期限不能早于今天" in late.text, "回访记录" in late.text) == (400, True, True)
    assert head.post("/rectification/open/1", data=form).status_code == 403
    assert assessor.post("/rectification/open/1", data=form).status_code == 303
    page = assessor.get("/rectification/open/1").text
    assert "2 项都已下达，没有新的事项可下达" in page
    assert "下达所选事项" not in page
    start = head.get("/", follow_redirects=True).text
    assert "本单位待整改的事项" in start
    task = head.get("/rectification/1").text
    assert "13800138000" not in task
    assert "变好，超出偶然" in task  # half of the cases, then all of them
    bare = head.post("/rectification/1/hand-in", data={"account": "已补办"}, content_type="multipart/form-data")
    assert (bare.status_code, "请附上依据文件" in bare.text) == (400, True)
    assert "还没有提交" in assessor.post("/rectification/1/decide", data={"decision": "accepted", "answer": "可"}).text
    for decision, tag in (("returned", "已退回"), ("accepted", "已验收")):
        files = {"account": "已补办并回访", "files": proof()}
        handed = head.post("/rectification/1/hand-in", data=files, content_type="multipart/form-data")
        assert handed.status_code == 303, handed.text
        assert "待验收的整改" in assessor.get("/").text
        assert head.post("/rectification/1/decide", data={"decision": decision}).status_code == 403
        assessor.post("/rectification/1/decide", data={"decision": decision, "answer": "核对过"})
        assert tag in head.get("/rectification/1").text
    again = head.post(
        "/rectification/1/hand-in", data={"account": "再交", "files": proof()}, content_type="multipart/form-data"
    )
    assert again.status_code == 400
    page = assessor.get("/rectification/1?lang=en").text
    assert re.findall(r"<dt>((?:Given|Handed in|Decided) by|Open|Remedy|Hand in)</dt>", page) == [
        "Given by", "Handed in by", "Decided by",
    ]  # fmt: skip
    assessor.get("/rectification?lang=zh")
    file = head.get("/objections/files/1")
    assert file.data == b"%PDF-1.4 proof"
    file.close()
    assert "整改事项 2 项，其中未验收 1 项" in head.get("/units/u1?assessment=1").text


def test_a_task_is_overdue_by_the_day_and_others_see_what_the_matrix_says(two_months: Flask) -> None:
    instance, org = instance_of(two_months), sign_in(two_months, Role.ORG_DEPT)
    with instance.session() as session:
        row = RectificationTask(
            assessment_number=2, unit_code="u2", indicator="H9", ground="worse_than_peers", proof="台账",
            due_on=date(2024, 12, 31), state="open", made_by="assessor", made_at=now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        number = row.id
    page = org.get("/rectification?state=overdue").text
    assert "已逾期" in page
    assert "下一期尚无结果" in page
    assert org.get(f"/rectification/{number}").status_code == 200
    assert sign_in(two_months, Role.UNIT_HEAD).get(f"/rectification/{number}").status_code == 404
    assert sign_in(two_months, Role.ADMIN).get("/rectification").status_code == 403
    assert "待验收" not in org.get("/").text


def test_good_practice_is_offered_only_beyond_chance_and_read_once_published(two_months: Flask) -> None:
    assessor, head = sign_in(two_months, Role.ASSESSOR), sign_in(two_months, Role.UNIT_HEAD)
    page = assessor.get("/rectification/practice/2").text
    assert 'value="u1:H9"' in page
    assert 'value="u2:H9"' not in page
    assert "没有上一期同一方案的公布结果" in assessor.get("/rectification/practice/1").text
    refused = assessor.post("/rectification/practice/2", data={"about": "u2:H9", "text": "好"})
    assert (refused.status_code, "只有变好且超出偶然" in refused.text) == (400, True)
    written = assessor.post("/rectification/practice/2", data={"about": "u1:H9", "text": "每日例会督办"})
    assert written.status_code == 303
    assert "每日例会督办" not in head.get("/rectification").text
    assessor.post("/rectification/practice/2/publish/1")
    assert "每日例会督办" in head.get("/rectification").text


def _result(hits: dict[str, int], *, n: int = 100, sha256: str = "s") -> Assessment:
    units = [
        UnitResult(unit, "g", None, indicators=[
            IndicatorResult("R5", y / n, None, 1, 1, None, low=y / n - 0.08, high=y / n + 0.08, numerator=y,
                            denominator=n)
        ])
        for unit, y in hits.items()
    ]  # fmt: skip
    return Assessment({"sha256": sha256}, "2024", None, 1, 1, units)


def test_an_extreme_year_is_expected_to_come_back_and_is_no_improvement() -> None:
    peers = {f"p{i}": 80 + i % 3 for i in range(12)}
    first = _result({**peers, "low": 62, "steady": 80})
    second = _result({**peers, "low": 71, "steady": 96})
    found = changes(first, second)
    assert found["steady", "R5"].verdict == "better"
    assert found["low", "R5"].verdict == "within_chance"  # nine points, most of which its peers lead one to expect
    assert found["p1", "R5"].verdict == "within_chance"
    assert changes(first, _result({"low": 90}, sha256="other"))["low", "R5"].verdict == "other_scheme"
    assert changes(first, _result({"new": 90}))["new", "R5"].verdict == "no_value"


def test_a_year_seen_for_less_time_is_not_worse_for_that() -> None:
    peers = {f"p{i}": 95 for i in range(12)}
    first = replace(_result({**peers, "risen": 80}), as_of="2026-01-08 00:00:00")
    second = replace(_result({**{unit: 80 for unit in peers}, "risen": 96}), period="2025", as_of="2026-01-08 00:00:00")
    found = changes(first, second)
    assert {found[unit, "R5"].verdict for unit in peers} == {"unsettled"}
    assert found["risen", "R5"].verdict == "better"  # in spite of less time
    alike = changes(replace(first, as_of="2025-01-08 00:00:00"), second)
    assert {alike[unit, "R5"].verdict for unit in peers} == {"worse"}


def test_what_is_told_as_a_range_is_neither_proposed_nor_offered(
    two_months: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An assessor who reads ranges gets no exact value from here; the operator, who reads answers, gets both lists."""
    instance, assessor = instance_of(two_months), sign_in(two_months, Role.ASSESSOR)
    whole, pages = report_source.shown_result, ("open/1", "practice/2")
    assert all("H9 办结率" in assessor.get(f"/rectification/{page}").text for page in pages)

    def told(instance: Instance, viewer: Viewer, number: int) -> Assessment | None:
        found = whole(instance, viewer, number)
        if found is None or viewer.is_operator:
            return found
        units = [
            replace(u, indicators=[replace(i, value=None, numerator=None, denominator=None, comparison=None,
                                           reason="shown_as_range") for i in u.indicators])
            for u in found.units
        ]  # fmt: skip
        return replace(found, units=units)

    for module in (rectification, good_practice):
        monkeypatch.setattr(module, "shown_result", told)
    assert "u1:H9" in {one.key for one in rectification.proposals(instance, OPERATOR, 1)}
    assert [one.change.code for one in good_practice.improvements(instance, OPERATOR, 2)] == ["H9"]
    opened, offered = (assessor.get(f"/rectification/{page}").text for page in pages)
    assert "H9 办结率" not in opened + offered
    assert "（线索 1）" in opened  # a confirmed finding stays
    assert "不列只向您显示范围的指标" in opened
    refused = assessor.post("/rectification/practice/2", data={"about": "u1:H9", "text": "每日例会督办"})
    assert (refused.status_code, "只有变好且超出偶然" in refused.text) == (400, True)


def test_an_effect_of_citizens_answers_says_where_it_is_read() -> None:
    task = improvement.TaskRow(**{**dict.fromkeys(improvement.TaskRow.__dataclass_fields__), "indicator": "S6"})
    assert words.effect_text(task, rectification.Effect("2025", 4, None, is_hidden=True)) == (
        "涉及群众的回答，见两期的单位评价"
    )
