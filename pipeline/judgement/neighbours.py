"""The assessments before and after one: the same scheme, a period of about the same length, final or published."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from metrics.period import Period, PeriodError, parse
from records.access import FINAL_STATES
from records.models import Assessment

LENGTHS_DIFFER = 5  # days by which two months, quarters or years may differ


def before(session: Session, row: Assessment) -> Assessment | None:
    """The latest one whose period ends before this one begins; a version that was replaced does not count."""
    own = parse(row.period)
    earlier = [found for found in _of_scheme(session, row) if _follows(own, found.period)]
    return max(earlier, key=lambda found: (parse(found.period).start, found.number), default=None)


def after(session: Session, row: Assessment) -> Assessment | None:
    """The first one whose period begins after this one ends."""
    own = parse(row.period)
    later = [found for found in _of_scheme(session, row) if _follows(own, found.period, is_later=True)]
    return min(later, key=lambda found: (parse(found.period).start, -found.number), default=None)


def _of_scheme(session: Session, row: Assessment) -> list[Assessment]:
    wanted = select(Assessment).where(
        Assessment.scheme_id == row.scheme_id, Assessment.state.in_(FINAL_STATES), Assessment.replaced_by.is_(None)
    )
    return list(session.scalars(wanted))


def _follows(own: Period, label: str, *, is_later: bool = False) -> bool:
    """Whether the period of a label lies wholly before the own one (or after it) and is about as long."""
    try:
        found = parse(label)
    except PeriodError:
        return False
    if found.is_all or own.is_all or abs((found.end - found.start) - (own.end - own.start)).days > LENGTHS_DIFFER:
        return False
    return found.start >= own.end if is_later else found.end <= own.start
