"""Running the counting statements and laying their integers out by unit, period and split, totals included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from metrics.clocks.daytable import day_date, day_number
from metrics.counting import answers, backlog, counts, replies_alike
from metrics.counting.count_table import CountTable
from metrics.counting.counts import Cells
from metrics.values import needs, points
from pipeline.numbers.case_times import CaseTimes
from pipeline.numbers.count_layout import Counted, Layout, Request, Rows, texts
from records.engine import CountingEngine, Runner
from records.engine_views import Columns, View
from records.vocabulary import ColumnType

FOLLOW_UP = {"v_contacted": "contacted", "v_resolved": "resolved", "v_partly": "partly", "v_satisfied": "satisfied",
             "v_basic": "basic", "v_dissatisfied": "dissatisfied", "v": "fresh"}  # fmt: skip
LEVELS = range(6)


def tally(engine: CountingEngine, views: Mapping[str, View], days: Mapping[str, Any], request: Request) -> CountTable:
    """The integers of a request, totals included. Every unit has a row in every period, with zeros if need be."""
    cells = _cells(request)
    views = {**views, "unit_places": _unit_places(request)}
    if cells.has_periods:
        from pipeline.numbers.counting import period_days

        views["period_days"] = period_days(request.periods, day_date(days["day"][0]), day_date(days["day"][-1]))
    with engine.open(views) as statements:
        counted = list(_counts(statements, cells, request))
        if "prints" in views:
            counted += _near(statements, cells, request)
        layout = Layout(request, [part.groups for part in counted])
        columns = layout.columns(counted)
        clocks = needs.clocks_of(request.codes)
        shares = [clock for code, clock in needs.RATIO_OF.items() if code in request.codes]
        times, ratios = CaseTimes(cells, layout, columns["n_received"], clocks, shares).asked(statements)
    if "prints" in views:
        columns["are_replies_read"] = np.ones(len(layout.used) + len(layout.totals), np.int64)
    return CountTable(layout.keys(), columns, times, ratios)


def _unit_places(request: Request) -> Columns:
    values: dict[str, list[Any]] = {"unit": request.units, "place": list(range(len(request.units)))}
    return Columns(values, {"unit": ColumnType.TEXT, "place": ColumnType.BIG})


def empty_table(request: Request) -> CountTable:
    """The table of an instance without accepted cases: a row of zeros for every unit and period."""
    return CountTable(Layout(request, []).keys(), {})


def _cells(request: Request) -> Cells:
    first, end = day_number(request.asked.start), day_number(request.asked.end)
    return Cells(first, end, request.scope, request.split, request.is_by_month, (0, len(request.units)))


def _counts(statements: Runner, cells: Cells, request: Request) -> Iterable[Counted]:
    """Every statement the codes need."""
    needed = needs.counts_needed(request.codes)
    additive = [name for name in counts.count_columns(cells.scope) if name in needed]
    rows = statements.arrays(counts.counts_text(cells, additive))
    yield Counted.of(rows, request, {name: name for name in additive})
    if "template_replies" in needed:
        rows = statements.arrays(replies_alike.fingerprints_text(cells))
        yield Counted.of(rows, request, {"fingerprinted_replies": "replies", "template_replies": "template_replies"})
    if "n_closings" in needed:
        yield Counted.of(statements.arrays(counts.closings_text(cells)), request, {"n_closings": "n"})
    if "n_backlog" in needed:
        yield from _backlog(statements, request)
    if needed & answers.COUNT_NAMES:
        yield from _answers(statements.arrays(answers.answers_text(cells)), request)


def _backlog(statements: Runner, request: Request) -> Iterable[Counted]:
    """What each unit had open at the end of each period: everything added before it."""
    ends = sorted({day_number(period.end) for period in request.periods})
    rows = statements.arrays(backlog.backlog_text(request.scope, request.split, tuple(ends)))
    for place, period in enumerate(request.periods):
        before = _only(rows, np.asarray(rows["end_place"]) <= ends.index(day_number(period.end)))
        here = {**before, "period": np.full(len(before["unit"]), place)}
        yield Counted.of(here, request, {"n_backlog": "n"})


def _near(statements: Runner, cells: Cells, request: Request) -> list[Counted]:
    """Near-equal replies, over parts that have all been read for them."""
    rows = statements.arrays(replies_alike.near_prints_text(cells))
    return [Counted.of(rows, request, {"read_replies": "replies", "near_replies": "near_replies"})]


def _answers(rows: Rows, request: Request) -> Iterable[Counted]:
    """Survey answers under the names of the counts they add to, by where they come from."""
    source = np.array(texts(rows["source"]), dtype=object)
    is_follow_up, is_third_party = source == "follow_up", source == "third_party"
    third_party = {f"third_party_{n}_{s}": f"{n}_{s}" for n in (*points.THIRD_PARTY, "good_weight") for s in (3, 5)}
    ratings = {f"rating_{level}": f"new_rating_{level}" for level in LEVELS}
    yield Counted.of(
        rows, request, {"n_staff_answers": "staff", "n_later_answers": "later", "n_scanner_answers": "scanner"}
    )
    yield Counted.of(_only(rows, is_follow_up), request, FOLLOW_UP)
    yield Counted.of(_only(rows, is_third_party), request, {"third_party_answers": "answers", **third_party})
    platform = Counted.of(_only(rows, ~is_follow_up & ~is_third_party), request, ratings)
    yield platform
    yield Counted(platform.groups, {"known_rating": np.sum(list(platform.values.values()), axis=0)})


def _only(rows: Rows, chosen: np.ndarray) -> Rows:
    return {name: values[chosen] for name, values in rows.items()}
