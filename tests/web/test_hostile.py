"""What an attacker tries: each attempt is refused, changes nothing, and leaves no secret in a log."""

from __future__ import annotations

import io
import logging

import pytest
from flask import Flask

from pipeline.house import people
from records.models import Person
from records.vocabulary import Role
from tests.web.office import PASSWORD, build_office, open_office, orders, sign_in, upload
from web.security import HEADERS
from web.session import PERSON

PATHS = (
    "../../keys.json",
    "..%2f..%2fkeys.json",
    "....//keys.json",
    "%2e%2e/keys.json",
    "..\\keys.json",
    "/etc/passwd",
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory):
    return build_office(tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def office(tmp_path, template) -> Flask:
    return open_office(tmp_path, template)


def test_session_is_new_after_sign_in(office):
    client = office.test_client()
    client.get("/sign-in")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by an attacker"
    client.post("/sign-in", data={"sign_in": "assessor", "password": PASSWORD})
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie[PERSON]


@pytest.mark.parametrize("value", ["", "x", "eyJwZXJzb24iOiIxLjEifQ.aaaa.bbbb", "eyJwZXJzb24iOiIxLjEifQ"])
def test_forged_cookie_is_nobody(office, value):
    client = office.test_client()
    client.set_cookie("wenxiao", value)
    assert client.get("/").headers["Location"].startswith("/sign-in")


def test_cookie_of_another_instance_is_nobody(office, tmp_path):
    other = open_office(tmp_path / "other", build_office(tmp_path / "made"))
    client = sign_in(other, Role.ADMIN)
    thief = office.test_client()
    thief.set_cookie("wenxiao", client.get_cookie("wenxiao").value)
    assert thief.get("/people").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.ADMIN])
@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out(office, role, path):
    client = sign_in(office, role)
    key = office.extensions["wenxiao"].keys.secret("session").hex()
    shapes = (f"/static/{path}", f"/uploads/{path}/check", f"/uploads/{path}/errors.xlsx", f"/reports/{path}/file")
    for address in shapes:
        answer = client.get(address)
        assert answer.status_code in (302, 308, 400, 403, 404), address
        assert key not in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", [*PATHS, "a" * 300 + ".csv", "con.csv", "\u202egpj.csv", ".htaccess", "x\x00.csv"])
def test_file_names_stay_inside_the_upload(office, name):
    folder = office.extensions["wenxiao"].folder
    before = {path for path in folder.parent.rglob("*") if folder / "staging" not in path.parents}
    answer = upload(sign_in(office, Role.ASSESSOR), orders(3), name)
    assert answer.status_code in (303, 400)
    new = {path for path in folder.parent.rglob("*") if folder / "staging" not in path.parents} - before
    assert {path.name for path in new} <= {
        "jobs.db",
        "jobs.db-wal",
        "jobs.db-shm",
        "catalogue.db-wal",
        "catalogue.db-shm",
    }


def test_fields_nobody_asked_for_change_nothing(office):
    admin = sign_in(office, Role.ADMIN)
    fields = {
        "sign_in": "zhao", "name": "赵", "role": "auditor", "password": "spring rain on stone", "unit": "",
        "has_survey_role": "1", "is_active": "0", "must_change_password": "0", "id": "1", "session_number": "99",
    }  # fmt: skip
    assert admin.post("/people", data=fields).status_code == 303
    with office.extensions["wenxiao"].session() as session:
        made = session.query(Person).filter_by(sign_in="zhao").one()
        assert (made.has_survey_role, made.is_active, made.must_change_password) == (False, True, True)
        assert (made.id, made.session_number) == (len(Role) + 1, 1)


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "///evil.example", "\thttps://evil.example"],
)
def test_sign_in_leads_nowhere_else(office, target):
    client = office.test_client()
    data = {"sign_in": "assessor", "password": PASSWORD}
    answer = client.post("/sign-in", query_string={"next": target}, data=data)
    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith(("//", "/\\"))


def test_host_header_leads_nowhere(office):
    client = office.test_client()
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
        answer = client.get("/", headers=headers)
        assert "evil.example" not in str(answer.headers) + answer.text
    page = client.get("/sign-in", headers={"Host": "evil.example"})
    assert "evil.example" not in page.text


def test_forwarded_addresses_are_not_believed_without_a_proxy(office):
    client = office.test_client()
    client.post("/sign-in", data={"sign_in": "assessor", "password": PASSWORD}, headers={"X-Forwarded-Proto": "https"})
    assert client.get_cookie("wenxiao").secure is False


def test_oversize_bodies_are_refused(office):
    office.config["MAX_CONTENT_LENGTH"] = 1 << 16
    client = sign_in(office, Role.ASSESSOR)
    big = {"file": (io.BytesIO(b"x" * (1 << 17)), "big.csv"), "kind": "responses"}
    assert client.post("/uploads", data=big, content_type="multipart/form-data").status_code == 413
    many = {f"field{number}": "x" for number in range(1500)}
    assert client.post("/sign-in", data=many, content_type="multipart/form-data").status_code == 413


ADDRESSES = (
    "/",
    "/sign-in",
    "/nowhere",
    "/units",
    "/static/app.css",
    "/healthz",
    "/api/v1/me",
    "/api/v1/nowhere",
    "/people",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_headers(office, address):
    for client in (office.test_client(), sign_in(office, Role.ASSESSOR)):
        answer = client.get(address)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (address, name)
        assert "Server" not in answer.headers
        over_tls = client.get(address, base_url="https://localhost")
        assert over_tls.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "Strict-Transport-Security" not in answer.headers
        answer.close()
        over_tls.close()


def test_no_secret_in_any_log(office, caplog):
    caplog.set_level(logging.DEBUG)
    instance = office.extensions["wenxiao"]
    token = people.make_token(instance, sign_in="assessor", title="x", by="test")
    client = office.test_client()
    for password in (PASSWORD, "a wrong secret phrase"):
        client.post("/sign-in", data={"sign_in": "assessor", "password": password})
    client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    client.get("/api/v1/me", headers={"Authorization": "Bearer wx_forged-secret"})
    upload(sign_in(office, Role.ASSESSOR), orders(5))
    secrets = (PASSWORD, "a wrong secret phrase", token, "wx_forged-secret", "1380013800", "1390013900")
    secrets += tuple(instance.keys.secret(purpose).hex() for purpose in ("session", "person", "device", "report"))
    assert not [secret for secret in secrets if secret in caplog.text]
    files = [path for path in instance.folder.glob("*.db*") if path.is_file()]
    stored = b"".join(path.read_bytes() for path in files)
    assert not [secret for secret in secrets if secret.encode() in stored]
