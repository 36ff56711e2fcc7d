"""The assessments before and after one: the same scheme, a period of about the same length, final or published."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from metrics.clocks.period import Period, PeriodError, parse
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


def chain(session: Session, row: Assessment) -> list[Assessment]:
    """All of the scheme over periods of about this length, the oldest first, one for each period."""
    length = _days(parse(row.period))
    by_period: dict[str, Assessment] = {}
    for found in sorted(_of_scheme(session, row), key=lambda found: found.number):
        if _is_as_long(found.period, length):
            by_period[found.period] = found
    return sorted(by_period.values(), key=lambda found: parse(found.period).start)


def _of_scheme(session: Session, row: Assessment) -> list[Assessment]:
    wanted = select(Assessment).where(
        Assessment.scheme_id == row.scheme_id, Assessment.state.in_(FINAL_STATES), Assessment.replaced_by.is_(None)
    )
    return list(session.scalars(wanted))


def _days(period: Period) -> int:
    return 0 if period.is_all else (period.end - period.start).days


def _is_as_long(label: str, days: int) -> bool:
    try:
        found = parse(label)
    except PeriodError:
        return False
    return not found.is_all and abs(_days(found) - days) <= LENGTHS_DIFFER


def _follows(own: Period, label: str, *, is_later: bool = False) -> bool:
    """Whether the period of a label lies wholly before the own one (or after it) and is about as long."""
    if own.is_all or not _is_as_long(label, _days(own)):
        return False
    found = parse(label)
    return found.start >= own.end if is_later else found.end <= own.start
