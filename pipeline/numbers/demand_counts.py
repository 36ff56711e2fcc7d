"""How many people share a demand, beside the counts of cases: the columns behind P1."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from metrics.clocks.period import Period
from metrics.counting.count_table import CountTable
from metrics.values.comparative import ARE_GROUPED, DEMAND_PEOPLE, DEMANDS
from pipeline.numbers.counting import Facts
from pipeline.numbers.demands import Demand, demands_in
from pipeline.numbers.listed_cases import Group, groups_of
from records.engine import Engine
from records.instance import Instance

LEAST_PEOPLE = 2  # one person who writes twice shares a demand with nobody
Grouped = Mapping[str, Sequence[Demand] | None]  # by label of the period; None where they are not grouped yet
Members = Mapping[tuple[str, int], set[Group]]


def grouped_demands(instance: Instance, facts: Facts, periods: Sequence[Period], *, may_group: bool) -> Grouped:
    """The demands that two people or more share, of each period."""
    found = {p.label: demands_in(instance, facts, p, may_group=may_group) for p in periods}
    return {label: None if d is None else _shared(d) for label, d in found.items()}


def _shared(found: Sequence[Demand]) -> list[Demand]:
    return [one for one in found if one.people >= LEAST_PEOPLE]


def groups_of_demands(instance: Instance, facts: Facts, grouped: Grouped, split: str | None) -> Members:
    """By label of the period and place of the demand, the units and groups of the split its cases belong to."""
    if split is None:
        return {}
    places = [(label, i) for label, found in grouped.items() for i in range(len(found or ()))]
    listed = (
        (place, *record) for place, (label, i) in enumerate(places) for record in (grouped[label] or ())[i].records
    )
    found = groups_of(Engine(instance), facts.views, split, listed)
    return {places[place]: groups for place, groups in found.items()}


def with_demands(
    table: CountTable, grouped: Grouped, members: Members, sets: Mapping[str, Collection[str]], asked: Collection[str]
) -> CountTable:
    """The table with the columns of P1. `sets` names the units of each key, `asked` those of the total.

    A demand of several units, or of several groups of the split, counts in each of them with all its people, and once
    in a set or total that holds them all.
    """
    columns: dict[str, list[int]] = {DEMANDS: [], DEMAND_PEOPLE: [], ARE_GROUPED: []}
    places = _places(grouped, members, {split for _, _, split in table.keys})
    for unit, label, split in table.keys:
        found = grouped.get(label)
        units = set(asked if unit is None else sets.get(unit, (unit,)))
        own = set[int]().union(*(places.get((label, member, split), ()) for member in units))
        values = (len(own), sum(found[i].people for i in own) if found else 0, int(found is not None))
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    return replace(table, counts={**table.counts, **{name: np.array(c, np.int64) for name, c in columns.items()}})


def _places(
    grouped: Grouped, members: Members, asked: Collection[str | None]
) -> dict[tuple[str, str, str | None], list[int]]:
    """By label, unit and split the places of the demands that belong there."""
    places: dict[tuple[str, str, str | None], list[int]] = {}
    for label, found in grouped.items():
        for i, demand in enumerate(found or ()):
            whole = [(unit, None) for unit in demand.units] if None in asked else []
            for unit, split in (*whole, *members.get((label, i), ())):
                places.setdefault((label, unit, split), []).append(i)
    return places
