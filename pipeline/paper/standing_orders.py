"""Documents people want again and again: the worker makes them when a day, month or year is over in the records."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from metrics.clocks.period import PeriodError, parse
from pipeline.numbers import counting
from pipeline.paper import mailing, report_jobs
from pipeline.paper.reporting import FOR_A_TIME, FOR_ONE_UNIT, check_request
from records import audit
from records.access import Action, Forbidden, Viewer, can, require, unit_filter
from records.clock import now
from records.instance import Instance
from records.models import StandingOrder
from records.queries import assessments
from records.queries.people import viewer_for

RHYTHMS: dict[str, tuple[str, ...]] = {
    "daily": ("daily",),
    "monthly": ("notice", "scorecard", "workbook"),
    "yearly": ("annual", "scorecard", "workbook", "evidence", "opendata"),
}
"""Rhythm -> the kinds of documents that may be wanted in it."""
MOST = 20  # standing orders of one person
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")

log = logging.getLogger("wenxiao.standing_orders")


class OrderRefused(ValueError):
    """The order cannot be kept. `reason` is rhythm, scheme, unit, address, mail_unset or too_many."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Wanted:
    """What a person wants. `unit` None stands for all units; `mail_to` None for the inbox alone."""

    rhythm: str
    scheme: str
    kind: str
    format: str
    unit: str | None = None
    language: str = "zh"
    mail_to: str | None = None


@dataclass(frozen=True)
class Standing:
    """A standing order as its person sees it; `last_made` is the latest day, month or year it was made for."""

    id: int
    wanted: Wanted
    last_made: str
    made_at: datetime


