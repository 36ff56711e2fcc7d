"""A walk through every page by each role over real data: nothing dead, nothing broken, no page of another unit."""

from __future__ import annotations

import re
import shutil
from collections import deque
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from records.access import OPERATOR
from records.instance import Instance
from records.queries.people import list_people, viewer_for
from records.vocabulary import Role
from tests.web.conftest import LintedClient
from web.app import create_app
from web.session import PERSON

MOST_PAGES = 45
QUIET = ("/static/", "/assets/", "/sign-out")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def walked(
    request: pytest.FixtureRequest, demo_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An application over a copy of the demonstration city, on each database."""
    if request.param == "postgresql":
        instance = request.getfixturevalue("demo_on_server")
    else:
        folder = tmp_path_factory.mktemp("walk") / "instance"
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("WENXIAO_DATABASE_URL", raising=False)
            shutil.copytree(demo_folder, folder)
            instance = Instance.open(folder)
    app = create_app(instance, {"TESTING": True, "WTF_CSRF_ENABLED": False})
    app.test_client_class = LintedClient
    yield app
    if request.param == "sqlite":
        instance.close()


def shape(link: str) -> str:
    """Links that differ only in numbers, codes and values are of one kind."""
    return re.sub(r"=[^&]*", "=", re.sub(r"/[^/?]*\d[^/?]*", "/#", link))


def links(page: str, address: str) -> list[str]:
    """The addresses of this site that a page leads to, without their anchors."""
    found = [urljoin(address, unescape(href)).split("#")[0] for href in re.findall(r'<a [^>]*href="([^"]*)"', page)]
    return [link for link in found if link.startswith("/") and not link.startswith(QUIET)]


@pytest.mark.parametrize("role", list(Role))
def test_every_link_leads_to_a_whole_page_the_role_may_see(walked, role):
    instance = walked.extensions["wenxiao"]
    with instance.session() as session:
        people = [viewer_for(session, person_id=row.id) for row in list_people(session, viewer=OPERATOR)]
    viewer = next(found for found in people if found is not None and found.role is role)
    client = walked.test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = viewer.id
    waiting, kinds, seen = deque([("/", "start")]), set(), 0
    while waiting and seen < MOST_PAGES:
        address, origin = waiting.popleft()
        answer = client.get(address)
        seen += 1
        assert answer.status_code in (200, 302, 303), f"{origin} leads to {address}: {answer.status_code}"
        unit = re.fullmatch(r"/units/([^/]+)", urlsplit(address).path)
        if unit and role is Role.UNIT_HEAD:
            assert unit.group(1) in viewer.units, f"{origin} shows the head of {sorted(viewer.units)} {address}"
        if answer.mimetype != "text/html":
            continue
        following = [answer.headers["Location"]] if answer.status_code != 200 else links(answer.text, address)
        for link in following:
            if shape(link) not in kinds:
                kinds.add(shape(link))
                waiting.append((link, address))
    assert seen > 5
