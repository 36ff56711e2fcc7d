"""Pages of bonuses: a unit proposes with a document, a second person approves, the trace shows it with the score
without it."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from flask import Flask

from pipeline.house import people
from pipeline.judgement import assessing
from records.vocabulary import Role
from tests.web.office import PASSWORD, build_office, confirmed, open_office, orders, sign_in
from tests.web.test_review import SCHEME, second_person

ADDING = (
    SCHEME.replace('id = "closing"', 'id = "adding"')
    + """[[bonus]]
code = "B1"
title = { zh = "未诉先办", en = "Acting before complaints" }
per_item = 1
cap = 5
document = "考核办法第八条"
"""
)
TYPED = {
    "unit": "u2", "rule": "adding:B1", "title": "夜间噪声治理", "items": "1", "done_on": "2024-03-10",
    "valid_until": "", "ground": "联合整治，投诉减少",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = open_office(tmp_path_factory.mktemp("office"), build_office(tmp_path_factory.mktemp("template")))
    instance = app.extensions["wenxiao"]
    plain = orders(40).splitlines()
    lines = [line.replace("已办结", "办理中") if n % 4 == 1 else line for n, line in enumerate(plain)]
    cells = [line.split(",") for line in lines]
    text = "\n".join(",".join([*row[:3], "", *row[4:]] if "办理中" in row else row) for row in cells)
    confirmed(sign_in(app, Role.ASSESSOR), text + "\n")
    folder = instance.folder / "schemes"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "adding@1.toml").write_text(ADDING, "utf-8")
    second = {"sign_in": "second", "name": "second", "role": Role.ASSESSOR, "password": PASSWORD, "by": "test"}
    people.add_person(instance, **second, unit_code=None)
    yield app
    instance.close()


def document() -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"%PDF-1.4 plan"), "方案.pdf"


def test_bonus_from_proposal_to_trace(office: Flask) -> None:
    instance, assessor, second = office.extensions["wenxiao"], sign_in(office, Role.ASSESSOR), second_person(office)
    without_document = assessor.post("/bonuses", data=TYPED)
    assert without_document.status_code == 400
    assert "请附上依据文件" in without_document.text
    too_long = assessor.post("/bonuses", data={**TYPED, "valid_until": "2026-01-01", "files": document()})
    assert "有效期超过了方案规定的期限" in too_long.text
    page = assessor.post("/bonuses", data={**TYPED, "files": document()}, follow_redirects=True).text
    for words in (
        "夜间噪声治理",
        "2025-03-09",
        "每项 1.0 分，最多 5.0 分",
        "考核办法第八条",
        "方案.pdf",
        "联合整治，投诉减少",
    ):
        assert words in page
    assert "批准加分" not in page  # who proposed it does not decide
    assert "待审批的加分" in second.get("/").text
    data = {"decision": "approve", "answer": "属实"}
    assert "提出人不能自己审批" in assessor.post("/bonuses/1/decide", data=data, follow_redirects=True).text
    decided = second.post("/bonuses/1/decide", data=data, follow_redirects=True).text
    assert "已批准" in decided or "已过有效期" in decided
    made = assessing.make_draft(instance, scheme_id="adding", period="2024", by="assessor", draws=200)
    row = next(row for row in made.result.units if row.unit == "u2")
    trace = assessor.get(f"/assessments/{made.number}/u2").text
    for words in ("未诉先办", "依据：加分申请 1", "不加分时的得分", "考核办法第八条", "超出 0—100 分的部分不计"):
        assert words in trace
    assert (row.bonus, row.evidence[0]["documents"]) == (1.0, ["bonus 1"])


@pytest.mark.parametrize(
    ("role", "status", "may_propose"),
    [
        (Role.ASSESSOR, 200, True), (Role.UNIT_HEAD, 200, True), (Role.ORG_DEPT, 200, False),
        (Role.AUDITOR, 200, False), (Role.ADMIN, 403, False),
    ],
)  # fmt: skip
def test_bonuses_by_role(office: Flask, role: Role, status: int, may_propose: bool) -> None:
    client = sign_in(office, role)
    answer = client.get("/bonuses")
    assert answer.status_code == status
    assert ("申请加分" in answer.text) is may_propose
    refused = client.post("/bonuses", data={**TYPED, "files": document(), "title": " "})
    assert refused.status_code == (400 if may_propose else 403)


def test_unit_sees_and_proposes_for_itself_only(office: Flask) -> None:
    head = sign_in(office, Role.UNIT_HEAD)  # of u1
    assert head.post("/bonuses", data={**TYPED, "files": document()}).status_code == 400
    made = head.post("/bonuses", data={**TYPED, "unit": "u1", "files": document()})
    assert made.status_code == 303
    listed = head.get("/bonuses").text
    assert listed.count("夜间噪声治理") == 1
    assert "撤回" in head.get(made.headers["Location"]).text
    assert head.get("/bonuses/1").status_code == (404 if made.headers["Location"] != "/bonuses/1" else 200)
    gone = head.post(f"{made.headers['Location']}/decide", data={"decision": "withdraw", "answer": "重复"})
    assert gone.status_code == 303
    assert "已撤回" in head.get(made.headers["Location"]).text
