"""Search and help: what is found, and that nothing is found that the viewer may not open."""

from __future__ import annotations

import html

import pytest

from records.vocabulary import Role
from reports.glossary import terms


@pytest.mark.parametrize(
    ("words", "found"),
    [("B03", "/units/B03"), ("按时答复", "/methods#R4"), ("reply RATE", "/methods#R5"), ("办结", "/help#")],
)
def test_search_finds_units_indicators_and_terms(client_of, shown_city, words, found):
    assert f'href="{found}' in client_of(Role.ASSESSOR).get(f"/search?q={words}").text


def test_search_without_a_hit_says_what_to_try(client_of):
    page = client_of(Role.ASSESSOR).get("/search?q=<b>无此物</b>").text
    assert "没有找到“&lt;b&gt;无此物&lt;/b&gt;”" in page


def test_search_links_a_head_to_the_own_unit_only(client_of, shown_city):
    page = client_of(Role.UNIT_HEAD).get("/search?q=局").text
    assert 'href="/units/B03"' in page
    assert page.count('href="/units/') == 1


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ORG_DEPT])
def test_search_shows_no_cases_to_those_who_may_not_see_them(client_of, role):
    assert "/records/" not in client_of(role).get("/search?q=HC0000").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_explains_every_term(client_of, language):
    page = client_of(Role.UNIT_HEAD).get(f"/help?lang={language}").text
    for term in terms():
        assert f'id="{term.id}"' in page
        assert (term.meaning_en if language == "en" else term.meaning_zh).split("；")[0][:12] in html.unescape(page)
