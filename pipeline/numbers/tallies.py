"""Running the counting statements and laying their integers out by unit, period and split, totals included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from metrics import answers, compute, counts
from metrics.count_table import CountTable, GroupedTimes, Key, Times, grouped
from metrics.counts import Cells
from metrics.daytable import day_date, day_number
from metrics.period import Period
from records.engine import CountingEngine, Runner, View

SECONDS_UP_TO = 2_000_000  # cases told apart to the second; beyond, times are counted in whole minutes
GROUPS = ("unit", "period", "split")
FOLLOW_UP = {"v_contacted": "contacted", "v_resolved": "resolved", "v_partly": "partly", "v_satisfied": "satisfied",
             "v_basic": "basic", "v_dissatisfied": "dissatisfied", "v": "fresh"}  # fmt: skip
LEVELS = range(6)
Rows = Mapping[str, np.ndarray]


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


def tally(engine: CountingEngine, views: Mapping[str, View], days: Mapping[str, Any], request: Request) -> CountTable:
    """The integers of a request, totals included. Every unit has a row in every period, with zeros if need be."""
    cells = _cells(request)
    views = dict(views)
    if cells.has_periods:
        from pipeline.numbers.counting import period_days

        views["period_days"] = period_days(request.periods, day_date(days["day"][0]), day_date(days["day"][-1]))
    with engine.open(views) as statements:
        counted = list(_counts(statements, cells, days, request))
        if "prints" in views:
            counted += _near(statements, cells, request)
        received = sum(int(part.values["n_received"].sum()) for part in counted if "n_received" in part.values)
        resolution = 1 if received <= SECONDS_UP_TO else 60
        times = {
            pair: _Timed.of(statements.arrays(counts.histogram_text(cells, *pair, resolution)), request)
            for pair in compute.clocks_of(request.codes)
        }
        ratios = {
            clock: _Timed.of(_shares(statements.arrays(counts.use_text(cells, clock))), request)
            for code, clock in compute.RATIO_OF.items()
            if code in request.codes
        }
    groups = [part.groups for part in counted] + [part.groups for part in (*times.values(), *ratios.values())]
    layout = _Layout(request, groups)
    columns = layout.columns(counted)
    if "prints" in views:
        columns["are_replies_read"] = np.ones(len(layout.used) + len(layout.totals), np.int64)
    return CountTable(
        layout.keys(),
        columns,
        {pair: layout.grouped(part) for pair, part in times.items()},
        {clock: layout.grouped(part) for clock, part in ratios.items()},
    )


def empty_table(request: Request) -> CountTable:
    """The table of an instance without accepted cases: a row of zeros for every unit and period."""
    return CountTable(_Layout(request, []).keys(), {})


def _cells(request: Request) -> Cells:
    first, end = day_number(request.asked.start), day_number(request.asked.end)
    return Cells(first, end, request.scope, request.split, request.is_by_month)


@dataclass(frozen=True)
class _Groups:
    """For every row of an answer its unit and period as places in the request (unit -1: not asked), and its split."""

    unit: np.ndarray
    period: np.ndarray
    split: list[str] | None

    @classmethod
    def of(cls, rows: Rows, request: Request) -> _Groups:
        places: dict[str | None, int] = {unit: place for place, unit in enumerate(request.units)}
        unit = np.fromiter((places.get(unit, -1) for unit in _texts(rows["unit"])), np.int64, len(rows["unit"]))
        split = None if request.split is None else [text or "" for text in _texts(rows["split"])]
        return cls(unit, np.asarray(rows["period"]).astype(np.int64), split)


@dataclass(frozen=True)
class _Counted:
    """Counts by name, one entry for every row."""

    groups: _Groups
    values: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, rows: Rows, request: Request, names: Mapping[str, str]) -> _Counted:
        """The columns of an answer under the names of the counts they are."""
        values = {count: np.ma.filled(rows[column], 0).astype(np.int64) for count, column in names.items()}
        return cls(_Groups.of(rows, request), values)


@dataclass(frozen=True)
class _Timed:
    """Times, one entry for every row."""

    groups: _Groups
    times: Times

    @classmethod
    def of(cls, rows: Rows, request: Request) -> _Timed:
        times = Times(*(np.asarray(rows[name]) for name in ("seconds", "ended", "n")))
        return cls(_Groups.of(rows, request), times)


class _Layout:
    """Where each unit, period and split stands in the table: units first, then the totals."""

    def __init__(self, request: Request, groups: list[_Groups]) -> None:
        self.request = request
        self.by_label = np.argsort(np.argsort([period.label for period in request.periods], kind="stable"))
        self.labels = sorted(period.label for period in request.periods)
        self.splits: list[str | None] = [None]
        if request.split is not None:
            self.splits = list(sorted({text for part in groups for text in part.split or ()}))
        self.split_places = {text: place for place, text in enumerate(self.splits)}
        cells = len(self.labels) * len(request.units) * len(self.splits)
        found = [codes[codes >= 0] for codes in map(self._codes, groups)]
        self.used = np.arange(cells) if request.split is None else np.unique(np.concatenate([*found, np.zeros(0, int)]))
        whole = self._total_codes(self.used)
        self.totals, self.total_of = np.unique(whole, return_inverse=True)

    def _codes(self, groups: _Groups) -> np.ndarray:
        """The cell of every row, -1 for units that were not asked for."""
        split: Any = 0
        if groups.split is not None:
            split = np.fromiter((self.split_places[text] for text in groups.split), np.int64, len(groups.split))
        period = self.by_label[groups.period] if len(groups.period) else groups.period
        cell = (period * len(self.request.units) + groups.unit) * len(self.splits) + split
        return np.where(groups.unit < 0, -1, cell)

    def _total_codes(self, codes: np.ndarray) -> np.ndarray:
        size = len(self.splits)
        return codes // (size * max(len(self.request.units), 1)) * size + codes % size

    def _places(self, groups: _Groups) -> np.ndarray:
        codes = self._codes(groups)
        return np.where(codes < 0, -1, np.searchsorted(self.used, codes))

    def keys(self) -> list[Key]:
        size, units = len(self.splits), self.request.units
        own: list[Key] = [
            (units[code // size % len(units)], self.labels[code // size // len(units)], self.splits[code % size])
            for code in self.used.tolist()
        ]
        return own + [(None, self.labels[code // size], self.splits[code % size]) for code in self.totals.tolist()]

    def columns(self, counted: Iterable[_Counted]) -> dict[str, np.ndarray]:
        """Every count as one column: the cells, then their sums."""
        cells: dict[str, np.ndarray] = {}
        for part in counted:
            places = self._places(part.groups)
            is_asked = places >= 0
            for name, values in part.values.items():
                column = cells.setdefault(name, np.zeros(len(self.used), np.int64))
                np.add.at(column, places[is_asked], values[is_asked])
        return {name: np.concatenate([column, self._sums(column)]) for name, column in cells.items()}

    def _sums(self, column: np.ndarray) -> np.ndarray:
        sums = np.zeros(len(self.totals), np.int64)
        np.add.at(sums, self.total_of, column)
        return sums

    def grouped(self, part: _Timed) -> GroupedTimes:
        """Times by key; a total holds the cases of all asked units."""
        places = self._places(part.groups)
        is_asked = places >= 0
        own, times = places[is_asked], part.times
        chosen = (times.seconds[is_asked], times.ended[is_asked], times.weight[is_asked])
        both = Times(*(np.concatenate([values, values]) for values in chosen))
        totals = len(self.used) + self.total_of[own]
        return grouped(both, np.concatenate([own, totals]), len(self.used) + len(self.totals))


def _counts(statements: Runner, cells: Cells, days: Mapping[str, Any], request: Request) -> Iterable[_Counted]:
    """Every statement the codes need."""
    needed = compute.counts_needed(request.codes)
    additive = [name for name in counts.count_columns(cells.scope) if name in needed]
    rows = statements.arrays(counts.counts_text(cells, additive))
    yield _Counted.of(rows, request, {name: name for name in additive})
    if "template_replies" in needed:
        rows = statements.arrays(counts.fingerprints_text(cells))
        yield _Counted.of(rows, request, {"fingerprinted_replies": "replies", "template_replies": "template_replies"})
    if "n_closings" in needed:
        yield _Counted.of(statements.arrays(counts.closings_text(cells)), request, {"n_closings": "n"})
    for place, period in enumerate(request.periods if "n_backlog" in needed else ()):
        end = Cells(0, day_number(period.end), cells.scope, cells.split)
        rows = statements.arrays(counts.backlog_text(end))
        yield _Counted.of({**rows, "period": np.full(len(rows["unit"]), place)}, request, {"n_backlog": "n"})
    if needed & answers.COUNT_NAMES:
        yield from _answers(statements.arrays(answers.answers_text(cells, days)), request)


def _near(statements: Runner, cells: Cells, request: Request) -> list[_Counted]:
    """Near-equal replies, over parts that have all been read for them."""
    rows = statements.arrays(counts.near_prints_text(cells))
    return [_Counted.of(rows, request, {"read_replies": "replies", "near_replies": "near_replies"})]


def _answers(rows: Rows, request: Request) -> Iterable[_Counted]:
    """Survey answers under the names of the counts they add to, by where they come from."""
    source = np.array(_texts(rows["source"]), dtype=object)
    is_follow_up, is_third_party = source == "follow_up", source == "third_party"
    third_party = {f"third_party_{n}_{s}": f"{n}_{s}" for n in (*compute.THIRD_PARTY, "good_weight") for s in (3, 5)}
    ratings = {f"rating_{level}": f"new_rating_{level}" for level in LEVELS}
    yield _Counted.of(
        rows, request, {"n_staff_answers": "staff", "n_later_answers": "later", "n_scanner_answers": "scanner"}
    )
    yield _Counted.of(_only(rows, is_follow_up), request, FOLLOW_UP)
    yield _Counted.of(_only(rows, is_third_party), request, {"third_party_answers": "answers", **third_party})
    platform = _Counted.of(_only(rows, ~is_follow_up & ~is_third_party), request, ratings)
    yield platform
    yield _Counted(platform.groups, {"known_rating": np.sum(list(platform.values.values()), axis=0)})


def _only(rows: Rows, chosen: np.ndarray) -> Rows:
    return {name: values[chosen] for name, values in rows.items()}


def _shares(rows: Rows) -> Rows:
    """Shares of the limit used, laid out as times are."""
    return {**rows, "seconds": np.asarray(rows["used"]) / np.asarray(rows["allowed"])}


def _texts(values: np.ndarray) -> list[str | None]:
    if not np.ma.isMaskedArray(values):
        return values.tolist()
    mask = np.ma.getmaskarray(values).tolist()
    return [None if is_hidden else value for value, is_hidden in zip(np.ma.getdata(values).tolist(), mask, strict=True)]
