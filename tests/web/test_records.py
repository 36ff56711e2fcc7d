"""Cases: filters in the address, pages by the server, the parcel of one case, and what each role may see."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pipeline.judgement import assessing
from pipeline.views.timeline import timeline
from records.vocabulary import Role
from reports.numbers import duration
from tests.web.office import office_of_two_exports, sign_in


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = office_of_two_exports(tmp_path_factory.mktemp("office"), tmp_path_factory.mktemp("template"))
    yield app
    app.extensions["wenxiao"].close()


@pytest.fixture(scope="module")
def scored(office: Flask) -> FlaskClient:
    """An assessor of an office that has an assessment of December."""
    assessing.make_draft(office.extensions["wenxiao"], scheme_id="bj_three_rates", period="2024-12", by="test")
    return sign_in(office, Role.ASSESSOR)


@pytest.fixture(scope="module")
def client(office: Flask) -> FlaskClient:
    return sign_in(office, Role.ASSESSOR)


def total(page: str) -> int:
    found = re.search(r"共 ([\d,]+) 件", page)
    assert found
    return int(found.group(1).replace(",", ""))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 60),
        ("unit=u1", 30),
        ("unit=u3", 0),
        ("state=closed", 20),
        ("state=open", 40),
        ("case_no=HC0000", 10),
        ("case_no=HC00003", 1),
        ("since=2024-12-20", 3),
        ("until=2024-12-01", 3),
        ("since=2024-12-05&until=2024-12-05", 3),
        ("unit=u1&state=closed", 10),
        ("channel=petition", 0),
        ("case_no=%27%3B+DROP+TABLE", 0),
        ("period=2024", 60),
        ("period=2024-11", 0),
        ("period=2024-12&state=not_closed", 40),
        ("period=nonsense", 60),
        ("period=2023&since=2024-12-20", 3),
    ],
)
def test_records_filter(client: FlaskClient, query: str, count: int):
    page = client.get(f"/records?{query}")
    assert page.status_code == 200
    assert total(page.text) == count


BEHIND = "unit=u1&period=2024-12&assessment=1&indicator"


def test_records_behind_a_rate_keep_the_rate_while_they_are_filtered(scored: FlaskClient):
    page = scored.get(f"/records?{BEHIND}=R5&part=counted")
    every, closed = total(page.text), total(scored.get(f"/records?{BEHIND}=R5&part=counted&state=closed").text)
    parts = [total(scored.get(f"/records?{BEHIND}=R5&part={part}").text) for part in ("reached", "rest")]
    assert every == sum(parts)
    assert 0 < closed < every
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)"', page.text)
    assert dict(hidden) == {"indicator": "R5", "part": "counted", "assessment": "1"}


@pytest.mark.parametrize("query", [f"{BEHIND}=S4", f"{BEHIND}=H8", f"{BEHIND}=R3.ratio", f"{BEHIND}=nonsense"])
def test_records_without_a_list_of_their_own_say_so_and_show_all(scored: FlaskClient, query: str):
    page = scored.get(f"/records?{query}").text
    assert "下面是本单位同期的全部工单" in page
    assert total(page) == 30


@pytest.mark.parametrize(
    "query", ["unit=u1&indicator=R5&assessment=abc", f"{BEHIND}=R5&part=x", "indicator=R5&assessment=1"]
)
def test_records_leave_an_unknown_rate_aside(scored: FlaskClient, query: str):
    assert "依据的工单" not in scored.get(f"/records?{query}").text


@pytest.mark.parametrize("query", ["since=abc", "unit=nobody", "state=nonsense", "page=-3", "page=abc"])
def test_records_bad_filter_no_crash(client: FlaskClient, query: str):
    assert client.get(f"/records?{query}").status_code == 200


def test_records_pages_hold_every_case_once(client: FlaskClient):
    seen = [
        number for page in (1, 2) for number in re.findall(r">(HC\d{5})<", client.get(f"/records?page={page}").text)
    ]
    assert len(seen) == 60
    assert len(set(seen)) == 60
    assert 'rel="next"' in client.get("/records?state=").text


def test_records_page_keeps_filter(client: FlaskClient):
    page = client.get("/records?until=2024-12-31").text
    assert re.search(r'href="/records\?[^"]*until=2024-12-31[^"]*page=2|href="/records\?[^"]*page=2[^"]*until', page)


def link_of(client: FlaskClient, number: str) -> str:
    found = re.search(rf'href="(/records/[^"]*{number})"', client.get(f"/records?case_no={number}").text)
    assert found
    return found.group(1)


def test_records_parcel_shows_both_exports(client: FlaskClient):
    page = client.get(link_of(client, "HC00003")).text
    assert all(text in page for text in ("上旬.csv", "下旬.csv", "办结时间", "第 5 行", "工作小时", "市水务局"[:0]))
    assert "138****8003" in page
    assert "13800138003" not in page


def test_records_parcel_says_why_a_time_is_what_it_is(client: FlaskClient, office: Flask):
    """The sentence of each clock names the very seconds its intervals add up to."""
    line = timeline(office.extensions["wenxiao"], "HC00003", None)
    page = client.get(link_of(client, "HC00003")).text
    told = [clock for clock in line["clocks"] if clock["business_seconds"] is not None]
    assert told
    for clock in told:
        assert clock["business_seconds"] == sum((b - a).total_seconds() for a, b in clock["intervals"])
        assert f"为什么工作时间是 {duration(clock['business_seconds'])}" in page
        assert f"{len(clock['intervals'])} 段工作时间相加" in page


@pytest.mark.parametrize(("number", "word"), [("HC00003", "按时"), ("HC00059", "尚未办结")])
def test_records_parcel_state(client: FlaskClient, number: str, word: str):
    assert word in client.get(link_of(client, number)).text


@pytest.mark.parametrize("path", ["/records/x/HC00003", "/records/x/none", "/records/x/a%2Fb"])
def test_records_unknown_is_404(client: FlaskClient, path: str):
    assert client.get(path).status_code == 404


def test_records_unit_head_sees_own_only(office: Flask):
    head = sign_in(office, Role.UNIT_HEAD)
    page = head.get("/records").text
    assert total(page) == 30
    assert total(head.get("/records?unit=u2").text) in (0, 30)
    own, other = link_of(head, "HC00000"), link_of(sign_in(office, Role.ASSESSOR), "HC00001")
    assert head.get(own).status_code == 200
    assert head.get(other).status_code == 404
    assert "138****" not in head.get(own).text


@pytest.mark.parametrize("role", [Role.ORG_DEPT, Role.ADMIN])
def test_records_other_roles_refused(office: Flask, role: Role):
    assert sign_in(office, role).get("/records").status_code == 403
