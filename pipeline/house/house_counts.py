"""How much the house holds: the few figures of a start page, counted in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from records.access import Viewer
from records.instance import Instance
from records.queries import batches, people, units
from records.queries.waiting import Waiting, waiting


@dataclass(frozen=True)
class HouseCounts:
    """Accepted batches, units of the directory, accounts."""

    batches: int
    units: int
    people: int


def counts(instance: Instance) -> HouseCounts:
    """The figures as they stand now."""
    with instance.session() as session:
        return HouseCounts(batches.count_batches(session), units.count_units(session), people.count_people(session))


def waits(instance: Instance, viewer: Viewer) -> Waiting:
    """What waits for the viewer now."""
    with instance.session() as session:
        return waiting(session, viewer=viewer)
