"""Stored XSS: naughty strings in every text field of a file are shown as text, and no script of theirs runs."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_journey import first_unit, upload

NAUGHTY = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "<svg/onload=window.pwned=1>",
    "'-window.pwned=1-'",
    "{{ 7*7 }}{% raw %}",
    "javascript:window.pwned=1",
    "=HYPERLINK(\"javascript:window.pwned=1\")",
    "</title><script>window.pwned=1</script>",
    "\u202egnirts\u202c <b>bold</b> &lt;i&gt;",
)  # fmt: skip
HEADER = (
    "工单编号",
    "承办单位",
    "来电时间",
    "办结时间",
    "工单状态",
    "标题",
    "主要内容",
    "答复内容",
    "问题分类",
    "街道",
)


def write(path: Path, unit: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for n, text in enumerate(NAUGHTY):
            times = [f"2021-04-{n + 1:02d} 09:00", f"2021-04-{n + 2:02d} 10:00"]
            rows.writerow([f"XSS{n} {text}", unit, *times, "已办结", text, text, text, text, text])


def is_clean(page: Page) -> bool:
    return page.evaluate("typeof window.pwned === 'undefined'") and page.locator("img[src=x]").count() == 0


def test_naughty_strings_are_shown_as_text(signed_in: SignIn, site: str, tmp_path: Path):
    page = signed_in("assessor")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    file = tmp_path / "<img src=x onerror=alert(1)>.csv"
    write(file, first_unit(page, site))
    upload(page, site, file)
    assert is_clean(page)
    page.get_by_role("link", name="查看差别并确认").click()
    assert is_clean(page)
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_url("**/batches/*")
    batch = page.url
    assert is_clean(page)
    page.goto(f"{site}/records?case_no=XSS")
    expect(page.get_by_text(NAUGHTY[0]).first).to_be_visible()
    links = page.locator("table tbody a").evaluate_all("all => all.map(a => a.href)")
    assert len(links) >= len(NAUGHTY)
    for address in [page.url, f"{site}/batches", *links[:4], f"{site}/records?case_no=%3Cscript%3E"]:
        page.goto(address)
        assert is_clean(page), address
    page.goto(batch)
    page.get_by_label("撤回原因").fill("<script>window.pwned=1</script>")
    page.get_by_role("button", name="撤回", exact=True).click()
    expect(page.get_by_role("button", name="恢复本批次")).to_be_visible()
    assert is_clean(page)
    assert dialogs == []
