"""Protected reports: a citizen says that a unit contacted them after a rating. The unit never sees any of it.

Such a report is handled outside the unit, by people with the survey role, and each read of the list is logged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from imports.values.privacy import mask_text
from records import audit
from records.access import Action, Forbidden, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import ProtectedReport, Unit


class ReportRefused(Exception):
    """What was given cannot be kept; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ReportRow:
    """One protected report, its text without names and numbers."""

    id: int
    unit_code: str
    text: str
    state: str
    recorded_by: str
    recorded_at: datetime
    outcome: str | None


def _allow(viewer: Viewer, unit: str | None = None) -> None:
    """Only the survey role, and nobody of the unit concerned."""
    require(viewer, Action.SEE_RATINGS)
    if unit is not None and unit in viewer.units:
        raise Forbidden("nobody of the unit concerned may see or keep a protected report")


def list_reports(instance: Instance, *, viewer: Viewer) -> list[ReportRow]:
    """All reports but those about the viewer's own unit, the newest first."""
    _allow(viewer)
    with instance.session() as session:
        wanted = select(ProtectedReport).order_by(ProtectedReport.id.desc())
        rows = [
            ReportRow(r.id, r.unit_code, r.text, r.state, r.recorded_by, r.recorded_at, r.outcome)
            for r in session.scalars(wanted)
            if r.unit_code not in viewer.units
        ]
        if rows:
            audit.write(session, viewer.sign_in, "read_protected_reports", "all", {"reports": len(rows)})
    return rows


def record(instance: Instance, *, unit: str, text: str, viewer: Viewer) -> int:
    """Keep what a citizen told; names and numbers are masked before it is stored. Its number comes back."""
    _allow(viewer, unit)
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        if session.get(Unit, unit) is None or not text.strip():
            raise ReportRefused("report_incomplete")
        masked, _ = mask_text(text.strip())
        report = ProtectedReport(
            unit_code=unit, text=masked, state="open", recorded_by=viewer.sign_in, recorded_at=now()
        )
        session.add(report)
        session.flush()
        audit.write(session, viewer.sign_in, "record_protected_report", str(report.id))
        return report.id


def close(instance: Instance, number: int, *, outcome: str, viewer: Viewer) -> None:
    """Say what came of a report."""
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        report = session.get(ProtectedReport, number)
        if report is None or report.state == "closed" or not outcome.strip():
            raise ReportRefused("report_incomplete")
        _allow(viewer, report.unit_code)
        report.state, report.outcome = "closed", mask_text(outcome.strip())[0]
        report.closed_by, report.closed_at = viewer.sign_in, now()
        audit.write(session, viewer.sign_in, "close_protected_report", str(number))
