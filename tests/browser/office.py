"""Several people at work at once, each on a page of their own."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.browser.conftest import DemoCity, sign_in


class Office:
    """Pages of several people at once, each signed in through the form in a context of its own."""

    def __init__(self, browser: Browser, site: str, city: DemoCity) -> None:
        self.browser, self.site, self.city = browser, site, city
        self.pages: dict[str, Page] = {}

    def person(self, role: str) -> Page:
        """The page of a role."""
        if role not in self.pages:
            page = self.browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}).new_page()
            sign_in(page, self.site, *self.city.sign_ins[role])
            self.pages[role] = page
        return self.pages[role]

    def go(self, role: str, path: str) -> Page:
        page = self.person(role)
        page.goto(f"{self.site}{path}")
        return page

    def step(self, role: str, number: int, button: str) -> Page:
        page = self.go(role, f"/assessments/{number}")
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_load_state()
        return page
