"""Who gets what: every address × every account × own and other unit × every state, compared with `records.access`.

A walk answers the places where the server and the matrix differ. That it can find one is shown by planting leaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

from pipeline.house import people
from records.access import Action, Viewer, can, unit_filter
from records.instance import Instance
from web.session import EVERY_ROLE, PERSON, allowed_roles


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


@dataclass(frozen=True)
class Probe:
    """An address and who should get it."""

    address: str
    is_open: Callable[[Viewer], bool]


@pytest.fixture(scope="session")
def accounts(city: Instance, api_app: Flask, programs) -> list[Account]:
    found = []
    for program in programs.values():
        viewer = people.viewer_of_token(city, program.token)
        assert viewer is not None
        pages = api_app.test_client()
        with pages.session_transaction() as cookie:
            cookie[PERSON] = viewer.id
        found.append(Account(viewer, program.token, pages))
    return found


@pytest.fixture(scope="session")
def probes(states: dict[str, int], programs) -> list[Probe]:
    return list(_probes(states, [programs["head1"].unit, programs["head2"].unit]))


def _probes(states: dict[str, int], units: list[str]) -> Iterator[Probe]:
    for state, number in states.items():
        yield from _of_state(state, number)
        for unit in units:
            yield from _of_unit(state, number, unit)
    for unit in units:
        yield Probe(f"/api/v1/records?unit={unit}&limit=2", lambda v: can(v, Action.SEE_CASES))
    yield Probe("/api/v1/assessments", lambda v: can(v, Action.SEE_SCORECARD))
    yield Probe("/api/v1/metrics?period=2024-03&metric=n_received", lambda v: can(v, Action.SEE_METRICS))
    yield Probe("/api/v1/findings?period=2024", lambda v: can(v, Action.SEE_FINDINGS))
    yield Probe("/api/v1/surges?period=2024Q3", lambda v: can(v, Action.SEE_CASES))
    yield Probe("/api/v1/batches", lambda v: can(v, Action.SEE_BATCHES))
    yield Probe("/api/v1/units", lambda v: can(v, Action.SEE_DIRECTORY))
    yield Probe("/people", lambda v: can(v, Action.MANAGE_PEOPLE))
    yield Probe("/uploads", lambda v: can(v, Action.IMPORT))


def _of_state(state: str, number: int) -> Iterator[Probe]:
    def sees(viewer: Viewer) -> bool:
        return can(viewer, Action.SEE_SCORECARD, state=state)

    yield Probe(f"/api/v1/assessments/{number}", sees)
    yield Probe(f"/assessments/{number}", sees)
    yield Probe(f"/ranking?assessment={number}", lambda v: can(v, Action.SEE_RANKING, state=state))


def _of_unit(state: str, number: int, unit: str) -> Iterator[Probe]:
    def sees(viewer: Viewer) -> bool:
        return can(viewer, Action.SEE_SCORECARD, unit=unit, state=state)

    yield Probe(f"/api/v1/assessments/{number}/units/{unit}", sees)
    yield Probe(f"/assessments/{number}/{unit}", sees)
    yield Probe(f"/units/{unit}?assessment={number}", sees)


def differences(accounts: list[Account], probes: list[Probe]) -> list[str]:
    """Every place where an account gets what the matrix denies, is denied what it grants, or is shown a closed unit."""
    found = []
    for account in accounts:
        reach = unit_filter(account.viewer, Action.SEE_SCORECARD)
        for probe in probes:
            status, document = account.status_and_json(probe.address)
            is_open = probe.is_open(account.viewer)
            if status not in (200, 403, 404) or (status == 200) != is_open:
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


def test_server_and_matrix_agree_everywhere(accounts, probes):
    assert len({probe.address for probe in probes}) > 50
    assert differences(accounts, probes) == []


def test_no_role_reaches_what_its_mark_denies(api_app, accounts, without_form_tokens):
    assert unmarked_or_open(api_app, accounts) == []


def test_walk_finds_a_query_that_forgets_its_filter(accounts, probes, monkeypatch):
    from pipeline.paper import report_source

    monkeypatch.setattr(report_source, "unit_filter", lambda viewer, action: None)
    found = differences(accounts, [probe for probe in probes if probe.address.startswith("/api/v1/assessments/")])
    assert any("head1" in line and "shows" in line for line in found)


def test_walk_finds_a_query_that_forgets_the_state(accounts, probes, monkeypatch):
    from records.queries import assessments

    monkeypatch.setattr(assessments, "require", lambda *_, **__: None)
    found = differences(accounts, [probe for probe in probes if probe.address.startswith("/assessments/")])
    assert {line.split()[0] for line in found} >= {"head1", "orgdept"}


def test_walk_finds_a_view_marked_too_wide(api_app, accounts, probes, monkeypatch):
    monkeypatch.setattr(api_app.view_functions["api.list_metrics"], "allowed_roles", EVERY_ROLE)
    found = differences(accounts, [probe for probe in probes if "/metrics" in probe.address])
    assert {line.split()[0] for line in found} >= {"head1", "orgdept", "admin"}
