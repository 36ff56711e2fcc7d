"""Every hostile and odd file, uploaded: it ends in its class within its limits, and the next request is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from imports.limits import limits
from pipeline.importing import uploads
from records.instance import Instance
from records.vocabulary import Role
from tests.imports.test_ugly import FILES, outcome
from tests.shared_data import shared_file
from tests.web.office import build_office, sign_in
from web.app import create_app

pytestmark = [pytest.mark.shared, pytest.mark.reader_process]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    instance = Instance.open(build_office(tmp_path_factory.mktemp("ugly")))
    yield create_app(instance, {"TESTING": True, "WTF_CSRF_ENABLED": False})
    instance.close()


@pytest.mark.parametrize("name", sorted(FILES))
def test_ugly_upload_ends_in_its_class_and_the_next_request_is_answered(name: str, office: Flask) -> None:
    instance, client = office.extensions["wenxiao"], sign_in(office, Role.ASSESSOR)
    with shared_file(f"data/{name}").open("rb") as stream:
        data = {"file": (stream, Path(name).name), "kind": "responses"}
        sent = client.post("/uploads", data=data, content_type="multipart/form-data")
    assert sent.status_code == 303
    place = sent.headers["Location"]
    answer = uploads.load(instance, place.split("/")[2]).check_answer
    assert answer is not None
    assert outcome(answer) in [FILES[name]["class"], *FILES[name]["accept"]], [p.message for p in answer.problems]
    assert answer.state == "refused"
    assert all(problem.message for problem in answer.problems)
    assert answer.seconds < limits().wall_seconds
    page = client.get(place)
    assert page.status_code == 200
    assert "需要修改后才能入库" in page.text
    assert client.get("/uploads").status_code == 200
    assert client.post(place.replace("/check", "/cancel")).status_code == 303
    left = [path for path in instance.staging_folder.rglob("*") if path.is_file()]
    assert left == [], "a refused file that was cancelled leaves nothing"
