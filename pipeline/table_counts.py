"""The sums of aggregate tables and channel checks beside the counts of cases, read only when a code asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from metrics import aggregates, table_indicators, table_twins
from metrics.count_table import CountTable
from metrics.period import Period
from records.engine import CountingEngine, PartFiles, Runner, View
from records.instance import Instance
from records.tables import tables_for_metrics

Sums = dict[tuple[str, str], int]  # by unit and label of the period


@dataclass(frozen=True)
class TableCounts:
    """A count table with the sums of tables added, and the batches these come from."""

    table: CountTable
    batches: list[int]


def with_tables(
    instance: Instance, engine: CountingEngine, table: CountTable, codes: Sequence[str], periods: Sequence[Period]
) -> TableCounts:
    """Add what the codes need of the views `counts` and `channels`; without such a code, the table as it is.

    A total is the sum of the units in the table. Rows of a split stay without sums: tables are not split so.
    """
    needed = sorted({*table_indicators.tables_needed(list(codes)), *table_twins.twin_tables(codes)})
    if not needed or not periods:
        return TableCounts(table, [])
    with instance.session() as session:
        views = tables_for_metrics(instance, session)
    used = _views_with_parts(views, needed)
    if not used:
        return TableCounts(table, [])
    columns = dict(table.counts)
    with engine.open(used) as statements:
        for name in needed:
            if _view_of(name) in used:
                columns |= _columns(statements, name, periods, table)
    batches = {batch for view in used.values() for batch in view.batches}
    return TableCounts(replace(table, counts=columns), sorted(batches))


def _view_of(table: str) -> str:
    return "channels" if table == table_indicators.CHANNELS else "counts"


def _views_with_parts(views: dict[str, View], tables: Iterable[str]) -> dict[str, PartFiles]:
    """The views of the tables, without those that have no accepted batch."""
    chosen = {name: views[name] for name in {_view_of(table) for table in tables}}
    return {name: view for name, view in chosen.items() if isinstance(view, PartFiles) and view.paths}


def _columns(statements: Runner, name: str, periods: Sequence[Period], table: CountTable) -> dict[str, np.ndarray]:
    is_channels = name == table_indicators.CHANNELS
    text = aggregates.channels_text(periods) if is_channels else aggregates.table_text(name, periods)
    counts = table_indicators.counts_of(name)
    sums: dict[str, Sums] = {count: {} for count in counts}
    for unit, place, *values in statements.run(text):
        for count, value in zip(counts, values, strict=True):
            sums[count][unit, periods[place].label] = int(value)
    return {table_indicators.column_name(name, count): _laid_out(sums[count], table) for count in counts}


def _laid_out(sums: Sums, table: CountTable) -> np.ndarray:
    """One number for every key of the table."""
    own = [0 if unit is None or split is not None else sums.get((unit, label), 0) for unit, label, split in table.keys]
    totals: dict[str, int] = {}
    for (unit, label, _), value in zip(table.keys, own, strict=True):
        if unit is not None:
            totals[label] = totals.get(label, 0) + value
    found = [
        totals.get(label, 0) if unit is None and split is None else value
        for (unit, label, split), value in zip(table.keys, own, strict=True)
    ]
    return np.array(found, np.int64)
