"""The page of people: only admins manage accounts, and every refusal says what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pipeline.house import single_sign_on
from records.access import OPERATOR
from records.instance import Instance
from records.queries.people import one_person
from records.vocabulary import Role
from tests.web.conftest import PASSWORD

ClientOf = Callable[[Role | None], FlaskClient]
NEW = {"sign_in": "zhang.san", "name": "张三", "role": "assessor", "unit": "", "password": "maple-window-7731"}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_people_other_role_refused(client_of: ClientOf, role: Role):
    assert client_of(role).get("/people").status_code == 403


def test_people_lists_accounts(client_of: ClientOf):
    page = client_of(Role.ADMIN).get("/people").text
    assert all(f">{role.value}<" in page for role in Role)
    assert "市教育局" in page
    assert "argon2" not in page


def test_people_add_can_sign_in(app: Flask, client_of: ClientOf):
    client = client_of(Role.ADMIN)
    assert client.post("/people", data=NEW).status_code == 303
    entered = app.test_client().post("/sign-in", data={"sign_in": NEW["sign_in"], "password": NEW["password"]})
    assert entered.status_code == 302


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"sign_in": ""}, 400, "请填写账号"),
        ({"sign_in": "a b"}, 400, "账号请用字母"),
        ({"sign_in": "assessor"}, 409, "这个账号已经存在"),
        ({"name": ""}, 400, "请填写姓名"),
        ({"password": "short"}, 400, "请换一个更长"),
        ({"password": "password123"}, 400, "请换一个更长"),
        ({"role": "unit_head"}, 400, "请选择单位负责人所属的单位"),
    ],
)
def test_people_add_refused(client_of: ClientOf, change: dict[str, str], status: int, sentence: str):
    answer = client_of(Role.ADMIN).post("/people", data={**NEW, "sign_in": "li.si", **change})
    assert answer.status_code == status
    assert sentence in answer.text


def test_people_disable_ends_visit(client_of: ClientOf, instance: Instance):
    visitor = client_of(Role.AUDITOR)
    admin = client_of(Role.ADMIN)
    admin.post("/people/auditor/disable")
    assert visitor.get("/").status_code == 302
    admin.post("/people/auditor/enable")
    with instance.session() as session:
        person = one_person(session, viewer=OPERATOR, sign_in="auditor")
    assert person is not None
    assert person.is_active


def test_people_own_account_kept(client_of: ClientOf):
    answer = client_of(Role.ADMIN).post("/people/admin/disable", follow_redirects=True)
    assert "不能停用自己的账号" in answer.text


def test_people_unknown_account(client_of: ClientOf):
    assert client_of(Role.ADMIN).post("/people/nobody/disable").status_code == 404


def test_people_password_never_shown(client_of: ClientOf):
    assert PASSWORD not in client_of(Role.ADMIN).get("/people").text


def test_people_show_and_undo_a_binding(client_of: ClientOf, instance: Instance):
    visitor = client_of(Role.AUDITOR)
    admin = client_of(Role.ADMIN)
    single_sign_on.enter(instance, issuer="https://id.example", subject="7", name="auditor")
    assert "解除 auditor 的绑定" in admin.get("/people").text
    assert "已解除 auditor 的统一身份绑定" in admin.post("/people/auditor/unbind", follow_redirects=True).text
    with instance.session() as session:
        person = one_person(session, viewer=OPERATOR, sign_in="auditor")
    assert person is not None
    assert not person.is_bound
    assert "解除 auditor" not in admin.get("/people").text
    assert visitor.get("/people").status_code == 302  # the binding's sessions end with it
    assert "无需解除" in admin.post("/people/auditor/unbind", follow_redirects=True).text
    assert admin.post("/people/nobody/unbind").status_code == 404
