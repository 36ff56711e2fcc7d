"""Drafts of schemes in the browser: begin, change, see faults, compare, propose, publish by another person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evaluation.catalogue import find
from pipeline.house import people
from pipeline.judgement import scheme_drafts, scheme_store
from records.access import OPERATOR
from records.vocabulary import Role
from tests.web.office import PASSWORD, build_office, open_office, sign_in
from web.session import PERSON

BASE = "integrated_third_party@2025.1"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = open_office(tmp_path_factory.mktemp("office"), build_office(tmp_path_factory.mktemp("template")))
    instance = app.extensions["wenxiao"]
    second = {"sign_in": "second", "name": "second", "role": Role.ASSESSOR, "password": PASSWORD, "by": "test"}
    people.add_person(instance, **second, unit_code=None)
    yield app
    instance.close()


@pytest.fixture
def writer(office: Flask) -> FlaskClient:
    return sign_in(office, Role.ASSESSOR)


@pytest.fixture
def second(office: Flask) -> FlaskClient:
    client = office.test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = f"{len(Role) + 1}.1"
    return client


def begin(client: FlaskClient, version: str) -> str:
    answer = client.post("/drafts", data={"based_on": BASE, "version": version})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def field_of(office: Flask, address: str, code: str, key: str) -> str:
    document = scheme_drafts.get(office.extensions["wenxiao"], int(address.rsplit("/", 1)[1])).document
    place = next(n for n, row in enumerate(document["indicator"]) if row["code"] == code)
    return f"indicator.{place}.{key}"


def test_two_persons_publish_a_version_for_ever(office: Flask, writer: FlaskClient, second: FlaskClient) -> None:
    address = begin(writer, "2026.1")
    weight, zero = (field_of(office, address, code, key) for code, key in (("R1", "weight"), ("R5", "zero")))
    other = field_of(office, address, "R5", "weight")
    saved = writer.post(address, data={"revision": 1, weight: "4", other: "4", zero: "0.75", "cut.0": "92"})
    assert saved.status_code == 303
    changes = writer.get(f"{address}/changes").text
    assert "indicator[R1].weight" in changes
    assert "indicator[R5].zero" in changes
    assert writer.post(f"{address}/step", data={"to": "publish"}, follow_redirects=True).status_code == 200
    assert writer.post(f"{address}/step", data={"to": "propose"}).status_code == 303
    assert "请由另一人发布" in writer.post(f"{address}/step", data={"to": "publish"}, follow_redirects=True).text
    assert second.post(address, data={"revision": 2, weight: "5"}).status_code == 409
    assert second.post(f"{address}/step", data={"to": "publish"}).headers["Location"].endswith("integrated_third_party")
    found = scheme_store.find_scheme(office.extensions["wenxiao"], "integrated_third_party@2026.1")
    assert (found.indicator("R1").weight, found.indicator("R5").zero, found.grades.cuts[0]) == (4, 0.75, ("A", 92))
    assert writer.get("/schemes/integrated_third_party").text.count("2026.1")
    page = writer.get("/schemes/integrated_third_party/changes").text
    assert "indicator[R5].zero" in page
    assert "0.75" in page
    assert writer.get("/schemes/integrated_third_party?version=2025.1").status_code == 200
    assert writer.get("/schemes/integrated_third_party?version=9").status_code == 404


def test_weights_that_miss_100_are_shown_and_not_proposed(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2026.2")
    weight = field_of(office, address, "R1", "weight")
    assert writer.post(address, data={"revision": 1, weight: "9"}).status_code == 303
    page = writer.get(address).text
    assert "指标权重合计 106，应为 100" in page
    assert "请先改正" in writer.post(f"{address}/step", data={"to": "propose"}, follow_redirects=True).text
    assert "请先改正" in writer.get(f"{address}/simulate", follow_redirects=True).text


def test_unreadable_number_is_named_and_what_was_typed_stays(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2026.3")
    weight, steps = (field_of(office, address, "R1", key) for key in ("weight", "steps"))
    answer = writer.post(address, data={"revision": 1, weight: "三", steps: "0.6-0"})
    assert answer.status_code == 400
    assert "R1 的数值无法识别" in answer.text
    assert "R1 的分档须写成" in answer.text
    assert 'value="三"' in answer.text


def test_change_over_somebody_elses_change_is_refused(office: Flask, writer: FlaskClient, second: FlaskClient) -> None:
    address = begin(writer, "2026.4")
    weight = field_of(office, address, "R1", "weight")
    assert second.post(address, data={"revision": 1, weight: "4"}).status_code == 303
    answer = writer.post(address, data={"revision": 1, weight: "5"})
    assert answer.status_code == 409
    assert "其他人刚刚改过" in answer.text


def test_broken_text_is_kept_with_its_line(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2026.5")
    answer = writer.post(f"{address}/text", data={"revision": 1, "text": "id = \n"}, follow_redirects=True)
    assert "第 1 行" in answer.text
    assert "id = " in answer.text
    assert "无法解析" in writer.get(address).text
    assert "无法识别" not in writer.get("/drafts").text
    writer.post(f"{address}/step", data={"to": "drop"})
    assert "锁定" not in writer.get(address).text


def test_version_that_exists_or_is_odd_is_refused(writer: FlaskClient) -> None:
    assert "另起版本号" in writer.post("/drafts", data={"based_on": BASE, "version": "2025.1"}).text
    assert "版本号只能用" in writer.post("/drafts", data={"based_on": BASE, "version": "../x"}).text


def test_name_that_leads_out_of_the_folder_is_a_fault(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2026.6")
    text = find(BASE).text.replace('id = "integrated_third_party"', 'id = "../../evil"')
    page = writer.post(f"{address}/text", data={"revision": 1, "text": text}, follow_redirects=True).text
    assert "id 只能由字母、数字" in page


def test_values_keep_every_other_line() -> None:
    from evaluation.scheme_text import with_values

    text = find(BASE).text
    changed = with_values(text, {("indicator", 2, "full"): 0.4, ("grades", "cuts"): [["A", 95], ["D", 0]]})
    different = [new for old, new in zip(text.splitlines(), changed.splitlines(), strict=True) if old != new]
    assert different == ["full = 0.4", 'cuts = [["A", 95], ["D", 0]]']


def test_reader_of_results_may_not_write_schemes(office: Flask) -> None:
    for role in (Role.UNIT_HEAD, Role.ORG_DEPT, Role.AUDITOR, Role.ADMIN):
        assert sign_in(office, role).get("/drafts").status_code == 403
    assert scheme_drafts.start(office.extensions["wenxiao"], OPERATOR, "bj_three_rates", "2026.1").state == "editing"
