"""A printed scorecard is two sheets of A4 in both languages, for the unit with the most on its card."""

from __future__ import annotations

import io

import pypdf
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SignIn

A4_POINTS = (595, 842)


def fullest_card(page: Page, site: str, number: int) -> str:
    """The address of the scorecard with the longest page in an assessment."""
    page.goto(f"{site}/?assessment={number}")
    cards = {str(link.get_attribute("href")) for link in page.locator(".heat tbody th a").all()}
    return max(sorted(cards), key=lambda card: len(page.request.get(site + card).text()))


@pytest.mark.parametrize("number", [1, 4])
def test_a_printed_scorecard_is_two_sheets(signed_in: SignIn, site: str, number: int) -> None:
    page = signed_in("assessor")
    card = fullest_card(page, site, number)
    for language in ("zh", "en"):
        page.goto(f"{site}{card}&lang={language}")
        printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
        sizes = [(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in printed.pages]
        assert sizes == [A4_POINTS] * 2, (card, language)
        assert all(len(sheet.extract_text()) > 200 for sheet in printed.pages), (card, language)
