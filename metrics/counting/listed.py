"""Where each case of a list belongs: its unit and its group of a split. Views: `facts`, `listed` (register, case_no,
place); a place is whatever the list means by it, and may stand for several cases."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, and_, column, func, select, table

from metrics.counting.counts import split_of
from metrics.statements import text_of
from records.columns import FACTS

LISTED = table("listed", column("register", String), column("case_no", String), column("place", BigInteger))


def groups_text(split: str) -> str:
    """Place, unit and group of the split, "" where a case has none; equal rows once."""
    same = and_(FACTS.c.register == LISTED.c.register, FACTS.c.case_no == LISTED.c.case_no)
    group = func.coalesce(split_of(FACTS.c, split), "")
    statement = select(LISTED.c.place, FACTS.c.unit, group.label("split")).select_from(LISTED.join(FACTS, same))
    return text_of(statement.distinct())
