"""The sums of aggregate tables and channel checks beside the counts of cases, read only when a code asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from metrics.clocks.period import Period
from metrics.counting import aggregates
from metrics.counting.count_table import CountTable, extended
from metrics.values import table_indicators, table_twins
from pipeline.numbers.tallies import Request
from records.engine import CountingEngine, Runner
from records.engine_views import PartFiles, View
from records.instance import Instance
from records.tables import tables_for_metrics

Sums = dict[tuple[str, str, str | None], int]  # by unit, label of the period and split


@dataclass(frozen=True)
class TableCounts:
    """A count table with the sums of tables added, and the batches these come from."""

    table: CountTable
    batches: list[int]


def with_tables(instance: Instance, engine: CountingEngine, table: CountTable, request: Request) -> TableCounts:
    """Add what the codes need of the views `counts` and `channels`; without such a code, the table as it is.

    A total is the sum of the units in the table. Of all splits tables know the channel only: rows of another one stay
    without sums, and a channel that only a table names gets rows of its own.
    """
    codes, periods = request.codes, request.periods
    needed = sorted({*table_indicators.tables_needed(list(codes)), *table_twins.twin_tables(codes)})
    if not needed or not periods or request.split not in (None, "channel"):
        return TableCounts(table, [])
    with instance.session() as session:
        views = tables_for_metrics(instance, session)
    used = _views_with_parts(views, needed)
    if not used:
        return TableCounts(table, [])
    sums: dict[str, Sums] = {}
    with engine.open(used) as statements:
        for name in needed:
            if _view_of(name) in used:
                sums |= _sums(statements, name, periods, by_channel=request.split == "channel")
    keys = {key for own in sums.values() for key in own if key[0] in request.units}
    wide = extended(table, sorted(keys, key=lambda key: (key[1], key[0], key[2] or "")))
    columns = {name: laid_out(own, wide) for name, own in sums.items()}
    batches = {batch for view in used.values() for batch in view.batches}
    return TableCounts(replace(wide, counts={**wide.counts, **columns}), sorted(batches))


def _view_of(table: str) -> str:
    return "channels" if table == table_indicators.CHANNELS else "counts"


def _views_with_parts(views: dict[str, View], tables: Iterable[str]) -> dict[str, PartFiles]:
    """The views of the tables, without those that have no accepted batch."""
    chosen = {name: views[name] for name in {_view_of(table) for table in tables}}
    return {name: view for name, view in chosen.items() if isinstance(view, PartFiles) and view.paths}


def _sums(statements: Runner, name: str, periods: Sequence[Period], *, by_channel: bool) -> dict[str, Sums]:
    """The sums of one table by the names they have in a count table."""
    is_channels = name == table_indicators.CHANNELS
    made = aggregates.channels_text if is_channels else partial(aggregates.table_text, name)
    counts = table_indicators.counts_of(name)
    sums: dict[str, Sums] = {table_indicators.column_name(name, count): {} for count in counts}
    for unit, place, split, *values in statements.run(made(periods, by_channel=by_channel)):
        for own, value in zip(sums.values(), values, strict=True):
            own[unit, periods[place].label, split] = int(value)
    return sums


def laid_out(sums: Mapping[tuple[str, str, str | None], int], table: CountTable) -> np.ndarray:
    """One number for every key of a table; a total is the sum of its units."""
    return with_totals(table, [0 if key[0] is None else sums.get((key[0], key[1], key[2]), 0) for key in table.keys])


def with_totals(table: CountTable, own: Sequence[int]) -> np.ndarray:
    """The numbers of the units of a table, in the order of its keys; a total is the sum of its units."""
    totals: dict[tuple[str, str | None], int] = {}
    for (unit, label, split), value in zip(table.keys, own, strict=True):
        if unit is not None:
            totals[label, split] = totals.get((label, split), 0) + value
    found = [
        totals.get((label, split), 0) if unit is None else value
        for (unit, label, split), value in zip(table.keys, own, strict=True)
    ]
    return np.array(found, np.int64)
