"""The report as a page: the same words as the file, each with the way to what is behind it; nothing of other roles."""

from __future__ import annotations

import re
from html import unescape

import pytest

from records.vocabulary import Role
from reports import annual
from reports.blocks import Heading, Paragraph, Table
from tests.reports.factory import make_source
from web.pages import report_preview


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
