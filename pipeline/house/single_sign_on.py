"""Single sign-on: which account a person of the office's provider has here, and what is written of it."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.house.people import note_success
from records import audit, credentials
from records.access import Viewer
from records.instance import Instance
from records.models import Person
from records.queries.people import normal_sign_in, viewer_for


class NoAccount(Exception):
    """The provider vouches for somebody who has no account here, a disabled one, or one bound to somebody else."""


def enter(instance: Instance, *, issuer: str, subject: str, name: str) -> Viewer:
    """The viewer of a person the provider vouches for; raises NoAccount.

    The first time the account is found by its sign-in name (`name`) and bound to the provider's subject; from then on
    only the subject counts, so a name that passes to a new colleague opens nothing. A first password that an
    administrator knows is replaced by a random one when the account is bound. Accounts are never made here.
    """
    key = subject_key(issuer, subject)
    with instance.session() as session:
        person = session.scalar(select(Person).where(Person.office_subject == key))
        if person is None:
            person = _bind(session, normal_sign_in(name), key)
        if not person.is_active:
            raise NoAccount(f"the account {person.sign_in} is disabled")
        if person.second_factor_salt is None:  # else the code comes next
            note_success(session, person)
        viewer = viewer_for(session, person_id=person.id)
    assert viewer is not None  # an active account has a viewer
    return viewer


def unbind(instance: Instance, *, sign_in: str, by: str) -> bool:
    """Forget whom an account is bound to; the next single sign-on of that name binds it anew. False: it was free."""
    with instance.session() as session:
        person = session.scalar(select(Person).where(Person.sign_in == normal_sign_in(sign_in)))
        if person is None or person.office_subject is None:
            return False
        person.office_subject, person.session_number = None, person.session_number + 1
        audit.write(session, by, "person.unbind", person.sign_in)
    return True


def subject_key(issuer: str, subject: str) -> str:
    """What is kept of a subject: SHA-256 of issuer and subject, for subjects are unique within one provider only.

    >>> subject_key("https://id.example", "7") == subject_key("https://id.example7", "")
    False
    """
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def _bind(session: Session, sign_in: str, key: str) -> Person:
    person = session.scalar(select(Person).where(Person.sign_in == sign_in))
    if person is None:
        raise NoAccount(f"there is no account {sign_in}")
    if person.office_subject is not None:
        raise NoAccount(f"the account {sign_in} is bound to somebody else")
    person.office_subject = key
    if person.must_change_password:
        person.password_hash, person.must_change_password = credentials.hash_password(credentials.make_token()), False
    audit.write(session, person.sign_in, "person.bind", person.sign_in)
    return person
