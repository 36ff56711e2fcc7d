"""What people decided about a result, as far as a reader may see it; what the role does not see is named, not empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.integrity.shown import closed_document
from pipeline.judgement.cycle import versions_of
from records.access import Action, Viewer, can, unit_filter
from records.models import Exclusion, Objection
from records.queries import findings, improvement
from records.queries.findings import FindingRow

ACTIONS = {"exclusions": Action.SEE_EXCLUSIONS, "findings": Action.SEE_FINDINGS, "batches": Action.SEE_BATCHES}
"""Ledgers some readers do not get, and what a reader must be allowed to do."""


def decided(
    session: Session, number: int, period: str, viewer: Viewer, counted: Sequence[tuple[str, str]]
) -> dict[str, Any]:  # fmt: skip
    """Exclusions the assessment counts, objections, tasks and findings, as far as this viewer may see them."""
    answer: dict[str, Any] = {"exclusions": [], "objections": [], "findings": [], "rectifications": []}
    answer["hidden"] = frozenset(name for name, action in ACTIONS.items() if not can(viewer, action))
    answer["is_searched"] = findings.was_searched(session, period=period)
    own = None if viewer.is_operator else unit_filter(viewer, Action.SEE_SCORECARD)
    if can(viewer, Action.SEE_EXCLUSIONS):
        answer["exclusions"] = [e for e in _excluded(session, counted) if own is None or e["unit"] in own]
    # An objection follows the result into the version that is counted again because of it.
    versions = versions_of(session, number)
    objections = session.scalars(
        select(Objection).where(Objection.assessment_number.in_(versions)).order_by(Objection.id)
    )
    answer["objections"] = [
        {"number": o.id, "unit": o.unit_code, "indicator": o.indicator, "text": o.text, "state": o.state,
         "decision": o.answer, "decided_at": o.decided_at.date().isoformat() if o.decided_at else None}
        for o in objections if own is None or o.unit_code in own
    ]  # fmt: skip
    if can(viewer, Action.SEE_RECTIFICATION):
        tasks = improvement.list_tasks(session, viewer=viewer, number=number)
        answer["rectifications"] = [
            {"id": task.id, "unit": task.unit_code, "indicator": task.indicator, "due": task.due_on.isoformat(),
             "state": task.state}
            for task in tasks
        ]  # fmt: skip
    if can(viewer, Action.SEE_FINDINGS):
        answer["findings"] = [told(row, 1) for row in findings.every_current(session, period=period)]
    return answer


def _excluded(session: Session, counted: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """The decisions behind the cases of the period that the result leaves out, those taken back since too."""
    cases = set(counted)
    chosen = session.scalars(
        select(Exclusion)
        .where(Exclusion.state.in_(("approved", "withdrawn")), Exclusion.decided_at.is_not(None))
        .order_by(Exclusion.id)
    )
    return [
        {"case_no": e.case_no, "unit": e.unit_code, "reason": e.ground, "applicant": e.applied_by,
         "approver": e.decided_by, "at": e.decided_at.date().isoformat() if e.decided_at else None}
        for e in chosen if (e.register or "", e.case_no) in cases
    ]  # fmt: skip


def told(row: FindingRow, smallest: int) -> dict[str, Any]:
    """A finding as documents hold it, for a reader of counts from `smallest`."""
    return {**closed_document(row, smallest), "id": row.id, "detector": row.detector, "unit": row.unit_code,
            "named": row.is_named, "state": row.state}  # fmt: skip
