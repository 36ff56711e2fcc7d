"""Stored XSS: every text field of every kind of file holds markup; no page runs it or asks another site for it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, Request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from records.instance import Instance
from records.vocabulary import FIELDS_BY_KIND, Kind, Role
from tests.browser import naughty_files
from tests.browser.scenes import ADDRESSES, NO_PAGES
from tests.in_process import files_read_here
from web.app import create_app
from web.session import PERSON

# How many pages of one endpoint are opened; of the others one.
OF_A_KIND = Counter({"uploads.check": len(Kind) + 1, "batches.show": len(Kind), "uploads.rows": 3, "records.show": 3})
# What came in and became part of a page as markup.
FOREIGN = """() => [...document.querySelectorAll('script, img, link, svg, a, b, *')].filter(one =>
  [...one.attributes].some(at => at.name.startsWith('on') || /^\\s*javascript:/i.test(at.value) && at.name === 'href')
  || one.localName === 'script' && one.textContent.includes('pwned')
  || ['img', 'link'].includes(one.localName) && /evil|^x$/.test(one.getAttribute('src') || one.getAttribute('href'))
).map(one => one.outerHTML)"""


ROLES = ("assessor", "auditor", "admin", "unit_head", "org_dept")
NOT_SHOWN = {"responses-merged_into"}  # the number of another case; a page only says that there is one
# Pages that somebody's own work makes; of a file they show the name of a unit at most, which every other page shows.
NOT_OPENED = {
    "assessments.changes", "bonuses.show", "draft_weights.show", "drafts.changes", "drafts.entries", "drafts.show",
    "drafts.simulate", "drafts.text", "findings.question", "findings.running", "findings.show", "objections.show",
    "open.unit", "rectification.show", "reports.show", "uploads.confirming",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """The served application and where it answers."""

    app: Flask
    address: str
    ids: dict[str, str]  # role -> what the session cookie keeps


@pytest.fixture(scope="module")
def naughty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with files_read_here():
        instance = naughty_files.build(tmp_path_factory.mktemp("naughty"))
    app = create_app(instance, {"TESTING": True})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(app, f"http://127.0.0.1:{server.server_port}", ids_of(instance))
    server.shutdown()
    thread.join()
    server.server_close()
    instance.close()


def ids_of(instance: Instance) -> dict[str, str]:
    return {role.value: f"{number}.1" for number, role in enumerate(Role, start=1)}


def enter(page: Page, site: Site, role: str) -> None:
    client = site.app.test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = site.ids[role]
    kept = client.get_cookie("wenxiao")
    assert kept is not None
    page.context.add_cookies([{"name": "wenxiao", "value": kept.value, "url": site.address}])


def endpoint_of(site: Site, address: str) -> str | None:
    """The page behind an address of this site; None for files, actions and other sites."""
    parts = urlsplit(address)
    if parts.netloc and parts.netloc != urlsplit(site.address).netloc:
        return None
    try:
        endpoint = site.app.url_map.bind("localhost").match(parts.path, "GET")[0]
    except HTTPException:
        return None
    return endpoint if endpoint in ADDRESSES and endpoint not in NO_PAGES else None


def walk(page: Page, site: Site, role: str, seen: Counter[str]) -> Iterator[str]:
    """Open the pages of a role, following links, some of each kind."""
    enter(page, site, role)
    asked = [address for endpoint, (of, address) in ADDRESSES.items() if of in (role, "") and "{" not in address]
    known = set(asked)
    while asked:
        address = asked.pop(0)
        endpoint = endpoint_of(site, address)
        if endpoint is None or seen[endpoint] >= max(1, OF_A_KIND[endpoint]):
            continue
        seen[endpoint] += 1
        page.goto(site.address + address)
        yield address
        links = page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
        inside = [link for link in links if link.startswith(site.address) and "lang=" not in link]
        paths = [link.removeprefix(site.address).partition("#")[0] for link in inside]
        asked += [path for path in dict.fromkeys(paths) if path not in known]
        known.update(paths)


def text_marks() -> set[str]:
    fields = ((kind, field) for kind in Kind for field in FIELDS_BY_KIND[kind].values())
    return {naughty_files.mark(kind, f.name) for kind, f in fields if f.type in naughty_files.TEXTS}


def test_no_imported_text_becomes_markup_on_any_page(page: Page, naughty_site: Site):
    dialogs: list[str] = []
    left: list[str] = []
    shown: set[str] = set()
    seen: Counter[str] = Counter()
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    def note(request: Request) -> None:
        if not request.url.startswith((naughty_site.address, "data:")):
            left.append(request.url)

    page.on("request", note)
    for role in ROLES:
        for address in walk(page, naughty_site, role, seen):
            assert page.evaluate(FOREIGN) == [], address
            assert page.evaluate("typeof window.pwned") == "undefined", address
            text = page.content()
            shown |= {mark for mark in text_marks() if mark in text}
    assert (dialogs, left) == ([], [])
    assert text_marks() - shown == NOT_SHOWN  # else the walk did not come by
    assert set(ADDRESSES) - set(seen) <= NOT_OPENED
