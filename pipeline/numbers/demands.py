"""Shared demands of a period: group the texts, count the people behind each group. Grouped once per content."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from metrics.clocks import period as periods
from metrics.shared_demands.demands import DemandSettings, group_texts
from pipeline.numbers.counting import Facts, build_facts
from records.engine import Engine
from records.engine_views import View
from records.instance import Instance
from records.tables import tables_for_metrics

FORM = "3"  # raise when the way of grouping changes
KEPT_FILES = 40

# What happened comes before the title: the first place a text names counts.
ROWS_TEXT = """
SELECT c.register, c.case_no, f.unit, f.channel, coalesce(c.category_path, f.category, '') AS category,
       coalesce(c.content, '') || ' ' || coalesce(c.title, '') AS words, coalesce(c.title, c.content, '') AS example,
       c.place AS spot, coalesce(c.village, c.street) AS place, c.person_token, coalesce(c.likes, 0) AS likes,
       c.received_at
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
    """Demands that at least `least_cases` cases share, those with the most people first.

    Grouped once for each content of the store and period, and kept beside the facts; a later call reads the file.
    """
    found = demands_in(instance, build_facts(instance), periods.parse(period, start_day), unit=unit)
    return [demand for demand in found or [] if demand.cases >= least_cases]


def demands_in(
    instance: Instance, facts: Facts, asked: periods.Period, *, unit: str | None = None, may_group: bool = True
) -> list[Demand] | None:
    """The demands of a period over these facts; None where they are not grouped yet and `may_group` is False."""
    if facts.as_of is None:
        return []
    path = _path(instance, [facts.key, asked.start.isoformat(), asked.end.isoformat(), unit])
    if path.exists():
        return _read(path)
    return _kept(path, _grouped(_rows(instance, facts, asked, unit))) if may_group else None


def known_demand_of(instance: Instance, register: str, case_no: str, day: date) -> tuple[str, Demand | None] | None:
    """The demand a record received on this day belongs to, from what was grouped before: the period, and the demand.

    None where no period with this day has been grouped yet; grouping takes too long for a page of one case.
    """
    facts = build_facts(instance)
    half, quarter = (day.month - 1) // 6 + 1, (day.month - 1) // 3 + 1
    for label in (f"{day.year}", f"{day.year}H{half}", f"{day.year}Q{quarter}", f"{day.year}-{day.month:02d}"):
        found = demands_in(instance, facts, periods.parse(label), may_group=False)
        if found is not None:
            return label, next((d for d in found if (register, case_no) in d.records), None)
    return None


def _grouped(rows: Sequence[dict[str, Any]]) -> list[Demand]:
    labels = group_texts(
        [row["words"] for row in rows],
        [row["category"] for row in rows],
        [row["received_at"].toordinal() for row in rows],
        [row["place"] for row in rows],
        [row["spot"] for row in rows],
    )
    groups: dict[int, list[dict[str, Any]]] = {}
    for label, row in zip(labels.tolist(), rows, strict=True):
        groups.setdefault(label, []).append(row)
    demands = [_demand(members) for members in groups.values() if len(members) > 1]
    return sorted(demands, key=lambda d: (-d.people, -d.cases, d.first, d.records))


def _path(instance: Instance, content: list[Any]) -> Path:
    key = json.dumps([FORM, astuple(DemandSettings()), *content])
    return instance.facts_folder / "demands" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _kept(path: Path, found: list[Demand]) -> list[Demand]:
    """Write the demands whole or not at all and forget the oldest files: they can be made again."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.new")
    temporary.write_text(json.dumps([astuple(d) for d in found], default=str), encoding="utf-8")
    temporary.chmod(0o600)
    temporary.replace(path)
    files = sorted(path.parent.glob("*.json"), key=lambda f: f.stat().st_mtime, reverse=True)
    for old in files[KEPT_FILES:]:
        old.unlink(missing_ok=True)
    return found


def _read(path: Path) -> list[Demand]:
    rows = [Demand(*row) for row in json.loads(path.read_text(encoding="utf-8"))]
    return [_with_types(demand) for demand in rows]


def _with_types(demand: Demand) -> Demand:
    first, last = (datetime.fromisoformat(str(moment)) for moment in (demand.first, demand.last))
    records = [(register, number) for register, number in demand.records]
    return replace(demand, first=first, last=last, records=records)


def _rows(instance: Instance, facts: Facts, asked: periods.Period, unit: str | None) -> list[dict[str, Any]]:
    with instance.session() as session:
        views: dict[str, View] = {**tables_for_metrics(instance, session), **facts.views}
    chosen = "AND f.unit = '" + unit.replace("'", "''") + "'" if unit else ""
    text = ROWS_TEXT.format(start=asked.start.isoformat(), end=asked.end.isoformat(), unit=chosen)
    return Engine(instance).dictionaries(text, views)


def _demand(members: list[dict[str, Any]]) -> Demand:
    tokens = {row["person_token"] for row in members if row["person_token"]}
    places = Counter(row["spot"] or row["place"] for row in members if row["spot"] or row["place"])
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
        example=members[0]["example"].strip()[:120],
        growth=(2 * later - len(members)) / len(members) if len(members) > 3 else None,
        records=[(row["register"] or "", row["case_no"]) for row in members],
    )
