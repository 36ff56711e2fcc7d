"""Running the counting statements and gathering their integers by unit, period and split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from metrics import answers, compute, counts
from metrics.compute import CountTable, Key, Times
from metrics.counts import Cells
from metrics.daytable import day_date, day_number
from metrics.period import Period
from records.engine import Engine, View

SECONDS_UP_TO = 2_000_000  # cases told apart to the second; beyond, times are counted in whole minutes
FIELDS = ("seconds", "ended", "weight")
THIRD_PARTY = ("weight", "steps", "squares", "weight_squares")


@dataclass(frozen=True)
class Request:
    """What to count and for whom."""

    asked: Period
    periods: list[Period]
    is_by_month: bool
    scope: str
    split: str | None
    codes: list[str]
    units: list[str]


def tally(engine: Engine, views: Mapping[str, View], days: Mapping[str, Any], request: Request) -> CountTable:
    """The integers of a request, totals included. Every unit has a row in every period, with zeros if need be."""
    cells = _cells(request)
    views = dict(views)
    if cells.has_periods:
        from pipeline.counting import period_days

        views["period_days"] = period_days(request.periods, day_date(days["day"][0]), day_date(days["day"][-1]))
    gathered = _Gathered(request)
    _additive(engine, views, cells, gathered)
    if any(code == "Q2" for code in request.codes):
        for row in _rows(engine, counts.fingerprints_text(cells), views):
            gathered.add(row, {"fingerprinted_replies": row["replies"], "template_replies": row["template_replies"]})
    _activity(engine, views, cells, gathered)
    _answers(engine, views, days, cells, gathered)
    times = {
        pair: _times(engine, views, cells, pair, gathered, request)
        for pair in sorted(
            {compute.CLOCK_OF[c.split(".")[0]] for c in request.codes if c == "R3" or c in compute.TIME_CODES}
        )
    }
    ratios = {
        clock: _shares(engine, views, cells, clock, gathered)
        for code, clock in compute.RATIO_OF.items()
        if code in request.codes
    }
    return CountTable(gathered.keys(), gathered.with_totals(), times, ratios)


def empty_table(request: Request) -> CountTable:
    """The table of an instance without accepted cases: a row of zeros for every unit and period."""
    gathered = _Gathered(request)
    return CountTable(gathered.keys(), gathered.with_totals(), {})


def _cells(request: Request) -> Cells:
    first, end = day_number(request.asked.start), day_number(request.asked.end)
    return Cells(first, end, request.scope, request.split, request.is_by_month)


def _rows(engine: Engine, text: str, views: Mapping[str, View]) -> list[dict[str, Any]]:
    return engine.dictionaries(text, views)


class _Gathered:
    """Counts of each unit, period and split as they come in."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.labels = [p.label for p in request.periods]
        self.wanted = set(request.units)
        self.counts: dict[Key, dict[str, float]] = {}
        if request.split is None:
            self.counts = {(unit, label, None): {} for unit in request.units for label in self.labels}

    def key(self, row: Mapping[str, Any]) -> Key | None:
        if row["unit"] not in self.wanted:
            return None
        split = None if self.request.split is None else row["split"] or ""
        return row["unit"], self.labels[row["period"]], split

    def add(self, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        key = self.key(row)
        if key is None:
            return
        counts = self.counts.setdefault(key, {})
        for name, value in values.items():
            counts[name] = counts.get(name, 0) + int(value or 0)

    def totals(self) -> list[Key]:
        found = dict.fromkeys((None, period, split) for _, period, split in self.counts)
        return list(found)

    def keys(self) -> list[Key]:
        return [*sorted(self.counts, key=lambda k: (k[1], k[0] or "", k[2] or "")), *self.totals()]

    def with_totals(self) -> dict[Key, dict[str, float]]:
        names = {name for counts in self.counts.values() for name in counts} | counts.count_names()
        whole: dict[Key, dict[str, float]] = {key: {**dict.fromkeys(names, 0), **c} for key, c in self.counts.items()}
        for total in self.totals():
            rows = [c for (_, period, split), c in self.counts.items() if (period, split) == total[1:]]
            whole[total] = {name: sum(row.get(name, 0) for row in rows) for name in names}
        return whole


def _additive(engine: Engine, views: Mapping[str, View], cells: Cells, gathered: _Gathered) -> None:
    for row in _rows(engine, counts.counts_text(cells), views):
        gathered.add(row, {name: value for name, value in row.items() if name not in ("unit", "period", "split")})


def _activity(engine: Engine, views: Mapping[str, View], cells: Cells, gathered: _Gathered) -> None:
    if "n_closings" in gathered.request.codes:
        for row in _rows(engine, counts.closings_text(cells), views):
            gathered.add(row, {"n_closings": row["n"]})
    if "n_backlog" in gathered.request.codes:
        for place, period in enumerate(gathered.request.periods):
            end = Cells(0, day_number(period.end), cells.scope, cells.split)
            for row in _rows(engine, counts.backlog_text(end), views):
                gathered.add({**row, "period": place}, {"n_backlog": row["n"]})


def _answers(
    engine: Engine, views: Mapping[str, View], days: Mapping[str, Any], cells: Cells, gathered: _Gathered
) -> None:
    for row in _rows(engine, answers.answers_text(cells, days), views):
        values = {"n_staff_answers": row["staff"], "n_later_answers": row["later"]}
        match row["source"]:
            case "follow_up":
                for name in ("contacted", "resolved", "partly", "satisfied", "basic"):
                    values[f"v_{name}"] = row[name]
                values["v"] = row["fresh"]
            case "third_party":
                values["third_party_answers"] = row["answers"]
                values |= {f"third_party_{n}_{s}": row[f"{n}_{s}"] for n in THIRD_PARTY for s in (3, 5)}
            case _:
                values |= {f"rating_{level}": row[f"new_rating_{level}"] for level in range(6)}
                values["known_rating"] = sum(row[f"new_rating_{level}"] for level in range(6))
        gathered.add(row, values)


def _times(
    engine: Engine,
    views: Mapping[str, View],
    cells: Cells,
    pair: tuple[str, bool],
    gathered: _Gathered,
    request: Request,
) -> dict[Key, Times]:
    """Times of one clock by key; a total holds the cases of all asked units."""
    cases = sum(c.get("n_received", 0) for c in gathered.counts.values())
    resolution = 1 if cases <= SECONDS_UP_TO else 60
    columns = engine.arrays(counts.histogram_text(cells, *pair, resolution), views)
    return _by_key(columns, gathered)


def _shares(
    engine: Engine, views: Mapping[str, View], cells: Cells, clock: str, gathered: _Gathered
) -> dict[Key, Times]:
    """Shares of the limit used, by key, as times are."""
    columns = engine.arrays(counts.use_text(cells, clock), views)
    share = np.asarray(columns["used"]) / np.asarray(columns["allowed"])
    return _by_key({**columns, "seconds": share}, gathered)


def _by_key(columns: Mapping[str, Any], gathered: _Gathered) -> dict[Key, Times]:
    """Times by unit, period and split; a total holds the cases of all asked units."""
    places: dict[Key, int] = {}
    codes = np.full(len(columns["n"]), -1)
    splits = _texts(columns["split"])
    for i, (unit, period, split) in enumerate(zip(columns["unit"], columns["period"].tolist(), splits, strict=True)):
        key = gathered.key({"unit": unit, "period": period, "split": split})
        if key is not None:
            codes[i] = places.setdefault(key, len(places))
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(places) + 1))
    found = {key: _pick(columns, order[bounds[place] : bounds[place + 1]]) for key, place in places.items()}
    for total in gathered.totals():
        same = [found[key] for key in places if key[1:] == total[1:]]
        if same:
            found[total] = Times(*(np.concatenate([getattr(t, name) for t in same]) for name in FIELDS))
    return found


def _texts(values: Any) -> list[Any]:
    mask = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else np.zeros(len(values), bool)
    return [None if hidden else value for value, hidden in zip(np.ma.getdata(values).tolist(), mask, strict=True)]


def _pick(columns: Mapping[str, Any], chosen: Any) -> Times:
    return Times(*(np.asarray(columns[name])[chosen] for name in ("seconds", "ended", "n")))
