"""Browser tests on a Chromium that is already on the machine, against the real server over a small demonstration city.

Every test also fails on a script error, on a page error and on a violation of the content security policy.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from pipeline.demo.people import FILE_NAME

if TYPE_CHECKING:
    from tests.browser.office import Office

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", event =>
  window.tellViolation(event.violatedDirective + " " + event.blockedURI + " " + location.pathname));
"""
WENXIAO = [sys.executable, "-c", "from pipeline.commands import main; main()"]
NO_CHROMIUM = "no Chromium found: install one (sh bench/install_browser.sh) or set WENXIAO_CHROMIUM to its path"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


def find_chromium() -> str | None:
    """The path of the browser to use, or None."""
    return os.environ.get("WENXIAO_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = find_chromium()
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_CHROMIUM)
    return str(found)


@pytest.fixture(scope="session")
def base_url() -> None:
    """Pages are asked for by their full address; the plugin's own fixture is one that pytest 9 warns about."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, chromium: str) -> dict:
    return {**browser_type_launch_args, "executable_path": chromium, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    size = {"width": 1440, "height": 900}
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": size}


@dataclass(frozen=True)
class DemoCity:
    """The instance the browser tests look at, and who may sign in."""

    folder: Path
    sign_ins: dict[str, tuple[str, str]]  # role, or sign-in name -> (sign-in name, password)


@pytest.fixture(scope="session")
def demo_city(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> DemoCity:
    """A copy of the city all tests share, which the browser may change."""
    folder = tmp_path_factory.mktemp("city") / "instance"
    shutil.copytree(demo_folder, folder)
    made = json.loads((folder / FILE_NAME).read_text("utf-8"))
    accounts = {entry["user"]: (entry["user"], entry["password"]) for entry in made}
    return DemoCity(folder, accounts | {entry["role"]: accounts[entry["user"]] for entry in reversed(made)})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_served(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the sign-in page answers; fails with the server's log when it ended or does not come up."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/sign-in", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    server.terminate()
    pytest.fail("the server did not come up:\n" + log.read_text(encoding="utf-8", errors="replace")[-4000:])


@pytest.fixture(scope="session")
def site(demo_city: DemoCity, chromium: str) -> Iterator[str]:
    """The address of `wenxiao serve` (web and worker) over the demonstration city."""
    port = free_port()
    log = demo_city.folder.parent / "serve.log"
    command = [*WENXIAO, "--instance", str(demo_city.folder), "serve", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        wait_until_served(address, server, log)
        yield address
        server.terminate()
        server.wait(timeout=20)


def watch(context: BrowserContext, faults: list[str]) -> None:
    """Fill the list with every script error and policy violation of the pages of a context."""

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            faults.append(message.text)

    def note_error(error: Error) -> None:
        faults.append(str(error))

    def note_page(page: Page) -> None:
        page.on("pageerror", note_error)
        page.on("console", note_console)

    context.expose_binding("tellViolation", lambda _source, text: faults.append(f"policy violation: {text}"))
    context.add_init_script(TELL_VIOLATIONS)
    context.on("page", note_page)


SignIn = Callable[[str], Page]


def sign_in(page: Page, site: str, name: str, password: str) -> None:
    """Sign in through the form."""
    page.goto(f"{site}/sign-in")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


@pytest.fixture(scope="session")
def kept_cookies() -> dict[str, list]:
    """The cookies of roles that signed in before: the form is tried once a role, not once a test."""
    return {}


@pytest.fixture
def signed_in(page: Page, site: str, demo_city: DemoCity, kept_cookies: dict[str, list]) -> SignIn:
    """Signs a role in, the first time through the form; the test goes to its page then."""

    def enter(role: str) -> Page:
        if role in kept_cookies:
            page.context.add_cookies(kept_cookies[role])
            if page.request.get(f"{site}/account", max_redirects=0).status == 200:
                return page
        sign_in(page, site, *demo_city.sign_ins[role])
        kept_cookies[role] = page.context.cookies()
        return page

    return enter


@pytest.fixture(autouse=True)
def page_faults(context: BrowserContext) -> Iterator[list[str]]:
    """No script error and no violation at the end of every test."""
    faults: list[str] = []
    watch(context, faults)
    yield faults
    assert faults == []


@pytest.fixture
def office(browser: Browser, site: str, demo_city: DemoCity) -> Office:
    """Several people signed in at once."""
    from tests.browser.office import Office

    return Office(browser, site, demo_city)
