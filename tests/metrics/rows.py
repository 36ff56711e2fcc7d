"""Rows of cases as plain dictionaries, written as a part the engine can read."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from metrics.clocks import calendar, standard
from metrics.clocks.calendar import Calendar
from metrics.clocks.daytable import sql_columns
from metrics.clocks.standard import Standard
from metrics.counting.facts import Cut, facts_text
from pipeline.numbers.facts_store import days_view, recorded_view
from records.current import current_text
from records.engine import Engine
from records.engine_views import Columns, PartFiles, View
from records.newest import RECORDED
from records.vocabulary import CASE_COLUMNS, CURRENT_COLUMNS

AS_OF = datetime(2025, 4, 1, 12, 0)
TYPES = {column.name: column.type for column in CASE_COLUMNS}


def case_row(case_no: str, received: str | datetime, **more: Any) -> dict[str, Any]:
    """One observation; times as text or datetime."""
    row: dict[str, Any] = dict.fromkeys(TYPES)
    row |= {"register": "r", "case_no": case_no, "unit": "u1", "batch": 1, "row_no": 1, "exported_at": AS_OF}
    row |= {"received_at": received} | more
    return {k: datetime.fromisoformat(v) if k.endswith("_at") and isinstance(v, str) else v for k, v in row.items()}


def columns_of(rows: Iterable[Mapping[str, Any]]) -> Columns:
    rows = list(rows)
    return Columns({name: [row[name] for row in rows] for name in TYPES}, TYPES)


def facts_of(
    rows: Iterable[Mapping[str, Any]],
    folder: Path,
    *,
    office: Calendar | None = None,
    limits: Standard | None = None,
    as_of: datetime = AS_OF,
    uses_source_limits: bool = True,
) -> list[dict[str, Any]]:
    """The facts of these rows, in the order of their case numbers; the file stays in the folder as facts.parquet."""
    days = days_of(office)
    engine, target = Engine(None), folder / "facts.parquet"
    text = facts_text(Cut(as_of, limits or standard.load(), uses_source_limits), days)
    engine.write("SELECT * FROM given", {"given": columns_of(rows)}, folder / "cases.parquet")
    cases = PartFiles((folder / "cases.parquet",), CASE_COLUMNS)
    engine.write(current_text(), {"cases": cases}, folder / "current.parquet")
    engine.write(text, views_of(folder, days), target)
    return engine.dictionaries("SELECT * FROM facts ORDER BY register, case_no", {"facts": PartFiles((target,))})


def days_of(office: Calendar | None = None) -> dict[str, Any]:
    """The day table of a calendar over the years of these rows."""
    return sql_columns(office or calendar.load(), datetime(2024, 1, 1).date(), datetime(2027, 6, 30).date())


def views_of(folder: Path, days: Mapping[str, Any]) -> dict[str, View]:
    """What `facts_of` left in a folder, as the views that current cases and facts are made from."""
    current = PartFiles((folder / "current.parquet",), CURRENT_COLUMNS)
    flags = ", ".join(f"max(CASE WHEN {event} IS NULL THEN 0 ELSE 1 END) AS {name}" for name, event in RECORDED.items())
    text = f"SELECT coalesce(register, '') AS register, {flags} FROM rows GROUP BY coalesce(register, '')"
    found = Engine(None).dictionaries(text, {"rows": current})
    return {
        "cases": PartFiles((folder / "cases.parquet",), CASE_COLUMNS),
        "current_cases": current,
        "recorded": recorded_view({name: [row[name] for row in found] for name in ("register", *RECORDED)}),
        "days": days_view(days),
    }


def random_rows(seed: int, n: int) -> list[dict[str, Any]]:
    """Seeded rows with every kind of gap: open, unanswered, extended, suspended, excluded, seen twice."""
    draw = random.Random(seed)
    return [row for i in range(n) for row in _random_case(draw, i)]


def _random_case(draw: random.Random, i: int) -> list[dict[str, Any]]:
    received = datetime(2025, 1, 2) + timedelta(seconds=draw.randrange(85 * 86_400))

    def later(days: int, chance: float) -> datetime | None:
        return received + timedelta(seconds=draw.randrange(days * 86_400)) if draw.random() < chance else None

    suspended = later(10, 0.2)
    row = case_row(
        f"c{i:05d}", received, unit=f"u{draw.randrange(4)}", channel=draw.choice(["hotline", "website", None]),
        case_type=draw.choice(["complaint", "inquiry", None]), urgency=draw.choice(["urgent", "normal", None]),
        category=draw.choice(["road", "water"]), state=draw.choice(["open", "closed", None]),
        dispatched_at=received + timedelta(hours=1), signed_at=later(3, 0.7), first_response_at=later(25, 0.7),
        closed_at=later(40, 0.7), suspended_from=suspended,
        suspended_until=suspended + timedelta(days=draw.randrange(1, 9)) if suspended and draw.random() < 0.7 else None,
        extended_due_at=later(40, 0.2), extension_applied_at=later(30, 0.2), is_excluded=draw.choice([0, 1, None]),
        outcome=draw.choice(["resolved", "partly", "duplicate", "withdrawn", None]),
        rating=draw.choice([None, 0, 1, 2, 3, 4, 5]), valid_follow_up=draw.choice([0, 1, None]),
        resolved=draw.choice(["yes", "no", "partly", None]), contacted=draw.choice([0, 1]),
        person_token=draw.choice(["a", "b", None]), n_returns=draw.choice([0, 1, None]), row_no=i,
    )  # fmt: skip
    older = row | {
        "exported_at": datetime(2025, 2, 1),
        "closed_at": None,
        "state": "open",
        "batch": 0,
        "row_no": 10_000 + i,
    }
    return [older, row] if draw.random() < 0.3 else [row]
