"""What people checked, H2.two_phase, S7 and P1–P4 once more, slowly, from plain cases, answers, checks and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from evaluation.rules.rubric import forms
from metrics.clocks import period
from metrics.statistics.interval import newcombe_difference
from records.models import RubricItem, RubricReading, RubricRound
from tests.pipeline.plain_metrics import Cell
from tests.pipeline.plain_tables import PlainTables, Row, Span

REVIEWS = ("H8", "S5", "S8", "S10", "Q1", "Q3", "Q4", "Q5")
ASIDE = ("S7", "H2.two_phase", "P1", "P2", "P3", "P4")
TABLE = {
    "H8": ("closures_untrue", "closures_checked"), "S5": ("bad_ratings_fixed", "bad_ratings_due"),
    "S10": ("bad_ratings_called", "bad_ratings_valid"), "Q1": ("reply_points", "replies_scored"),
    "Q3": ("perfunctory_confirmed", "replies_reviewed"), "Q4": ("off_topic_confirmed", "replies_reviewed"),
    "Q5": ("promises_kept", "promises_due"),
}  # fmt: skip
LIMIT = 15


def plain_review(
    code: str, tables: PlainTables, unit: str | None, span: Span, cell: Cell | None = None, checks: Sequence[Row] = (),
    calendar: Any = None, as_of: date | None = None,
) -> float | None:  # fmt: skip
    """One code of REVIEWS; None wherever there is nothing to divide."""
    if code == "S8":
        return tables.value("X10", unit, span)
    above, below = TABLE[code]
    rows = tables.rows([above, below], unit, span)
    hits, base = sum(row[above] for row in rows), sum(round(row[below]) for row in rows)
    if cell is not None and code == "H8":
        known = {(c["register"] or "", c["case_no"]) for c in cell.fit}
        reached = {(c["register"], c["case_no"]): c for c in checks if c["reason"] == "random"
                   and c["result"] in ("yes", "partly", "no")}  # fmt: skip
        mine = [c for key, c in reached.items() if key in known]
        hits, base = hits + sum(c["is_claimed"] and c["result"] == "no" for c in mine), base + len(mine)
    if cell is not None and code in ("S5", "S10"):
        more = _bad_ratings(code, cell, calendar, as_of)
        hits, base = hits + more[0], base + more[1]
    return hits / base if base and (code == "Q1" or hits <= base) else None


def plain_scores(session: Any) -> list[tuple[str, date, date, float]]:
    """Of every reply with two readings: unit, first day and day after the last of its round, points."""
    found = []
    for row in session.execute(select(RubricRound, RubricItem).join(RubricItem)).all():
        given = session.scalars(select(RubricReading).where(RubricReading.item_id == row[1].id)).all()
        form = forms()[row[0].form]
        each = [sum(c.weight * one.marks[c.code] / form.top for c in form.criteria) for one in given]
        if len(each) == 2 and row[0].form == "reply_quality":
            whole = sum(c.weight for c in form.criteria)
            span = period.parse(row[0].period)
            found.append((row[1].unit_code, span.start, span.end, 100 * sum(each) / 2 / whole))
    return found


def plain_quality(
    tables: PlainTables, scored: Sequence[tuple[str, date, date, float]], unit: str | None, span: Span
) -> float | None:
    """Q1: points of the tables and of the replies scored here by the number of both."""
    rows = tables.rows(["reply_points", "replies_scored"], unit, span)
    mine = [p for u, first, end, p in scored if unit in (None, u) and span[0] <= first and end <= span[1]]
    n = sum(round(row["replies_scored"]) for row in rows) + len(mine)
    return (sum(row["reply_points"] for row in rows) + sum(mine)) / n if n else None


def _bad_ratings(code: str, cell: Cell, calendar: Any, as_of: date | None) -> tuple[int, int]:
    assert as_of is not None
    if not any(c["rated_at"] and c["followed_up_at"] for c in cell.everywhere):
        return 0, 0
    bad = [c for c in cell.fit if c["rating"] in (1, 2) and c["rated_at"]]
    if code == "S10":
        return sum(_is_after(c["followed_up_at"], c["rated_at"]) for c in bad), len(bad)
    hits = base = 0
    for case in bad:
        events = (case["followed_up_at"], case["final_closed_at"] or case["closed_at"])
        fixed = all(_is_after(e, case["rated_at"]) and _days(calendar, case["rated_at"], e.date()) <= LIMIT
                    for e in events)  # fmt: skip
        hits += fixed
        base += fixed or _days(calendar, case["rated_at"], as_of) > LIMIT
    return hits, base


def _is_after(later: Any, earlier: Any) -> bool:
    return later is not None and later > earlier


def _days(calendar: Any, start: Any, end: date) -> int:
    first = start.date()
    return sum(calendar.is_working_day(first + timedelta(days=i + 1)) for i in range((end - first).days))


def plain_gap(cell: Cell) -> tuple[float, float, float] | None:
    """S7 with its interval."""
    own = [r["rating"] for r in cell.follow_ups() if (r["rating"] or 0) >= 1]
    sample = [
        (1.0 if a["weight"] is None else round(a["weight"] * 10_000) / 10_000, a["rating"] >= 3)
        for a in cell.answers if a["source"] == "third_party" and (a["rating"] or 0) >= 1
    ]  # fmt: skip
    if not own or not sample:
        return None
    weight = sum(w for w, _ in sample)
    share, effective = sum(w for w, good in sample if good) / weight, weight**2 / sum(w * w for w, _ in sample)
    good = sum(r >= 3 for r in own)
    return good / len(own) - share, *newcombe_difference(good, len(own), share * effective, effective)


def plain_growth(cases: Sequence[Row], unit: str | None, span: Span, earlier: Span, first: date) -> float | None:
    """P4 from days of receipt."""
    days = [c["received_at"].date() for c in cases if unit in (None, c["unit"])]
    now, before = (sum(a <= day < b for day in days) for a, b in (span, earlier))
    return (now - before) / before if before and earlier[0] >= first else None


def plain_residents(cases: Sequence[Row], unit: str | None, span: Span, residents: Mapping[str, int]) -> float | None:
    """P2 over the units whose residents are known."""
    known = [code for code in residents if unit in (None, code)]
    n = sum(c["unit"] in known and span[0] <= c["received_at"].date() < span[1] for c in cases)
    people = sum(residents[code] for code in known)
    return 10_000 * n / people if people else None


def plain_confirmed(cell: Cell, checks: Sequence[Row]) -> float | None:
    """Two phases: each stratum of what the unit claims weighs what it holds of the closed cases."""
    reached = {(c["register"], c["case_no"]): c["result"] for c in checks if c["reason"] == "random"
               and c["result"] in ("yes", "partly", "no")}  # fmt: skip
    closed = [c for c in cell.fit if c["closed"] and not c["elsewhere"]]
    found = 0.0
    for is_claimed in (True, False):
        mine = [c for c in closed if bool(c["claims"]) is is_claimed]
        results = [reached[key] for c in mine if (key := (c["register"] or "", c["case_no"])) in reached]
        if mine and not results:
            return None
        found += len(mine) / len(closed) * results.count("yes") / len(results) if mine else 0.0
    return found if closed else None


def plain_shared(records: Sequence[Sequence[Any]], cases: Sequence[Row], unit: str | None) -> float | None:
    """P1: people of each group of records that two people or more share, on the average of the groups."""
    by_number = {(c["register"] or "", c["case_no"]): c for c in cases}
    sizes = []
    for group in records:
        mine = [by_number[tuple(key)] for key in group]
        people = {c["person_token"] or (c["register"], c["case_no"]) for c in mine}
        if len(people) >= 2 and (unit is None or any(c["unit"] == unit for c in mine)):
            sizes.append(len(people))
    return sum(sizes) / len(sizes) if sizes else None
