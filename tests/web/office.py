"""An office for the tests of work pages: an instance of its own, signed-in clients, small files."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pipeline.house import people
from records.access import OPERATOR
from records.instance import Instance
from records.models import PeerGroup, Unit
from records.queries.batches import list_batches
from records.vocabulary import Role
from tests.web.conftest import LintedClient
from web.app import create_app
from web.session import PERSON

PASSWORD = "correct horse battery 9"
UNITS = (("u1", "市教育局"), ("u2", "市水务局"), ("u3", "东城街道办"))
HEADER = ("工单编号", "承办单位", "来电时间", "办结时间", "工单状态", "主要内容", "联系电话")


def build_office(folder: Path) -> Path:
    """A new instance with units u1 to u3 and one account per role; the unit head belongs to u1."""
    instance = Instance.open(folder / "instance")
    with instance.session() as session:
        session.add(PeerGroup(code="bureau", title="市直部门"))
        session.flush()
        session.add_all(Unit(code=code, name=name, peer_group="bureau") for code, name in UNITS)
    for role in Role:
        unit = "u1" if role is Role.UNIT_HEAD else None
        people.add_person(
            instance, sign_in=role.value, name=role.value, role=role, password=PASSWORD, unit_code=unit, by="test"
        )
    instance.close()
    return instance.folder


def open_office(folder: Path, template: Path) -> Flask:
    """An application over a fresh copy of a built instance: quicker than building one for every test."""
    shutil.copytree(template, folder / "instance")
    app = create_app(Instance.open(folder / "instance"), {"TESTING": True, "WTF_CSRF_ENABLED": False})
    app.test_client_class = LintedClient
    return app


def office_of_two_exports(folder: Path, template: Path) -> Flask:
    """A first export with sixty open cases from December on, one a day, a second one in which twenty are closed."""
    app = open_office(folder, build_office(template))
    client = sign_in(app, Role.ASSESSOR)
    confirmed(client, orders(60, closed=False), name="上旬.csv", exported_at="2024-12-25T08:00")
    confirmed(client, orders(20), name="下旬.csv", exported_at="2024-12-31T08:00")
    return app


def sign_in(app: Flask, role: Role) -> FlaskClient:
    """A client in which the person of a role is signed in."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = f"{list(Role).index(role) + 1}.1"
    return client


def orders(count: int = 20, *, header: tuple[str, ...] = HEADER, month: str = "2024-12", closed: bool = True) -> str:
    """Work orders as a csv text: HC00000 and on, in turn for u1 and u2, one a day, closed two days later."""
    lines = [",".join(header)]
    for n in range(count):
        day, unit = 1 + n % 20, UNITS[n % 2][1]
        end = f"{month}-{day + 2:02d} 10:00" if closed else ""
        state = "已办结" if closed else "办理中"
        lines.append(
            f"HC{n:05d},{unit},{month}-{day:02d} 09:{n % 60:02d},{end},{state},请拨打13800138{n:03d},13900139{n:03d}"
        )
    return "\n".join(lines) + "\n"


def upload(client: FlaskClient, text: str, name: str = "12345工单导出.csv", **fields: str) -> TestResponse:
    """Post a file; the answer leads to its check page."""
    data = {"file": (io.BytesIO(text.encode()), name), "kind": "responses", **fields}
    answer = client.post("/uploads", data=data, content_type="multipart/form-data")
    if "Location" in answer.headers:  # without the way on to the next page, which a file that is known takes
        answer.headers["Location"] = answer.headers["Location"].partition("?")[0]
    return answer


def confirmed(client: FlaskClient, text: str, name: str = "12345工单导出.csv", **fields: str) -> int:
    """Upload, check, confirm; the number of the batch."""
    check = upload(client, text, name, **fields).headers["Location"]
    answer = client.post(check.replace("/check", "/confirm"))
    assert answer.status_code == 303, client.get(check).text
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def instance_of(app: Flask) -> Instance:
    """The instance an application serves."""
    return app.extensions["wenxiao"]


def stored_rows(app: Flask) -> int:
    """Rows of all accepted batches."""
    with instance_of(app).session() as session:
        return sum(batch.row_count or 0 for batch in list_batches(session, viewer=OPERATOR, states=("accepted",)))
