"""Findings of a period: the ground the detectors work on, their findings with the cases behind them, and the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from integrity.rules.catalogue import detectors, settings_of
from integrity.rules.finding import DISCLAIMER, Finding
from integrity.rules.null import with_two_keys
from metrics.clocks import period as periods
from metrics.clocks.daytable import day_number
from metrics.clocks.period import Period
from metrics.counting import batches, signals
from pipeline.integrity.detecting import Ground, Span, detect
from pipeline.integrity.detector_settings import settings_for
from pipeline.numbers.counting import Facts, build_facts
from pipeline.numbers.reply_features import features_view
from records import audit, models
from records.access import OPERATOR
from records.clock import now
from records.engine import Engine
from records.engine_views import View
from records.instance import Instance
from records.queries.findings import SEARCHED
from records.tables import tables_for_metrics

DECIDED = ("explained", "confirmed", "data_error")


def find(instance: Instance, period: str, start_day: int = 1, scheme: str | None = None) -> list[Finding]:
    """All findings of a period, strongest first. Nothing is stored and no score is touched.

    Thresholds are those of the scheme, without one those of the scheme of the newest assessment of the period. Raises
    SettingsFaulty where that scheme sets what no detector has.
    """
    ground = ground_of(instance, period, start_day)
    if ground is None:
        return []
    settings = settings_for(instance, period, scheme)
    with settings_of(settings.tables):
        found = [_with_thresholds(finding, settings.scheme) for finding in with_two_keys(detect(ground))]
    records = _records_of_signals(ground, found)
    return [_with_cases(ground, finding, records) for finding in found]


def _with_thresholds(finding: Finding, scheme: str | None) -> Finding:
    """The finding with the thresholds it passed, and the scheme that set them."""
    detector = detectors()[finding.key]
    kept = {"scheme": scheme, **detector.thresholds(finding.passed)}
    return replace(finding, evidence={**finding.evidence, "thresholds": kept})


def ground_of(instance: Instance, period: str, start_day: int = 1, *, has_features: bool = True) -> Ground | None:
    """What the detectors work on for a period, None while there are no cases.

    Without `has_features` it has no facts of replies: to make them, every reply that is new is read.
    """
    facts = build_facts(instance)
    asked = periods.parse(period, start_day)
    if facts.as_of is None:
        return None
    asked = _cut(asked, facts)
    span = Span(asked, day_number(asked.start), day_number(asked.end), day_number(facts.as_of.date()), start_day)
    with instance.session() as session:
        views: dict[str, View] = {**tables_for_metrics(instance, session), **facts.views}
        if has_features:
            views["features"] = features_view(instance, session)
        groups = {code: group for code, group in session.execute(select(models.Unit.code, models.Unit.peer_group))}
    return Ground(Engine(instance), views, span, groups)


def _cut(asked: Period, facts: Facts) -> Period:
    """The period within the days that hold data, so that "all" has months."""
    if not asked.is_all or facts.first_day is None or facts.last_day is None or facts.as_of is None:
        return asked
    last = max(facts.last_day, facts.as_of.date())
    return Period(asked.label, facts.first_day, last + timedelta(days=1))


def store(
    instance: Instance, period: str, found: Iterable[Finding], *, by: str = OPERATOR.sign_in, scheme: str | None = None
) -> list[tuple[int, Finding, str]]:
    """Keep findings for the review desk: one row per detector, pattern, period and unit.

    The audit trail says that the period was searched, also where nothing is found.

    A decided row keeps its decision and the document it was decided on; a row no longer found is marked, never removed.
    The answer holds number, finding and state, in the order given.
    """
    out = []
    with instance.session() as session:
        kept = {
            (row.detector, row.variant, row.unit_code or ""): row
            for row in session.scalars(select(models.Finding).where(models.Finding.period == period))
        }
        for row in kept.values():
            row.is_current = False
        for finding in found:
            row = kept.get((finding.detector, finding.variant, finding.unit)) or _new(session, period, finding)
            row.is_current = True
            if row.state not in DECIDED:
                row.is_named, row.strength, row.document = finding.named, finding.strength, document_of(finding)
            session.flush()
            out.append((row.id, finding, row.state))
        audit.write(session, by, SEARCHED, period, {"findings": len(out), "scheme": scheme})
    return out


def _new(session: Any, period: str, finding: Finding) -> models.Finding:
    row = models.Finding(
        detector=finding.detector, variant=finding.variant, period=period, unit_code=finding.unit or None,
        document={}, state="open", made_at=now(),
    )  # fmt: skip
    session.add(row)
    return row


def document_of(finding: Finding) -> dict[str, Any]:
    """A finding as plain data, with the disclaimer that belongs to every one."""
    return {
        "count": finding.count, "n": finding.n, "value": finding.value, "expected": finding.expected,
        "p_adjusted": finding.p_adjusted, "sentence": finding.sentence, "disclaimer": DISCLAIMER,
        "cases": [list(key) for key in finding.case_keys], "strength": finding.strength, "family": finding.family,
        "ordinary": finding.ordinary, "evidence": finding.evidence, "is_ticket": finding.is_ticket,
        "is_deterministic": finding.is_deterministic,
    }  # fmt: skip


Records = dict[tuple[str, str], list[tuple[str, str]]]


def _records_of_signals(ground: Ground, found: Iterable[Finding]) -> Records:
    """The records behind every finding of the share kind, by signal and unit, in one statement."""
    wanted: dict[str, list[str]] = {}
    for finding in found:
        if (signal := finding.evidence.get("signal")) and finding.evidence.get("source") != "answers":
            wanted.setdefault(signal, []).append(finding.unit)
    records: Records = {}
    if wanted:
        text = signals.records_text(wanted, ground.span.first, ground.span.end, ground.span.as_of)
        for signal, unit, register, case_no in ground.engine.run(text, ground.views):
            records.setdefault((signal, unit), []).append((register, case_no))
    return records


def _with_cases(ground: Ground, finding: Finding, records: Records) -> Finding:
    """The records behind a finding, so that a reader can open each of them. Answers are never listed one by one."""
    span, signal = ground.span, finding.evidence.get("signal")
    if finding.case_keys or finding.evidence.get("source") == "answers":
        return finding
    if signal:
        return replace(finding, case_keys=tuple(records.get((signal, finding.unit), ())))
    if finding.detector == "D09":
        text = batches.batch_cases_text(finding.unit, span.first, span.end)
    elif finding.detector == "D01":
        text = signals.repeated_records_text(finding.unit, span.first, span.end)
    else:
        return finding
    rows = ground.engine.run(text, ground.views)
    return replace(finding, case_keys=tuple((register, number) for register, number, *_ in rows))
