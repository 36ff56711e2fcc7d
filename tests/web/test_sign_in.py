"""Signing in: the right password, the wrong one, too many wrong ones, and what a visitor may not do without."""

import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from itsdangerous import TimestampSigner

from records.vocabulary import Role
from tests.web.conftest import PASSWORD
from web.app import create_app
from web.security import FORM_HOURS
from web.session import local_path


def test_visitor_is_sent_to_sign_in_and_back_to_the_wanted_page(client_of):
    client = client_of(None)
    assert client.get("/?period=2024").headers["Location"] == "/sign-in?next=/?period%3D2024"
    answer = client.post("/sign-in?next=/units", data={"sign_in": "assessor", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/units")
    assert client.get("/").status_code == 200


def test_cookie_is_closed_to_scripts_and_other_sites(client_of):
    answer = client_of(None).post("/sign-in", data={"sign_in": "assessor", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    over_tls = client_of(None).post(
        "/sign-in", data={"sign_in": "assessor", "password": PASSWORD}, base_url="https://localhost"
    )
    assert "Secure" in over_tls.headers["Set-Cookie"]


def test_cookie_travels_encrypted_alone_where_the_settings_say_so(instance):
    strict = replace(instance, settings=replace(instance.settings, is_cookie_secure=True))
    client = create_app(strict, {"TESTING": True, "WTF_CSRF_ENABLED": False}).test_client()
    answer = client.post("/sign-in", data={"sign_in": "assessor", "password": PASSWORD})
    assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("name", "password", "status"),
    [
        ("assessor", "wrong", 401),
        ("nobody", "wrong", 401),
        ("", "x", 400),
        ("assessor", "", 400),
        ("a" * 200, "x", 400),
    ],
)
def test_wrong_name_or_password_says_so_without_telling_which(client_of, name, password, status):
    answer = client_of(None).post("/sign-in", data={"sign_in": name, "password": password})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    if status == 401:
        assert "账号或密码不对" in answer.text


def test_six_wrong_passwords_lock_the_account_for_a_while(client_of):
    client = client_of(None)
    statuses = [client.post("/sign-in", data={"sign_in": "auditor", "password": "no"}).status_code for _ in range(6)]
    assert statuses[-1] == 429
    assert client.post("/sign-in", data={"sign_in": "auditor", "password": PASSWORD}).status_code == 429


def test_sign_out_forgets_the_person(client_of):
    client = client_of(Role.ASSESSOR)
    assert client.post("/sign-out").status_code == 302
    assert client.get("/").headers["Location"].startswith("/sign-in")


def test_token_of_a_form_ends_although_the_session_goes_on(instance, monkeypatch):
    app = create_app(instance, {"TESTING": True})
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=30)
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text).group(1)
    fields = {"sign_in": "assessor", "password": PASSWORD, "csrf_token": token}
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda _self: int(time.time()) + FORM_HOURS * 3600 + 60)
        assert client.post("/sign-in", data=fields).status_code == 400
    assert client.post("/sign-in", data=fields).status_code == 302


def test_form_without_token_is_refused(instance):
    client = create_app(instance, {"TESTING": True}).test_client()
    answer = client.post("/sign-in", data={"sign_in": "assessor", "password": PASSWORD})
    assert answer.status_code == 400
    assert "重新提交" in answer.text


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/units?q=1", "/units?q=1"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"), ("", "/"), (None, "/"), ("units", "/"),
    ],
)  # fmt: skip
def test_local_path_leads_nowhere_else(target, path):
    assert local_path(target) == path


def test_language_of_the_visit_can_be_chosen_and_stays(client_of):
    client = client_of(None)
    assert '<html lang="zh-CN">' in client.get("/sign-in").text
    assert '<html lang="en">' in client.get("/sign-in?lang=en").text
    assert '<html lang="en">' in client.get("/sign-in").text
    assert '<html lang="en">' in client.get("/sign-in?lang=xx").text
