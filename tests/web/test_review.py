"""Pages of the cycle: what each role may do in each state, from draft to a correction after publication."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from pipeline.house import people
from pipeline.judgement import assessing
from records.clock import now
from records.models import Assessment, Finding
from records.vocabulary import Role
from tests.web.office import PASSWORD, build_office, confirmed, open_office, orders, sign_in
from web.session import PERSON

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
zero = 0.5
full = 1.0
[grades]
cuts = [["A", 90], ["B", 80], ["C", 60], ["D", 0]]
titles = { A = { zh = "优秀" }, B = { zh = "良好" }, C = { zh = "合格" }, D = { zh = "不合格" } }
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An office with forty orders, every fourth one still open, and a draft of 2024 by the assessor."""
    app = open_office(tmp_path_factory.mktemp("office"), build_office(tmp_path_factory.mktemp("template")))
    instance = app.extensions["wenxiao"]
    lines = orders(40).splitlines()
    late = [line.replace("已办结", "办理中") if number % 4 == 1 else line for number, line in enumerate(lines)]
    cells_of = [line.split(",") for line in late]
    blanked = [",".join([*row[:3], "", *row[4:]]) if "办理中" in row else ",".join(row) for row in cells_of]
    confirmed(sign_in(app, Role.ASSESSOR), "\n".join(blanked) + "\n")
    folder = instance.folder / "schemes"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "closing@1.toml").write_text(SCHEME, "utf-8")
    second = {"sign_in": "second", "name": "second", "role": Role.ASSESSOR, "password": PASSWORD, "by": "test"}
    people.add_person(instance, **second, unit_code=None)
    assessing.make_draft(instance, scheme_id="closing", period="2024", by="assessor", draws=200)
    yield app
    instance.close()


def second_person(app: Flask) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = f"{len(Role) + 1}.1"
    return client


def go(client: FlaskClient, number: int, to: str, **more: str) -> str:
    answer = client.post(f"/assessments/{number}/advance", data={"to": to, **more}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def file(name: str = "证明.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"%PDF-1.4 proof"), name


def test_whole_cycle_through_the_pages(office: Flask) -> None:
    assessor, head = sign_in(office, Role.ASSESSOR), sign_in(office, Role.UNIT_HEAD)
    auditor, org = sign_in(office, Role.AUDITOR), sign_in(office, Role.ORG_DEPT)
    assert head.get("/assessments/1").status_code == 403  # a draft is the office's alone
    go(assessor, 1, "review", until="2099-12-31")
    page = head.get("/assessments/1/u1").text
    assert "对草稿提意见" in page
    assert head.get("/assessments/1/u2").status_code == 404
    said = head.post("/assessments/1/u1/comment", data={"text": "有三件尚在期限内", "indicator": "H9"})
    assert said.status_code == 303
    assert "有三件尚在期限内" in assessor.get("/assessments/1").text
    card = head.get("/units/u1?assessment=1").text
    assert "对草稿提意见" in card
    assert "有三件尚在期限内" in card
    assert "有三件尚在期限内" in assessor.get("/units/u1?assessment=1").text
    assert "有三件尚在期限内" not in assessor.get("/units/u2?assessment=1").text
    go(assessor, 1, "appeal", until="2099-12-31")
    figure = {"unit": "u1", "indicator": "H9", "claimed": "95.5", "text": "应为九成半", "files": file("台账.pdf")}
    made = head.post("/objections/new?assessment=1", data=figure, content_type="multipart/form-data")
    claim = assessor.get(made.headers["Location"]).text
    assert "95.5%" in claim, "a rate is typed as the pages print it"
    effect = claim[claim.index("若成立，对得分的影响") :]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", effect)
    assert (cells[3], cells[5]) == ("优秀", "95.5"), "grades have names, and 95.5 is tried, not 9,550"
    assert "1 KB" in claim
    head.post(f"{made.headers['Location']}/withdraw")
    form = {"unit": "u1", "indicator": "", "case_no": "HC00000", "text": "不属我局", "files": file()}
    made = head.post("/objections/new?assessment=1", data=form, content_type="multipart/form-data")
    assert made.status_code == 303, made.text
    where = made.headers["Location"]
    assert "还有 1 条异议未答复" in go(assessor, 1, "final")
    shown = assessor.get(where).text
    assert "若成立，对得分的影响" in shown
    assert "不属我局" in head.get("/units/u1?assessment=1").text
    assert head.get(where).status_code == 200
    assert head.post(f"{where}/decide", data={"decision": "accepted", "answer": "x"}).status_code == 403
    download = assessor.get("/objections/files/1")
    assert (download.mimetype, download.data) == ("application/octet-stream", b"%PDF-1.4 proof")
    assert "attachment" in download.headers["Content-Disposition"]
    download.close()
    decided = assessor.post(f"{where}/decide", data={"decision": "accepted", "remedy": "exclude", "answer": "查实"})
    assert decided.status_code == 303
    assert "HC00000" in auditor.get("/exclusions").text
    entry = auditor.get("/exclusions/1").text
    assert "证明.pdf" in entry  # what was handed in with the objection
    assert "没有附件" not in entry
    assert "请先重新计算" in go(assessor, 1, "final")
    again = assessor.post("/assessments/1/recount", data={"why": "异议成立"})
    assert again.headers["Location"].endswith("/assessments/2")
    page = assessor.get("/assessments/2/changes").text
    assert "剔除台账" in page
    assert "全口径得分" in page
    assert org.get("/assessments/2").status_code == 403
    go(assessor, 2, "final")
    assert "由另一人公布" in go(assessor, 2, "published")
    assert "已公布" in go(second_person(office), 2, "published")
    assert org.get("/assessments/2").status_code == 200
    assert org.get("/fairness/2").status_code == 200
    assert "方案的选择对名次的影响" in assessor.get("/fairness/2?indicator=H9&lang=zh").text
    go(assessor, 2, "reopen", why="更正一件")
    assert "更正一件" in assessor.get("/assessments/3/changes").text
    with office.extensions["wenxiao"].session():
        assert assessing.recompute(office.extensions["wenxiao"], 2) == []


def test_exclusion_by_two_persons_through_the_pages(office: Flask) -> None:
    assessor, head = sign_in(office, Role.ASSESSOR), sign_in(office, Role.UNIT_HEAD)
    form = {"unit": "u1", "case_no": "HC00002", "ground": "law", "note": ""}
    bare = assessor.post("/exclusions", data=form, content_type="multipart/form-data")
    assert (bare.status_code, "请附上依据文件" in bare.text) == (400, True)
    made = assessor.post("/exclusions", data={**form, "files": file("批示.pdf")}, content_type="multipart/form-data")
    where = made.headers["Location"]
    assert "批准剔除" not in assessor.get(where).text
    answer = {"decision": "approve", "answer": "依法"}
    assert "提出人不能自己审批" in assessor.post(f"{where}/decide", data=answer, follow_redirects=True).text
    assert head.post(f"{where}/decide", data=answer).status_code == 403
    assert "批准剔除" in second_person(office).get(where).text
    second_person(office).post(f"{where}/decide", data=answer)
    assert "已批准" in head.get(where).text


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ASSESSOR, 200), (Role.AUDITOR, 200), (Role.UNIT_HEAD, 200), (Role.ORG_DEPT, 403), (Role.ADMIN, 403)],
)
def test_ledger_by_role(office: Flask, role: Role, status: int) -> None:
    assert sign_in(office, role).get("/exclusions").status_code == status


