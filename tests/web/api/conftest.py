"""A copy of the small demonstration city that programs ask with tokens: one client for each account."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pipeline.demo.people import sign_ins
from pipeline.house import people
from pipeline.judgement import assessing
from records.access import OPERATOR
from records.instance import Instance
from records.queries.assessments import list_assessments
from web.app import create_app


@dataclass(frozen=True)
class Program:
    """A client that sends the token of one account."""

    client: FlaskClient
    token: str
    unit: str | None

    def get(self, path: str, **rest) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"}, **rest)

    def post(self, path: str, **rest) -> TestResponse:
        return self.client.post(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"}, **rest)

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"})


@pytest.fixture(scope="session")
def city(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The city with one more assessment in each state a viewer may meet; `states` finds them."""
    folder = tmp_path_factory.mktemp("api") / "city"
    shutil.copytree(demo_folder, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        instance = Instance.open(folder)
    for last in ("draft", "appeal", "final"):
        made = assessing.make_draft(instance, scheme_id="bj_three_rates", period="2025Q1", draws=100, by="assessor")
        for state in ("review", "appeal", "final"):
            if last != "draft" and assessing.get(instance, made.number).state != last:
                assessing.advance(instance, made.number, state, by="assessor")
    yield instance
    instance.close()


@pytest.fixture(scope="session")
def states(city: Instance) -> dict[str, int]:
    """Number of an assessment in each state."""
    with city.session() as session:
        return {row.state: row.number for row in list_assessments(session, viewer=OPERATOR)}


@pytest.fixture(scope="session")
def api_app(city: Instance) -> Flask:
    return create_app(city, {"TESTING": True, "API_PER_MINUTE": 1_000_000, "API_BURST": 1_000_000})


@pytest.fixture(scope="session")
def programs(city: Instance, api_app: Flask) -> dict[str, Program]:
    """By sign-in name: admin, assessor, head1, head2, orgdept, auditor."""
    return {
        entry.user: Program(
            api_app.test_client(),
            people.make_token(city, sign_in=entry.user, title="test", by="test"),
            entry.unit,
        )
        for entry in sign_ins(city)
    }
