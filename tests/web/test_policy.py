"""Who may open which address: every view says it, and every role gets what it says."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from records.access import MATRIX, Action
from records.vocabulary import Role
from web.session import allowed_roles

PUBLIC = {
    "static", "plotly_asset.script", "icon.show", "sign_in.show", "sign_in.enter", "sign_in.leave", "sign_in.ask_code",
    "sign_in.give_code", "sign_in.go_to_office", "sign_in.return_from_office", "api.show_document", "house.health",
    "house.readiness", "open.index", "open.unit", "open.data",
}  # fmt: skip


def plain_addresses(app: Flask) -> list[tuple[str, str]]:
    """Endpoint and address of every page that needs no argument (tests/web/api walks the API)."""
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or set()) and not rule.rule.startswith(("/api/", "/metrics"))
    ]
    return sorted((rule.endpoint, rule.rule) for rule in rules)


def test_every_view_says_who_may_open_it(app):
    for endpoint in app.view_functions:
        assert allowed_roles(app, endpoint) is None or isinstance(allowed_roles(app, endpoint), frozenset)


def test_only_these_views_are_public(app):
    assert {e for e in app.view_functions if allowed_roles(app, e) is None} == PUBLIC


def test_view_without_a_mark_is_refused_not_opened(app):
    app.view_functions["forgotten"] = lambda: "secret"
    try:
        with pytest.raises(KeyError, match="forgotten"):
            allowed_roles(app, "forgotten")
    finally:
        del app.view_functions["forgotten"]


@pytest.mark.parametrize(
    ("endpoint", "action"),
    [
        ("units.directory", Action.SEE_DIRECTORY), ("units.scorecard", Action.SEE_SCORECARD),
        ("units.trend", Action.SEE_SCORECARD), ("ranking.show", Action.SEE_RANKING),
    ],
)  # fmt: skip
def test_views_of_results_follow_the_matrix(app, endpoint, action):
    assert allowed_roles(app, endpoint) == {role for role in Role if action in MATRIX[role]}


def test_visitor_reaches_nothing_but_the_public_pages(app, client_of):
    client = client_of(None)
    for endpoint, address in plain_addresses(app):
        if endpoint not in PUBLIC:
            answer = client.get(address)
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/sign-in"), address


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_role_gets_its_pages_and_403_elsewhere(app, client_of, shown_city, role, language):
    client = client_of(role)
    for endpoint, address in plain_addresses(app):
        allowed = allowed_roles(app, endpoint)
        status = client.get(f"{address}?lang={language}").status_code
        assert status != 500, address
        assert (status == 403) == (allowed is not None and role not in allowed), f"{address}: {status}"


@pytest.mark.parametrize("role", list(Role))
def test_links_of_the_first_pages_lead_somewhere(client_of, shown_city, role):
    client, asked = client_of(role), set()
    for page in ("/", "/units", "/ranking", "/units/B03"):
        found = client.get(page, follow_redirects=True)
        if found.status_code == 403:
            continue
        for href in re.findall(r'href="(/[^"#]*)"', found.text):
            shape = re.sub(r"[A-Z]\d\d|=[^&]*", "", href)  # one link of a kind is enough
            if shape in asked or href.startswith("/static/"):
                continue
            asked.add(shape)
            answer = client.get(href.replace("&amp;", "&"))
            assert answer.status_code in (200, 302), f"{page} links to {href}"


@pytest.mark.parametrize(("address", "status"), [("/nowhere", 404), ("/units/none/such", 404)])
def test_error_pages_are_whole_pages(client_of, address, status):
    answer = client_of(Role.ASSESSOR).get(address)
    assert answer.status_code == status
    assert "<h1>没有这一页</h1>" in answer.text
