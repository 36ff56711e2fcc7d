"""Every page in two languages at two widths: accessible, no sideways scrolling, no script error, no policy violation.

All rules of axe run at each of the four; only contrast, which takes most of the time and hangs on neither text nor
width, is looked at twice: in Chinese on the desk, in English on the phone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from records.instance import Instance
from tests.browser.conftest import DemoCity, SignIn, sign_in, watch
from tests.browser.scenes import ADDRESSES, FURTHER, NO_PAGES, prepare
from web.app import create_app

WIDTHS = (1440, 390)
LANGUAGES = {"zh": 1440, "en": 390}  # and the width at which contrast is looked at
NOT_FOUND = ("/nowhere", "/uploads/ffffffffffffffff/check")
AXE = AXE_FILE_PATH.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(demo_city: DemoCity) -> dict[str, str]:
    """What the addresses are filled with."""
    return prepare(demo_city.folder)


@pytest.fixture(scope="module")
def kept_faults() -> list[str]:
    """Every script error and policy violation of the module's pages, emptied by the test that tells of them."""
    return []


@pytest.fixture(autouse=True)
def page_faults(kept_faults: list[str]) -> Iterator[list[str]]:
    """The pages of a role are kept open from test to test, and so is the list of their faults."""
    yield kept_faults
    found = kept_faults.copy()
    kept_faults.clear()
    assert found == []


@pytest.fixture(scope="module")
def opened(
    browser: Browser, browser_context_args: dict, site: str, demo_city: DemoCity, kept_faults: list[str]
) -> Iterator[Callable[[str], Page]]:
    """One open page for each role, signed in once."""
    pages: dict[str, Page] = {}

    def page_of(role: str) -> Page:
        if role not in pages:
            context = browser.new_context(**browser_context_args)
            watch(context, kept_faults)
            pages[role] = context.new_page()
            if role:
                sign_in(pages[role], site, *demo_city.sign_ins[role])
        return pages[role]

    yield page_of
    for page in pages.values():
        page.context.close()


def violations(page: Page, *, contrast: bool) -> list[str]:
    """What axe finds on the page as it is now, a line each."""
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": contrast}}}
    found = page.evaluate(f"axe.run({json.dumps(options)}).then(results => results.violations)")
    return [f"{entry['id']}: {entry['help']}: {[node['html'] for node in entry['nodes']]}" for entry in found]


def check(page: Page, language: str) -> None:
    page.evaluate(AXE)
    for width in WIDTHS:
        where = f"{page.url} at {width} in {language}"
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page, contrast=LANGUAGES[language] == width) == [], where
        assert page.evaluate("document.documentElement.scrollWidth") == width, f"{where} scrolls sideways"


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
    opened: Callable[[str], Page], site: str, made: dict[str, str], role: str, path: str
) -> None:
    page = opened(role)
    for language in LANGUAGES:
        address = path.format(**made)
        answer = page.goto(f"{site}{address}{'&' if '?' in address else '?'}lang={language}")
        assert answer is not None
        assert answer.status == (404 if path in NOT_FOUND else 200)
        expect(page.locator("html")).to_have_attribute("lang", {"zh": "zh-CN"}.get(language, language))
        check(page, language)


def test_a_fault_would_be_found(opened: Callable[[str], Page], site: str) -> None:
    page = opened("")
    page.goto(f"{site}/sign-in")
    page.evaluate(AXE)
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x><p id=p>pale</p>')")
    page.evaluate("document.getElementById('p').style.color = '#ddd'")
    found = " ".join(violations(page, contrast=True))
    assert "image-alt" in found
    assert "color-contrast" in found
    assert "color-contrast" not in " ".join(violations(page, contrast=False))


def test_skip_link_comes_first(signed_in: SignIn, site: str) -> None:
    page = signed_in("assessor")
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
