"""Every page at two widths: no accessibility fault, no sideways scrolling, no script error, no policy violation."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

WIDTHS = (1440, 390)
PAGES = {
    "assessor": ("/", "/units", "/ranking", "/indicators/H2", "/compare", "/search?q=局", "/help", "/directory",
                 "/calendars?year=2025", "/records", "/uploads", "/batches", "/batches/2", "/methods", "/schemes",
                 "/schemes/integrated_third_party", "/assessments", "/assessments/1", "/fairness/1", "/objections",
                 "/exclusions", "/reports"),
    "admin": ("/people", "/uploads", "/batches"),
    "unit_head": ("/", "/records", "/objections", "/exclusions", "/reports"),
    "org_dept": ("/", "/assessments"),
    "auditor": ("/", "/batches", "/audit"),
}  # fmt: skip
FIRST_LINKS = {
    "record": ("/records", "main table tbody th a"),
    "scorecard": ("/units", "main table tbody a"),
    "trace": ("/assessments/1", "main table tbody th a"),
}


def check(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        result = Axe().run(page)
        assert result.violations_count == 0, f"{page.url} at {width}: {result.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") == width, f"{page.url} scrolls sideways at {width}"


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in PAGES.items() for path in paths])
def test_pages_are_accessible(signed_in: SignIn, site: str, role: str, path: str):
    page = signed_in(role)
    answer = page.goto(site + path)
    assert answer is not None
    assert answer.status == 200
    check(page)


@pytest.mark.parametrize("name", FIRST_LINKS)
def test_linked_pages_are_accessible(signed_in: SignIn, site: str, name: str):
    start, link = FIRST_LINKS[name]
    page = signed_in("assessor")
    page.goto(site + start)
    page.locator(link).first.click()
    page.wait_for_load_state()
    check(page)


@pytest.mark.parametrize("path", ["/", "/records", "/uploads", "/methods"])
def test_pages_english_are_accessible(signed_in: SignIn, site: str, path: str):
    page = signed_in("assessor")
    page.goto(f"{site}{path}?lang=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    check(page)


def test_sign_in_is_accessible(page: Page, site: str):
    page.goto(f"{site}/sign-in")
    check(page)


def test_skip_link_comes_first(signed_in: SignIn):
    page = signed_in("assessor")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
