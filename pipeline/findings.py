"""Findings of a period: count what the detectors read, judge it among peers, keep it for the review desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from integrity.catalogue import detectors
from integrity.finding import DISCLAIMER, Finding
from integrity.null import with_two_keys
from integrity.plain_rules import UnitRecords, plain_findings
from integrity.replies_alike import UnitReplies, replies_alike
from integrity.shares import UnitShares, share_findings
from metrics import histories, signals
from metrics import period as periods
from metrics.daytable import day_number
from pipeline.counting import build_facts
from pipeline.reply_features import features_view
from records import models
from records.clock import now
from records.engine import Engine, View
from records.instance import Instance
from records.tables import tables_for_metrics


@dataclass(frozen=True)
class Span:
    """A period as day numbers and ISO days, and the cut-off."""

    label: str
    first: int
    end: int
    first_iso: str
    end_iso: str
    as_of: int


def find(instance: Instance, period: str, start_day: int = 1) -> list[Finding]:
    """All findings of a period, strongest first. Nothing is stored and no score is touched."""
    facts = build_facts(instance)
    asked = periods.parse(period, start_day)
    if facts.as_of is None:
        return []
    span = Span(asked.label, day_number(asked.start), day_number(asked.end), asked.start.isoformat(),
                asked.end.isoformat(), day_number(facts.as_of.date()))  # fmt: skip
    with instance.session() as session:
        views: dict[str, View] = {**tables_for_metrics(instance, session), **facts.views}
        views["features"] = features_view(instance, session)
        groups = {code: group for code, group in session.execute(select(models.Unit.code, models.Unit.peer_group))}
    engine = Engine(instance)
    shares = _shares(engine, views, span, groups)
    found = [
        *share_findings(shares),
        *replies_alike(_replies(engine, views, span, groups)),
        *_plain(engine, views, span, groups, {u.unit: u.counts["excluded"][0] for u in shares}),
    ]
    return [_with_cases(engine, views, span, finding) for finding in with_two_keys(found)]


def store(instance: Instance, period: str, found: Iterable[Finding]) -> list[tuple[int, Finding, str]]:
    """Keep findings for the review desk: one row per detector, period and unit; a decided row keeps its decision.

    The answer holds number, finding and state, in the order given.
    """
    out = []
    with instance.session() as session:
        kept = {
            (row.detector, row.unit_code): row
            for row in session.scalars(select(models.Finding).where(models.Finding.period == period))
        }
        for finding in found:
            row = kept.get((finding.detector, finding.unit))
            if row is None:
                row = models.Finding(
                    detector=finding.detector, period=period, unit_code=finding.unit, document={}, made_at=now()
                )
                session.add(row)
            row.is_named, row.document = finding.named, document_of(finding)
            session.flush()
            out.append((row.id, finding, row.state))
    return out


def document_of(finding: Finding) -> dict[str, Any]:
    """A finding as plain data, with the disclaimer that belongs to every one."""
    return {
        "count": finding.count, "n": finding.n, "value": finding.value, "expected": finding.expected,
        "p_adjusted": finding.p_adjusted, "sentence": finding.sentence, "disclaimer": DISCLAIMER,
        "cases": [list(key) for key in finding.case_keys], "strength": finding.strength, "family": finding.family,
        "ordinary": finding.ordinary, "evidence": finding.evidence,
    }  # fmt: skip


def _shares(
    engine: Engine, views: Mapping[str, View], span: Span, groups: Mapping[str, str | None]
) -> list[UnitShares]:
    names = signals.share_names(span.as_of)
    rows = engine.run(signals.shares_text(span.first, span.end, span.as_of), views)
    return [
        UnitShares(row[0], groups[row[0]], {n: (row[1 + 2 * i], row[2 + 2 * i]) for i, n in enumerate(names)})
        for row in rows
        if row[0] in groups
    ]


def _replies(
    engine: Engine, views: Mapping[str, View], span: Span, groups: Mapping[str, str | None]
) -> list[UnitReplies]:
    by_unit: dict[str, dict[int, int]] = defaultdict(dict)
    for unit, times, texts in engine.run(signals.repeats_text(span.first, span.end), views):
        by_unit[unit][times] = texts
    return [UnitReplies(unit, groups[unit], counts) for unit, counts in by_unit.items() if unit in groups]


def _plain(
    engine: Engine, views: Mapping[str, View], span: Span, groups: Mapping[str, str | None], n: Mapping[str, int]
) -> list[Finding]:
    texts = {
        "D10": signals.all_records_text("contradictory", span.first, span.end, span.as_of),
        "D17": histories.vanished_text(span.first_iso, span.end_iso),
        "D23": histories.rewritten_text(span.first_iso, span.end_iso),
    }
    found: list[Finding] = []
    for code, text in texts.items():
        cases: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
        for unit, register, case_no, *_ in engine.run(text, views):
            cases[unit][register, case_no] = None
        units = [UnitRecords(u, groups[u], n.get(u, 0), tuple(cases[u])) for u in groups]
        found += plain_findings(code, units)
    return found


def _with_cases(engine: Engine, views: Mapping[str, View], span: Span, finding: Finding) -> Finding:
    """The records behind a share, so that a reader can open each of them."""
    signal = detectors()[finding.detector].signal
    if signal is None or finding.case_keys:
        return finding
    text = signals.records_text(signal, finding.unit, span.first, span.end, span.as_of)
    return replace(finding, case_keys=tuple((register, number) for register, number in engine.run(text, views)))
