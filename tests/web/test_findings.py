"""The review desk as people use it: the queue, the question, the answer, the decision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from pipeline.house import people
from pipeline.integrity import findings, review
from records.access import Viewer
from records.audit import check_chain
from records.clock import now
from records.instance import Instance
from records.models import Assessment, AuditEntry, PeerGroup
from records.models import Finding as Row
from records.vocabulary import Role
from tests.web.office import open_office, sign_in
from web.words import finding_words

SAID = {"zh": "一句可以核对的话。", "en": "A sentence to check."}
ORDINARY = {"zh": ["正常原因"], "en": ["an ordinary reason"]}


@pytest.fixture
def office(tmp_path: Path, template: Path) -> Iterator[Flask]:
    app = open_office(tmp_path, template)
    instance: Instance = app.extensions["wenxiao"]
    found = [_finding("D02", "u1", "text"), _finding("D07", "u2", "ratings", strength=5.0)]
    findings.store(instance, "2024", found)
    yield app
    instance.close()


def _finding(detector: str, unit: str, family: str, strength: float = 1.0) -> Finding:
    return Finding(detector, unit, 30, 100, 0.3, 0.1, 0.01, SAID, family=family, ordinary=ORDINARY, strength=strength,
                   case_keys=(("hotline", f"CASE-{unit}"),), evidence={"signal": "perfunctory"})  # fmt: skip


def _state(app: Flask, number: int) -> str:
    with app.extensions["wenxiao"].session() as session:
        return session.get_one(Row, number).state


def test_queue_shows_the_strongest_first_with_the_disclaimer(office: Flask) -> None:
    page = sign_in(office, Role.ASSESSOR).get("/findings").text
    assert page.index("市水务局") < page.index("市教育局")
    assert "尚未核实，不影响得分" in page


def test_desk_from_question_to_decision(office: Flask) -> None:
    desk, unit = sign_in(office, Role.ASSESSOR), sign_in(office, Role.UNIT_HEAD)
    desk.post("/findings/1/assign", data={"to": "assessor"})
    early = desk.post("/findings/1/decide", data={"outcome": "confirmed", "reason": "看过"}, follow_redirects=True)
    assert "须先询问单位" in early.text
    assert _state(office, 1) == "open"
    desk.post("/findings/1/ask", data={"question": "请说明这些答复"})
    asked = unit.get("/findings/asked/1").text
    assert "请说明这些答复" in asked
    assert "CASE-u1" in asked
    unit.post("/findings/asked/1", data={"text": "电话里已经答复"})
    assert "电话里已经答复" in desk.get("/findings/1").text
    desk.post("/findings/1/decide", data={"outcome": "confirmed", "confirmed_as": "untrue_records", "reason": "听录音"})
    assert _state(office, 1) == "confirmed"
    with office.extensions["wenxiao"].session() as session:
        assert session.get_one(Row, 1).document["confirmed_as"] == "untrue_records"
        told = [
            e.action
            for e in session.query(AuditEntry).order_by(AuditEntry.number)
            if e.action.endswith(("finding", "unit"))
        ]
        assert told == ["assign_finding", "ask_unit", "answer_finding", "decide_finding"]
        assert check_chain(session).first_bad is None


def test_unit_is_given_ten_working_days(office: Flask) -> None:
    sign_in(office, Role.ASSESSOR).post("/findings/1/ask", data={"question": "请说明"})
    with office.extensions["wenxiao"].session() as session:
        due = session.get_one(Row, 1).answer_due
    assert due is not None
    assert timedelta(days=11) <= due - now().date() <= timedelta(days=30)


def test_cases_behind_ratings_are_never_shown_to_the_unit(office: Flask) -> None:
    instance = office.extensions["wenxiao"]
    findings.store(instance, "2025", [_finding("D07", "u1", "ratings")])
    sign_in(office, Role.ASSESSOR).post("/findings/3/ask", data={"question": "请说明"})
    page = sign_in(office, Role.UNIT_HEAD).get("/findings/asked/3").text
    assert "CASE-u1" not in page
    assert "为保护反映人" in page


def test_unit_reaches_only_its_own_questions(office: Flask) -> None:
    sign_in(office, Role.ASSESSOR).post("/findings/2/ask", data={"question": "请说明"})
    unit = sign_in(office, Role.UNIT_HEAD)
    assert unit.get("/findings/asked/2").status_code == 404
    assert unit.get("/findings/asked/1").status_code == 404  # not asked yet
    assert unit.post("/findings/asked/2", data={"text": "x"}).status_code == 403
    assert [unit.get(f"/findings{path}").status_code for path in ("", "/1", "/statistics")] == [403] * 3
    assert unit.post("/findings/1/decide", data={"outcome": "explained", "reason": "x"}).status_code == 403


@pytest.mark.parametrize("role", [Role.ORG_DEPT, Role.ADMIN])
def test_others_do_not_see_the_desk(office: Flask, role: Role) -> None:
    client = sign_in(office, role)
    assert {client.get(path).status_code for path in ("/findings", "/findings/1", "/findings/asked", "/samples")} == {
        403
    }


def test_auditor_reads_and_decides_nothing(office: Flask) -> None:
    client = sign_in(office, Role.AUDITOR)
    assert "作出结论" not in client.get("/findings/1").text
    assert client.post("/findings/1/decide", data={"outcome": "explained", "reason": "x"}).status_code == 403


def test_decision_needs_a_reason_and_can_be_taken_back(office: Flask) -> None:
    desk = sign_in(office, Role.ASSESSOR)
    assert desk.post("/findings/1/decide", data={"outcome": "explained", "reason": ""}).status_code == 400
    desk.post("/findings/1/decide", data={"outcome": "explained", "reason": "短答复正合适"})
    assert "短答复正合适" in desk.get("/findings/1").text
    refused = desk.post("/findings/1/ask", data={"question": "请说明"}, follow_redirects=True)
    assert "已有结论" in refused.text
    desk.post("/findings/1/reopen", data={"reason": "有新材料"})
    assert _state(office, 1) == "open"


def test_new_run_keeps_decisions_and_marks_what_is_gone(office: Flask) -> None:
    instance = office.extensions["wenxiao"]
    sign_in(office, Role.ASSESSOR).post("/findings/1/decide", data={"outcome": "data_error", "reason": "重复导入"})
    findings.store(instance, "2024", [_finding("D02", "u1", "text", strength=99.0)])
    with instance.session() as session:
        kept, gone = session.get_one(Row, 1), session.get_one(Row, 2)
        assert (kept.state, kept.strength, kept.is_current) == ("data_error", 1.0, True)
        assert (gone.state, gone.is_current) == ("open", False)


def test_statistics_count_outcomes(office: Flask) -> None:
    desk = sign_in(office, Role.ASSESSOR)
    desk.post("/findings/1/decide", data={"outcome": "explained", "reason": "x"})
    page = desk.get("/findings/statistics").text
    assert "D02 答复空转" in page
    assert "市直部门" in page


def test_statistics_name_peer_groups_in_the_language_of_the_page(office: Flask) -> None:
    with office.extensions["wenxiao"].session() as session:
        session.query(PeerGroup).filter_by(code="bureau").update({"title_en": "Departments"})
    page = sign_in(office, Role.ASSESSOR).get("/findings/statistics?lang=en").text
    assert "Departments" in page
    assert "市直部门" not in page


def test_a_unit_named_by_its_records_is_not_said_to_have_two_keys(office: Flask) -> None:
    alone = replace(_finding("D10", "u1", "time"), named=True, is_deterministic=True)
    findings.store(office.extensions["wenxiao"], "2024", [alone])
    with office.extensions["wenxiao"].session() as session:
        number = session.query(Row.id).filter_by(detector="D10").scalar()
    page = sign_in(office, Role.ASSESSOR).get(f"/findings/{number}").text
    assert ("凭记录本身" in page, "两项依据" in page) == (True, False)


def test_queue_filters(office: Flask) -> None:
    client = sign_in(office, Role.ASSESSOR)
    assert "市教育局" not in client.get("/findings?detector=D07").text
    assert "没有线索" in client.get("/findings?state=confirmed").text
    assert client.post("/findings", data={"period": "某年"}).status_code == 400


def test_queue_filters_one_pattern_of_a_detector(office: Flask) -> None:
    """Closings before the limit and within ten minutes are both D08; each is looked for by its own name."""
    heaping = replace(_finding("D08", "u1", "time"), variant="heaping", is_ticket=True)
    findings.store(office.extensions["wenxiao"], "2024", [heaping, _finding("D08", "u2", "time")])
    client = sign_in(office, Role.ASSESSOR)
    page = client.get("/findings?detector=D08.heaping").text
    assert ("市教育局" in page, "市水务局" in page) == (True, False)
    assert ">D08 集中在时限最后办结</option>" in page
    assert "只供核对" in page


def test_nobody_reviews_the_unit_they_belong_to(office: Flask) -> None:
    instance = office.extensions["wenxiao"]
    insider = Viewer(9, "x", Role.ASSESSOR, frozenset({"u1"}), sign_in="x")
    with pytest.raises(Exception, match="may not assess"):
        review.decide(instance, 1, outcome="explained", reason="x", viewer=insider)
    assert _state(office, 1) == "open"


def _assessment(instance: Instance, finding: int | None) -> int:
    """A frozen result of 2024 for u1, made now; with `finding`, a rule of the scheme counts it."""
    document = f"finding {finding}"
    unit: dict[str, Any] = {"unit": "u1", "evidence": [], "vetoes": []}
    if finding is not None:
        known = {"documents": [document]}
        unit["evidence"] = [{**known, "code": "D1", "title": {"zh": "经核实的问题"}, "points": -2.0, "count": 1.0}]
        unit["vetoes"] = [{**known, "code": "V2", "title": {"zh": "查实记录不实"}, "cap_grade": "D", "rule": "x"}]
    with instance.session() as session:
        row = Assessment(
            scheme_id="s", scheme_version="1", scheme_sha256="0" * 64, scheme_text="", period="2024", state="final",
            seed=1, draws=1, result={"units": [unit]}, result_sha256="0" * 64, provenance={}, made_by="x",
            made_at=now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.number


def test_a_decided_finding_says_who_decided_and_that_it_entered_no_score(office: Flask) -> None:
    desk, unit = sign_in(office, Role.ASSESSOR), sign_in(office, Role.UNIT_HEAD)
    desk.post("/findings/1/ask", data={"question": "请说明"})
    for page in (desk.get("/findings/1").text, unit.get("/findings/asked/1").text):
        assert "尚未核实，不影响得分" in page
    desk.post("/findings/1/decide", data={"outcome": "explained", "reason": "短答复正合适"})
    for page in (desk.get("/findings/1").text, unit.get("/findings/asked/1").text):
        assert "结论为“已有合理解释”，由" in page
        assert "没有进入任何得分" in page
        assert "尚未核实" not in page
    desk.post("/findings/1/reopen", data={"reason": "有新材料"})
    assert "尚未核实，不影响得分" in desk.get("/findings/1").text


def test_a_confirmed_finding_names_the_rules_that_took_it_into_a_score(office: Flask) -> None:
    instance = office.extensions["wenxiao"]
    desk, unit = sign_in(office, Role.ASSESSOR), sign_in(office, Role.UNIT_HEAD)
    desk.post("/findings/1/ask", data={"question": "请说明"})
    unit.post("/findings/asked/1", data={"text": "电话里已经答复"})
    desk.post("/findings/1/decide", data={"outcome": "confirmed", "reason": "听录音"})
    assert "下一次计算才会计入" in desk.get("/findings/1").text
    without = _assessment(instance, None)
    page = desk.get("/findings/1").text
    assert f"结论之后的评价 {without} 没有计入这条的条款" in page
    assert "下一次计算才会计入" not in page
    counted = _assessment(instance, 1)
    for page in (desk.get("/findings/1").text, unit.get("/findings/asked/1").text):
        assert f"已进入评价 {counted}：按 D1 经核实的问题，这项共 1 条线索，合计 −2.00 分" in page
        assert f"已进入评价 {counted}：按 V2 查实记录不实，等次最高为 D" in page
        assert "没有进入任何得分" not in page
    desk.post("/findings/1/reopen", data={"reason": "有新材料"})
    assert "须重新计算" in desk.get("/findings/1").text


def test_work_is_assigned_to_people_by_name(office: Flask) -> None:
    instance = office.extensions["wenxiao"]
    for sign, name in (("zhou", "周敏"), ("wu", "吴涛"), ("wu2", "吴涛")):
        people.add_person(instance, sign_in=sign, name=name, role=Role.ASSESSOR, password="correct horse 99", by="test")
    page = sign_in(office, Role.ASSESSOR).get("/findings/1").text
    offered = dict(
        re.findall(r'<option value="([^"]+)">([^<]+)</option>', page.split('id="to"')[1].split("</select>")[0])
    )
    assert {k: offered[k] for k in ("zhou", "wu", "wu2")} == {"zhou": "周敏", "wu": "吴涛 (wu)", "wu2": "吴涛 (wu2)"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("min_difference", 0.15, "至少高出 15 个百分点"), ("min_difference", 0.0, None), ("min_ratio", 1.0, None),
     ("min_ratio", 1.5, "至少为同类的 1.5 倍"), ("level", 5e-6, "单次偶然概率 每 200,000 家 1 家"),
     ("level", 1.0, None),
     ("q", 0.05, "错误发现率 5%"), ("min_share", 0.005, "至少占比 0.5%"), ("min_count", 20, "至少件数 20"),
     ("min_robust_z", 3.5, "稳健标准分至少 3.5"), ("below_peers", 0.1, "低于同类至少 10 个百分点")],
)  # fmt: skip
def test_a_threshold_is_said_with_its_unit_and_an_idle_one_is_left_out(office: Flask, name: str, value: float, said):
    with office.test_request_context():
        assert finding_words.threshold(name, value) == said


def _page_of(app: Flask, key: str, *, p: float | None, passed: tuple[str, ...] = (), **evidence: Any) -> str:
    detector, _, variant = key.partition(".")
    kept = {"thresholds": {"scheme": None, **detectors()[key].thresholds(passed)}, **evidence}
    found = replace(_finding(detector, "u1", "text"), variant=variant, p_adjusted=p, case_keys=(), evidence=kept)
    number = findings.store(app.extensions["wenxiao"], "2026", [found])[0][0]
    return sign_in(app, Role.ASSESSOR).get(f"/findings/{number}").text


@pytest.mark.parametrize(
    ("key", "p", "passed", "said", "not_said"),
    [
        ("D01", None, (), ["与同类单位比较", "至少件数 20", "至少可比件数 50", "稳健标准分至少 3.5"], ["错误发现率"]),
        (
            "D09",
            1e-9,
            detectors()["D09"].asks,
            ["一万家同类单位", "至少高出 2 个百分点", "至少为同类的 2 倍"],
            ["同一秒"],
        ),
        ("D09", None, ("one_second_share",), ["逐件核对的规则", "同一秒占比超过 30%"], ["至少高出", "至少可比件数"]),
        ("D14.burst", 1e-9, (), ["错误发现率 5%", "至少件数 10"], ["至少可比件数"]),
        ("D17", 0.98, ("listed_from",), ["多数同类单位也会出现"], ["约每 1 家"]),
        ("D17", 0.5, ("listed_from",), ["约每 2 家同类单位", "自几件起列出 1"], ["至少件数", "逐件核对"]),
        ("D21", None, (), ["与同类单位比较", "预计未达的次数至少 10"], ["逐件核对", "错误发现率"]),
        ("D21.minutes", None, (), ["与同类单位比较", "效应量至少 0.2"], ["逐件核对"]),
        ("D21.equal", None, (), ["逐件核对的规则", "至少相同月数 3"], ["与同类单位比较"]),
    ],
)
def test_a_finding_says_how_it_was_judged_and_by_which_thresholds(
    office: Flask, key: str, p: float | None, passed: tuple[str, ...], said: list[str], not_said: list[str]
) -> None:
    kept = {"batches": [], "hours": [["2025-03-01 10:00", 40]], "months": {}, "minutes": [1] * 60, "peers": [0.1] * 60}
    page = _page_of(office, key, p=p, passed=passed, **kept)
    assert [text for text in said if text not in page] == []
    assert [text for text in not_said if text in page] == []


def test_row_and_batch_numbers_are_labels_without_separators() -> None:
    said = {name: finding_words.cell(name, 5237) for name in ("row_no", "batch", "chain", "cases")}
    assert said == {"row_no": "5237", "batch": "5237", "chain": "5237", "cases": "5,237"}
