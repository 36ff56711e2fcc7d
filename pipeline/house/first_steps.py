"""What an office does until its first assessment stands: each step is done when the catalogue says so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from pipeline.numbers.counting import calendar_of
from records.access import Action, Viewer, can
from records.instance import Instance
from records.models import Assessment, Batch, Person, SchemeDraft, SchemePublication
from records.queries.units import count_units
from records.vocabulary import Kind, Role


@dataclass(frozen=True)
class FirstStep:
    """A step by its key: units, people, calendar, upload, scheme or assessment."""

    key: str
    is_done: bool


def first_steps(instance: Instance, viewer: Viewer) -> tuple[FirstStep, ...]:
    """The steps in their order; none once there is an assessment, and none for those who take no part in them."""
    if not can(viewer, Action.IMPORT):
        return ()
    with instance.session() as session:
        if session.scalar(select(exists().select_from(Assessment))):
            return ()
        done = {
            "units": count_units(session) > 0,
            "people": _has_assessor(session),
            "calendar": _covers_this_year(instance),
            "upload": _has_orders(session),
            "scheme": _has_own_scheme(session),
            "assessment": False,
        }
    return tuple(FirstStep(key, is_done) for key, is_done in done.items())


def _has_assessor(session: Session) -> bool:
    active = select(func.count()).select_from(Person).where(Person.role == Role.ASSESSOR, Person.is_active)
    return bool(session.scalar(active))


def _covers_this_year(instance: Instance) -> bool:
    years = calendar_of(instance).years
    return years is None or instance.today().year in years  # without years it follows the week and needs no notice


def _has_orders(session: Session) -> bool:
    accepted = select(exists().where(Batch.kind == Kind.RESPONSES, Batch.state == "accepted"))
    return bool(session.scalar(accepted))


def _has_own_scheme(session: Session) -> bool:
    begun = exists().where(SchemeDraft.state != "dropped")
    return bool(session.scalar(select(or_(begun, exists().select_from(SchemePublication)))))
