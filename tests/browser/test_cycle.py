"""The cycle in a browser: review, objection with a file, decision, publication by another person, correction."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import WENXIAO, DemoCity
from tests.browser.office import Office

PDF = b"%PDF-1.4 proof"


def number_in(url: str) -> int:
    return int(re.findall(r"/assessments/(\d+)", url)[0])


def wenxiao(city: DemoCity, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*WENXIAO, "--instance", str(city.folder), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_cycle_from_draft_to_correction(office: Office, demo_city: DemoCity, tmp_path: Path) -> None:
    page = office.go("assessor", "/assessments")
    page.get_by_label("评价时期").fill("2025")
    page.get_by_role("button", name="制作草稿").click()
    page.wait_for_url(re.compile(r"/assessments/\d+$"))
    number = number_in(page.url)
    office.step("assessor", number, "提交复核")

    head = office.go("unit_head", "/records")
    case_no = head.locator("table tbody a").first.inner_text().strip()
    head = office.go("unit_head", f"/assessments/{number}")
    head.locator("table tbody a").first.click()
    trace = head.url
    head.locator("#text").fill("个别工单仍在办理期限内")
    head.get_by_role("button", name="提交意见").click()
    expect(head.get_by_text("个别工单仍在办理期限内")).to_be_visible()

    office.step("assessor", number, "进入申诉期")
    head.goto(trace)
    head.get_by_role("link", name="提出异议").click()
    head.get_by_label("工单编号").fill(case_no)
    head.locator("#text").fill("本件不属于我单位职责")
    proof = tmp_path / "证明.pdf"
    proof.write_bytes(PDF)
    head.locator("input[type=file]").set_input_files(str(proof))
    head.get_by_role("button", name="提交异议").click()
    head.wait_for_url(re.compile(r"/objections/\d+$"))
    expect(head.get_by_text("证明.pdf")).to_be_visible()

    expect(office.step("assessor", number, "审定").get_by_text("条异议未答复")).to_be_visible()
    page = office.go("assessor", head.url.removeprefix(office.site))
    expect(page.get_by_role("heading", name="若成立，对得分的影响")).to_be_visible()
    page.get_by_label("成立", exact=True).check()
    page.get_by_label("成立时如何处理").select_option("exclude")
    page.locator("#answer").fill("查实，不计入")
    page.get_by_role("button", name="确定答复").click()
    expect(page.get_by_text("查实，不计入")).to_be_visible()
    expect(office.go("auditor", "/exclusions").get_by_role("link", name=case_no)).to_be_visible()

    page = office.step("assessor", number, "重新计算")
    number = number_in(page.url)
    office.step("assessor", number, "审定")
    expect(office.step("assessor", number, "公布").get_by_text("请由另一人公布")).to_be_visible()
    expect(office.step("assessor2", number, "公布").get_by_text("已公布").first).to_be_visible()
    expect(office.go("org_dept", f"/assessments/{number}").get_by_text("已公布").first).to_be_visible()

    page = office.go("assessor", f"/assessments/{number}")
    page.get_by_label("说明").fill("更正一处数据")
    page.get_by_role("button", name="重新打开").click()
    page.wait_for_load_state()
    assert number_in(page.url) > number
    page.get_by_role("link", name="与上一版本的差别").click()
    expect(page.get_by_text("更正一处数据")).to_be_visible()
    expect(office.go("admin", "/audit?check=1").get_by_text("链条完整")).to_be_visible()
    assert wenxiao(demo_city, "verify").returncode == 0
