"""The page of people: only admins manage accounts, and every refusal says what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pipeline.house import history, people, single_sign_on
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries.people import Called, called, one_person, viewer_for
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


def test_people_role_is_given_taken_and_kept_in_the_history(client_of: ClientOf, instance: Instance):
    admin = client_of(Role.ADMIN)
    people.add_person(instance, sign_in="rong", name="荣欣", role=Role.ASSESSOR, password=PASSWORD, by="test")
    given = {"role": "auditor", "unit": "", "survey_role": "y"}
    assert "已更改 荣欣 的角色" in admin.post("/people/rong/role", data=given, follow_redirects=True).text
    assert "没有变化" in admin.post("/people/rong/role", data=given, follow_redirects=True).text
    with instance.session() as session:
        person = one_person(session, viewer=OPERATOR, sign_in="rong")
    assert person is not None
    assert (person.role, person.has_survey_role) == ("auditor", True)
    told = admin.get("/people/rong").text
    assert "更改角色 rong" in told
    assert "原角色 评估人员" in told
    assert "调查角色 有" in told
    assert "更改角色 rong" in admin.get("/people").text
    refused = admin.post("/people/rong/role", data={"role": "unit_head", "unit": ""})
    assert refused.status_code == 400
    assert "请选择单位负责人所属的单位" in refused.text
    people.set_active(instance, sign_in="rong", is_active=False, by="test")


def test_people_own_role_stays_and_the_last_administrator_too(client_of: ClientOf, instance: Instance):
    admin = client_of(Role.ADMIN)
    answer = admin.post("/people/admin/role", data={"role": "auditor", "unit": ""}, follow_redirects=True)
    assert "不能更改自己的角色" in answer.text
    assert admin.get("/people/nobody").status_code == 404
    with pytest.raises(people.PersonError, match="last account that manages people"):
        people.set_role(
            instance, sign_in="admin", role=Role.AUDITOR, unit_code=None, has_survey_role=False, by="cli"
        )  # fmt: skip
    assert history.changes(instance, viewer_named(instance, "assessor"), "people") is None


def test_people_are_called_by_name_in_the_office_and_by_role_outside(instance: Instance):
    with instance.session() as session:
        office = called(session, viewer=viewer_named(instance, "assessor"))
        unit = called(session, viewer=viewer_named(instance, "unit_head"))
    assert office["auditor"] == Called("auditor", "auditor")
    assert unit["auditor"] == Called(None, "auditor")
    assert unit["unit_head"].name == "unit_head"  # one's own


def test_a_page_shows_the_name_with_the_account_behind_it(client_of: ClientOf, instance: Instance):
    people.add_person(instance, sign_in="ming", name="李明", role=Role.ADMIN, password=PASSWORD, by="test")
    people.add_person(instance, sign_in="made.by.ming", name="甲", role=Role.AUDITOR, password=PASSWORD, by="ming")
    admin = client_of(Role.ADMIN)
    assert '<span title="ming">李明</span>' in admin.get("/people/made.by.ming").text
    for name in ("ming", "made.by.ming"):
        people.set_active(instance, sign_in=name, is_active=False, by="test")


def viewer_named(instance: Instance, sign_in: str) -> Viewer:
    with instance.session() as session:
        person = one_person(session, viewer=OPERATOR, sign_in=sign_in)
        assert person is not None
        found = viewer_for(session, person_id=person.id)
    assert found is not None
    return found
