"""Batches: provenance, withdrawal with a reason, and the numbers that return exactly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pipeline.numbers.counting import metric_values
from records.vocabulary import Role
from tests.web.office import build_office, confirmed, open_office, orders, sign_in


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = open_office(tmp_path_factory.mktemp("office"), build_office(tmp_path_factory.mktemp("template")))
    yield app
    app.extensions["wenxiao"].close()


@pytest.fixture(scope="module")
def client(office: Flask) -> FlaskClient:
    return sign_in(office, Role.ASSESSOR)


@pytest.fixture(scope="module")
def number(client: FlaskClient) -> int:
    return confirmed(client, orders(20))


def counts(office: Flask) -> list[tuple[str | None, float | None]]:
    answer = metric_values(office.extensions["wenxiao"], period="2024", by=("unit",), codes=["n_received"])
    return sorted((str(row.unit), row.value) for row in answer.rows)


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ASSESSOR, 200), (Role.ADMIN, 200), (Role.AUDITOR, 200), (Role.UNIT_HEAD, 403), (Role.ORG_DEPT, 403)],
)
def test_batches_by_role(office: Flask, number: int, role: Role, status: int):
    client = sign_in(office, role)
    assert client.get("/batches").status_code == status
    assert client.get(f"/batches/{number}").status_code == status


def test_batches_show_provenance(client: FlaskClient, number: int):
    page = client.get(f"/batches/{number}").text
    assert all(text in page for text in ("12345工单导出.csv", "assessor", "工单编号", "列名一致", "2024-12-01"))


def test_batches_problems_name_places_and_fields_as_people_do(client: FlaskClient):
    text = "工单编号,承办单位,来电时间,工单状态,办结时间\nK1,市教育局,2024-10-05,已办结,\n"
    page = client.get(f"/batches/{confirmed(client, text, 'k.csv')}").text
    problems = page[page.index('id="h-problems"') :]
    assert all(cell in problems for cell in (">D2</th>", ">工单状态</td>", ">整个文件</th>"))
    assert "（空）" not in problems


def test_batches_auditor_cannot_withdraw(office: Flask, number: int):
    auditor = sign_in(office, Role.AUDITOR)
    assert "撤回本批次" not in auditor.get(f"/batches/{number}").text
    assert auditor.post(f"/batches/{number}/withdraw", data={"why": "x"}).status_code == 403


def test_batches_withdraw_needs_reason(client: FlaskClient, number: int):
    answer = client.post(f"/batches/{number}/withdraw", data={"why": ""})
    assert answer.status_code == 400
    assert "请写明撤回原因" in answer.text
    assert "已入库" in client.get(f"/batches/{number}").text


def test_batches_withdraw_and_restore_return_numbers(office: Flask, client: FlaskClient, number: int):
    before = counts(office)
    client.post(f"/batches/{number}/withdraw", data={"why": "文件导错了"})
    page = client.get(f"/batches/{number}").text
    assert "文件导错了" in page
    assert counts(office) != before
    client.post(f"/batches/{number}/restore")
    assert counts(office) == before


def test_batches_withdraw_twice_told(client: FlaskClient):
    number = confirmed(client, orders(3, month="2024-11"), name="十一月.csv")
    client.post(f"/batches/{number}/withdraw", data={"why": "一"})
    answer = client.post(f"/batches/{number}/withdraw", data={"why": "二"}, follow_redirects=True)
    assert answer.status_code == 200
    assert "note-no" in answer.text


def test_batches_unknown_is_404(client: FlaskClient):
    assert client.get("/batches/999").status_code == 404
