"""Reading accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from records.access import Action, Viewer, can, require
from records.models import Person, Unit
from records.queries.units import codes_below
from records.vocabulary import Role


@dataclass(frozen=True)
class PersonRow:
    """An account without its secrets."""

    id: int
    sign_in: str
    name: str
    role: str
    unit_code: str | None
    unit_name: str | None
    language: str | None
    is_active: bool
    has_survey_role: bool
    must_change_password: bool
    locked_until: datetime | None
    last_sign_in_at: datetime | None
    session_number: int
    is_bound: bool = False  # to an identity of the office's single sign-on


@dataclass(frozen=True)
class Called:
    """What a reader calls a person: by name, or by role alone where the name is not for this reader."""

    name: str | None
    role: str


def called(session: Session, *, viewer: Viewer) -> dict[str, Called]:
    """What the viewer calls each account, by sign-in name.

    Who may see batches may see who brought them, so the office knows every name; others know the names of their own
    unit and below, and their own.
    """
    sees_all = can(viewer, Action.SEE_BATCHES)
    rows = session.execute(select(Person.sign_in, Person.name, Person.role, Person.unit_code))
    return {
        sign_in: Called(name if sees_all or sign_in == viewer.sign_in or unit in viewer.units else None, role)
        for sign_in, name, role, unit in rows
    }


def list_people(session: Session, *, viewer: Viewer) -> list[PersonRow]:
    """All accounts by sign-in name. Raises Forbidden for everybody but admins."""
    require(viewer, Action.MANAGE_PEOPLE)
    return [_row(person, unit) for person, unit in session.execute(_people().order_by(Person.sign_in))]


def one_person(session: Session, *, viewer: Viewer, sign_in: str) -> PersonRow | None:
    """One account by its sign-in name, None when there is none."""
    require(viewer, Action.MANAGE_PEOPLE)
    found = session.execute(_people().where(Person.sign_in == normal_sign_in(sign_in))).one_or_none()
    return _row(found[0], found[1]) if found else None


def list_assessors(session: Session) -> list[str]:
    """Sign-in names of the assessors, for giving work to them."""
    wanted = select(Person.sign_in).where(Person.role == Role.ASSESSOR.value, Person.is_active)
    return list(session.scalars(wanted.order_by(Person.sign_in)))


def viewer_for(session: Session, *, person_id: int) -> Viewer | None:
    """The viewer an account stands for; None for a disabled or unknown one."""
    person = session.get(Person, person_id)
    if person is None or not person.is_active:
        return None
    units = codes_below(session, code=person.unit_code) if person.unit_code else frozenset()
    return Viewer(
        person.id, person.name, Role(person.role), units, person.sign_in, person.language, person.has_survey_role,
        must_change_password=person.must_change_password, has_second_factor=person.second_factor_salt is not None,
        session_number=person.session_number,
    )  # fmt: skip


def count_people(session: Session) -> int:
    """Number of accounts."""
    return session.scalar(select(func.count()).select_from(Person)) or 0


def normal_sign_in(sign_in: str) -> str:
    """A sign-in name as it is stored: without outer blanks, small letters.

    >>> normal_sign_in(" Wang ")
    'wang'
    """
    return sign_in.strip().lower()


def _people() -> Select[Person, str]:
    return select(Person, Unit.name).outerjoin(Unit, Person.unit_code == Unit.code)


def _row(person: Person, unit_name: str | None) -> PersonRow:
    return PersonRow(
        id=person.id, sign_in=person.sign_in, name=person.name, role=person.role, unit_code=person.unit_code,
        unit_name=unit_name, language=person.language, is_active=person.is_active,
        has_survey_role=person.has_survey_role, must_change_password=person.must_change_password,
        locked_until=person.locked_until, last_sign_in_at=person.last_sign_in_at, session_number=person.session_number,
        is_bound=person.office_subject is not None,
    )  # fmt: skip
