"""The review desk in a browser: from the queue over the question and the unit's answer to a decision with reasons."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, expect

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding
from pipeline.demo.people import FILE_NAME
from pipeline.integrity import findings
from pipeline.judgement.assessing import get
from records.access import OPERATOR
from records.instance import Instance
from records.queries.assessments import list_assessments
from tests.browser.conftest import DemoCity
from tests.browser.office import Office

PERIOD = "2025"
READING_SECONDS = 120_000  # the first look at evidence reads every reply
QUESTION, ANSWER, REASON = (
    "请说明这些答复为何只写已转办",
    "电话里已逐件答复，系统内只留了结论",
    "抽听录音三十件，均已电话答复",
)


def planted(city: DemoCity) -> tuple[str, int]:
    """The card of a unit head's unit with a score, and the stronger of two findings, stronger than all others."""
    people = json.loads((city.folder / FILE_NAME).read_text("utf-8"))
    unit = next(entry["unit"] for entry in people if entry["role"] == "unit_head")
    instance = Instance.open(city.folder)
    found = [_finding("D02", unit, 9e6, 40), _finding("D04", unit, 8e6, 30)]
    numbers = [number for number, _, _ in findings.store(instance, PERIOD, found)]
    with instance.session() as session:
        made = [row.number for row in list_assessments(session, viewer=OPERATOR) if row.period == PERIOD]
    scored = {n: row.score for n in made for row in get(instance, n).result.units if row.unit == unit}
    instance.close()
    return f"/units/{unit}?assessment={min(n for n in made if scored[n] is not None)}", numbers[0]


def _finding(code: str, unit: str, strength: float, count: int) -> Finding:
    detector = detectors()[code]
    said = detector.say(count=count, n=100, share=count / 100, expected=0.1)
    return Finding(code, unit, count, 100, count / 100, 0.1, 1e-6, said, family="text", ordinary=detector.ordinary,
                   strength=strength, evidence={"signal": None})  # fmt: skip


def score_of(page: Page) -> str:
    return page.locator(".s-score .big").inner_text()


def test_desk_from_queue_to_decision(office: Office, demo_city: DemoCity) -> None:
    path, number = planted(demo_city)
    before = {role: score_of(office.go(role, path)) for role in ("assessor", "unit_head")}
    assert all(re.search(r"\d", score) for score in before.values())
    desk = office.go("assessor", f"/findings?period={PERIOD}")
    rows = desk.locator("main table tbody tr")
    expect(rows.nth(0)).to_contain_text("D02")
    expect(rows.nth(1)).to_contain_text("D04")
    desk.set_default_timeout(READING_SECONDS)
    rows.nth(0).locator("th a").click()
    desk.wait_for_url(f"**/findings/{number}")
    expect(desk.get_by_text("尚未核实，不影响得分。")).to_be_visible()
    name = demo_city.sign_ins["assessor"][0]
    desk.get_by_label("经办人").select_option(name)
    desk.get_by_role("button", name="分派", exact=True).click()
    expect(desk.get_by_label("经办人")).to_have_value(name)

    desk.get_by_label("结论", exact=True).select_option("confirmed")
    desk.get_by_label("理由").fill(REASON)
    desk.get_by_role("button", name="保存结论").click()
    expect(desk.get_by_text("须先询问单位")).to_be_visible()  # not before the unit was heard

    desk.get_by_label("请单位说明的问题").fill(QUESTION)
    desk.get_by_role("button", name="发出询问").click()
    head = office.go("unit_head", "/findings/asked")
    head.get_by_role("link", name=str(number), exact=True).click()
    expect(head.get_by_text(QUESTION)).to_be_visible()
    head.get_by_label("说明内容").fill(ANSWER)
    head.get_by_role("button", name="提交说明").click()
    expect(head.get_by_text("说明已提交")).to_be_visible()

    desk = office.go("assessor", f"/findings/{number}")
    expect(desk.get_by_text(ANSWER)).to_be_visible()
    desk.get_by_label("结论", exact=True).select_option("confirmed")
    desk.get_by_label("理由").fill(REASON)
    desk.get_by_role("button", name="保存结论").click()
    expect(desk.get_by_role("heading", name="结论：已核实")).to_be_visible()
    expect(desk.get_by_text("没有进入任何得分。")).to_be_visible()

    assert {role: score_of(office.go(role, path)) for role in before} == before
    told = office.go("assessor", path).get_by_role("region", name="核查、异议与剔除")
    line = told.locator("li").filter(has_text="答复空转")
    expect(line).to_contain_text("已核实")
    expect(told).not_to_contain_text("答复过短")  # one kind of evidence, no decision: not named
    expect(office.go("unit_head", f"/findings/asked/{number}").get_by_text(REASON)).to_be_visible()
