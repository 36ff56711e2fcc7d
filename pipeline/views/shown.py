"""Which assessment a viewer sees, and its prepared numbers: loaded once, kept while the assessment stays the same."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from evaluation.scores.result import UnitResult
from metrics.disclosure.protection import K_INTERNAL, K_UNIT
from pipeline.numbers.small_cells import smallest_shown
from pipeline.paper import report_source
from pipeline.views.prepared import Prepared
from pipeline.views.words import Words
from records.access import OPERATOR, Action, Forbidden, Viewer, can, require
from records.instance import Instance
from records.queries import assessments, audit, units

KEPT = 16  # assessments, once for each kind of reader
_CHANGING = threading.Lock()


class NothingToShow(LookupError):
    """No assessment exists that this viewer may see."""


@dataclass(frozen=True)
class Choice:
    """An assessment a viewer may choose."""

    number: int
    period: str
    state: str
    scheme: str


@dataclass(frozen=True)
class ListedUnit:
    """A unit of the directory, with its result where the viewer may see it."""

    code: str
    name: str
    aliases: tuple[str, ...]
    is_open: bool  # whether the viewer may open its scorecard
    result: UnitResult | None


@dataclass(frozen=True)
class ListedGroup:
    """A peer group of the directory; code None holds the units without one."""

    code: str | None
    title: Words
    units: tuple[ListedUnit, ...]


@dataclass(frozen=True)
class Directory:
    """The unit directory, filtered by words."""

    groups: tuple[ListedGroup, ...]
    total: int
    prepared: Prepared | None


def choices(instance: Instance, viewer: Viewer, action: Action = Action.SEE_SCORECARD) -> list[Choice]:
    """The assessments a viewer may see by an action, newest first; replaced ones stay reachable."""
    with instance.session() as session:
        rows = assessments.list_assessments(session, viewer=viewer)
    return [
        Choice(row.number, row.period, row.state, f"{row.scheme_id}@{row.scheme_version}")
        for row in rows
        if can(viewer, action, state=row.state)
    ]


def prepared(
    instance: Instance,
    viewer: Viewer,
    *,
    number: int | None = None,
    period: str | None = None,
    unit: str | None = None,
    action: Action = Action.SEE_SCORECARD,
    among: list[Choice] | None = None,
) -> Prepared:
    """The assessment of a number, else the newest of a period, else the newest the viewer may see, with all its units.

    It holds every unit, because a unit is shown among its peers; what of it may be shown is the caller's to keep.
    `among` are the viewer's `choices` where the caller has read them for this action already.
    Raises NothingToShow when there is none, Forbidden when the unit or the assessment is closed to the viewer.
    """
    require(viewer, action, unit=unit)
    allowed = choices(instance, viewer, action) if among is None else among
    if number is not None and number not in {choice.number for choice in allowed}:
        raise Forbidden(f"assessment {number} is not open to {viewer.role.value}")
    if number is not None:
        fitting = [choice for choice in allowed if choice.number == number]
    else:
        fitting = [choice for choice in allowed if period in (None, choice.period)]
    if not fitting:
        raise NothingToShow
    chosen = fitting[0]
    with instance.session() as session:
        revision = audit.last_change(session)
    return _kept(_Key(instance, chosen.number, chosen.state, revision, smallest_shown(viewer)))


def read_ahead(instance: Instance) -> None:
    """Read the newest assessment once for each kind of reader, the assessors' first, so that nobody waits for it."""
    found = choices(instance, OPERATOR)
    if not found:
        return
    with instance.session() as session:
        revision = audit.last_change(session)
    for smallest in (K_INTERNAL, 1, K_UNIT):
        _kept(_Key(instance, found[0].number, found[0].state, revision, smallest))


