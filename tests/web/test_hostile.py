"""What an attacker tries: each attempt is refused, changes nothing, and leaves no secret in a log."""

from __future__ import annotations

import io
import logging
import shutil
import time

import pytest
from flask import Flask

from pipeline.house import people
from pipeline.importing import uploads
from records.credentials import is_password_right
from records.models import AuditEntry, Person
from records.vocabulary import Role
from tests.web.office import PASSWORD, build_office, open_office, orders, sign_in, upload
from web.limits import EXTENSION
from web.security import HEADERS
from web.serve import server_options
from web.session import PERSON

PATHS = (
    "../../keys.json",
    "..%2f..%2fkeys.json",
    "....//keys.json",
    "%2e%2e/keys.json",
    "..\\keys.json",
    "{canary}",  # a whole path; it leads into the folder of the test, for without the guard it is really written
)


@pytest.fixture
def office(tmp_path, template) -> Flask:
    return open_office(tmp_path, template)


@pytest.fixture
def canary(tmp_path):
    """A file outside the instance that an escaping path would reach."""
    file = tmp_path / "canary.csv"
    file.write_text("nobody may read or write this")
    return file


def test_session_is_new_after_sign_in(office):
    client = office.test_client()
    client.get("/sign-in")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by an attacker"
    client.post("/sign-in", data={"sign_in": "assessor", "password": PASSWORD})
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie[PERSON]


def test_session_that_was_open_ends_when_another_password_is_given(office):
    """Between the password and the code nobody is signed in, whoever was before."""
    client = sign_in(office, Role.ADMIN)
    with office.extensions["wenxiao"].session() as session:
        session.query(Person).filter_by(sign_in="assessor").one().second_factor_salt = "00" * 16
    given = client.post("/sign-in", data={"sign_in": "assessor", "password": PASSWORD})
    assert given.headers["Location"].startswith("/sign-in/code")
    assert client.get("/people").headers["Location"].startswith("/sign-in")


def answers_of(office, name: str, count: int, password: str = "a wrong one") -> list[int]:
    client = office.test_client()
    return [client.post("/sign-in", data={"sign_in": name, "password": password}).status_code for _ in range(count)]


def test_lock_does_not_tell_which_names_there_are(office):
    assert answers_of(office, "assessor", 7) == answers_of(office, "nobody.here", 7) == [401] * 4 + [429] * 3


def test_unknown_names_leave_the_same_lines_in_the_trail_and_not_themselves(office):
    written = []
    for name in ("assessor", "my mistyped password"):
        answers_of(office, name, 6)
        with office.extensions["wenxiao"].session() as session:
            entries = session.query(AuditEntry).order_by(AuditEntry.number.desc()).limit(5).all()
            written.append([(entry.action, "password" in entry.who + entry.subject) for entry in entries])
    assert written[0] == written[1] == [("sign_in.locked", False)] + [("sign_in.failed", False)] * 4


def test_one_password_on_many_names_is_slowed_down(office, monkeypatch):
    monkeypatch.setattr("records.credentials.is_password_right", lambda *_: False)  # a hundred hashes take seconds
    at = time.time()
    monkeypatch.setattr(office.extensions[EXTENSION]["sign_in"], "clock", lambda: at)  # nothing is given back meanwhile
    client = office.test_client()
    tried = [client.post("/sign-in", data={"sign_in": f"n{n}", "password": "spring2025"}) for n in range(101)]
    assert [answer.status_code for answer in tried] == [401] * 100 + [429]
    monkeypatch.setattr("records.credentials.is_password_right", is_password_right)
    assert client.post("/sign-in", data={"sign_in": "assessor", "password": PASSWORD}).status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    given = client.post("/sign-in", data={"sign_in": "assessor", "password": PASSWORD}, environ_base=elsewhere)
    assert given.status_code == 302


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
def test_no_path_leads_out(office, role, path, canary):
    client = sign_in(office, role)
    path = path.format(canary=canary)
    secrets = (office.extensions["wenxiao"].keys.secret("session").hex(), canary.read_text())
    shapes = (f"/static/{path}", f"/uploads/{path}/check", f"/uploads/{path}/errors.xlsx", f"/reports/{path}/file")
    for address in shapes:
        answer = client.get(address)
        assert answer.status_code in (302, 308, 400, 403, 404), address
        assert not [secret for secret in secrets if secret in answer.get_data(as_text=True)]


def test_number_of_an_upload_is_no_path(office):
    """A document that lies where a climbing number would lead is not taken for an upload."""
    instance, client = office.extensions["wenxiao"], sign_in(office, Role.ASSESSOR)
    check = upload(client, orders(3)).headers["Location"]
    number = check.split("/")[2]
    for climbing, folder in (
        ("..", instance.staging_folder),
        (f"../../planted/{number}", instance.folder / "planted" / number),
    ):
        shutil.copytree(instance.staging_folder / "uploads" / number, folder, dirs_exist_ok=True)
        with pytest.raises(uploads.UploadMissing):
            uploads.load(instance, climbing)
    assert client.get("/uploads/../check").status_code == 404
    assert client.get(check).status_code == 200


@pytest.mark.parametrize("name", [*PATHS, "a" * 300 + ".csv", "con.csv", "\u202egpj.csv", ".htaccess", "x\x00.csv"])
def test_file_names_stay_inside_the_upload(office, name, canary):
    name = name.format(canary=canary)
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
    assert canary.read_text() == "nobody may read or write this"


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


def test_body_has_a_limit_although_nothing_sets_one(office):
    """Both the application and the server have it, so that a body without a length is cut as well."""
    assert office.config["MAX_CONTENT_LENGTH"] == server_options(office)["max_request_body_size"] == 256 << 20


def test_oversize_bodies_are_refused(office):
    office.config["MAX_CONTENT_LENGTH"] = 1 << 16
    client = sign_in(office, Role.ASSESSOR)
    big = {"file": (io.BytesIO(b"x" * (1 << 17)), "big.csv"), "kind": "responses"}
    assert client.post("/uploads", data=big, content_type="multipart/form-data").status_code == 413
    many = {f"field{number}": "x" for number in range(1500)}
    assert client.post("/sign-in", data=many, content_type="multipart/form-data").status_code == 413


POLICY = "Content-Security-Policy"
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


def test_policy_of_pages_lets_nothing_in(office):
    """The policy word by word, so that none of it is given up by the way."""
    given = dict(part.split(" ", 1) for part in office.test_client().get("/sign-in").headers[POLICY].split("; "))
    assert {name: given[name] for name in ("default-src", "base-uri", "frame-ancestors")} == {
        "default-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'",
    }  # fmt: skip
    own = ("script-src", "img-src", "connect-src", "form-action")
    assert {given[name] for name in own} == {"'self'"}
    assert given["style-src"].startswith("'self' 'sha256-")
    assert not [word for word in ("unsafe", "*", "data:", "http") if word in " ".join(given.values())]


@pytest.mark.parametrize("address", ["/", "/sign-in", "/units", "/people", "/nowhere"])
def test_pages_are_kept_by_no_cache(office, address):
    for client in (office.test_client(), sign_in(office, Role.ADMIN)):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "private, no-store", address


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
