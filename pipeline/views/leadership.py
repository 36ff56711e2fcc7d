"""What the organization department reads of leadership teams: band, change and peers, years, ceilings, objections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import undefer

from evaluation.scores.result import UnitResult
from evaluation.scores.told import middle
from pipeline.judgement import cycle, neighbours
from pipeline.paper import report_source
from pipeline.views import overview, shown
from pipeline.views.prepared import Prepared
from pipeline.views.scorecards import Grade, grades_of, received
from pipeline.views.words import Words
from records.access import Action, Viewer, require
from records.instance import Instance
from records.models import Assessment as Stored
from records.queries.review import list_objections
from reports.annual.change import reading

OUTCOMES = ("open", "accepted", "refused", "withdrawn")


@dataclass(frozen=True)
class Team:
    """One leadership team: the unit it leads, in its band, against the period before and its peers.

    `reading` is up or down where the two 95 % intervals do not touch, level where they do, None without an earlier one.
    """

    code: str
    name: str
    grade: Grade | None
    is_certain: bool
    candidates: tuple[str, ...]
    score: float | None
    low: float | None
    high: float | None
    received: int | None  # cases
    coverage: float | None
    reason: str | None
    peer_median: float | None
    rank_low: int | None
    rank_high: int | None
    before: float | None
    before_low: float | None
    before_high: float | None
    reading: str | None
    objections: Counter[str]
    is_few: bool  # fewer cases than may be ranked: shown in grey


@dataclass(frozen=True)
class Ceiling:
    """How many units of a group the best grade may hold by a share, and how many hold it: shown, never enforced."""

    units: int
    share: float
    allowed: int
    certain: int  # hold it surely
    possible: int  # not separable from it

    @property
    def is_exceeded(self) -> bool:
        return self.certain > self.allowed


@dataclass(frozen=True)
class TeamGroup:
    """The teams of one peer group."""

    title: Words
    teams: tuple[Team, ...]
    ceiling: Ceiling | None


@dataclass(frozen=True)
class Leadership:
    """The page of one assessment."""

    prepared: Prepared
    heading: overview.Heading
    grades: tuple[Grade, ...]
    best: Grade | None
    groups: tuple[TeamGroup, ...]
    before: str | None  # the period before
    share: float | None


@dataclass(frozen=True)
class Year:
    """A unit in one period: its grade, and whether that is certain; both None where it was not rated."""

    grade: Grade | None
    is_certain: bool
    score: float | None


@dataclass(frozen=True)
class Followed:
    """A unit over the periods, oldest first: how often it surely held the best grade, and the last run of it."""

    code: str
    name: str
    group: Words
    years: tuple[Year | None, ...]
    best: int
    in_a_row: int


@dataclass(frozen=True)
class Following:
    """Units that held the best grade at least once."""

    prepared: Prepared
    periods: tuple[tuple[str, int], ...]  # period and assessment
    units: tuple[Followed, ...]
    best: Grade | None


def leadership(instance: Instance, viewer: Viewer, number: int | None = None, share: float | None = None) -> Leadership:
    """The teams of an assessment; `share` takes the place of the scheme's ceiling for the best grade.

    Raises Forbidden and NothingToShow as `shown.prepared` does.
    """
    prepared = shown.prepared(instance, viewer, number=number, action=Action.SEE_RANKING)
    scheme = prepared.source.scheme
    grades = grades_of(scheme)
    best = grades[0] if grades else None
    quota = scheme.get("grades", {}).get("quota", {})
    used = share if share is not None else quota.get(best.code) if best else None
    with instance.session() as session:
        rows = list_objections(session, viewer=viewer, numbers=cycle.versions_of(session, prepared.source.number))
    told: dict[str, Counter[str]] = {}
    for row in rows:
        told.setdefault(row.unit_code, Counter())[row.state] += 1
    groups = []
    for code in dict.fromkeys(result.group for result in prepared.results.values()):
        peers = prepared.peers(code)
        median = middle(peer.score for peer in peers)
        teams = tuple(_team(prepared, peer, grades, median, told.get(peer.unit, Counter())) for peer in peers)
        groups.append(TeamGroup(prepared.group_title(code), teams, _ceiling(peers, best, used)))
    before = prepared.source.previous.get("period")
    return Leadership(prepared, overview.heading(prepared), tuple(grades), best, tuple(groups), before, used)


def following(instance: Instance, viewer: Viewer, number: int | None = None) -> Following:
    """Every unit that surely held the best grade in any final result of the scheme over periods of this length."""
    prepared = shown.prepared(instance, viewer, number=number, action=Action.SEE_RANKING)
    require(viewer, Action.SEE_RANKING, state=prepared.source.state)
    grades = grades_of(prepared.source.scheme)
    best = grades[0] if grades else None
    with instance.session() as session:
        row = session.get(Stored, prepared.source.number, options=[undefer(Stored.result)])
        chain = neighbours.chain(session, row) if row is not None else []
        periods = tuple((row.period, row.number) for row in chain)
    told = [report_source.shown_result(instance, viewer, number) for _, number in periods]
    results = [{unit.unit: unit for unit in result.units} if result else {} for result in told]
    by_code = {grade.code: grade for grade in grades}
    found = []
    for code in prepared.results:
        rows = [result.get(code) for result in results]
        years = tuple(Year(by_code.get(row.grade or ""), row.grade_certain, row.score) if row else None for row in rows)
        held = [year is not None and year.is_certain and year.grade == best for year in years]
        if best is not None and any(held):
            group = prepared.group_title(prepared.results[code].group)
            found.append(Followed(code, prepared.name(code), group, years, sum(held), _last_run(held)))
    return Following(prepared, periods, tuple(found), best)


def _last_run(held: Sequence[bool]) -> int:
    """How many of the last ones in a row are true.

    >>> _last_run([True, False, True, True]), _last_run([True, False])
    (2, 0)
    """
    count = 0
    for one in reversed(held):
        if not one:
            break
        count += 1
    return count


def _team(
    prepared: Prepared, result: UnitResult, grades: Sequence[Grade], median: float | None, objections: Counter[str]
) -> Team:
    earlier = prepared.source.previous.get("units", {}).get(result.unit)
    coverage = prepared.values.get((result.unit, "T1"))
    return Team(
        code=result.unit,
        name=prepared.name(result.unit),
        grade=next((grade for grade in grades if grade.code == result.grade), None),
        is_certain=result.grade_certain,
        candidates=tuple(result.grade_candidates),
        score=result.score,
        low=result.low,
        high=result.high,
        received=received(prepared, result.unit),
        coverage=coverage.value if coverage else None,
        reason=result.reason or result.rank_reason,
        peer_median=median,
        rank_low=result.rank_low,
        rank_high=result.rank_high,
        before=earlier["score"] if earlier else None,
        before_low=earlier["low"] if earlier else None,
        before_high=earlier["high"] if earlier else None,
        reading=reading(result, earlier) if earlier and result.score is not None else None,
        objections=objections,
        is_few=result.score is not None and result.rank_reason is not None,
    )


def _ceiling(peers: Sequence[UnitResult], best: Grade | None, share: float | None) -> Ceiling | None:
    if best is None or share is None:
        return None
    certain = sum(peer.grade == best.code and peer.grade_certain for peer in peers)
    possible = sum(not peer.grade_certain and best.code in peer.grade_candidates for peer in peers)
    return Ceiling(len(peers), share, int(share * len(peers) + 1e-9), certain, possible)
