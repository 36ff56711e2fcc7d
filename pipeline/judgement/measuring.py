"""What an assessment starts from: values the scheme reads, units it judges, evidence, and where all of it came from."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from sqlalchemy import select

from evaluation.assess import OTHER_SCOPE
from evaluation.rules.scheme import Scheme
from evaluation.scores.observations import AssessedUnit, Evidence, Observation, Value
from metrics.clocks.period import parse
from metrics.disclosure.protection import K_INTERNAL
from metrics.disclosure.scored_cells import NEEDED, grouped, scored_codes
from metrics.value import MetricValue
from metrics.values import compute, needs, table_indicators
from pipeline.judgement.bonus_evidence import valid_bonuses
from pipeline.judgement.rubric_results import Part, with_blends
from pipeline.numbers import counting
from pipeline.numbers.ledger import Ledger, decided
from records.instance import Instance
from records.models import Finding, Unit
from records.parts import all_parts

NOT_MEASURED = "not_measured"


@dataclass(frozen=True)
class Measured:
    """The inputs of `evaluation.assess.assess`."""

    period: str
    as_of: str | None
    units: list[AssessedUnit]
    values: list[Value]
    evidence: list[Evidence]
    provenance: Mapping[str, Any]
    other: list[Value] | None = None  # the same in the scope that is not scored
    parts: Mapping[tuple[str, str], Sequence[Part]] = field(default_factory=dict)  # of blended indicators


def measure(instance: Instance, scheme: Scheme, period: str, *, ledger: Ledger | None = None) -> Measured:
    """Count what a scheme reads, in both scopes, with its start of the month and its weights for answers.

    `ledger` takes the place of the exclusions decided so far, to try what a decision would do.

    An indicator for which no unit at all has a value in the period (its source was not handed in, or nothing here
    computes it) is "not_measured": it is taken out for everybody alike, and the assessment says so.
    """
    units = assessed_units(instance)
    found = decided(instance) if ledger is None else ledger
    answer = _counted(instance, scheme, period, scheme.scope, found)
    beside = _counted(instance, scheme, period, OTHER_SCOPE[scheme.scope], found)
    codes = [unit.code for unit in units]
    bonuses = valid_bonuses(instance, scheme, answer.period)
    scored, parts = with_blends(instance, scheme, answer.period, _scored(of_units(answer), scheme), codes)
    besides, _ = with_blends(instance, scheme, answer.period, _whole(of_units(beside)), codes)
    return Measured(
        period=answer.period,
        as_of=None if answer.as_of is None else answer.as_of.isoformat(sep=" "),
        units=units,
        values=with_not_measured(scored, scheme.codes, units),
        evidence=[*confirmed_findings(instance, answer.period), *bonuses],
        provenance={
            **provenance(instance, scheme, answer),
            "ledger": found.sha256,
            "bonuses": [piece.document for piece in bonuses],
        },
        parts=parts,
        other=with_not_measured(_beside(besides, scored, scheme), scheme.codes, units),
    )


def _scored(rows: list[MetricValue], scheme: Scheme) -> list[Value]:
    """The rows of the scheme's codes, small counts of citizens' answers in classes where the scheme asks for it."""
    k, codes = scheme.small_n.grouped, set(scheme.codes)
    found = grouped(rows, k, also=(K_INTERNAL,)) if k else rows
    return _whole([row for row in found if row.metric in codes])


def _whole(rows: Iterable[MetricValue]) -> list[Value]:
    """The rows; faults of inspections without a number of cases: they are no sample that could be too small."""
    return [
        Observation(row.unit or "", row.metric, row.value, reason=row.reason)
        if row.metric in table_indicators.FAULT_CODES
        else row
        for row in rows
    ]


def _beside(rows: Sequence[Value], scored: list[Value], scheme: Scheme) -> list[Value]:
    """The other scope, with the same grouped answers: a difference would tell those of the few excluded cases."""
    if not scheme.small_n.grouped:
        return list(rows)
    voices = set(scored_codes(scheme.codes))
    return [*(row for row in rows if row.metric not in voices), *(row for row in scored if row.metric in voices)]


def of_units(answer: counting.MetricsAnswer) -> list[MetricValue]:
    """The rows of single units, without totals."""
    return [row for row in answer.rows if row.unit is not None]


def _counted(instance: Instance, scheme: Scheme, period: str, scope: str, ledger: Ledger) -> counting.MetricsAnswer:
    computed = set(needs.all_codes())
    needed = NEEDED if scheme.small_n.grouped and scope == scheme.scope else ()
    return counting.metric_values(
        instance,
        period=period,
        codes=[code for code in dict.fromkeys([*scheme.codes, *needed]) if code in computed],
        scope=scope,
        standard=scheme.limits.get("standard"),
        start_day=scheme.period_start_day,
        options=options_of(scheme),
        ledger=ledger,
    )


def options_of(scheme: Scheme) -> compute.Options:
    """What a scheme sets for metrics: the weight of 基本满意 in S1a, and what the longest waits count as."""
    weights = [i.options["basically_satisfied"] for i in scheme.indicators if "basically_satisfied" in i.options]
    longest = {True: float(scheme.waiting.longest_working_hours), False: float(scheme.waiting.longest_hours)}
    return compute.Options(basically_satisfied=float(weights[0]) if weights else 1.0, tau_hours=longest)


def assessed_units(instance: Instance) -> list[AssessedUnit]:
    """The units of the directory that are judged, by code; a merged unit is judged as its successor."""
    wanted = select(Unit).where(Unit.is_assessed, Unit.merged_into.is_(None)).order_by(Unit.code)
    with instance.session() as session:
        return [AssessedUnit(unit.code, unit.name, unit.peer_group) for unit in session.scalars(wanted)]


def with_not_measured(rows: Iterable[Value], codes: Iterable[str], units: Iterable[AssessedUnit]) -> list[Value]:
    """The rows, with every code that no unit has a value for as "not_measured" for each unit."""
    kept = list(rows)
    measured = {row.metric for row in kept if row.value is not None}
    absent = [code for code in codes if code not in measured]
    gaps = [Observation(unit.code, code, None, reason=NOT_MEASURED) for unit in units for code in absent]
    return [*(row for row in kept if row.metric in measured), *gaps]


def confirmed_findings(instance: Instance, period: str) -> list[Evidence]:
    """Findings of the period that a person confirmed, as evidence for deductions and vetoes.

    The source names what was confirmed: the `confirmed_as` of the review where there is one, else the detector.
    """
    wanted = select(Finding).where(Finding.period == period, Finding.state == "confirmed").order_by(Finding.id)
    with instance.session() as session:
        return [
            Evidence(
                finding.unit_code,
                f"confirmed_finding:{finding.document.get('confirmed_as', finding.detector)}",
                1.0,
                f"finding {finding.id}",
            )
            for finding in session.scalars(wanted)
            if finding.unit_code is not None
        ]


def provenance(instance: Instance, scheme: Scheme, answer: counting.MetricsAnswer) -> dict[str, Any]:
    """What the result rests on: hashes of scheme, parts, calendar and standard, and the version of the program."""
    standard_id = scheme.limits.get("standard")
    used = counting.standard_of(standard_id)
    asked = parse(answer.period, scheme.period_start_day)
    with instance.session() as session:
        parts = [part for part in all_parts(session) if part.batch in set(answer.batches)]
    return {
        "scheme": {"id": scheme.id, "version": scheme.version, "sha256": scheme.sha256},
        "batches": list(answer.batches),
        "parts": [{"batch": part.batch, "kind": str(part.kind), "sha256": part.sha256} for part in parts],
        "facts": answer.facts_key,
        "calendar": calendar_identity(instance),
        "standard": {"id": used.id, "version": used.version, "sha256": used.sha256, "used": answer.standard},
        "period": {"start": asked.start.isoformat(), "end": asked.end.isoformat()},
        "scope": answer.scope,
        "engine": answer.engine,
        "program": version("wenxiao"),
    }


def calendar_identity(instance: Instance) -> dict[str, str]:
    """Name and hash of the office calendar, over its hours, exceptions and known years."""
    office = counting.calendar_of(instance)
    content = dataclasses.asdict(office)
    content["exceptions"] = sorted((day.isoformat(), entry) for day, entry in content["exceptions"].items())
    content["years"] = sorted(office.years) if office.years is not None else None
    text = json.dumps(content, sort_keys=True, default=str)
    return {"id": office.id, "sha256": hashlib.sha256(text.encode()).hexdigest()}
