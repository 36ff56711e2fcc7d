"""Gathers what a report prints: the frozen result, the numbers around it, and what people decided."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from evaluation.rules.scheme import Scheme, load
from evaluation.scores.result import Assessment
from metrics.clocks.period import PeriodError, parse
from metrics.value import MetricValue
from pipeline.judgement import neighbours
from pipeline.judgement.frozen_numbers import LEVELS, numbers_of
from pipeline.judgement.scoring import robustness_over
from pipeline.numbers.small_cells import smallest_shown, with_small_cells_withheld
from pipeline.paper.report_decided import decided, told
from pipeline.paper.report_texts import written_texts
from records.access import OPERATOR, Action, Viewer, can, require, unit_filter
from records.canonical import document_sha256
from records.instance import Instance
from records.models import Assessment as Stored
from records.parts import accepted_parts
from records.queries import assessments, batches, findings, units
from records.queries.batches import BatchRow
from records.vocabulary import Kind
from reports.source import ReportSource, UnitInfo

RECORDS_CHANGED = "records_changed:"
COUNTED = (Kind.RESPONSES, Kind.SURVEYS)  # the kinds whose batches a count rests on


class UnknownAssessment(LookupError):
    """There is no assessment of that number; the message says how to list them."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no assessment {number}; list them with `wenxiao assessments`")


def source_for(
    instance: Instance, number: int, *, language: str = "zh", viewer: Viewer | None = None, is_for_pages: bool = False,
    has_variants: bool = True,
) -> ReportSource:  # fmt: skip
    """Everything a document about an assessment may print for this viewer (default: the operator of the machine).

    Units the viewer may not see are left out, and with them every number of theirs. Pages print neither the variants
    of the scheme, nor the fingerprint of a document, nor the batches behind it: `is_for_pages` leaves them out, which
    takes a tenth of the time and lasts over imports. Without `has_variants` only the variants of the scheme are
    left out, which saves a third of the memory.

    Raises:
        UnknownAssessment: when there is no such assessment.
        Forbidden: when its state is closed to the viewer.
    """
    viewer = viewer or OPERATOR
    with instance.session() as session:
        row = assessments.one(session, viewer=viewer, number=number)
        result = assessments.result_of(session, viewer=OPERATOR, number=number)
        if row is None or result is None:
            raise UnknownAssessment(number)
        text = assessments.scheme_text_of(session, number=number) or ""
        directory = directory_of(session)
        groups = units.peer_group_titles(session, language)
        frozen = result.get("provenance", {}).get("batches")
        used, accepted = _batches_behind(session, viewer, frozen, row.made_at), accepted_batches(session)
        texts = written_texts(session, scheme=row.scheme_id, period=row.period, language=language)
        previous = _previous(session, number)
    assessment = Assessment.from_json(result)
    numbers = numbers_of(instance, load(text), row.period, row.result_sha256)
    with instance.session() as session:
        of_people = decided(session, number, row.period, viewer, numbers.ledger or ())
    seen = unit_filter(viewer, Action.SEE_SCORECARD)
    source = ReportSource(
        number=number, state=row.state, assessment=warned(assessment, accepted),
        units=directory, values=numbers.values, monthly=numbers.monthly,
        scheme=tomllib.loads(text), peer_groups=groups, office=instance.settings.office, city=instance.settings.city,
        address=instance.settings.address,
        made_at=row.made_at.astimezone(instance.zone).isoformat(timespec="seconds"),
        verification_code=row.verification_code or "", satisfaction=satisfaction_counts(numbers.values),
        batches=[] if is_for_pages else used,
        backlog={unit: list(counts) for unit, counts in numbers.backlog.items()},
        adjusted=[asdict(rate) for rate in numbers.adjusted], demands=numbers.demands,
        demand_count=numbers.demand_count,
        statistics=numbers.statistics,
        language=language, role="operator" if viewer.is_operator else str(viewer.role), texts=texts, previous=previous,
        cases=numbers.cases if can(viewer, Action.SEE_CASE_TEXT) else [],
        **of_people,
    )  # fmt: skip
    source = protected_for(instance, source, smallest_shown(viewer))
    if seen is None and has_variants and not is_for_pages:
        source = replace(source, robustness=_robustness(source.assessment, load(text)))
    source = source if seen is None else _only(source, seen)
    if is_for_pages:
        return source
    return replace(source, content_sha256=_content(source, row.result_sha256))


