"""Every page at two widths: no accessibility fault, no sideways scrolling, no script error, no policy violation."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from records.instance import Instance
from tests.browser.conftest import DemoCity, SignIn
from tests.browser.scenes import ADDRESSES, FURTHER, NO_PAGES, prepare
from web.app import create_app

WIDTHS = (1440, 390)
NOT_FOUND = ("/nowhere", "/uploads/ffffffffffffffff/check")


@pytest.fixture(scope="module")
def made(demo_city: DemoCity) -> dict[str, str]:
    """What the addresses are filled with."""
    return prepare(demo_city.folder)


def check(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        result = Axe().run(page)
        assert result.violations_count == 0, f"{page.url} at {width}: {result.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") == width, f"{page.url} scrolls sideways at {width}"


def test_every_page_has_an_address(demo_city: DemoCity) -> None:
    instance = Instance.open(demo_city.folder)
    app: Flask = create_app(instance)
    routes = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/")
    }
    instance.close()
    assert routes - set(NO_PAGES) == set(ADDRESSES)
    assert set(NO_PAGES) <= routes


@pytest.mark.parametrize(("role", "path"), sorted({*ADDRESSES.values(), *FURTHER}))
def test_pages_are_accessible(
    signed_in: SignIn, page: Page, site: str, made: dict[str, str], role: str, path: str
) -> None:
    page = signed_in(role) if role else page
    answer = page.goto(site + path.format(**made))
    assert answer is not None
    assert answer.status == (404 if path in NOT_FOUND else 200)
    check(page)


@pytest.mark.parametrize("path", ["/", "/records", "/demands", "/uploads", "/methods", "/uploads/{bad}/check"])
def test_pages_english_are_accessible(signed_in: SignIn, site: str, made: dict[str, str], path: str) -> None:
    page = signed_in("assessor")
    page.goto(f"{site}{path.format(**made)}?lang=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    check(page)


def test_skip_link_comes_first(signed_in: SignIn, site: str) -> None:
    page = signed_in("assessor")
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