def published(instance: Instance) -> Prepared | None:
    """The newest published assessment, for readers who need no right to it; None when there is none."""
    found = [choice for choice in choices(instance, OPERATOR) if choice.state == "published"]
    if not found:
        return None
    with instance.session() as session:
        revision = audit.last_change(session)
    return _kept(_Key(instance, found[0].number, found[0].state, revision, K_UNIT))


def directory(instance: Instance, viewer: Viewer, *, words: str = "") -> Directory:
    """The unit directory by peer group in administrative order; `words` must stand in the code or a name."""
    with instance.session() as session:
        rows = units.list_units(session, viewer=viewer)
        groups = units.list_peer_groups(session)
    try:
        found = prepared(instance, viewer)
    except (NothingToShow, Forbidden):
        found = None
    wanted = words.casefold()
    titles: dict[str | None, Words] = {group.code: _title(group) for group in groups}
    listed: dict[str | None, list[ListedUnit]] = {code: [] for code in (*titles, None)}
    for row in rows:
        if wanted in " ".join((row.code, row.name, *row.aliases)).casefold():
            code = row.peer_group if row.peer_group in titles else None
            listed[code].append(_listed(viewer, row, found))
    kept = tuple(
        ListedGroup(code, titles.get(code, Words("", "")), tuple(rows)) for code, rows in listed.items() if rows
    )
    return Directory(kept, len(rows), found)


def _listed(viewer: Viewer, row: units.UnitRow, found: Prepared | None) -> ListedUnit:
    result = found.results.get(row.code) if found else None
    is_open = result is not None and can(viewer, Action.SEE_SCORECARD, unit=row.code)
    return ListedUnit(row.code, row.name, row.aliases, is_open, result if is_open else None)


def forget() -> None:
    """Drop everything that is kept, for tests and after a restore."""
    _shown.clear()


@dataclass(frozen=True, eq=False)
class _Key:
    """What a kept answer depends on. The numbers of an assessment are frozen; names, decisions and its state change.

    `revision` is the newest audited change: whatever it was, the answer is put together again.
    """

    instance: Instance
    number: int
    state: str
    revision: int
    smallest: int = 1  # count of citizens' answers that is shown

    def _parts(self) -> tuple[str, str, int, str, int, int]:
        place = str(self.instance.folder), self.instance.database_url
        return *place, self.number, self.state, self.revision, self.smallest

    def __hash__(self) -> int:
        return hash(self._parts())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._parts() == other._parts()

    def is_older_than(self, other: _Key) -> bool:
        """Is it the same assessment for the same readers, before a change?"""
        return replace(self, state=other.state, revision=other.revision) == other and self.revision < other.revision


_shown: dict[_Key, Prepared] = {}
_of_number = [threading.Lock() for _ in range(KEPT)]


def _kept(key: _Key) -> Prepared:
    """The numbers of a key: threads that want the same ones read them once, and nobody waits for those that are there.

    An older revision of the same assessment goes when the newer one is there; beyond `KEPT` the oldest go.
    """
    if found := _shown.get(key):
        return found
    with _of_number[key.number % KEPT]:
        if found := _shown.get(key):
            return found
        loaded = _load(key)
        with _CHANGING:
            older = [kept for kept in _shown if kept.is_older_than(key)]
            oldest = [kept for kept in _shown if kept not in older][: max(0, len(_shown) - len(older) - KEPT + 1)]
            for kept in (*older, *oldest):
                del _shown[kept]
            _shown[key] = loaded
        return loaded


def _load(key: _Key) -> Prepared:
    """The numbers of an assessment, read with the rights of the program; `prepared` has asked for the viewer's."""
    with key.instance.session() as session:
        titles = {group.code: _title(group) for group in units.list_peer_groups(session)}
    source = report_source.source_for(key.instance, key.number, language="zh", viewer=OPERATOR, is_for_pages=True)
    return Prepared(report_source.protected_for(key.instance, source, key.smallest), titles)


def _title(group: units.PeerGroupRow) -> Words:
    return Words(group.title, group.title_en or group.title)
