"""The report as a page: the same words as the file, each with the way to what is behind it; nothing of other roles."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace

import pytest

from evaluation.rules.scheme import load
from records.vocabulary import Role
from reports import annual
from reports.blocks import Heading, Paragraph, Table
from tests.reports.factory import make_source
from tests.web.city import SCHEMES
from web.pages import facts, report_preview


@pytest.fixture
def shown(monkeypatch):
    """The factory's city as the assessment that is previewed."""
    source = make_source(count=6)
    monkeypatch.setattr(report_preview, "source_for", lambda *_, **__: source)
    return source


def flat(text):
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", text)))


def test_every_chapter_says_what_the_file_says(client_of, shown):
    client = client_of(Role.ASSESSOR)
    chapters = report_preview.chapters_of(annual.document(shown))
    for place in (0, 4, 5, len(chapters) - 1):
        page = flat(client.get(f"/reports/preview/3?chapter={place}").text)
        for block in chapters[place]:
            if isinstance(block, Heading | Paragraph):
                assert flat(block.text) in page
            elif isinstance(block, Table):
                assert all(flat(cell) in page for row in block.rows for cell in row)


def test_sentences_open_what_is_behind_them(client_of, shown):
    client = client_of(Role.ASSESSOR)
    pages = "".join(client.get(f"/reports/preview/3?chapter={place}").text for place in range(1, 9))
    for address in ("/indicators/H2?assessment=3", "/units/U003?assessment=3", "/ranking?assessment=3"):
        assert address in unescape(pages)


def test_an_unknown_chapter_is_not_found(client_of, shown):
    assert client_of(Role.ASSESSOR).get("/reports/preview/3?chapter=99").status_code == 404


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.ADMIN])
def test_who_may_not_have_the_file_may_not_see_the_page(client_of, shown, role):
    assert client_of(role).get("/reports/preview/3").status_code == 403


@pytest.fixture
def stored(monkeypatch):
    """Assessment 3, final, by a scheme with the indicators H2 and R1."""
    text = (SCHEMES / "integrated_third_party@2025.1.toml").read_text("utf-8")

    def one(_, *, viewer, number):
        return object() if number == 3 else None

    monkeypatch.setattr(facts, "assessments", SimpleNamespace(one=one, scheme_text_of=lambda _, *, number: text))
    return frozenset(indicator.code for indicator in load(text).indicators)


@pytest.mark.parametrize(
    ("fact", "address"),
    [
        ("results.distribution", "/ranking?assessment=3"),
        ("metric.H2", "/indicators/H2?assessment=3"),
        ("problem.H2", "/indicators/H2?assessment=3"),
        ("metric.H1.allowed.U003", "/records?unit=U003&indicator=H1.allowed&assessment=3&part=counted"),
        ("metric.H2.U003", "/units/U003?assessment=3&indicator=H2"),  # single answers need the survey role
        ("unit.U003", "/units/U003?assessment=3"),
        ("case.12345/GD-1", "/records/12345/GD-1"),
        ("text.results", "/assessments/3"),
    ],
)
def test_the_address_behind_a_fact_leads_to_the_page_that_opens_it(client_of, stored, fact, address):
    assert "H2" in stored
    answer = client_of(Role.ASSESSOR).get(f"/facts/3/{fact}")
    assert (answer.status_code, answer.location) == (302, address)


def test_an_address_of_a_fact_opens_nothing_the_role_may_not_see(client_of, stored):
    assert client_of(Role.ASSESSOR).get("/facts/99/results").status_code == 404
    assert client_of(Role.UNIT_HEAD).get("/facts/3/integrity.leads").status_code == 403
    of_unit = client_of(Role.ORG_DEPT).get("/facts/3/metric.H2.U003")
    assert of_unit.location == "/units/U003?assessment=3&indicator=H2", "who may not list cases gets the scorecard"
