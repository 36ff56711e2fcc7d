"""Improvement tasks through the pages: proposed, opened, handed in with proof, returned, accepted, and their effect."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from evaluation.result import Assessment, IndicatorResult, UnitResult
from pipeline.judgement import assessing, cycle
from pipeline.judgement.period_change import changes
from records.clock import now
from records.models import Finding, RectificationTask
from records.vocabulary import Role
from tests.web.office import build_office, confirmed, instance_of, open_office, orders, sign_in

SCHEME = """id = "closing"
version = "1"
title = { zh = "办结", en = "Closing" }
[small_n]
suppress = 2
rank = 5
[[indicator]]
code = "H9"
weight = 100
method = "goalposts"
zero = 0.2
full = 1.0
target = 0.95
[grades]
cuts = [["A", 90], ["B", 80], ["C", 60], ["D", 0]]
"""


def _month(month: str, first: int, open_every: int) -> str:
    """Forty orders of a month; of those of u1 every `open_every`th pair is still open (0: none)."""
    lines = orders(40, month=month).splitlines()
    for place, line in enumerate(lines[1:]):
        cells = line.split(",")
        cells[0] = f"HC{first + place:05d}"
        if open_every and place % 2 == 0 and place // 2 % open_every == 0:
            cells[3], cells[4] = "", "办理中"
        lines[place + 1] = ",".join(cells)
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Two published months under one scheme: u1 closes half of its cases in November and all of them in December."""
    app = open_office(tmp_path_factory.mktemp("office"), build_office(tmp_path_factory.mktemp("template")))
    instance = instance_of(app)
    confirmed(sign_in(app, Role.ASSESSOR), _month("2024-11", 0, 2), name="11月.csv")
    confirmed(sign_in(app, Role.ASSESSOR), _month("2024-12", 100, 0), name="12月.csv")
    folder = instance.folder / "schemes"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "closing@1.toml").write_text(SCHEME, "utf-8")
    for month in ("2024-11", "2024-12"):
        number = assessing.make_draft(instance, scheme_id="closing", period=month, by="assessor", draws=200).number
        for state in ("review", "appeal", "final", "published"):
            assessing.advance(instance, number, state)
    with instance.session() as session:
        session.add(
            Finding(detector="D17", period="2024-11", unit_code="u1", document={}, state="confirmed", made_at=now())
        )
    yield app
    instance.close()


def proof() -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"%PDF-1.4 proof"), "证明.pdf"


def test_a_weak_indicator_and_a_confirmed_finding_become_accepted_tasks(office: Flask) -> None:
    assessor, head = sign_in(office, Role.ASSESSOR), sign_in(office, Role.UNIT_HEAD)
    page = assessor.get("/rectification/open/1").text
    assert "未达目标，且超出偶然" in page
    assert 'value="u1:H9"' in page
    assert 'value="u1:#1"' in page
    assert "u2:H9" not in page  # u2 closed everything
    due = (cycle.today(instance_of(office)) + timedelta(days=20)).isoformat()
    form = {"chosen": ["u1:H9", "u1:#1"], "due_on": due, "proof": "回访记录，联系电话13800138000"}
    assert "请至少勾选一项" in assessor.post("/rectification/open/1", data={**form, "chosen": []}).text
    late = assessor.post("/rectification/open/1", data={**form, "due_on": "2020-01-01"})
    assert (late.status_code, "期限不能早于今天" in late.text, "回访记录" in late.text) == (400, True, True)
    assert head.post("/rectification/open/1", data=form).status_code == 403
    assert assessor.post("/rectification/open/1", data=form).status_code == 303
    assert "已下达" in assessor.get("/rectification/open/1").text
    start = head.get("/").text
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
    file = head.get("/objections/files/1")
    assert file.data == b"%PDF-1.4 proof"
    file.close()
    assert "整改事项 2 项，其中未验收 1 项" in head.get("/units/u1?assessment=1").text


def test_a_task_is_overdue_by_the_day_and_others_see_what_the_matrix_says(office: Flask) -> None:
    instance, org = instance_of(office), sign_in(office, Role.ORG_DEPT)
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
    assert sign_in(office, Role.UNIT_HEAD).get(f"/rectification/{number}").status_code == 404
    assert sign_in(office, Role.ADMIN).get("/rectification").status_code == 403
    assert "待验收" not in org.get("/").text


def test_good_practice_is_offered_only_beyond_chance_and_read_once_published(office: Flask) -> None:
    assessor, head = sign_in(office, Role.ASSESSOR), sign_in(office, Role.UNIT_HEAD)
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
