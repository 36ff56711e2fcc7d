"""Reading findings that were kept for the review desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.access import Action, Viewer, require
from records.models import Finding


@dataclass(frozen=True)
class FindingRow:
    """Something that needs a human look; `document` holds its figures, its sentence and the disclaimer."""

    id: int
    detector: str
    period: str
    unit_code: str | None
    is_named: bool
    state: str
    document: dict[str, Any]


NAMES = tuple(FindingRow.__dataclass_fields__)


def list_findings(
    session: Session, *, viewer: Viewer, period: str, detector: str | None = None, limit: int = 500
) -> list[FindingRow]:
    """The kept findings of a period, the first found first. Raises Forbidden for roles without a view of findings."""
    require(viewer, Action.SEE_FINDINGS)
    wanted = select(Finding).where(Finding.period == period).order_by(Finding.id).limit(limit)
    if detector is not None:
        wanted = wanted.where(Finding.detector == detector)
    return [FindingRow(**{name: getattr(found, name) for name in NAMES}) for found in session.scalars(wanted)]
