"""The sums of a scheme draft follow what is typed, before anything is sent."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.test_pages import AXE, violations


def test_sums_and_effective_weights_follow_what_is_typed(signed_in: SignIn, site: str) -> None:
    page = signed_in("assessor")
    page.goto(f"{site}/drafts?based_on=integrated_third_party@2025.1")
    page.get_by_label("新版本号").fill("2026.1")
    page.get_by_role("button", name="建立草案").click()
    page.wait_for_url(re.compile(r"/drafts/\d+$"))
    page.evaluate(AXE)
    assert violations(page, contrast=True) == []
    propose = page.get_by_role("button", name="提交发布")
    expect(propose).to_be_enabled()
    page.get_by_label("R1 权重").fill("13")
    expect(propose).to_be_disabled()
    expect(page.get_by_text("上表有未保存的改动")).to_be_visible()
    expect(page.locator("[data-sum=leaves]")).to_have_text("110.00")
    expect(page.locator("[data-sum=leaves]")).to_have_class(re.compile("off"))
    expect(page.locator("[data-below=timeliness]")).to_have_text("30.00")
    name = page.get_by_label("R1 权重").get_attribute("name")
    expect(page.locator(f"[data-effective='{name}']")).to_have_text("8.67")  # 20 × 13/30
    page.get_by_role("button", name="保存草案").click()
    expect(propose).to_be_enabled()
    expect(page.get_by_text("指标权重合计 110，应为 100")).to_be_visible()
