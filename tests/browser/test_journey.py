"""The main job in a browser: sign in, upload, fix a mapping, confirm, open a scorecard, take both reports home."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DemoCity, SignIn

HEADER = "编号甲,承办单位,来电时间,办结时间,工单状态,主要内容"
JOB_SECONDS = 90_000


def orders(unit: str, month: str, count: int = 12) -> str:
    """Work orders whose number column has a name that nothing recognises."""
    rows = [
        f"{month}T{n:04d},{unit},{month}-{n + 1:02d} 09:30,{month}-{n + 2:02d} 16:00,已办结,路灯不亮"
        for n in range(count)
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def first_unit(page: Page, site: str) -> str:
    page.goto(f"{site}/records")
    return page.locator("table tbody tr").first.locator("td").first.inner_text()


def upload(page: Page, site: str, file: Path) -> None:
    page.goto(f"{site}/uploads")
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="上传并校验").click()
    page.wait_for_url("**/check*")


def test_journey_upload_fix_confirm_withdraw(signed_in: SignIn, site: str, tmp_path: Path):
    page = signed_in("assessor")
    file = tmp_path / "浏览器上传.csv"
    file.write_text(orders(first_unit(page, site), "2025-11"), encoding="utf-8")
    upload(page, site, file)
    expect(page.get_by_text("必填字段 2／3 已对应")).to_be_visible()
    page.get_by_label("编号甲 对应到").select_option("case_no")
    page.get_by_role("button", name="重新校验").click()
    expect(page.get_by_text("必填字段 3／3 已对应")).to_be_visible()
    page.get_by_role("link", name="查看差别并确认").click()
    expect(page.locator(".stats li.ok b")).to_have_text("12")
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_url("**/batches/*")
    expect(page.get_by_text("浏览器上传.csv").first).to_be_visible()
    page.goto(f"{site}/records?case_no=2025-11T0003")
    page.get_by_role("link", name="2025-11T0003").click()
    expect(page.get_by_role("heading", name="办理过程")).to_be_visible()
    page.get_by_role("link", name="批次").first.click()
    page.get_by_label("撤回原因").fill("浏览器测试")
    page.get_by_role("button", name="撤回", exact=True).click()
    expect(page.get_by_role("button", name="恢复本批次")).to_be_visible()
    page.goto(f"{site}/records?case_no=2025-11T0003")
    expect(page.get_by_text("没有符合条件的工单")).to_be_visible()


def test_journey_refused_file_says_where(signed_in: SignIn, site: str, tmp_path: Path):
    page = signed_in("assessor")
    unit = first_unit(page, site)
    file = tmp_path / "坏日期.csv"
    file.write_text(f"工单编号,承办单位,来电时间\nB1,{unit},2025-13-05\n", encoding="utf-8")
    upload(page, site, file)
    expect(page.locator("#problems tbody th").first).to_have_text("C2")
    with page.expect_download() as caught:
        page.get_by_role("link", name="下载错误清单").click()
    assert zipfile.is_zipfile(caught.value.path())
    page.get_by_role("button", name="取消本次上传").click()
    expect(page.get_by_role("heading", name="数据上传")).to_be_visible()


def test_journey_repaired_round_trip_and_value_mapping(signed_in: SignIn, site: str, tmp_path: Path):
    """Two bad rows go out and come back sorted the other way; a word and a unit of the file are explained."""
    page = signed_in("assessor")
    unit = first_unit(page, site)
    header = "工单编号,承办单位,来电时间,办结时间,工单状态,主要内容"
    lines = [f"2025-09R{n},{unit},2025-09-0{n + 1} 09:30,2025-09-0{n + 2} 16:00,已办结,路灯" for n in range(1, 4)]
    lines += [f"2025-09R4,{unit},不详,,办理中,井盖", f"2025-09R5,{unit},2025-09-31,,办理中,噪声"]
    lines += [f"2025-09R6,{unit},2025-09-06,,搁置一边,积水", "2025-09R7,某某办公室,2025-09-07,,办理中,停水"]
    file = tmp_path / "往返.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    upload(page, site, file)
    expect(page.get_by_text("需要修改后才能入库")).to_be_visible()
    page.get_by_label("某某办公室").select_option(label=unit)
    page.get_by_label("搁置一边").select_option("state:搁置一边=suspended")
    page.get_by_role("button", name="重新校验").click()
    expect(page.locator(".stats li.no b")).to_have_text("2")
    with page.expect_download() as caught:
        page.get_by_role("link", name="下载错误清单").click()
    page.locator("#repaired").set_input_files(str(corrected(Path(caught.value.path()), tmp_path)))
    page.get_by_role("button", name="传回并校验").click()
    expect(page.locator(".stats li.ok b")).to_have_text("7")
    page.get_by_label("模板名").fill("往返")
    page.get_by_role("button", name="保存模板").click()
    expect(page.get_by_text("已保存模板“往返”")).to_be_visible()
    page.get_by_role("link", name="查看前 50 行").click()
    expect(page.locator("#rows tbody tr")).to_have_count(7)
    page.get_by_role("link", name="返回核对").click()
    page.get_by_role("link", name="查看差别并确认").click()
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_url("**/batches/*")
    batch = page.url
    upload(page, site, file)
    page.locator(f'main a[href="{batch.removeprefix(site)}"]').click()
    page.get_by_label("撤回原因").fill("浏览器测试")
    page.get_by_role("button", name="撤回", exact=True).click()
    expect(page.get_by_role("button", name="恢复本批次")).to_be_visible()


def corrected(listed: Path, folder: Path) -> Path:
    """The list of refused rows with its times put right and its rows turned round, as a person might sort it."""
    book = openpyxl.load_workbook(io.BytesIO(listed.read_bytes()))
    sheet = book.worksheets[0]
    header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    time = header.index("来电时间")
    for line, row in enumerate(reversed(rows), 2):
        for column, value in enumerate(row, 1):
            sheet.cell(line, column, "2025-09-05" if column == time + 1 else value)
    target = folder / "改好.xlsx"
    book.save(target)
    return target


def test_journey_upload_without_script(browser: Browser, site: str, demo_city: DemoCity, tmp_path: Path):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    name, password = demo_city.sign_ins["assessor"]
    page.goto(f"{site}/sign-in")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    file = tmp_path / "无脚本.csv"
    file.write_text(orders(first_unit(page, site), "2025-10", 2), encoding="utf-8")
    upload(page, site, file)
    expect(page.get_by_text("必填字段 2／3 已对应")).to_be_visible()
    context.close()


def test_journey_scorecard(signed_in: SignIn, site: str):
    page = signed_in("assessor")
    page.goto(f"{site}/units")
    page.locator("main table tbody a").first.click()
    expect(page.locator("main svg").first).to_be_visible()


@pytest.mark.parametrize(
    ("kind", "format", "member"), [("annual", "docx", "word/document.xml"), ("workbook", "xlsx", "xl/workbook.xml")]
)
def test_journey_report_downloaded(signed_in: SignIn, site: str, kind: str, format: str, member: str):
    page = signed_in("assessor")
    page.goto(f"{site}/reports")
    page.get_by_label("内容").select_option(kind)
    page.get_by_label("格式").select_option(format)
    page.get_by_role("button", name="制作").click()
    link = page.locator("#job a.btn")
    link.wait_for(timeout=JOB_SECONDS)
    with page.expect_download() as caught:
        link.click()
    assert caught.value.suggested_filename.endswith(f".{format}")
    with zipfile.ZipFile(caught.value.path()) as document:
        assert member in document.namelist()
