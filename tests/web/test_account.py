"""The own account: a password somebody else set opens nothing, sessions end, codes are taken once."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from pipeline.house import people
from pipeline.house.rotation import rotate
from records.clock import now
from records.instance import Instance
from records.keys import rotate_key
from records.models import Person
from records.vocabulary import Role
from tests.web.office import PASSWORD, instance_of, open_office
from web import session
from web.app import create_app

NEW = "four unrelated long words"


@pytest.fixture
def office(tmp_path, template) -> Flask:
    return open_office(tmp_path, template)


def enter(app: Flask, sign_in: str, password: str, client: FlaskClient | None = None) -> FlaskClient:
    client = client or app.test_client()
    client.post("/sign-in", data={"sign_in": sign_in, "password": password})
    return client


def test_password_set_by_somebody_else_opens_only_its_own_change(office):
    password = people.reset_password(instance_of(office), sign_in="assessor", by="test")
    client = enter(office, "assessor", password)
    for address in ("/", "/units", "/uploads", "/account", "/account/second-factor"):
        assert client.get(address).headers.get("Location") == "/account/password", address
    assert client.post("/uploads").headers.get("Location") == "/account/password"
    same = client.post("/account/password", data={"old": password, "new": password, "again": password})
    assert same.status_code == 400
    done = client.post("/account/password", data={"old": password, "new": NEW, "again": NEW})
    assert (done.status_code, done.headers["Location"]) == (303, "/account")
    assert client.get("/").status_code == 200


def test_account_added_on_the_page_must_change_its_password(office):
    admin = enter(office, "admin", PASSWORD)
    fields = {"sign_in": "wang", "name": "王", "role": "auditor", "unit": "", "password": "spring rain on stone"}
    assert admin.post("/people", data=fields).status_code == 303
    assert enter(office, "wang", "spring rain on stone").get("/").headers["Location"] == "/account/password"


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", NEW, NEW), (PASSWORD, "short", "short"), (PASSWORD, NEW, NEW + "x"),
        (PASSWORD, "password123", "password123"), (PASSWORD, "assessorassessor", "assessorassessor1"), ("", "", ""),
    ],
)  # fmt: skip
def test_new_password_refused(office, old, new, again):
    client = enter(office, "assessor", PASSWORD)
    answer = client.post("/account/password", data={"old": old, "new": new, "again": again})
    assert answer.status_code == 400
    assert 'class="errors"' in answer.text
    assert people.authenticate(instance_of(office), "assessor", PASSWORD) is not None


def test_new_password_ends_the_other_sessions_and_keeps_this_one(office):
    here, there = enter(office, "assessor", PASSWORD), enter(office, "assessor", PASSWORD)
    here.post("/account/password", data={"old": PASSWORD, "new": NEW, "again": NEW})
    assert here.get("/").status_code == 200
    assert there.get("/").headers["Location"].startswith("/sign-in")


def test_copied_cookie_is_worth_nothing_after_sign_out(office):
    client = enter(office, "assessor", PASSWORD)
    copied = client.get_cookie("wenxiao").value
    client.post("/sign-out")
    thief = office.test_client()
    thief.set_cookie("wenxiao", copied)
    assert thief.get("/").headers["Location"].startswith("/sign-in")


def test_session_ends_after_a_day_however_busy(office, monkeypatch):
    client = enter(office, "assessor", PASSWORD)
    with client.session_transaction() as cookie:
        cookie[session.SINCE] -= session.LONGEST_SESSION - 60
    assert client.get("/").status_code == 200
    with client.session_transaction() as cookie:
        cookie[session.SINCE] -= 61
    assert client.get("/").headers["Location"].startswith("/sign-in")


def test_idle_session_ends(office):
    client = enter(office, "assessor", PASSWORD)
    office.config["PERMANENT_SESSION_LIFETIME"] = 0
    time.sleep(1.1)
    assert client.get("/").headers["Location"].startswith("/sign-in")


def test_how_long_an_idle_session_lives_is_the_setting(office):
    settings = replace(instance_of(office).settings, session_minutes=7)
    shorter = create_app(replace(instance_of(office), settings=settings), {"TESTING": True})
    assert shorter.permanent_session_lifetime == timedelta(minutes=7)


def enrol(client: FlaskClient) -> pyotp.TOTP:
    page = client.get("/account/second-factor")
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text).group(1).replace(" ", "")
    assert "<svg" in page.text
    totp = pyotp.TOTP(secret)
    assert client.post("/account/second-factor", data={"code": "000000"}).status_code == 400
    assert client.post("/account/second-factor", data={"code": totp.now()}).status_code == 303
    return totp


def test_second_factor_is_asked_for_and_each_code_is_taken_once(office):
    client = enter(office, "assessor", PASSWORD)
    totp = enrol(client)
    fresh = office.test_client()
    answer = fresh.post("/sign-in?next=/units", data={"sign_in": "assessor", "password": PASSWORD})
    assert answer.headers["Location"] == "/sign-in/code?next=/units"
    assert fresh.get("/").headers["Location"].startswith("/sign-in"), "the password alone opens nothing"
    used = fresh.post("/sign-in/code", data={"code": totp.now()})
    assert used.status_code == 401, "the code of the enrolment is used up"
    following = totp.at(int(time.time()) + 30)
    done = fresh.post("/sign-in/code?next=/units", data={"code": following})
    assert (done.status_code, done.headers["Location"]) == (302, "/units")
    again = enter(office, "assessor", PASSWORD)
    assert again.post("/sign-in/code", data={"code": following}).status_code == 401


def test_guessing_codes_locks_although_the_password_is_given_again(office):
    enrol(enter(office, "assessor", PASSWORD))
    statuses = []
    for _ in range(people.ATTEMPTS_BEFORE_LOCK):
        client = enter(office, "assessor", PASSWORD)
        statuses.append(client.post("/sign-in/code", data={"code": "123456"}).status_code)
    assert statuses[-1] == 429
    assert enter(office, "assessor", PASSWORD).get("/sign-in/code").headers.get("Location") == "/sign-in"


def test_password_waits_some_minutes_for_its_code_and_no_longer(office):
    totp = enrol(enter(office, "assessor", PASSWORD))
    client = enter(office, "assessor", PASSWORD)
    with client.session_transaction() as cookie:
        person, since = cookie[session.WAITING]
        cookie[session.WAITING] = [person, since - session.CODE_SECONDS - 1]
    late = client.post("/sign-in/code", data={"code": totp.at(int(time.time()) + 30)})
    assert late.headers["Location"] == "/sign-in"
    assert client.get("/").headers["Location"].startswith("/sign-in")


def test_code_page_without_a_password_leads_back(office):
    client = office.test_client()
    assert client.get("/sign-in/code").headers["Location"] == "/sign-in"
    assert client.post("/sign-in/code", data={"code": "123456"}).headers["Location"] == "/sign-in"


def test_second_factor_goes_only_with_the_password_or_by_a_reset(office):
    client = enter(office, "assessor", PASSWORD)
    enrol(client)
    assert client.post("/account/second-factor/off", data={"password": "wrong"}).status_code == 400
    assert client.post("/account/second-factor/off", data={"password": PASSWORD}).status_code == 303
    assert enter(office, "assessor", PASSWORD).get("/").status_code == 200
    enrol(client)
    password = people.reset_password(instance_of(office), sign_in="assessor", by="test", must_change=False)
    assert enter(office, "assessor", password).get("/").status_code == 200


def test_catalogue_alone_gives_no_code_away(office):
    totp = enrol(enter(office, "assessor", PASSWORD))
    instance_of(office).close()
    stored = b"".join(path.read_bytes() for path in instance_of(office).folder.glob("catalogue.db*"))
    assert totp.secret.encode() not in stored


def test_every_role_has_an_account_page(office):
    for role in Role:
        client = enter(office, role.value, PASSWORD)
        for address in ("/account", "/account/password", "/account/second-factor"):
            assert client.get(address).status_code == 200, (role, address)


def test_name_of_the_program_cannot_be_taken(office):
    for name in ("cli", "worker", "cli:root"):
        with pytest.raises(people.PersonError):
            people.add_person(
                instance_of(office), sign_in=name, name="x", role=Role.ASSESSOR, password=PASSWORD, by="test"
            )


def opened_again(app: Flask) -> Flask:
    """The same instance served by a new process."""
    return create_app(Instance.open(instance_of(app).folder), {"TESTING": True, "WTF_CSRF_ENABLED": False})


def test_replaced_key_of_cookies_leaves_people_signed_in_for_the_overlap(office):
    cookie = enter(office, "assessor", PASSWORD).get_cookie("wenxiao").value
    rotate(instance_of(office), "session", overlap_days=1, by="admin")
    later = opened_again(office).test_client()
    later.set_cookie("wenxiao", cookie)
    assert later.get("/account").status_code == 200
    rotate(instance_of(office), "session", overlap_days=0, by="admin")
    rotate_key(instance_of(office).folder, "session", overlap_days=0, moment=now() + timedelta(days=3))
    ended = opened_again(office).test_client()
    ended.set_cookie("wenxiao", cookie)
    assert ended.get("/account").status_code == 302


def test_second_factor_made_before_the_key_was_replaced_counts_for_the_overlap(office):
    totp = enrol(enter(office, "assessor", PASSWORD))
    for days, status in ((30, 200), (0, 302)):
        rotate(instance_of(office), "report", overlap_days=days, by="admin")
        if not days:
            rotate_key(instance_of(office).folder, "report", overlap_days=0, moment=now() + timedelta(days=40))
        with instance_of(office).session() as opened:
            opened.execute(update(Person).values(second_factor_step=0))
        again = opened_again(office)
        visitor = enter(again, "assessor", PASSWORD)
        visitor.post("/sign-in/code", data={"code": totp.now()})
        assert visitor.get("/account").status_code == status
