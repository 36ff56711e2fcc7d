"""Accounts: right and wrong passwords, lock-out, disabling, tokens; every step is in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import select

from pipeline.house import people
from records import clock, credentials
from records.access import OPERATOR, Forbidden, Viewer
from records.audit import check_chain
from records.credentials import WeakPassword
from records.instance import Instance
from records.models import ApiToken, AuditEntry, Person, Unit
from records.queries.people import list_people, one_person
from records.vocabulary import Role

GOOD = "correct horse battery"


@pytest.fixture
def instance(tmp_path: Path, database: str) -> Iterator[Instance]:
    opened = Instance.open(tmp_path / "instance")
    with opened.session() as session:
        session.add_all(
            [
                Unit(code="d1", name="甲区"),
                Unit(code="s1", name="乙街道", parent_code="d1"),
                Unit(code="x", name="丙局"),
            ]
        )
    people.add_person(opened, sign_in="Li", name="李明", role=Role.UNIT_HEAD, unit_code="d1", password=GOOD, by="test")
    yield opened
    opened.close()


def move_clock(monkeypatch: pytest.MonkeyPatch, **ahead: int) -> None:
    later = clock.now() + timedelta(**ahead)
    monkeypatch.setattr(people, "now", lambda: later)


def actions(instance: Instance) -> list[str]:
    with instance.session() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))


def test_authenticate_gives_the_viewer_with_the_own_subtree(instance: Instance) -> None:
    viewer = people.authenticate(instance, " LI ", GOOD)
    assert viewer is not None
    assert (viewer.name, viewer.role, viewer.units) == ("李明", Role.UNIT_HEAD, frozenset({"d1", "s1"}))
    assert people.viewer_of(instance, viewer.id) == viewer
    assert actions(instance) == ["person.add", "sign_in"]


@pytest.mark.parametrize(("sign_in", "password"), [("li", "wrong password"), ("nobody", GOOD), ("li", ""), ("", GOOD)])
def test_authenticate_wrong_is_none(instance: Instance, sign_in: str, password: str) -> None:
    assert people.authenticate(instance, sign_in, password) is None


@pytest.mark.parametrize("sign_in", ["li", "nobody"])
def test_every_wrong_attempt_costs_one_look_at_a_hash(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, sign_in: str
) -> None:
    """A name that is nobody's must cost what an account costs: else the time tells who has one."""
    asked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            asked.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(credentials, "PasswordHasher", partial(Counting, 1, 64, 1))
    for n in range(1, people.ATTEMPTS_BEFORE_LOCK + 3):
        with suppress(people.TooManyAttempts):
            assert people.authenticate(instance, sign_in, f"wrong password {n}") is None
        assert len(asked) == min(n, people.ATTEMPTS_BEFORE_LOCK)
    cost = {(found.memory_cost, found.time_cost, found.parallelism) for found in map(extract_parameters, asked)}
    assert cost == {(64, 1, 1)}


