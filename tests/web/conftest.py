"""One small instance for all page tests, a client for each role, and a client that lints every page it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pipeline.house import people
from pipeline.views import shown
from pipeline.views.prepared import Prepared
from records.access import OPERATOR, Action
from records.instance import Instance
from records.models import PeerGroup, Unit
from records.queries.people import list_people, viewer_for
from records.vocabulary import Role
from tests.web import city
from tests.web.page_lint import faults
from web.app import create_app

PASSWORD = "correct horse battery 9"


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
    """An instance with the thirty units of `city` and one account per role, named like the role."""
    opened = Instance.open(tmp_path_factory.mktemp("web") / "instance")
    with opened.session() as session:
        session.add_all(PeerGroup(code=code, title=title) for code, title in city.GROUPS.items())
        session.flush()
        session.add_all(Unit(code=u.code, name=u.name, peer_group=u.peer_group) for u in city.city(30))
    for role in Role:
        unit = "B03" if role is Role.UNIT_HEAD else None
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


@pytest.fixture
def session_keys(instance: Instance) -> dict[str, str]:
    """What the session cookie keeps, by sign-in name."""
    with instance.session() as session:
        found = [viewer_for(session, person_id=row.id) for row in list_people(session, viewer=OPERATOR)]
    return {viewer.sign_in: viewer.id for viewer in found if viewer}


@pytest.fixture
def client_of(app: Flask, session_keys: dict[str, str]) -> Callable[[Role | None], FlaskClient]:
    """A client signed in with a role, or signed out for None."""

    def make(role: Role | None) -> FlaskClient:
        client = app.test_client()
        if role is not None:
            with client.session_transaction() as cookie:
                cookie["person"] = session_keys[role.value]
        return client

    return make


@pytest.fixture
def shown_city(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    """The made-up city as the only assessment of the instance: final, number 3, with its units in the directory."""
    found = city.prepared()
    choice = shown.Choice(3, "2024", "final", "integrated_third_party@2025.1")
    monkeypatch.setattr(shown, "choices", lambda instance, viewer, action=Action.SEE_SCORECARD: [choice])
    monkeypatch.setattr(shown, "_kept", lambda key: found)
    return found


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office built once, for tests that change theirs: each works on a copy."""
    from tests.web.office import build_office

    return build_office(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def two_months(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Flask]:
    """The office of `two_months`, shared: its tests add tasks, terms and files of their own."""
    from tests.web.office import instance_of
    from tests.web.two_months import build_two_months

    app = build_two_months(tmp_path_factory.mktemp("two_months"), template)
    yield app
    instance_of(app).close()


@pytest.fixture
def office(tmp_path: Path, template: Path) -> Iterator[Flask]:
    """The application over a copy of the office."""
    from tests.web.office import instance_of, open_office

    app = open_office(tmp_path, template)
    yield app
    instance_of(app).close()


@pytest.fixture
def client(office: Flask) -> FlaskClient:
    """The office's assessor."""
    from tests.web.office import sign_in

    return sign_in(office, Role.ASSESSOR)
