"""What a page weighs, the keyboard alone, twice the size, quiet motion, and colours of the night."""

from __future__ import annotations

import re
from pathlib import Path

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.conftest import DemoCity, SignIn, sign_in
from tests.browser.test_journey import first_unit, orders

KILO = 1000
PAGES = ("/", "/units", "/ranking", "/indicators/H2", "/compare", "/records", "/uploads", "/assessments/4", "/help")


def own_card(page: Page, site: str) -> str:
    """The address of the first scorecard of the heat map."""
    page.goto(site)
    return site + str(page.locator(".heat tbody th a").first.get_attribute("href"))


def test_a_scorecard_keeps_its_budget_and_plotly_waits_for_its_figures(
    browser: Browser, signed_in: SignIn, site: str
) -> None:
    page = signed_in("assessor")
    card = own_card(page, site)
    size = {"width": 1440, "height": 420}  # every figure lies far below
    fresh = browser.new_context(storage_state=page.context.storage_state(), locale="zh-CN", viewport=size)
    page = fresh.new_page()
    seen: list[Response] = []
    page.on("response", lambda answer: seen.append(answer))
    page.goto(card, wait_until="networkidle")
    weights = {answer.url.removeprefix(site).split("?")[0]: len(answer.body()) for answer in seen if answer.ok}
    own = {path: weight for path, weight in weights.items() if "/static/" in path}
    assert weights[card.removeprefix(site).split("?")[0]] <= 200 * KILO
    assert sum(weight for path, weight in own.items() if path.endswith(".js")) <= 20 * KILO
    assert [path for path in own if path.endswith(".css")] == ["/static/app.css"]
    assert not [path for path in weights if "plotly" in path]
    with page.expect_response(re.compile("plotly")):
        page.locator(".chart").first.scroll_into_view_if_needed()
    expect(page.locator(".chart.is-live .main-svg").first).to_be_visible()
    assert page.locator(".chart.is-live").count() < page.locator("[data-chart-open]").count()  # the rest still waits
    fresh.close()


def test_plotly_stays_away_from_pages_without_figures_and_waits_for_a_click_at_night(
    browser: Browser, signed_in: SignIn, site: str
) -> None:
    page = signed_in("assessor")
    card = own_card(page, site)
    night = browser.new_context(
        storage_state=page.context.storage_state(),
        locale="zh-CN",
        color_scheme="dark",
        viewport={"width": 1440, "height": 900},
    )
    page = night.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/records", wait_until="networkidle")
    page.goto(card, wait_until="networkidle")
    page.mouse.wheel(0, 2000)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "plotly" in url]
    with page.expect_response(re.compile("plotly")):
        page.get_by_role("button", name="交互图").first.click()
    expect(page.locator(".chart.is-live .main-svg").first).to_be_visible()
    night.close()


def test_an_upload_by_the_keyboard_alone(signed_in: SignIn, site: str, tmp_path: Path) -> None:
    page = signed_in("assessor")
    file = tmp_path / "键盘.csv"
    file.write_text(orders(first_unit(page, site), "2025-08", 2), encoding="utf-8")
    page.goto(f"{site}/uploads")
    with page.expect_file_chooser() as chooser:  # from here on the browser hands its dialog over
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "file":
                break
        expect(page.locator("#file")).to_be_focused()
        assert page.evaluate("getComputedStyle(document.querySelector('.drop')).outlineStyle") == "solid"
        page.keyboard.press("Space")
    chooser.value.set_files(str(file))
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "上传并校验":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/check*")
    expect(page.locator("h1")).to_be_visible()


def test_the_menu_opens_and_closes_by_the_keyboard(signed_in: SignIn, site: str) -> None:
    page = signed_in("assessor")
    page.goto(site)
    page.locator(".more summary").focus()
    page.keyboard.press("Enter")
    first = page.locator(".more ul a").first
    expect(first).to_be_visible()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(page.locator(".more summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    address = str(first.get_attribute("href"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(address)))


def test_the_meaning_of_a_word_opens_and_closes_by_the_keyboard(signed_in: SignIn, site: str) -> None:
    page = signed_in("assessor")
    page.goto(own_card(page, site))
    page.locator("details.term summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".term-text").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".term-text").first).to_be_hidden()


def test_no_page_scrolls_sideways_at_twice_the_size(signed_in: SignIn, site: str) -> None:
    """200 % on a desk of 1440 pixels leaves 720 of them."""
    page = signed_in("assessor")
    card = own_card(page, site).removeprefix(site)
    page.set_viewport_size({"width": 720, "height": 450})
    for path in (card, *PAGES):
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") == 720, path


def test_nothing_moves_for_those_who_ask_for_quiet(browser: Browser, site: str, demo_city: DemoCity) -> None:
    context = browser.new_context(reduced_motion="reduce", locale="zh-CN")
    page = context.new_page()
    sign_in(page, site, *demo_city.sign_ins["assessor"])
    page.goto(own_card(page, site))
    moving = """Array.from(document.querySelectorAll('*')).filter(e => {
      const s = getComputedStyle(e); return parseFloat(s.transitionDuration) > 0 || parseFloat(s.animationDuration) > 0;
    }).map(e => e.tagName + '.' + e.className)"""
    assert page.evaluate(moving) == []
    context.close()


def test_colours_of_the_night_keep_their_contrast(browser: Browser, site: str, demo_city: DemoCity) -> None:
    context = browser.new_context(color_scheme="dark", locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, site, *demo_city.sign_ins["assessor"])
    for address in (own_card(page, site), *(site + path for path in PAGES)):
        page.goto(address)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 25, 33)"
        page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({runOnly: ['color-contrast']}).then(results => results.violations)")
        assert [node["html"] for entry in found for node in entry["nodes"]] == [], address
    context.close()