def test_authenticate_locks_after_five_and_opens_later(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(people.ATTEMPTS_BEFORE_LOCK - 1):
        assert people.authenticate(instance, "li", "wrong password") is None
    with pytest.raises(people.TooManyAttempts):
        people.authenticate(instance, "li", "wrong password")
    with pytest.raises(people.TooManyAttempts):
        people.authenticate(instance, "li", GOOD)
    assert actions(instance)[-1] == "sign_in.locked"
    move_clock(monkeypatch, minutes=people.LOCK_MINUTES + 1)
    assert people.authenticate(instance, "li", GOOD) is not None


def test_right_password_resets_the_count(instance: Instance) -> None:
    for password in ("wrong 1", "wrong 2", "wrong 3", "wrong 4", GOOD, "wrong 5", "wrong 6", "wrong 7", "wrong 8"):
        people.authenticate(instance, "li", password)
    assert people.authenticate(instance, "li", GOOD) is not None


def test_disabled_person_is_out_at_once(instance: Instance) -> None:
    viewer = people.authenticate(instance, "li", GOOD)
    assert viewer is not None
    people.set_active(instance, sign_in="li", is_active=False, by="test")
    assert people.viewer_of(instance, viewer.id) is None
    assert people.authenticate(instance, "li", GOOD) is None
    people.set_active(instance, sign_in="li", is_active=True, by="test")
    assert people.authenticate(instance, "li", GOOD) is not None


def test_reset_makes_a_password_that_must_be_changed(instance: Instance) -> None:
    password = people.reset_password(instance, sign_in="li", by="test")
    assert people.authenticate(instance, "li", GOOD) is None
    viewer = people.authenticate(instance, "li", password)
    assert viewer is not None
    assert people.change_password(instance, person_id=viewer.person, old="wrong", new="another long one") is False
    assert people.change_password(instance, person_id=viewer.person, old=password, new="another long one") is True
    with instance.session() as session:
        found = one_person(session, viewer=OPERATOR, sign_in="li")
    assert found is not None
    assert (found.must_change_password, found.session_number) == (False, 3)


def test_new_password_ends_the_sessions_begun_before(instance: Instance) -> None:
    before = people.authenticate(instance, "li", GOOD)
    assert before is not None
    assert people.viewer_of(instance, before.id) is not None
    password = people.reset_password(instance, sign_in="li", by="test")
    assert people.viewer_of(instance, before.id) is None
    after = people.authenticate(instance, "li", password)
    assert after is not None
    assert people.viewer_of(instance, after.id) == after


@pytest.mark.parametrize("key", ["", "1", "1.", ".1", "1.9", "99.1", "-1.1", "1.1.1", "a.b"])
def test_viewer_of_a_made_up_key_is_nobody(instance: Instance, key: str) -> None:
    assert people.viewer_of(instance, key) is None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sign_in": "LI"}, people.PersonError),
        ({"sign_in": ""}, people.PersonError),
        ({"sign_in": "a b"}, people.PersonError),
        ({"role": Role.UNIT_HEAD}, people.PersonError),
        ({"unit_code": "nowhere"}, people.PersonError),
        ({"password": "short"}, WeakPassword),
        ({"password": "Password123"}, WeakPassword),
        ({"password": "aaaaaaaaaaaaaaa"}, WeakPassword),
        ({"password": "x" * 201}, WeakPassword),
        ({"sign_in": "wang.xiaoming", "password": "Wang.Xiaoming"}, WeakPassword),
    ],
)
def test_add_person_refused(instance: Instance, changes: dict, error: type[Exception]) -> None:
    given = {"sign_in": "wang", "name": "王", "role": Role.ASSESSOR, "password": GOOD, "by": "test", **changes}
    with pytest.raises(error):
        people.add_person(instance, **given)
    with instance.session() as session:
        assert [person.sign_in for person in list_people(session, viewer=OPERATOR)] == ["li"]


def test_no_secret_is_stored_in_clear(instance: Instance) -> None:
    token = people.make_token(instance, sign_in="li", title="nightly", by="test")
    instance.close()
    stored = b"".join(path.read_bytes() for path in instance.folder.glob("catalogue.db*"))
    assert GOOD.encode() not in stored
    assert token.encode() not in stored
    with instance.session() as session:
        assert session.scalars(select(Person.password_hash)).one().startswith("$argon2id$")


def test_token_stands_for_its_person_until_it_ends(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    token = people.make_token(instance, sign_in="li", title="nightly", days=30, by="test")
    viewer = people.viewer_of_token(instance, token)
    assert viewer is not None
    assert viewer.sign_in == "li"
    assert people.viewer_of_token(instance, token + "x") is None
    move_clock(monkeypatch, days=31)
    assert people.viewer_of_token(instance, token) is None


def test_token_revoked(instance: Instance) -> None:
    kept = people.make_token(instance, sign_in="li", title="a", by="test")
    ended = people.make_token(instance, sign_in="li", title="b", by="test")
    assert people.revoke_tokens(instance, sign_in="li", title="b", by="test") == 1
    assert people.viewer_of_token(instance, ended) is None
    assert people.viewer_of_token(instance, kept) is not None
    with instance.session() as session:
        assert len(session.scalars(select(ApiToken)).all()) == 2
        assert check_chain(session).first_bad is None


def test_list_people_is_for_admins(instance: Instance) -> None:
    with instance.session() as session, pytest.raises(Forbidden):
        list_people(session, viewer=Viewer(1, "李", Role.ASSESSOR))
