"""The watcher of the other browser tests must be able to fail."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.conftest import watch

POLICY = {"Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'"}


@pytest.mark.parametrize(
    ("headers", "html", "found"),
    [
        ({}, "<script>missing.call()</script>", "missing"),
        (POLICY, "<script>1</script>", "script-src"),
        (POLICY, "<p style='color: red'>x</p>", "style"),
        (POLICY, "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", "img-src"),
    ],
)
def test_watch_finds_fault(browser: Browser, headers: dict[str, str], html: str, found: str):
    context = browser.new_context()
    faults: list[str] = []
    watch(context, faults)

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", headers=headers, body=f"<!doctype html>{html}")

    context.route("http://wenxiao.test/", answer)
    page = context.new_page()
    page.goto("http://wenxiao.test/")
    page.wait_for_timeout(100)
    context.close()
    assert any(found in fault for fault in faults), faults


def test_watch_accepts_clean_page(browser: Browser):
    context = browser.new_context()
    faults: list[str] = []
    watch(context, faults)
    context.route("http://wenxiao.test/", lambda route: route.fulfill(body="<p>x</p>", headers=POLICY))
    context.new_page().goto("http://wenxiao.test/")
    context.close()
    assert faults == []
