"""One small instance for all page tests, a client for each role, and a client that lints every page it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pipeline import people
from records.access import OPERATOR
from records.instance import Instance
from records.models import PeerGroup, Unit
from records.queries.people import list_people
from records.vocabulary import Role
from tests.web.page_lint import faults
from web.app import create_app

PASSWORD = "correct horse battery 9"
PEER_GROUPS = (("bureau", "市直部门"), ("town", "乡镇街道"))
UNITS = (("B01", "市教育局", "bureau"), ("B02", "市水务局", "bureau"), ("T01", "东城街道", "town"))


class LintedClient(FlaskClient):
    """Fails the test when a page breaks a rule of `page_lint` or carries no policy."""

    def open(self, *args, **kwargs) -> TestResponse:
        answer = super().open(*args, **kwargs)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        if answer.mimetype == "text/html" and "<main" in answer.text:
            assert not faults(answer.text), f"{answer.request.path}: {faults(answer.text)}"
        return answer


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance with three units in two peer groups and one account per role, named like the role."""
    opened = Instance.open(tmp_path_factory.mktemp("web") / "instance")
    with opened.session() as session:
        session.add_all(PeerGroup(code=code, title=title) for code, title in PEER_GROUPS)
        session.flush()
        session.add_all(Unit(code=code, name=name, peer_group=group) for code, name, group in UNITS)
    for role in Role:
        unit = "B01" if role is Role.UNIT_HEAD else None
        account = {"sign_in": role.value, "name": role.value, "role": role, "password": PASSWORD, "by": "test"}
        people.add_person(opened, **account, unit_code=unit)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def app(instance: Instance) -> Flask:
    """The application over the instance; forms need no token, which one test of its own covers."""
    application = create_app(instance, {"TESTING": True, "WTF_CSRF_ENABLED": False})
    application.test_client_class = LintedClient
    return application


@pytest.fixture(scope="session")
def person_ids(instance: Instance) -> dict[str, int]:
    """Account numbers by sign-in name."""
    with instance.session() as session:
        return {row.sign_in: row.id for row in list_people(session, viewer=OPERATOR)}


@pytest.fixture
def client_of(app: Flask, person_ids: dict[str, int]) -> Callable[[Role | None], FlaskClient]:
    """A client signed in with a role, or signed out for None."""

    def make(role: Role | None) -> FlaskClient:
        client = app.test_client()
        if role is not None:
            with client.session_transaction() as cookie:
                cookie["person"] = person_ids[role.value]
        return client

    return make
