"""Shared demands: the list of a period, who may open it, and "how many others" on the page of a case."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pipeline.numbers.demands import known_demand_of, shared_demands
from records.access import OPERATOR
from records.queries.people import list_people, viewer_for
from records.vocabulary import Role
from tests.web.conftest import LintedClient
from web.app import create_app
from web.session import PERSON


@pytest.fixture(scope="module")
def city(demo_instance) -> Flask:
    app = create_app(demo_instance, {"TESTING": True, "WTF_CSRF_ENABLED": False})
    app.test_client_class = LintedClient
    return app


def sign_in(app: Flask, role: Role) -> FlaskClient:
    with app.extensions["wenxiao"].session() as session:
        people = [viewer_for(session, person_id=row.id) for row in list_people(session, viewer=OPERATOR)]
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = next(found.id for found in people if found is not None and found.role is role)
    return client


@pytest.fixture(scope="module")
def biggest(demo_instance):
    return shared_demands(demo_instance, "2025")[0]


def test_the_list_counts_people_and_opens_a_case(city, biggest):
    page = sign_in(city, Role.ASSESSOR).get("/demands?period=2025").get_data(as_text=True)
    register, case_no = biggest.records[0]
    assert f"/records/{register}/{case_no}" in page
    assert f'data-l="人数">{biggest.people}<' in page


def test_a_month_that_begins_on_the_nineteenth(city, demo_instance):
    """The list of 2025-03@19 is that of the days from 19 February to 18 March."""
    same = shared_demands(demo_instance, "2025-02-19..2025-03-18")
    assert shared_demands(demo_instance, "2025-03@19") == same
    page = sign_in(city, Role.ASSESSOR).get("/demands?period=2025-03@19").get_data(as_text=True)
    assert 'value="2025-03@19"' in page
    assert page.count('data-l="人数"') == len(same) > 0
    assert f"共 {len(same)} 项" in page


def test_a_period_that_cannot_be_read_is_told_and_nothing_breaks(city):
    answer = sign_in(city, Role.ASSESSOR).get("/demands?period=nonsense")
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert "nonsense" in page
    assert "无法识别这个时期" in page


def test_a_case_says_how_many_others_there_are(city, biggest, demo_instance):
    register, case_no = biggest.records[0]
    page = sign_in(city, Role.ASSESSOR).get(f"/records/{register}/{case_no}").get_data(as_text=True)
    assert f"共有 {biggest.people} 人、{biggest.cases} 件" in page
    found = known_demand_of(demo_instance, register, case_no, biggest.first)
    assert found == ("2025", biggest)


def test_a_unit_sees_neither_the_list_nor_other_peoples_cases(city):
    assert sign_in(city, Role.UNIT_HEAD).get("/demands").status_code == 403