def protected_for(instance: Instance, source: ReportSource, k: int) -> ReportSource:
    """The source for a reader of counts from k: beside what was told in assessments made before over the same days.

    Results of the earlier period become ranges like those of this one; findings lose counts of a few citizens.
    """
    if k <= 1:
        return source
    with instance.session() as session:
        row = assessments.one(session, viewer=OPERATOR, number=source.number)
        earlier = [r for r in assessments.list_assessments(session, viewer=OPERATOR) if row and _is_beside(r, row)]
        tables_of = [(r, assessments.scheme_text_of(session, number=r.number) or "") for r in earlier]
        period = row.period if row else ""
        found = {f.id: told(f, k) for f in findings.every_current(session, period=period)} if source.findings else {}
    leads = [found[f["id"]] for f in source.findings if f["id"] in found]
    tables = [numbers_of(instance, load(text), r.period, r.result_sha256).values for r, text in tables_of]
    previous = source.previous and source.previous | {"units": _told_before(instance, source.previous["number"], k)}
    return with_small_cells_withheld(replace(source, previous=previous, findings=leads), k, tables)


def _is_beside(earlier: Any, own: Any) -> bool:
    """Whether an assessment was made before over the same days, a part of them, or more."""
    if earlier.number >= own.number:
        return False
    try:
        one, other = parse(earlier.period), parse(own.period)
    except PeriodError:
        return False
    if one.is_all or other.is_all:
        return True
    return (one.start <= other.start and other.end <= one.end) or (other.start <= one.start and one.end <= other.end)


def _told_before(instance: Instance, number: int, k: int) -> dict[str, Any]:
    """Score and interval of an earlier assessment as the same reader sees them there."""
    before = source_for(instance, number, is_for_pages=True)
    units_then = protected_for(instance, replace(before, previous={}), k).assessment.units
    return {u.unit: {"score": u.score, "low": u.low, "high": u.high} for u in units_then if u.score is not None}


def shown_result(instance: Instance, viewer: Viewer, number: int) -> Assessment | None:
    """The result of an assessment as this viewer may see it: own units only, small counts as ranges.

    None when there is none. Raises Forbidden when its state is closed to the viewer.
    """
    if smallest_shown(viewer) > 1:
        try:
            return source_for(instance, number, viewer=viewer, is_for_pages=True).assessment
        except UnknownAssessment:
            return None
    with instance.session() as session:
        found = assessments.result_of(session, viewer=viewer, number=number)
    return None if found is None else Assessment.from_json(found)


def _content(source: ReportSource, result_sha256: str) -> str:
    """What identifies everything a document prints: the frozen result, what people decided, wrote and may see."""
    by_people = (source.exclusions, source.objections, source.findings, source.cases, source.previous, source.batches,
               source.rectifications)  # fmt: skip
    texts = {place: asdict(text) for place, text in source.texts.items()}
    read = [source.language, source.role, source.state, [unit.unit for unit in source.assessment.units]]
    head = [result_sha256, source.office, source.city, source.assessment.warnings, source.demands, source.demand_count]
    further = [source.address] if source.address else []
    further += [] if source.is_searched else ["not searched"]
    return document_sha256([head, read, by_people, texts, *further])


def _robustness(told: Assessment, scheme: Scheme) -> list[dict[str, Any]]:
    """The single changes of the scheme, from what the reader is told: change of places, agreement, largest change."""
    return [
        {"kind": v.kind, "name": v.name, "mean_shift": v.mean_shift, "shift_ends": v.shift_ends,
         "kendall_ends": v.kendall_ends,
         "largest": max((abs(after - before) for _, before, after in v.moves), default=0)}
        for v in robustness_over(told, scheme, draws=1).variants
    ]  # fmt: skip


def _previous(session: Session, number: int) -> dict[str, Any]:
    """The latest final or published assessment of an earlier period under the same scheme, empty without one."""
    found = neighbours.before(session, session.get_one(Stored, number))
    if found is None:
        return {}
    units = {u["unit"]: {k: u[k] for k in ("score", "low", "high")} for u in found.result["units"]}
    scored = {unit: values for unit, values in units.items() if values["score"] is not None}
    return {"number": found.number, "period": found.period, "as_of": found.result["as_of"], "units": scored}


