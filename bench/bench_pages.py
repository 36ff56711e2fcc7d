"""Pages as fifty readers at once see them: the real server over a demonstration city, read through the loopback.

The yardsticks are the targets: 80 ms at the 95th percentile of one reader, 150 pages a second for fifty, 300 ms for the
first page after a start, 200 kB of HTML and 20 kB of own script.
"""

from __future__ import annotations

import http.client
import shutil
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import PROJECT, Ratio
from pipeline.demo.build import DemoPlan, build
from pipeline.house.serving import Serving, web_processes
from records.access import OPERATOR
from records.instance import Instance
from records.queries.people import list_people, viewer_for
from records.vocabulary import Role
from web.app import create_app

READERS, SECONDS, ALONE = 50, 8.0, 60
PLAN = DemoPlan(cases=12_000, units=60, seed=20250107)
P95_MS, FIRST_MS, PAGES_A_SECOND, HTML_KB, SCRIPT_KB, PAINT_MS = 80.0, 300.0, 150.0, 200.0, 20.0, 600.0
PAINTS = 5


def ratios() -> list[Ratio]:
    """First page, warm pages of one reader, pages a second for fifty, and the size of what is sent."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance.open(Path(folder) / "instance")
        build(instance, PLAN)
        cookie, card = _cookie(instance), f"/units/{_a_unit(instance)}"
        with _served(instance) as port:
            first, size = _read(http.client.HTTPConnection("127.0.0.1", port), card, cookie)
            found = [Ratio("first scorecard after a start", first, FIRST_MS, 1.0, "ms")]
            for name, path in (("scorecard", card), ("overview", "/")):
                found.append(Ratio(f"p95 of {name}, one reader", _p95_alone(port, path, cookie), P95_MS, 1.0, "ms"))
            found += _paint(port, card, cookie)
            speed, waits = _crowd(port, [card, "/"], cookie)
        note = f"{speed:.0f} pages/s, half of them within {statistics.median(waits):.0f} ms"
        script = (PROJECT / "static" / "app.js").stat().st_size / 1000
        return [
            *found,
            Ratio(f"time of 150 pages, {READERS} readers at once", PAGES_A_SECOND / speed, 1.0, 1.0, "s", note),
            Ratio("HTML of a scorecard", size / 1000, HTML_KB, 1.0, "kB"),
            Ratio("own script", script, SCRIPT_KB, 1.0, "kB"),
        ]


def _paint(port: int, path: str, cookie: str) -> list[Ratio]:
    """The median first contentful paint of new visitors in the machine's Chromium; nothing where there is none."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        return []
    from playwright.sync_api import sync_playwright

    address, (name, value), paints = f"http://127.0.0.1:{port}", cookie.split("=", 1), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(PAINTS):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([{"name": name, "value": value, "url": address}])
            page = context.new_page()
            page.goto(address + path)
            while not page.evaluate("performance.getEntriesByName('first-contentful-paint').length"):
                page.wait_for_timeout(10)  # the policy of the page lets no predicate be evaluated inside it
            paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
            context.close()
        browser.close()
    return [Ratio("first contentful paint of a scorecard", statistics.median(paints), PAINT_MS, 1.0, "ms")]


def _cookie(instance: Instance) -> str:
    """The session of an assessor, signed as the server signs it."""
    app = create_app(instance)
    with instance.session() as session:
        people = [viewer_for(session, person_id=row.id) for row in list_people(session, viewer=OPERATOR)]
    person = next(found for found in people if found is not None and found.role is Role.ASSESSOR)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'person': person.id, '_permanent': True})}"


def _a_unit(instance: Instance) -> str:
    from pipeline.judgement.measuring import assessed_units

    return assessed_units(instance)[0].code


@contextmanager
def _served(instance: Instance) -> Iterator[int]:
    """The web processes of `wenxiao serve`, without its worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    webs = [
        child for child in Serving(instance, "127.0.0.1", port, web_processes()).children() if child.name != "worker"
    ]
    try:
        for child in webs:
            child.start()
        _wait(port)
        yield port
    finally:
        for child in webs:
            child.leave()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not come up within a minute")


def _read(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[float, int]:
    """Milliseconds and bytes of one page."""
    started = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return (time.perf_counter() - started) * 1000, len(body)


def _p95_alone(port: int, path: str, cookie: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    waits = sorted(_read(connection, path, cookie)[0] for _ in range(ALONE + 1))
    return waits[int(0.95 * ALONE)]


def _crowd(port: int, paths: list[str], cookie: str) -> tuple[float, list[float]]:
    """Pages a second and every wait in milliseconds of fifty readers who never pause."""
    waits: list[float] = []
    end = time.monotonic() + SECONDS

    def reader(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < end:
            waits.append(_read(connection, paths[place % len(paths)], cookie)[0])

    threads = [threading.Thread(target=reader, args=(place,)) for place in range(READERS)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(waits) / (time.monotonic() - started), waits
