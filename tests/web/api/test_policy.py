"""Who gets what: every address × every account × own and other unit × every state, compared with `records.access`.

A walk answers the places where the server and the matrix differ. That it can find one is shown by planting leaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

from pipeline.house import people
from records.access import Action, Viewer, unit_filter
from records.instance import Instance
from tests.web.api.addresses import roles_of_endpoints
from tests.web.api.probes import Probe, all_probes
from web.session import EVERY_ROLE, PERSON, allowed_roles

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Account:
    """One person, asking with the token and with the session."""

    viewer: Viewer
    token: str
    pages: FlaskClient

    def status_and_json(self, address: str, method: str = "GET") -> tuple[int, Any]:
        if address.startswith(("/api/", "/metrics")):
            headers = {"Authorization": f"Bearer {self.token}"}
            answer = self.pages.application.test_client().open(address, method=method, headers=headers)
        else:
            answer = self.pages.open(address, method=method)
        return answer.status_code, answer.json if answer.is_json else None


@pytest.fixture(scope="session")
def accounts(city: Instance, api_app: Flask, programs) -> list[Account]:
    found = []
    for program in programs.values():
        viewer = people.viewer_of_token(city, program.token)
        assert viewer is not None
        if any(viewer.role is account.viewer.role for account in found):
            continue  # a second one sees of its own and of other units what the first one sees
        pages = api_app.test_client()
        with pages.session_transaction() as cookie:
            cookie[PERSON] = viewer.id
        found.append(Account(viewer, program.token, pages))
    return found


@pytest.fixture(scope="session")
def probes(city: Instance, states: dict[str, int], programs) -> list[Probe]:
    return list(all_probes(city, states, [programs["head1"].unit, programs["head2"].unit]))


def differences(accounts: list[Account], probes: list[Probe]) -> list[str]:
    """Every place where an account gets what the matrix denies, is denied what it grants, or is shown a closed unit."""
    found = []
    for account in accounts:
        reach = unit_filter(account.viewer, Action.SEE_SCORECARD)
        for probe in probes:
            status, document = account.status_and_json(probe.address)
            is_open = probe.is_open(account.viewer)
            if status not in (200, 302, 403, 404) or (status in (200, 302)) != is_open:
                found.append(f"{account.viewer.sign_in} {probe.address}: {status}, open {is_open}")
            elif "/units" not in probe.address and reach is not None and units_in(document) - reach:
                found.append(f"{account.viewer.sign_in} {probe.address}: shows {sorted(units_in(document) - reach)}")
    return found


def units_in(document: Any) -> set[str]:
    """Every code that stands under the key `unit`."""
    if isinstance(document, dict):
        own = {document["unit"]} if isinstance(document.get("unit"), str) else set()
        return own.union(*(units_in(value) for value in document.values()))
    return set().union(*(units_in(value) for value in document)) if isinstance(document, list) else set()


def unmarked_or_open(app: Flask, accounts: list[Account]) -> list[str]:
    """Every address and method that a role reaches although its view is not marked for that role."""
    found = []
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        roles = allowed_roles(app, rule.endpoint)
        address = adapter.build(rule.endpoint, {name: made_up(rule, name) for name in rule.arguments})
        for account in accounts:
            if roles is None or account.viewer.role in roles:
                continue
            for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
                status, _ = account.status_and_json(address, method)
                if status != 403:
                    found.append(f"{account.viewer.sign_in} {method} {address}: {status}")
    return found


def made_up(rule: Rule, name: str) -> str | int:
    """A value that stands for nothing."""
    return 1 if isinstance(rule._converters[name], IntegerConverter) else "none"


@pytest.fixture
def without_form_tokens(api_app: Flask) -> Iterator[None]:
    """Forms without a token, so that a refusal is one of the matrix."""
    api_app.config["WTF_CSRF_ENABLED"] = False
    yield
    api_app.config["WTF_CSRF_ENABLED"] = True


def test_marks_and_matrix_agree_everywhere(api_app):
    """Every endpoint is written down beside one line of the matrix, and opens to the roles of that line alone."""
    endpoints = {rule.endpoint for rule in api_app.url_map.iter_rules()}
    assert {endpoint: allowed_roles(api_app, endpoint) for endpoint in endpoints} == roles_of_endpoints()


def test_every_address_with_an_assessment_is_asked_for_in_every_state(probes, states):
    for shape in {probe.shape for probe in probes if probe.state}:
        assert {probe.state for probe in probes if probe.shape == shape} == set(states), shape


def test_server_and_matrix_agree_everywhere(accounts, probes):
    assert len({probe.address for probe in probes}) > 140
    assert differences(accounts, probes) == []


def test_no_role_reaches_what_its_mark_denies(api_app, accounts, without_form_tokens):
    assert unmarked_or_open(api_app, accounts) == []


def only(accounts: list[Account], *names: str) -> list[Account]:
    return [account for account in accounts if account.viewer.sign_in in names]


def test_walk_finds_a_query_that_forgets_its_filter(accounts, probes, monkeypatch):
    from pipeline.paper import report_source

    monkeypatch.setattr(report_source, "unit_filter", lambda viewer, action: None)
    asked = [probe for probe in probes if probe.shape == "/api/v1/assessments/{n}"]
    assert any("head1" in line and "shows" in line for line in differences(only(accounts, "head1"), asked))


def test_walk_finds_a_query_that_forgets_the_state(accounts, probes, monkeypatch):
    from records.queries import assessments

    monkeypatch.setattr(assessments, "require", lambda *_, **__: None)
    asked = [probe for probe in probes if probe.shape == "/assessments/{n}"]
    found = differences(only(accounts, "head1", "orgdept"), asked)
    assert {line.split()[0] for line in found} == {"head1", "orgdept"}


def test_walk_finds_an_objection_of_another_unit(accounts, probes, monkeypatch):
    from records.queries import review

    monkeypatch.setattr(review, "unit_filter", lambda viewer, action: None)
    asked = [probe for probe in probes if probe.shape in ("/objections/#", "/exclusions/#")]
    found = differences(only(accounts, "head1"), asked)
    assert {line.split()[1].split("/")[1] for line in found} == {"objections", "exclusions"}


def test_walk_finds_a_view_marked_too_wide(api_app, accounts, probes, monkeypatch):
    monkeypatch.setattr(api_app.view_functions["api.list_metrics"], "allowed_roles", EVERY_ROLE)
    found = differences(accounts, [probe for probe in probes if "/metrics" in probe.address])
    assert {line.split()[0] for line in found} >= {"head1", "orgdept", "admin"}
    assert allowed_roles(api_app, "api.list_metrics") != roles_of_endpoints()["api.list_metrics"]
