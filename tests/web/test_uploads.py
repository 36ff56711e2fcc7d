"""Uploads: upload, check, fix a mapping, confirm; nothing is a record before the confirmation."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from imports.unit_list import LIST_SHEET
from pipeline.importing import affected, uploads
from records.vocabulary import Kind, Role
from tests.web.office import (
    HEADER,
    UNITS,
    confirmed,
    instance_of,
    orders,
    sign_in,
    stored_rows,
    upload,
)
from web.shown import upload_changes

OTHER_HEADER = ("编号甲", *HEADER[1:])


def total_of(client: FlaskClient) -> str:
    found = re.search(r"共 ([\d,]+) 件", client.get("/records").text)
    assert found
    return found.group(1)


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ASSESSOR, 200), (Role.ADMIN, 200), (Role.UNIT_HEAD, 403), (Role.ORG_DEPT, 403), (Role.AUDITOR, 403)],
)
def test_uploads_by_role(office: Flask, role: Role, status: int):
    assert sign_in(office, role).get("/uploads").status_code == status


def test_uploads_good_file_three_steps(office: Flask, client: FlaskClient):
    check = upload(client, orders(20)).headers["Location"]
    page = client.get(check)
    assert "校验完成" in page.text
    assert "必填字段 3／3 已对应" in page.text
    assert stored_rows(office) == 0
    confirm = check.replace("/check", "/confirm")
    assert "新增" in client.get(confirm).text
    assert stored_rows(office) == 0
    assert client.post(confirm).headers["Location"] == "/batches/1"
    assert stored_rows(office) == 20
    assert total_of(client) == "20"


def test_uploads_batch_leads_to_the_cases_of_its_days(client: FlaskClient):
    confirmed(client, orders(20))
    link = 'href="/records?since=2024-12-01&amp;until=2024-12-20"'
    assert link in client.get("/batches/1").text
    assert "共 20 件" in client.get("/records?since=2024-12-01&until=2024-12-20").text
    client.post("/batches/1/withdraw", data={"why": "重导"})
    assert link not in client.get("/batches/1").text


def test_uploads_file_gone_after_confirm(office: Flask, client: FlaskClient):
    check = upload(client, orders(3)).headers["Location"]
    client.post(check.replace("/check", "/confirm"))
    assert client.get(check).status_code == 404
    assert uploads.list_uploads(instance_of(office)) == []


def test_uploads_phone_nowhere_in_clear(office: Flask, client: FlaskClient):
    check = upload(client, orders(5)).headers["Location"]
    assert "13800138" not in client.get(check).text
    client.post(check.replace("/check", "/confirm"))
    folder = instance_of(office).folder
    found = [path for path in folder.rglob("*") if path.is_file() and b"13800138" in path.read_bytes()]
    assert found == []


def test_uploads_mapping_fixed(office: Flask, client: FlaskClient):
    check = upload(client, orders(4, header=OTHER_HEADER)).headers["Location"]
    page = client.get(check)
    assert "必填字段 2／3 已对应" in page.text
    assert "缺少必需的列" in page.text
    assert client.post(check.replace("/check", "/confirm")).status_code == 409
    assert client.post(check, data={"field-A": "case_no"}).status_code == 303
    page = client.get(check)
    assert "必填字段 3／3 已对应" in page.text
    assert "人工指定" in page.text
    assert client.post(check.replace("/check", "/confirm")).status_code == 303
    assert stored_rows(office) == 4


def test_uploads_column_left_out(client: FlaskClient):
    check = upload(client, orders(4)).headers["Location"]
    client.post(check, data={"field-F": ""})
    row = re.search(r'name="field-F".*?</tr>', client.get(check).text, re.DOTALL)
    assert row
    assert "未识别，不导入" in row.group(0)


@pytest.mark.parametrize(
    ("bad", "cell", "sentence"),
    [
        ("HC9,市教育局,2024-13-05,,办理中,x,", "C6", "2024-13-05"),
        ("HC9,市教育居,2024-12-05,,办理中,x,", "B6", "市教育居"),
        (",市教育局,2024-12-05,,办理中,x,", "A6", "必填"),
    ],
)
def test_uploads_bad_row_named_by_cell(client: FlaskClient, bad: str, cell: str, sentence: str):
    check = upload(client, orders(4) + bad + "\n").headers["Location"]
    page = client.get(check).text
    problems = page[page.index("需要处理的问题") : page.index("字段对应")]
    assert f">{cell}<" in problems
    assert sentence in page
    assert "下载错误清单" in page
    assert "查看差别并确认" not in page


def test_uploads_errors_workbook(client: FlaskClient):
    check = upload(client, orders(4) + "HC9,市教育局,2024-13-05,,办理中,x,\n").headers["Location"]
    with client.get(check.replace("/check", "/errors.xlsx")) as answer:
        assert answer.status_code == 200
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "HC9" in cells
    assert not any(text.startswith("HC0000") for text in cells)


def test_uploads_only_good_rows(office: Flask, client: FlaskClient):
    text = orders(4) + "HC9,市教育局,2024-13-05,,办理中,x,\n"
    check = upload(client, text, partial="y").headers["Location"]
    client.post(check.replace("/check", "/confirm"))
    assert stored_rows(office) == 4


def test_uploads_same_file_twice(office: Flask, client: FlaskClient):
    first = upload(client, orders(4)).headers["Location"]
    client.post(first.replace("/check", "/confirm"))
    again = client.get(upload(client, orders(4)).headers["Location"]).text
    assert 'href="/batches/1"' in again
    assert stored_rows(office) == 4


def test_uploads_new_units_named(office: Flask, client: FlaskClient):
    text = orders(2) + "HC9,市气象局,2024-12-05,,办理中,x,\n"
    check = upload(client, text, create_units="y").headers["Location"]
    assert "市气象局" in client.get(check.replace("/check", "/confirm")).text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [({}, "请选择文件"), ({"file": (io.BytesIO(b"x"), "a.csv"), "kind": "nonsense"}, "有效")],
)
def test_uploads_form_refused(client: FlaskClient, data: dict, sentence: str):
    answer = client.post("/uploads", data=data, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert sentence in answer.text


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 500, b"PK\x03\x04 broken"])
def test_uploads_unreadable_file_says_so(client: FlaskClient, content: bytes):
    data = {"file": (io.BytesIO(content), "坏文件.xlsx"), "kind": "responses"}
    check = client.post("/uploads", data=data, content_type="multipart/form-data").headers["Location"]
    page = client.get(check)
    assert page.status_code == 200
    assert "需要修改后才能入库" in page.text
    assert "错误" in page.text


def test_uploads_cancel_leaves_nothing(office: Flask, client: FlaskClient):
    check = upload(client, orders(4)).headers["Location"]
    assert client.post(check.replace("/check", "/cancel")).status_code == 303
    assert client.get(check).status_code == 404
    assert list((instance_of(office).staging_folder).rglob("*.parquet")) == []


@pytest.mark.parametrize(
    "path", ["/uploads/0123456789abcdef/check", "/uploads/..%2f..%2fkeys/check", "/uploads/x/check"]
)
def test_uploads_unknown_is_404(client: FlaskClient, path: str):
    assert client.get(path).status_code == 404


def test_uploads_listed_until_done(client: FlaskClient):
    upload(client, orders(4), name="十二月.csv")
    assert "十二月.csv" in client.get("/uploads").text


def test_uploads_counts_need_a_period_once(client: FlaskClient):
    table, question = "单位,受理量,有效回访\n市水务局,40,20\n", "不知道这张表是哪个期间的"
    without = upload(client, table, "counts.csv", kind="counts", create_units="y").headers["Location"]
    assert question in client.get(without).text
    answer = confirmed(client, table, "counts.csv", kind="counts", create_units="y", period="2025-03")
    assert "2025-03" in client.get(f"/batches/{answer}").text


@pytest.mark.parametrize("kind", list(Kind))
def test_uploads_template_linked_and_filled_in_one_go(office: Flask, client: FlaskClient, kind: Kind):
    address = f"/uploads/template/{kind}.xlsx"
    assert f'href="{address}"' in client.get("/uploads").text
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype.endswith("spreadsheetml.sheet")) == (200, True)
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    for cell in book.worksheets[1][2]:
        book.worksheets[0].cell(2, cell.column, cell.value)
    filled = io.BytesIO()
    book.save(filled)
    data = {"file": (io.BytesIO(filled.getvalue()), "填报.xlsx"), "kind": kind.value, "create_units": "y"}
    check = client.post("/uploads", data=data, content_type="multipart/form-data").headers["Location"]
    check = check.partition("?")[0]  # else a file that follows the template goes straight on to the confirmation
    assert "校验完成" in client.get(check).text
    assert client.post(check.replace("/check", "/confirm")).headers["Location"] == "/batches/1"


def test_uploads_template_lists_the_units_in_office(client: FlaskClient):
    with client.get("/uploads/template/responses.xlsx") as answer:
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert [cell.value for cell in book[LIST_SHEET]["A"]] == sorted(name for _, name in UNITS)


def test_uploads_template_of_no_kind_is_404_and_not_for_all(office: Flask, client: FlaskClient):
    assert client.get("/uploads/template/nonsense.xlsx").status_code == 404
    assert sign_in(office, Role.UNIT_HEAD).get("/uploads/template/units.xlsx").status_code == 403


def later(text: str, *changes: tuple[str, str]) -> str:
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


def test_uploads_confirm_shows_changed_vanished_and_effect(client: FlaskClient):
    first = orders(20, closed=False)
    confirmed(client, first, exported_at="2024-12-24T08:00")
    lines = first.splitlines()
    gone = lines.pop(10)
    lines[1] = later(lines[1], (",,办理中", ",2024-12-03 10:00,已办结"), ("请拨打", "请尽快拨打"))
    check = upload(client, "\n".join(lines), "b.csv", exported_at="2024-12-25T08:00").headers["Location"]
    page = client.get(check.replace("/check", "/confirm")).text
    changes = page[page.index('id="changes"') : page.index('id="vanished"')]
    rows = {tuple(re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", row)) for row in changes.split("<tr ")[2:]}
    assert rows == {
        ("HC00000", "工单状态", "办理中", "已办结"),
        ("HC00000", "办结时间", "—", "2024-12-03 10:00:00"),
        ("HC00000", "主要内容", "（不显示）", "已变化"),
    }
    assert "尽快" not in changes
    assert gone.split(",")[0] in page[page.index('id="vanished"') :]
    effect = page[page.index('id="effect"') : page.index('id="changes"')]
    assert "市教育局" in effect
    assert "10 → 10" in effect
    assert "— → <b>33.3%</b>" in effect


def test_uploads_confirm_names_what_lies_beyond_the_days_of_the_file(client: FlaskClient):
    confirmed(client, orders(20), exported_at="2025-01-02T08:00")
    check = upload(client, orders(19), "b.csv", exported_at="2025-01-03T08:00").headers["Location"]
    assert "晚于最后一天" in client.get(check).text
    page = client.get(check.replace("/check", "/confirm")).text
    assert "HC00019" in page[page.index('id="beyond"') :]
    assert 'id="vanished"' not in page
    check = upload(client, orders(19), "工单2024年12月.csv", exported_at="2025-01-03T08:00").headers["Location"]
    page = client.get(check.replace("/check", "/confirm")).text
    assert "HC00019" in page[page.index('id="vanished"') :]
    assert 'id="beyond"' not in page


def test_uploads_confirm_of_first_file_has_nothing_to_compare(client: FlaskClient):
    check = upload(client, orders(4)).headers["Location"]
    page = client.get(check.replace("/check", "/confirm")).text
    assert 'id="changes"' not in page
    assert 'id="vanished"' not in page
    assert "— → <b>2</b>" in page


def test_uploads_confirm_of_large_batch_says_why_not(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upload_changes, "ROWS_UP_TO", 3)
    monkeypatch.setattr(affected, "ROWS_UP_TO", 3)
    check = upload(client, orders(4)).headers["Location"]
    page = client.get(check.replace("/check", "/confirm")).text
    assert "不预先计算" in page
    assert 'id="effect"' not in page


@pytest.mark.parametrize("kind", ["units", "counts"])
def test_uploads_confirm_of_other_kinds(client: FlaskClient, kind: str):
    text = {"units": "单位编码,单位名称\nX9,市气象局\n", "counts": "单位,统计期间,受理量\n市水务局,2025-03,40\n"}[kind]
    check = upload(client, text, kind=kind).headers["Location"]
    page = client.get(check.replace("/check", "/confirm"))
    assert page.status_code == 200
    assert 'id="effect"' not in page.text


def test_uploads_repaired_list_goes_into_the_same_batch(office: Flask, client: FlaskClient) -> None:
    check = upload(client, orders(4) + "HC9,市教育局,2024-13-05,,办理中,x,\n").headers["Location"]
    with client.get(check.replace("/check", "/errors.xlsx")) as answer:
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
    book.worksheets[0]["C2"] = "2024-12-05"
    back = io.BytesIO()
    book.save(back)
    repair = check.replace("/check", "/repair")
    data = {"repaired": (io.BytesIO(b"a,b\n1,2\n"), "other.csv")}
    assert client.post(repair, data=data, content_type="multipart/form-data").status_code == 303
    page = client.get(check).text
    assert "这不是从本次校验下载的错误清单" in page
    assert "传回并校验" in page
    data = {"repaired": (io.BytesIO(back.getvalue()), "back.xlsx")}
    assert client.post(repair, data=data, content_type="multipart/form-data").status_code == 303
    page = client.get(check).text
    assert "更正了 1 行" in page
    assert not [words for words in ("下载错误清单", "传回并校验") if words in page]
    assert client.get(check.replace("/check", "/errors.xlsx")).status_code == 404
    assert client.post(check.replace("/check", "/confirm")).status_code == 303
    assert stored_rows(office) == 5


def test_uploads_rest_of_a_confirmed_batch_comes_in_later(office: Flask, client: FlaskClient) -> None:
    check = upload(client, orders(4) + "HC9,市教育局,2024-13-05,,办理中,x,\n", partial="y").headers["Location"]
    assert "改好后在批次页传回" in client.get(check.replace("/check", "/confirm")).text
    with client.get(check.replace("/check", "/errors.xlsx")) as answer:
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
    batch = client.post(check.replace("/check", "/confirm")).headers["Location"]
    assert stored_rows(office) == 4
    assert "补入未入库的行" in client.get(batch).text
    book.worksheets[0]["C2"] = "2024-12-05"
    back = io.BytesIO()
    book.save(back)
    data = {"repaired": (io.BytesIO(back.getvalue()), "back.xlsx")}
    second = client.post(f"{batch}/rest", data=data, content_type="multipart/form-data").headers["Location"]
    assert "校验完成" in client.get(second).text
    batch = client.post(second.replace("/check", "/confirm")).headers["Location"]
    assert stored_rows(office) == 5
    assert "补入未入库的行" not in client.get(batch).text


def test_uploads_every_unknown_word_and_scale_is_asked(office: Flask, client: FlaskClient) -> None:
    text = "工单编号,承办单位,来电时间,工单状态,满意度\nA1,市教育局,2024-12-05,甲态,3\nA2,市教育局,2024-12-05,乙态,5\n"
    check = upload(client, text).headers["Location"]
    assert "评分方向" in client.get(check).text
    client.post(check, data={"scale-rating": "1=best"})
    page = client.get(check).text
    assert '<option value="1=best of 5" selected>' in page  # answered, and open to be changed
    assert "甲态=closed" in page
    assert "乙态=closed" in page
    client.post(check, data={"value-0": "state:甲态=closed", "value-1": "state:乙态=open"})
    assert client.post(check.replace("/check", "/confirm")).status_code == 303
    assert stored_rows(office) == 2