def test_file_that_is_no_document_is_refused_with_a_sentence(office: Flask) -> None:
    head = sign_in(office, Role.UNIT_HEAD)
    form = {"unit": "u1", "case_no": "HC00004", "ground": "law", "note": "", "files": (io.BytesIO(b"MZ"), "a.pdf")}
    answer = head.post("/exclusions", data=form, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "附件须为 PDF" in answer.text


PENALTIES = (
    SCHEME.replace('"closing"', '"penalties"')
    + """
[[information]]
code = "n_replied"
title = { zh = "回复量", en = "Replies" }
[[deduction]]
code = "D1"
title = { zh = "经核实的问题", en = "Confirmed findings" }
per_item = 2
cap = 10
document = "考核办法第九条"
[[veto]]
code = "V2"
title = { zh = "查实记录不实", en = "Confirmed untrue records" }
source = "confirmed_finding:untrue_records"
document = "考核办法第十条"
cap_grade = "D"
"""
)


def test_penalties_show_rule_document_and_the_result_without_them(office: Flask) -> None:
    instance = office.extensions["wenxiao"]
    (instance.folder / "schemes" / "penalties@1.toml").write_text(PENALTIES, "utf-8")
    with instance.session() as session:
        unit = "u2"
        document = {"confirmed_as": "untrue_records"}
        finding = {"detector": "D12", "period": "2024", "unit_code": unit, "document": document, "made_at": now()}
        session.add(Finding(**finding, state="confirmed"))
    made = assessing.make_draft(instance, scheme_id="penalties", period="2024", by="assessor", draws=200)
    row = next(row for row in made.result.units if row.unit == unit)
    page = sign_in(office, Role.ASSESSOR).get(f"/assessments/{made.number}/{unit}").text
    assert row.score == pytest.approx(row.base_score - 2)
    rules = ("每项 2.0 分，最多 10.0 分", "考核办法第九条", "考核办法第十条", "等次最高为 不合格")
    for words in (*rules, "不扣分时的得分", "参考信息（不计分）", "回复量"):
        assert words in page
    assert page.count("依据：线索") == 2
    assert "等次最高为 不合格；不封顶时的等次 " in _trace_without_score(office, unit)


def _trace_without_score(office: Flask, unit: str) -> str:
    """The page of a unit whose score without the ceiling is withheld, while the grade is told."""
    instance = office.extensions["wenxiao"]
    made = assessing.make_draft(instance, scheme_id="penalties", period="2024", by="assessor", draws=200)
    with instance.session() as session:
        row = session.get_one(Assessment, made.number)
        (found,) = (u for u in row.result["units"] if u["unit"] == unit)
        vetoes = [{**veto, "score_without": None, "grade_without": ["A"]} for veto in found["vetoes"]]
        others = [u for u in row.result["units"] if u["unit"] != unit]
        row.result = {**row.result, "units": [*others, {**found, "vetoes": vetoes}]}
    return sign_in(office, Role.ASSESSOR).get(f"/assessments/{made.number}/{unit}").text


def test_assessments_are_called_by_the_title_of_their_scheme(office: Flask) -> None:
    page = html.fromstring(sign_in(office, Role.ASSESSOR).get("/assessments").text)
    assert "办结 1" in page.text_content()
    offered = page.xpath("//select[@name='scheme']/option/@value")
    assert len(offered) == len(set(offered)) >= 6  # one entry a scheme, however many versions it has
