"""People: accounts made, changed and checked at sign-in; every step leaves a line in the audit trail."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pipeline.house.strangers import Strangers
from records import audit, credentials
from records.access import Viewer
from records.clock import now
from records.instance import Instance
from records.models import ApiToken, Notice, Person, Unit
from records.queries.people import normal_sign_in, viewer_for
from records.vocabulary import Role

ATTEMPTS_BEFORE_LOCK = 5
LOCK_MINUTES = 15
RESERVED = frozenset({"cli", "worker", "operator"})  # what the audit trail calls the program itself
NOBODY = "?"  # what it calls whoever tried a name that no account has; the name itself may be a mistyped password
LIMITS = "limits.db"  # in the instance folder; what is counted for all web processes together


class TooManyAttempts(Exception):
    """The account is locked for some minutes after several wrong passwords."""


class PersonError(ValueError):
    """An account cannot be made or changed as asked."""


def authenticate(instance: Instance, sign_in: str, password: str) -> Viewer | None:
    """The viewer for a right sign-in name and password, None for a wrong one.

    An account with a second factor is not in yet: `second_factor.is_code_right` comes next.
    After five wrong passwords in a row the account is locked for a quarter of an hour: TooManyAttempts, whatever the
    password. Wrong attempts, locks and sign-ins are audited. An unknown name takes the same time, the same lines of
    the trail and the same lock, so that no answer tells whether there is such an account.
    """
    locked, name = False, normal_sign_in(sign_in)
    with instance.session() as session:
        person = session.scalar(select(Person).where(Person.sign_in == name))
        if person is None:
            locked = _stranger(instance, session, name, password)
        elif person.locked_until is not None and person.locked_until > now():
            locked = True
        elif credentials.is_password_right(person.password_hash, password):
            return _signed_in(session, person)
        else:
            locked = note_failure(session, person)
    if locked:
        raise TooManyAttempts(f"this account is locked for {LOCK_MINUTES} minutes after several wrong passwords")
    return None


def viewer_of(instance: Instance, key: str) -> Viewer | None:
    """The viewer of a session, by the key `Viewer.id` gave when it began.

    None when the account was disabled, never existed, or its sessions were ended since (a new password, a reset).
    """
    person, _, number = str(key).partition(".")
    if not (person.isdecimal() and number.isdecimal()):
        return None
    with instance.session() as session:
        viewer = viewer_for(session, person_id=int(person))
    return viewer if viewer is not None and viewer.session_number == int(number) else None


def viewer_of_person(instance: Instance, person_id: int) -> Viewer | None:
    """The viewer of an account as it is now; None for a disabled or unknown one."""
    with instance.session() as session:
        return viewer_for(session, person_id=person_id)


def end_sessions(instance: Instance, *, person_id: int) -> None:
    """End every session of a person, so that a copied cookie is worth nothing once its owner has signed out."""
    with instance.session() as session:
        person = session.get_one(Person, person_id)
        person.session_number += 1
        audit.write(session, person.sign_in, "sign_out", person.sign_in)


def add_person(
    instance: Instance,
    *,
    sign_in: str,
    name: str,
    role: Role,
    password: str | None = None,
    unit_code: str | None = None,
    language: str | None = None,
    has_survey_role: bool = False,
    must_change: bool | None = None,
    by: str,
) -> str:
    """Make an account and return its password; without one a random password is made that must be changed.

    `must_change` settles for a given password whether the person has to choose another at the first sign-in.

    Raises PersonError for a name that is taken, a unit head without a unit, an unknown unit; WeakPassword.
    """
    sign_in = normal_sign_in(sign_in)
    must_change = password is None if must_change is None else must_change
    password = password or credentials.make_password()
    credentials.check_password_rules(password, sign_in=sign_in)
    with instance.session() as session:
        _check_new(session, sign_in, role, unit_code)
        session.add(
            Person(
                sign_in=sign_in, name=name.strip() or sign_in, role=role.value, unit_code=unit_code,
                password_hash=credentials.hash_password(password), language=language, made_at=now(),
                has_survey_role=has_survey_role, must_change_password=must_change,
            )
        )  # fmt: skip
        audit.write(session, by, "person.add", sign_in, {"role": role.value, "unit": unit_code})
    return password


def set_role(
    instance: Instance, *, sign_in: str, role: Role, unit_code: str | None, has_survey_role: bool, by: str
) -> bool:
    """Give a person another role, unit or the right to single answers; False when nothing is different.

    The trail keeps what was before and after, and the sessions of the person end. Raises PersonError for a unit head
    without a unit, an unknown account or unit, and where nobody would be left to manage people.
    """
    with instance.session() as session:
        person = _person(session, sign_in)
        _check_unit(session, role, unit_code)
        before = (person.role, person.unit_code, person.has_survey_role)
        if before == (role.value, unit_code, has_survey_role):
            return False
        if before[0] == Role.ADMIN and role is not Role.ADMIN and _active_admins(session) == [person.id]:
            raise PersonError("this is the last account that manages people; give that role to another one first")
        person.role, person.unit_code, person.has_survey_role = role.value, unit_code, has_survey_role
        person.session_number += 1
        detail = {
            "role_before": before[0], "role": role.value, "unit_before": before[1], "unit": unit_code,
            "survey_role_before": before[2], "survey_role": has_survey_role,
        }  # fmt: skip
        audit.write(session, by, "person.role", person.sign_in, detail)
    return True


def set_active(instance: Instance, *, sign_in: str, is_active: bool, by: str) -> None:
    """Disable an account or bring it back. A disabled person is out with the next request."""
    with instance.session() as session:
        person = _person(session, sign_in)
        person.is_active, person.session_number = is_active, person.session_number + 1
        audit.write(session, by, "person.enable" if is_active else "person.disable", person.sign_in)


def reset_password(
    instance: Instance, *, sign_in: str, password: str | None = None, by: str, must_change: bool = True
) -> str:
    """Set a new password (random when none is given) and return it.

    All sessions of the person end, a lock is opened, and the second factor is off, for its telephone may be lost.
    """
    password = password or credentials.make_password()
    credentials.check_password_rules(password, sign_in=normal_sign_in(sign_in))
    with instance.session() as session:
        person = _person(session, sign_in)
        person.password_hash, person.must_change_password = credentials.hash_password(password), must_change
        person.failed_sign_ins, person.locked_until = 0, None
        person.second_factor_salt = person.second_factor_step = None
        person.session_number += 1
        audit.write(session, by, "person.reset", person.sign_in)
    return password


def change_password(instance: Instance, *, person_id: int, old: str, new: str) -> bool:
    """Change the own password; False when the old one is wrong. Raises WeakPassword."""
    with instance.session() as session:
        person = session.get_one(Person, person_id)
        credentials.check_password_rules(new, sign_in=person.sign_in)
        if new == old:
            raise credentials.WeakPassword("the new password must differ from the old one")
        if not credentials.is_password_right(person.password_hash, old):
            note_failure(session, person)
            return False
        person.password_hash, person.must_change_password = credentials.hash_password(new), False
        person.session_number += 1
        audit.write(session, person.sign_in, "person.change_password", person.sign_in)
    return True


def make_token(instance: Instance, *, sign_in: str, title: str, days: int | None = 365, by: str) -> str:
    """A token that lets a program act as a person; shown once, kept as a hash, valid for some days (None: for ever)."""
    token = credentials.make_token()
    with instance.session() as session:
        person = _person(session, sign_in)
        expires = now() + timedelta(days=days) if days is not None else None
        hashed = credentials.token_hash(token)
        session.add(ApiToken(person_id=person.id, title=title, token_hash=hashed, made_at=now(), expires_at=expires))
        audit.write(session, by, "token.add", person.sign_in, {"title": title, "days": days})
    return token


def revoke_tokens(instance: Instance, *, sign_in: str, title: str | None = None, by: str) -> int:
    """End the tokens of a person (all, or those of one title); returns how many."""
    with instance.session() as session:
        person = _person(session, sign_in)
        ended = update(ApiToken).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
        if title is not None:
            ended = ended.where(ApiToken.title == title)
        ids = list(session.scalars(ended.values(revoked_at=now()).returning(ApiToken.id)))
        audit.write(session, by, "token.revoke", person.sign_in, {"title": title, "count": len(ids)})
    return len(ids)


def viewer_of_token(instance: Instance, token: str) -> Viewer | None:
    """The viewer a token stands for; None when it is unknown, revoked, expired, or its person is disabled."""
    with instance.session() as session:
        found = session.scalar(select(ApiToken).where(ApiToken.token_hash == credentials.token_hash(token)))
        if found is None or found.revoked_at is not None or (found.expires_at and found.expires_at <= now()):
            return None
        return viewer_for(session, person_id=found.person_id)


def _stranger(instance: Instance, session: Session, name: str, password: str) -> bool:
    """What happens to an account, for a name that has none; True while the name is locked."""
    tried = Strangers(instance.folder / LIMITS, attempts=ATTEMPTS_BEFORE_LOCK, minutes=LOCK_MINUTES)
    if tried.is_shut(name):
        return True
    credentials.is_password_right(None, password)
    is_locked = tried.note(name)
    audit.write(session, NOBODY, "sign_in.locked" if is_locked else "sign_in.failed", NOBODY)
    return is_locked


def _signed_in(session: Session, person: Person) -> Viewer | None:
    if not person.is_active:
        return None
    if person.second_factor_salt is None:  # else the wrong codes go on being counted until a right one
        note_success(session, person)
    return viewer_for(session, person_id=person.id)


def note_success(session: Session, person: Person) -> None:
    """A person is in: wrong attempts are forgotten."""
    person.failed_sign_ins, person.locked_until, person.last_sign_in_at = 0, None, now()
    audit.write(session, person.sign_in, "sign_in", person.sign_in)


def note_failure(session: Session, person: Person) -> bool:
    """Count a wrong password or code; True when this one locked the account."""
    person.failed_sign_ins += 1
    is_locked = person.failed_sign_ins >= ATTEMPTS_BEFORE_LOCK
    if is_locked:
        person.failed_sign_ins, person.locked_until = 0, now() + timedelta(minutes=LOCK_MINUTES)
        session.add(Notice(person_id=person.id, code="account_locked", arguments={}, made_at=now()))
    audit.write(session, person.sign_in, "sign_in.locked" if is_locked else "sign_in.failed", person.sign_in)
    return is_locked


def _check_new(session: Session, sign_in: str, role: Role, unit_code: str | None) -> None:
    if not sign_in or any(character.isspace() for character in sign_in):
        raise PersonError("a sign-in name has at least one character and no blanks")
    if sign_in in RESERVED or ":" in sign_in:
        raise PersonError(f"the sign-in name {sign_in} is kept for the program itself; choose another")
    if session.scalar(select(Person.id).where(Person.sign_in == sign_in)) is not None:
        raise PersonError(f"the sign-in name {sign_in} is taken")
    _check_unit(session, role, unit_code)


def _active_admins(session: Session) -> list[int]:
    return list(session.scalars(select(Person.id).where(Person.role == Role.ADMIN.value, Person.is_active)))


def _check_unit(session: Session, role: Role, unit_code: str | None) -> None:
    if role is Role.UNIT_HEAD and unit_code is None:
        raise PersonError("a unit head needs a unit; name it with --unit")
    if unit_code is not None and session.get(Unit, unit_code) is None:
        raise PersonError(f"there is no unit {unit_code}; see `wenxiao units list`")


def _person(session: Session, sign_in: str) -> Person:
    person = session.scalar(select(Person).where(Person.sign_in == normal_sign_in(sign_in)))
    if person is None:
        raise PersonError(f"there is no account {normal_sign_in(sign_in)}; see `wenxiao users list`")
    return person
