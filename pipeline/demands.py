"""Shared demands of a period: group the texts, count the people behind each group."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from metrics import period as periods
from metrics.demands import group_texts
from pipeline.counting import build_facts
from records.engine import Engine, View
from records.instance import Instance
from records.tables import tables_for_metrics

ROWS_TEXT = """
SELECT c.register, c.case_no, f.unit, f.channel, coalesce(c.category_path, f.category, '') AS category,
       coalesce(c.title, '') || ' ' || coalesce(c.content, '') AS words,
       coalesce(c.village, c.street) AS place, c.person_token, coalesce(c.likes, 0) AS likes, c.received_at
FROM facts f JOIN cases c
  ON coalesce(c.register, '') = f.register AND c.case_no = f.case_no AND c.batch = f.batch
WHERE c.received_at >= TIMESTAMP '{start}' AND c.received_at < TIMESTAMP '{end}' {unit}
ORDER BY c.received_at, c.register, c.case_no
"""


@dataclass(frozen=True)
class Demand:
    """One shared demand. `people` counts tokens once each; a case without a token counts as one person."""

    people: int
    cases: int
    likes: int
    units: list[str]
    channels: list[str]
    category: str
    place: str | None
    first: datetime
    last: datetime
    example: str
    growth: float | None  # cases of the later half of the span minus the earlier half, as a share of all
    records: list[tuple[str, str]]


def shared_demands(
    instance: Instance, period: str, *, unit: str | None = None, start_day: int = 1, least_cases: int = 2
) -> list[Demand]:
    """Demands that at least `least_cases` cases share, those with the most people first."""
    rows = _rows(instance, period, unit, start_day)
    labels = group_texts(
        [row["words"] for row in rows],
        [row["category"] for row in rows],
        [row["received_at"].toordinal() for row in rows],
        [row["place"] for row in rows],
    )
    groups: dict[int, list[dict[str, Any]]] = {}
    for label, row in zip(labels.tolist(), rows, strict=True):
        groups.setdefault(label, []).append(row)
    demands = [_demand(members) for members in groups.values() if len(members) >= least_cases]
    return sorted(demands, key=lambda d: (-d.people, -d.cases, d.first, d.records))


def demand_of(instance: Instance, register: str, case_no: str, period: str) -> Demand | None:
    """The demand one record belongs to, or None when it stands alone."""
    return next((d for d in shared_demands(instance, period) if (register, case_no) in d.records), None)


def _rows(instance: Instance, period: str, unit: str | None, start_day: int) -> list[dict[str, Any]]:
    facts = build_facts(instance)
    if facts.as_of is None:
        return []
    asked = periods.parse(period, start_day)
    with instance.session() as session:
        views: dict[str, View] = {**tables_for_metrics(instance, session), **facts.views}
    chosen = "AND f.unit = '" + unit.replace("'", "''") + "'" if unit else ""
    text = ROWS_TEXT.format(start=asked.start.isoformat(), end=asked.end.isoformat(), unit=chosen)
    return Engine(instance).dictionaries(text, views)


def _demand(members: list[dict[str, Any]]) -> Demand:
    tokens = {row["person_token"] for row in members if row["person_token"]}
    places = Counter(row["place"] for row in members if row["place"])
    first, last = members[0]["received_at"], members[-1]["received_at"]
    middle = first + (last - first) / 2
    later = sum(row["received_at"] > middle for row in members)
    return Demand(
        people=len(tokens) + sum(not row["person_token"] for row in members),
        cases=len(members),
        likes=sum(row["likes"] for row in members),
        units=sorted({row["unit"] for row in members if row["unit"]}),
        channels=sorted({row["channel"] for row in members if row["channel"]}),
        category=members[0]["category"],
        place=places.most_common(1)[0][0] if places else None,
        first=first,
        last=last,
        example=members[0]["words"].strip()[:120],
        growth=(2 * later - len(members)) / len(members) if len(members) > 3 else None,
        records=[(row["register"] or "", row["case_no"]) for row in members],
    )
