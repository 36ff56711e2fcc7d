"""Replies that say the same: word for word by their fingerprint, nearly so by the keys of their text."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import and_, case, func, select, union_all

from metrics.counting.counts import KEPT, Cells, eligible, group_by, source_of
from metrics.statements import big, number, text_of, total
from records.columns import FACTS, PRINTS

TEMPLATE_SIZE = 3  # replies of one unit that share a fingerprint before they count as a template


@lru_cache(KEPT)
def fingerprints_text(cells: Cells) -> str:
    """Replies with a fingerprint, and those whose fingerprint the unit used at least three times in the period."""
    source, groups, condition = source_of(cells, FACTS.c.received_day)
    each = (
        select(*groups, FACTS.c.reply_fingerprint, big(func.count()).label("same"))
        .select_from(source)
        .where(condition, eligible(cells.scope), FACTS.c.reply_fingerprint.is_not(None))
        .group_by(*group_by(cells), FACTS.c.reply_fingerprint)
        .cte("fingerprints")
    )
    alike = case((each.c.same >= TEMPLATE_SIZE, each.c.same), else_=number(0))
    keys = (each.c.unit, each.c.period, each.c.split)
    statement = select(*keys, total(each.c.same).label("replies"), total(alike).label("template_replies"))
    return text_of(statement.group_by(*keys))


@lru_cache(KEPT)
def near_prints_text(cells: Cells) -> str:
    """Replies with keys, and those that share a key with two others of the unit in the period: near templates.

    View `prints` beside the others: unit, period, split, replies, near_replies.
    """
    f, p = FACTS.c, PRINTS.c
    source, groups, condition = source_of(cells, f.received_day)
    joined = source.join(PRINTS, and_(f.register == p.register, f.case_no == p.case_no, f.batch == p.batch))
    case_key = (f.register, f.case_no)
    base = select(*groups, *case_key, *(c for c in p if c.name.startswith("key_"))).select_from(joined)
    read = base.where(condition, eligible(cells.scope)).cte("read_replies")
    r, place = read.c, ("unit", "period", "split")
    each = union_all(*(
        select(*(r[name] for name in (*place, "register", "case_no")), number(i).label("band"),
               r[f"key_{i}"].label("key"))
        for i in range(sum(c.name.startswith("key_") for c in p))
    )).cte("keys")  # fmt: skip
    k, group = each.c, (*place, "band", "key")
    shared = (
        select(*(k[name] for name in group))
        .group_by(*(k[name] for name in group))
        .having(func.count() >= TEMPLATE_SIZE)
        .cte("shared_keys")
    )
    same = and_(*(k[name] == shared.c[name] for name in ("unit", "period", "band", "key")),
                func.coalesce(k.split, "") == func.coalesce(shared.c.split, ""))  # fmt: skip
    near_cases = select(*(k[name] for name in (*place, "register", "case_no"))).select_from(each.join(shared, same))
    by_case = near_cases.distinct().cte("near_cases")
    parts = (
        select(*(r[name] for name in place), number(1).label("is_read"), number(0).label("is_near")),
        select(*(by_case.c[name] for name in place), number(0), number(1)),
    )
    both = union_all(*parts).cte("read_or_near")
    b = both.c
    columns = (total(b.is_read).label("replies"), total(b.is_near).label("near_replies"))
    return text_of(select(*(b[name] for name in place), *columns).group_by(*(b[name] for name in place)))
