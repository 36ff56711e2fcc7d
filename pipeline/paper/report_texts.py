"""Texts people wrote for chapters and units of a report; a later period takes over what it has no own text for."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from metrics.clocks import period as periods
from metrics.clocks.period import PeriodError
from records.models import TextBlock
from reports.source import WrittenText

UNIT = "unit."


def written_texts(session: Session, *, scheme: str, period: str, language: str) -> dict[str, WrittenText]:
    """The text printed at each place: the period's own, else that of the latest earlier period of the same length."""
    chosen = newest_texts(session, scheme=scheme, period=period, language=language)
    return {
        place: WrittenText(row.text, "" if row.period == period else row.period)
        for place, row in chosen.items()
        if row.text.strip()
    }


def newest_texts(session: Session, *, scheme: str, period: str, language: str) -> dict[str, TextBlock]:
    """The row that holds at each place, an emptied one included."""
    own = _span(period)
    wanted = select(TextBlock).where(TextBlock.scheme_id == scheme, TextBlock.language == language)
    rows = [row for row in session.scalars(wanted) if row.period == period or _is_before(_span(row.period), own)]
    rows.sort(key=lambda row: (_span(row.period) or (date.min, 0), row.period == period))
    return {f"{UNIT}{row.unit_code}" if row.unit_code else row.chapter: row for row in rows}


def _span(label: str) -> tuple[date, int] | None:
    """First day and rough length of a period in months, None for `all` and unknown labels."""
    try:
        found = periods.parse(label)
    except PeriodError:
        return None
    return None if found.is_all else (found.start, round((found.end - found.start).days / 30.4))


def _is_before(earlier: tuple[date, int] | None, own: tuple[date, int] | None) -> bool:
    return earlier is not None and own is not None and earlier[1] == own[1] and earlier[0] < own[0]