def add(instance: Instance, viewer: Viewer, wanted: Wanted) -> int:
    """Keep a standing order and return its number.

    Raises OrderRefused, ReportRequestError where kind, format and unit do not go together, and Forbidden.
    """
    _check(instance, viewer, wanted)
    with instance.session() as session:
        own = session.scalars(select(StandingOrder).filter_by(person_id=viewer.person, ended_at=None)).all()
        if len(own) >= MOST:
            raise OrderRefused("too_many", f"{MOST} standing orders are the most; end one first")
        row = StandingOrder(
            person_id=viewer.person, rhythm=wanted.rhythm, scheme_id=wanted.scheme, kind=wanted.kind,
            format=wanted.format, unit_code=wanted.unit, language=wanted.language, mail_to=wanted.mail_to,
            last_made="", made_at=now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        details = {"rhythm": wanted.rhythm, "kind": wanted.kind, "is_mailed": bool(wanted.mail_to)}
        audit.write(session, viewer.sign_in, "standing_order.add", f"standing order {row.id}", details)
        return row.id


def end(instance: Instance, viewer: Viewer, order: int) -> bool:
    """End an own order; False where the viewer has no such order."""
    with instance.session() as session:
        row = session.get(StandingOrder, order)
        if row is None or row.person_id != viewer.person or row.ended_at is not None:
            return False
        row.ended_at = now()
        audit.write(session, viewer.sign_in, "standing_order.end", f"standing order {order}", {})
        return True


def list_own(instance: Instance, viewer: Viewer) -> list[Standing]:
    """The viewer's orders that hold, oldest first."""
    with instance.session() as session:
        rows = session.scalars(
            select(StandingOrder).filter_by(person_id=viewer.person, ended_at=None).order_by(StandingOrder.id)
        )
        return [Standing(row.id, _wanted(row), row.last_made, row.made_at) for row in rows]


def last_over(rhythm: str, today: date) -> str:
    """The latest day, month or year that is over on a day.

    >>> [last_over(rhythm, date(2025, 1, 1)) for rhythm in ("daily", "monthly", "yearly")]
    ['2024-12-31', '2024-12', '2024']
    """
    if rhythm == "daily":
        return (today - timedelta(days=1)).isoformat()
    if rhythm == "monthly":
        return (today.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    return str(today.year - 1)


def make_due(instance: Instance, today: date) -> list[str]:
    """Queue what is due and can be made now; returns the jobs. What has no assessment yet waits for a later call.

    Due is what is over both in the calendar and in the records: a month whose rows have not been handed in is not.
    """
    with instance.session() as session:
        rows = list(session.scalars(select(StandingOrder).filter_by(ended_at=None).order_by(StandingOrder.id)))
        orders = [(row.id, row.person_id, _wanted(row), row.last_made) for row in rows]
    known = counting.as_of(instance) if orders else None
    if known is None:
        return []
    day = min(today, known.date())
    return [job for order in orders if (job := _make(instance, *order, day=day)) is not None]


def _make(instance: Instance, order: int, person: int, wanted: Wanted, last_made: str, *, day: date) -> str | None:
    label = last_over(wanted.rhythm, day)
    with instance.session() as session:
        viewer = viewer_for(session, person_id=person)
    if viewer is None or label <= last_made:
        return None
    number = assessment_for(instance, viewer, wanted, label)
    if number is None:
        return None
    try:
        job = report_jobs.order(
            instance, viewer=viewer, number=number, kind=wanted.kind, format=wanted.format, unit=wanted.unit,
            language=wanted.language, of=label if wanted.kind in FOR_A_TIME else "", standing=order,
            job=f"standing-{order}-{label}",
        )  # fmt: skip
    except Forbidden as error:  # the role has changed since, or the state of the assessment
        log.warning("standing order %s waits: %s", order, error)
        return None
    with instance.session() as session:
        row = session.get(StandingOrder, order)
        if row is not None:
            row.last_made = label
    return job


def assessment_for(instance: Instance, viewer: Viewer, wanted: Wanted, label: str) -> int | None:
    """The newest assessment the document can be about: of that very period, or one that covers a month or day."""
    span = parse(f"{label}..{label}" if wanted.rhythm == "daily" else label)
    with instance.session() as session:
        rows = assessments.list_assessments(session, viewer=viewer)
    for row in sorted(rows, key=lambda row: -row.number):
        if row.scheme_id != wanted.scheme or row.replaced_by is not None:
            continue
        if not can(viewer, Action.MAKE_REPORTS, unit=wanted.unit, state=row.state):
            continue
        try:
            found = parse(row.period)
        except PeriodError:
            continue
        covers = found.start <= span.start and span.end <= found.end
        if (found.start, found.end) == (span.start, span.end) or (wanted.kind in FOR_A_TIME and covers):
            return row.number
        if wanted.kind == "daily" and found.start <= span.start:
            return row.number  # the rules of the latest assessment go on holding until the next is made
    return None


def _check(instance: Instance, viewer: Viewer, wanted: Wanted) -> None:
    require(viewer, Action.MAKE_REPORTS, unit=wanted.unit)
    if wanted.kind not in RHYTHMS.get(wanted.rhythm, ()):
        raise OrderRefused("rhythm", f"a document of kind {wanted.kind} is not made {wanted.rhythm}")
    own = unit_filter(viewer, Action.MAKE_REPORTS)
    if own is not None and (wanted.unit is None or wanted.unit not in own):
        raise Forbidden(f"{viewer.role.value} may order documents of the own unit only")
    is_for_all = wanted.kind in FOR_ONE_UNIT and wanted.unit is None
    check_request(wanted.kind, wanted.format, unit=wanted.unit, is_for_all=is_for_all)
    if wanted.mail_to and not ADDRESS.fullmatch(wanted.mail_to):
        raise OrderRefused("address", "this is not a mail address")
    if wanted.mail_to and not mailing.is_set(instance.settings):
        raise OrderRefused("mail_unset", "no mail server is set in settings.toml")


def _wanted(row: StandingOrder) -> Wanted:
    return Wanted(row.rhythm, row.scheme_id, row.kind, row.format, row.unit_code, row.language, row.mail_to)
