"""Early notice of demands that grow beyond the usual, by week, topic and place: solve it before it grows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from integrity.surges import RECENT, YEAR, Surge, surges
from metrics.clocks import period as periods
from metrics.clocks.daytable import day_date, day_number
from metrics.counting.weeks import MONDAY, weeks_text
from pipeline.numbers.counting import build_facts
from records.access import Action, Viewer, can, require, unit_filter
from records.engine import Engine
from records.instance import Instance
from records.tables import tables_for_metrics

LAST_WEEKS, KEPT = 4, "surges.json"
HISTORY = 2 * YEAR + RECENT  # weeks read before the first one looked at


@dataclass(frozen=True)
class Notice:
    """One topic at one place (None: in the whole area) in one week, Monday to Sunday."""

    category: str
    place: str | None
    first: date
    last: date
    count: int
    usual: float
    ratio: float
    p_adjusted: float
    series: tuple[int, ...]


@dataclass(frozen=True)
class Notices:
    """What grew in the weeks from `first` to `last`, strongest first; the dates are None while there are no cases."""

    first: date | None
    last: date | None
    notices: list[Notice]


def early_notices(instance: Instance, *, viewer: Viewer, period: str | None = None) -> Notices:
    """Notices of the last four complete weeks before the cut-off, or of the complete weeks of a period.

    Who sees single cases of all units sees the whole area; a unit sees the cases given to it. Counts below ten are
    never part of a notice.
    """
    require(viewer, Action.SEE_CASES)
    facts = build_facts(instance)
    if facts.as_of is None:
        return Notices(None, None, [])
    end = week_of(facts.as_of.date() + timedelta(days=1))  # the week of the cut-off counts once it is over
    begin = end - LAST_WEEKS
    if period is not None:
        asked = periods.parse(period)
        begin = max(week_of(asked.start + timedelta(days=6)), week_of(facts.first_day or asked.start))
        end = min(week_of(asked.end), end)
    if begin >= end:
        return Notices(None, None, [])
    cells = _cells(instance, facts.views, begin - HISTORY, end, unit_filter(viewer, Action.SEE_CASES))
    found = surges(cells, last=end - begin, first_week=_start(facts.first_day, begin - HISTORY))
    answer = Notices(monday(begin), monday(end) - timedelta(days=1), [_notice(s) for s in found])
    if period is None and unit_filter(viewer, Action.SEE_CASES) is None:
        _keep(instance, answer)
    return answer


def known_topics(instance: Instance, viewer: Viewer) -> tuple[int, str] | None:
    """How many topics the newest look named, and its last day; None before the first look. Nothing is counted here."""
    path = instance.facts_folder / KEPT
    if not can(viewer, Action.SEE_CASES) or unit_filter(viewer, Action.SEE_CASES) is not None or not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return kept["topics"], kept["last"]


def _keep(instance: Instance, found: Notices) -> None:
    """Write what the start page says, whole or not at all."""
    path = instance.facts_folder / KEPT
    topics = len({notice.category for notice in found.notices})
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.new")
    temporary.write_text(json.dumps({"topics": topics, "last": str(found.last)}), encoding="utf-8")
    temporary.chmod(0o600)
    temporary.replace(path)


def week_of(day: date) -> int:
    """The number of the week of a day, Monday to Sunday.

    >>> week_of(date(2025, 3, 9)) + 1 == week_of(date(2025, 3, 10))
    True
    """
    return (day_number(day) + MONDAY) // 7


def monday(week: int) -> date:
    """The first day of a week.

    >>> monday(week_of(date(2025, 3, 12)))
    datetime.date(2025, 3, 10)
    """
    return day_date(7 * week - MONDAY)


def _start(first_day: date | None, wanted: int) -> int:
    """The first week with all its days in the data: a register that begins in mid-week is no quiet week."""
    return max(wanted, week_of(first_day + timedelta(days=6))) if first_day else wanted


def _cells(
    instance: Instance, views: dict[str, Any], begin: int, end: int, units: Iterable[str] | None
) -> dict[tuple[str, str], list[int]]:
    """Cases of each topic by week: for every place, and for all places together (place "")."""
    facts = build_facts(instance)
    begin = _start(facts.first_day, begin)
    with instance.session() as session:
        tables = {**tables_for_metrics(instance, session), **views}
    cells: dict[tuple[str, str], list[int]] = {}
    for category, place, week, n in Engine(instance).run(weeks_text(begin, end, units), tables):
        for key in {(category, place), (category, "")}:
            cells.setdefault(key, [0] * (end - begin))[week - begin] += n
    return cells


def _notice(s: Surge) -> Notice:
    first = monday(s.week)
    return Notice(s.category, s.place or None, first, first + timedelta(days=6), s.count, s.usual, s.ratio,
                  s.p_adjusted, s.series)  # fmt: skip
