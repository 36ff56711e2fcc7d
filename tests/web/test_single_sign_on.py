"""Single sign-on over a real provider on the loopback: who gets in, and every answer that must not let anybody in."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import select

from pipeline.house import people, single_sign_on
from records.instance import Instance
from records.models import AuditEntry
from records.settings import SettingsError, parse_settings
from tests.web.office import open_office
from tests.web.provider import CLIENT, SECRET, Provider, running

ADDRESS = "https://pingyi.example"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WENXIAO_SIGN_ON_SECRET", SECRET)
    with running() as started:
        yield started


@pytest.fixture
def office(tmp_path, template, provider: Provider):
    settings = template / "settings.toml"
    before = settings.read_text("utf-8")
    lines = (f'sign_on_issuer = "{provider.issuer}"', f'sign_on_client = "{CLIENT}"', f'address = "{ADDRESS}"')
    settings.write_text("\n".join(lines), "utf-8")
    try:
        return open_office(tmp_path, template)
    finally:
        settings.write_text(before, "utf-8")


def come(client: FlaskClient, provider: Provider, **who: str):
    away = client.get("/sign-in/office?next=/units")
    assert away.status_code == 302
    return client.get(provider.visit(away.headers["Location"], **who))


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def instance_of(office) -> Instance:
    return office.extensions["wenxiao"]


def test_person_of_the_office_is_in_and_where_they_wanted(office, provider) -> None:
    client = office.test_client()
    assert 'href="/sign-in/office?next=/"' in client.get("/sign-in").text
    answer = come(client, provider, subject="77", name="Assessor")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/units")
    assert is_in(client)
    with instance_of(office).session() as session:
        written = list(session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "assessor")))
    assert written[-2:] == ["person.bind", "sign_in"]


def test_name_that_passed_to_somebody_else_opens_nothing(office, provider) -> None:
    assert is_in_after(office, provider, subject="77")
    assert not is_in_after(office, provider, subject="78")
    assert single_sign_on.unbind(instance_of(office), sign_in="assessor", by="admin")
    assert is_in_after(office, provider, subject="78")
    assert not is_in_after(office, provider, subject="77")


def is_in_after(office, provider: Provider, **who: str) -> bool:
    client = office.test_client()
    come(client, provider, **who)
    return is_in(client)


def test_subject_counts_when_the_name_has_changed(office, provider) -> None:
    assert is_in_after(office, provider, subject="77", name="assessor")
    assert is_in_after(office, provider, subject="77", name="auditor")


def test_without_an_account_nobody_is_in_and_the_page_says_so(office, provider) -> None:
    client = office.test_client()
    come(client, provider, subject="99", name="stranger")
    assert "这里没有可用的账号" in client.get("/sign-in").text
    assert not is_in(client)


def test_disabled_account_stays_shut(office, provider) -> None:
    people.set_active(instance_of(office), sign_in="assessor", is_active=False, by="admin")
    assert not is_in_after(office, provider)


def test_first_password_ends_when_the_account_is_bound(office, provider) -> None:
    first = people.reset_password(instance_of(office), sign_in="assessor", by="admin")
    assert is_in_after(office, provider)
    assert people.authenticate(instance_of(office), "assessor", first) is None


LATER = int(time.time()) + 9000
WRONG_CLAIMS = [{"aud": "another"}, {"iss": "https://other.example"}, {"exp": LATER - 20_000}, {"nonce": "another"},
                {"sub": ""}, {"preferred_username": " "}, {"preferred_username": ["assessor"]}]  # fmt: skip


@pytest.mark.parametrize("changes", WRONG_CLAIMS, ids=[next(iter(changes)) for changes in WRONG_CLAIMS])
def test_wrong_claims_let_nobody_in(office, provider, changes) -> None:
    provider.changes = changes
    client = office.test_client()
    come(client, provider)
    assert "统一认证没有完成" in client.get("/sign-in").text
    assert not is_in(client)


def test_token_signed_by_another_key_lets_nobody_in(office, provider) -> None:
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "1"})
    assert not is_in_after(office, provider)


@pytest.mark.parametrize("offered", [["RS256", "HS256", "none"], None])
@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_token_signed_by_the_shared_secret_or_not_at_all_lets_nobody_in(office, provider, offered, algorithm) -> None:
    provider.offered = offered
    provider.sign_by_the_secret(algorithm)
    assert not is_in_after(office, provider)


@pytest.mark.parametrize("offered", [["HS256"], ["HS256", "none"]])
def test_provider_without_a_public_signature_is_not_asked(office, provider, offered) -> None:
    provider.offered = offered
    client = office.test_client()
    assert client.get("/sign-in/office").headers["Location"] == "/sign-in"
    assert "统一认证没有完成" in client.get("/sign-in").text


def test_answer_that_belongs_to_no_question_lets_nobody_in(office, provider) -> None:
    somebody = office.test_client()
    back = provider.visit(somebody.get("/sign-in/office").headers["Location"])
    victim = office.test_client()
    victim.get(back)
    assert not is_in(victim)
    somebody.get(back)
    assert is_in(somebody)
    replayed = office.test_client()
    replayed.get(back)
    assert not is_in(replayed)


def test_provider_leads_back_to_the_written_address_whatever_the_request_calls_us(office, provider) -> None:
    away = office.test_client().get("/sign-in/office", headers={"Host": "evil.example"})
    asked = parse_qs(urlsplit(away.headers["Location"]).query)
    assert asked["redirect_uri"] == [f"{ADDRESS}/sign-in/office/return"]


def test_provider_by_another_name_is_not_asked(office, provider) -> None:
    provider.told_issuer = "https://other.example"
    client = office.test_client()
    assert client.get("/sign-in/office").headers["Location"] == "/sign-in"
    assert "统一认证没有完成" in client.get("/sign-in").text


def test_second_factor_is_asked_for_all_the_same(office, provider) -> None:
    from records.models import Person

    with instance_of(office).session() as session:
        session.scalars(select(Person).where(Person.sign_in == "assessor")).one().second_factor_salt = "00" * 16
    client = office.test_client()
    assert come(client, provider).headers["Location"].startswith("/sign-in/code")
    assert not is_in(client)


def test_office_without_a_provider_has_no_such_page(tmp_path, template) -> None:
    client = open_office(tmp_path, template).test_client()
    assert client.get("/sign-in/office").status_code == 404
    assert "/sign-in/office" not in client.get("/sign-in").text


@pytest.mark.parametrize(
    "text",
    ['sign_on_issuer = "http://id.example"\nsign_on_client = "x"', 'sign_on_issuer = "https://id.example"',
     'sign_on_issuer = "https://id.example"\nsign_on_client = "x"',
     'address = "ftp://x"', 'address = "pingyi.example"'],
)  # fmt: skip
def test_unsafe_settings_are_refused_in_words(text: str) -> None:
    with pytest.raises(SettingsError, match=r"sign_on|address"):
        parse_settings(text)