def satisfaction_counts(values: list[MetricValue]) -> dict[str, dict[str, int]]:
    """Ratings per level, by default and missing, per unit, from the counts of the period."""
    counts: dict[str, dict[str, int]] = {}
    for value in values:
        if value.unit and value.metric.startswith("n_") and value.value is not None and value.group is None:
            counts.setdefault(value.unit, {})[value.metric] = int(value.value)
    answer = {}
    for unit, own in counts.items():
        levels = {level: own.get(f"n_rating_{level}", 0) for level in LEVELS}
        levels["default"] = own.get("n_default_rated", 0)
        levels["unrated"] = max(own.get("n_eligible", 0) - sum(levels.values()), 0)
        answer[unit] = levels
    return answer


def directory_of(session: Session) -> list[UnitInfo]:
    """Every unit as documents know it."""
    found = units.list_units(session, viewer=OPERATOR)
    return [UnitInfo(u.code, u.name, u.short_name, u.peer_group, u.parent_code) for u in found]


def warned(assessment: Assessment, batches: list[int]) -> Assessment:
    """The assessment with a warning where the accepted batches are no longer those it rests on."""
    frozen = assessment.provenance.get("batches")
    if frozen is None or sorted(frozen) == sorted(batches):
        return assessment
    return replace(assessment, warnings=[*assessment.warnings, RECORDS_CHANGED])


def accepted_batches(session: Session) -> list[int]:
    """The batches a count of today would rest on."""
    return sorted(part.batch for kind in COUNTED for part in accepted_parts(session, kind))


def _batches_behind(
    session: Session, viewer: Viewer, frozen: Collection[int] | None, made_at: datetime
) -> list[dict[str, Any]]:
    """The batches an assessment rests on, whatever was taken in or withdrawn since.

    Of those that are counted the result names the numbers, `frozen`; of directories, ledgers and other kinds the time
    decides when it was made.
    """
    if not can(viewer, Action.SEE_BATCHES):
        return []

    def is_behind(row: BatchRow) -> bool:
        if frozen is not None and row.kind in COUNTED:
            return row.id in frozen
        is_gone = row.withdrawn_at is not None and row.withdrawn_at <= made_at
        return row.accepted_at is not None and row.accepted_at <= made_at and not is_gone

    rows = [row for row in batches.list_batches(session, viewer=viewer) if is_behind(row)]
    return [
        {"number": b.id, "kind": b.kind, "file": b.file_name, "rows": b.row_count, "sha256": b.part_sha256,
         "first": b.first_at.isoformat() if b.first_at else None, "last": b.last_at.isoformat() if b.last_at else None}
        for b in reversed(rows)
    ]  # fmt: skip


def _only(source: ReportSource, seen: frozenset[str]) -> ReportSource:
    """The source without the numbers of other units and without totals that would give them away."""
    return replace(
        source,
        assessment=replace(source.assessment, units=[u for u in source.assessment.units if u.unit in seen]),
        values=[v for v in source.values if v.unit in seen],
        monthly=[v for v in source.monthly if v.unit in seen],
        satisfaction={unit: counts for unit, counts in source.satisfaction.items() if unit in seen},
        backlog={unit: counts for unit, counts in source.backlog.items() if unit in seen},
        adjusted=[rate for rate in source.adjusted if rate["unit"] in seen],
        units=[u for u in source.units if u.code in seen],
        findings=[],
        demands=[],
        demand_count=None,
        statistics={unit: told for unit, told in source.statistics.items() if unit in seen},
        cases=[case for case in source.cases if case["unit"] in seen],
        previous=source.previous
        and {**source.previous, "units": {u: v for u, v in source.previous["units"].items() if u in seen}},
        robustness=[],
        texts={p: text for p, text in source.texts.items() if p.removeprefix("unit.") in seen},
    )


def require_documents(viewer: Viewer, *, kind: str, unit: str | None, state: str) -> None:
    """Raises Forbidden unless the viewer may make this kind of document: documents over all units need the ranking."""
    if viewer.is_operator:
        return
    require(viewer, Action.MAKE_REPORTS, unit=unit, state=state)
    if kind == "cases":
        require(viewer, Action.SEE_CASES, unit=unit, state=state)
    elif kind == "scorecard" and unit is not None:
        require(viewer, Action.SEE_SCORECARD, unit=unit, state=state)
    else:
        require(viewer, Action.SEE_RANKING, state=state)
        if kind == "daily":
            require(viewer, Action.SEE_METRICS)
