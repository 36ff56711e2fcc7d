"""What units claim against what citizens say, counted over closed cases. Integers only."""

from __future__ import annotations

from sqlalchemy import and_, select

from metrics.statements import count_where, text_of
from records.columns import FACTS

CLAIMS = ("resolved", "partly", "other")
VOICES = ("yes", "partly", "no", "silent")


def claims_text(first_day: int, end_day: int) -> str:
    """For each unit: closed cases by what it claims and what the citizen says (CLAIMS × VOICES in that order), then
    ratings by citizens, ratings set by default, closed cases without any rating."""
    f = FACTS.c
    claims = (f.is_claimed_resolved == 1, and_(f.is_claimed_resolved == 0, f.is_claimed_partly == 1),
              and_(f.is_claimed_resolved == 0, f.is_claimed_partly == 0))  # fmt: skip
    voices = (f.resolved == "yes", f.resolved == "partly", f.resolved == "no", f.resolved.is_(None))
    columns = [
        count_where(claim, voice).label(f"{name}_{said}")
        for name, claim in zip(CLAIMS, claims, strict=True)
        for said, voice in zip(VOICES, voices, strict=True)
    ]
    columns += [count_where(f.rating >= 1).label("rated"), count_where(f.rating == 0).label("by_default"),
                count_where(f.rating.is_(None)).label("unrated")]  # fmt: skip
    inside = and_(f.received_day >= first_day, f.received_day < end_day, f.is_closed == 1, f.is_duplicate == 0)
    return text_of(select(f.unit, *columns).where(inside).group_by(f.unit).order_by(f.unit))
