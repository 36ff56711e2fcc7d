"""Pictures of ten key pages at two widths and of the printed scorecard, from a demonstration city of its own.

python -m tests.browser.screenshots [FOLDER]     (`make screenshots` writes docs/pictures)
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import waitress
from flask import Flask
from playwright.sync_api import BrowserContext, sync_playwright

from pipeline.demo.build import DemoPlan, build
from pipeline.judgement.assessing import get
from records.access import OPERATOR
from records.instance import Instance
from records.queries.people import list_people, viewer_for
from records.vocabulary import Role
from tests.browser.conftest import CHROMIUM_ARGUMENTS, NO_CHROMIUM, find_chromium
from web.app import create_app

WIDTHS = {"": (1440, 1050), "_phone": (390, 1400)}
PLAN = DemoPlan()
NUMBER = 4  # the newest assessment of the demonstration
PAGES = {
    "overview": "/", "scorecard": "/units/{unit}", "directory": "/units", "bands": "/ranking",
    "indicator": "/indicators/H2", "compare": "/compare?unit={unit}&unit={other}", "records": "/records",
    "upload": "/uploads", "assessment": f"/assessments/{NUMBER}", "help": "/help",
}  # fmt: skip


def main(folder: Path) -> None:
    """Write every picture to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        instance = Instance.open(Path(temporary) / "instance")
        build(instance, PLAN)
        unit, other = _graded_units(instance)
        pages = {name: path.format(unit=unit, other=other) for name, path in PAGES.items()}
        with _served(instance) as (address, cookie):
            _draw(folder, pages, address, cookie)
        instance.close()


def _graded_units(instance: Instance) -> tuple[str, str]:
    """Two units of one peer group that have a grade, those with the most cases."""
    results = sorted(get(instance, NUMBER).result.units, key=lambda unit: -(unit.n or 0))
    graded = [unit for unit in results if unit.grade] or results
    first = graded[0]
    return first.unit, next(unit.unit for unit in results if unit.group == first.group and unit is not first)


@contextmanager
def _served(instance: Instance) -> Iterator[tuple[str, str]]:
    app = create_app(instance)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}", _cookie(app, instance)
    finally:
        server.close()


def _cookie(app: Flask, instance: Instance) -> str:
    """The session of an assessor, signed as the application signs it."""
    with instance.session() as session:
        people = [viewer_for(session, person_id=row.id) for row in list_people(session, viewer=OPERATOR)]
    person = next(found for found in people if found is not None and found.role is Role.ASSESSOR)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(signer.dumps({"person": person.id, "_permanent": True}))


def _draw(folder: Path, pages: dict[str, str], address: str, cookie: str) -> None:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        for suffix, (width, height) in WIDTHS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
            context.add_cookies([{"name": "wenxiao", "value": cookie, "url": address}])
            for name, path in pages.items():
                _picture(context, address + path, folder / f"{name}{suffix}.png")
            if not suffix:
                _print(context, address + pages["scorecard"], folder)
            context.close()
        browser.close()


def _picture(context: BrowserContext, address: str, target: Path) -> None:
    page = context.new_page()
    page.goto(address)
    page.screenshot(path=target)
    page.close()
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


def _print(context: BrowserContext, address: str, folder: Path) -> None:
    """The printed scorecard as pictures of its sheets, where poppler is installed."""
    page = context.new_page()
    page.goto(address)
    sheet = folder / "scorecard_print.pdf"
    page.pdf(path=sheet, prefer_css_page_size=True, print_background=True)
    page.close()
    command = ["pdftoppm", "-r", "70", "-png", str(sheet), str(folder / "scorecard_print")]
    try:
        subprocess.run(command, check=True)
    except FileNotFoundError:
        print("pdftoppm is not installed: the printed pages are left out")
    sheet.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/pictures"))
