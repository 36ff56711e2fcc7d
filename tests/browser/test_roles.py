"""Every role does its daily work in a browser, from its start page and through links alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from pipeline.house import people
from records.instance import Instance
from records.vocabulary import Role
from tests.browser.conftest import DemoCity, SignIn, sign_in

PASSWORD = "maple-window-7731"


def test_assessor_goes_from_the_city_to_the_cases_behind_one_number(signed_in: SignIn, site: str) -> None:
    page = signed_in("assessor")
    page.goto(site)
    expect(page.get_by_role("heading", name="单位与指标")).to_be_visible()
    page.locator(".heat tbody th a").first.click()
    unit = page.locator("h1").inner_text()
    row = page.locator("section[aria-labelledby=h-how] tbody tr", has_text="回复率").first
    above, below = (link.inner_text() for link in row.locator("td").first.get_by_role("link").all())
    row.locator("td").first.get_by_role("link").last.click()
    expect(page.get_by_role("heading", name="“回复率”依据的工单")).to_be_visible()
    expect(page.locator("header .meta")).to_contain_text(f"共 {below} 件")
    page.get_by_role("link", name="计入分子", exact=True).click()
    expect(page.locator("header .meta")).to_contain_text(f"共 {above} 件")
    page.locator("table tbody a").first.click()
    expect(page.get_by_role("heading", name="办理过程")).to_be_visible()
    expect(page.locator("main")).to_contain_text(unit)


def test_head_of_a_unit_starts_on_the_own_card_and_stays_among_own_cases(signed_in: SignIn, site: str) -> None:
    page = signed_in("unit_head")
    page.goto(site)
    page.wait_for_url(re.compile(r"/units/\w+$"))
    unit = page.locator("h1").inner_text()
    page.locator("header .meta a").first.click()
    expect(page.locator("table tbody tr").first).to_be_visible()
    assert {row.locator("td").first.inner_text() for row in page.locator("table tbody tr").all()} == {unit}
    answer = page.goto(f"{site}/ranking")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("main").get_by_role("link").first).to_be_visible()


def test_organization_department_reads_results_and_orders_a_report(signed_in: SignIn, site: str) -> None:
    page = signed_in("org_dept")
    page.goto(site)
    page.get_by_role("link", name="查看分档名单").click()
    expect(page.locator("h1")).to_contain_text("分档结果")
    page.locator(".bands tbody th a").first.click()
    expect(page.get_by_role("heading", name="分项指标")).to_be_visible()
    page.get_by_role("link", name="导出报告").click()
    expect(page.locator("h1")).to_contain_text("报告")
    answer = page.goto(f"{site}/records")
    assert answer is not None
    assert answer.status == 403


def test_auditor_follows_the_trail_and_changes_nothing(signed_in: SignIn, site: str) -> None:
    page = signed_in("auditor")
    page.goto(site)
    page.get_by_role("link", name="审计 操作记录与链条核验").click()
    expect(page.locator("h1")).to_contain_text("审计")
    page.goto(f"{site}/audit?check=1")
    expect(page.get_by_text("链条完整")).to_be_visible()
    page.goto(f"{site}/assessments/1")
    expect(page.get_by_role("button", name="重新计算")).to_have_count(0)
    answer = page.goto(f"{site}/uploads")
    assert answer is not None
    assert answer.status == 403


def test_administrator_sees_the_state_and_gives_the_survey_role(signed_in: SignIn, site: str) -> None:
    page = signed_in("admin")
    page.goto(site)
    expect(page.get_by_role("heading", name="系统状态")).to_be_visible()
    page.get_by_role("link", name="人员与角色").click()
    expect(page.locator("h1")).to_contain_text("人员")
    expect(page.locator("table tbody tr")).not_to_have_count(0)
    page.goto(f"{site}/directory")
    page.get_by_label("文件中的写法").fill("某某新写法")
    page.get_by_label("对应单位").select_option(index=1)
    page.get_by_role("button", name="添加别名").click()
    expect(page.get_by_text("“某某新写法”今后识别为该单位")).to_be_visible()
    expect(page.get_by_role("heading", name="修改历史")).to_be_visible()


def test_single_answers_open_for_the_survey_role_and_for_nobody_else(signed_in: SignIn, site: str) -> None:
    """The auditor may read single answers, as a surveyor may; an assessor without the survey role may not."""
    query = "unit=HCX010&period=2025&assessment=4&indicator=S4&part=reached"
    page = signed_in("assessor")
    page.goto(f"{site}/records?{query}")
    expect(page.get_by_text("您的角色不能列出")).to_be_visible()
    page.context.clear_cookies()
    page = signed_in("auditor")
    page.goto(f"{site}/records?{query}")
    expect(page.get_by_role("link", name="计入分子", exact=True)).to_be_visible()


def test_survey_role_is_given_and_leads_from_the_start_page_to_the_calls(
    signed_in: SignIn, site: str, demo_city: DemoCity
) -> None:
    page = signed_in("admin")
    people.add_person(
        Instance.open(demo_city.folder), sign_in="caller", name="回访员", role=Role.ASSESSOR, password=PASSWORD,
        must_change=False, by="test",
    )  # fmt: skip
    page.goto(f"{site}/people/caller")
    page.get_by_label("调查角色").check()
    page.get_by_role("button", name="更改角色").click()
    expect(page.get_by_text("已更改 回访员 的角色")).to_be_visible()
    expect(page.locator("section[aria-labelledby=h-history]")).to_contain_text("调查角色 有")
    page.context.clear_cookies()
    sign_in(page, site, "caller", PASSWORD)
    page.goto(f"{site}/samples")
    expect(page.get_by_label("时期")).to_have_value("2025")  # of the newest assessment
    page.get_by_label("件数").fill("20")
    page.get_by_role("button", name="抽取", exact=True).click()
    expect(page.locator("h1")).to_contain_text("样本")
    page.goto(site)
    page.locator(".tasks a", has_text="件回访待登记").first.click()
    expect(page.locator("h1")).to_contain_text("回访名单")
    before = page.locator("tbody tr").count()
    assert before == 20
    page.locator("tbody select").first.select_option(index=1)
    page.get_by_role("button", name="保存结果").click()
    expect(page.get_by_text("已登记 1 件的回访结果")).to_be_visible()
    page.goto(site)
    expect(page.locator(".tasks a", has_text="件回访待登记").first).to_contain_text("19")


@pytest.mark.parametrize("role", ["assessor", "unit_head", "org_dept", "auditor", "admin"])
def test_what_to_do_next_leads_somewhere(signed_in: SignIn, site: str, role: str) -> None:
    page = signed_in(role)
    page.goto(site)
    links = [link.get_attribute("href") for link in page.locator(".tasks a").all()]
    assert links or role == "unit_head"
    for link in links:
        assert page.request.get(f"{site}{link}").status == 200, link
