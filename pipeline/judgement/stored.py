"""Reading stored assessments: their frozen result, who made them, and the code that is printed on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from evaluation.scores.result import Assessment as Result
from records.instance import Instance
from records.models import Assessment

LISTED = (
    "number",
    "scheme_id",
    "scheme_version",
    "period",
    "state",
    "as_of",
    "result_sha256",
    "made_by",
    "made_at",
    "replaced_by",
)


class AssessmentMissing(LookupError):
    """There is no assessment of this number."""


@dataclass(frozen=True)
class Stored:
    """A stored assessment with its frozen result."""

    number: int
    state: str
    result: Result
    result_sha256: str
    scheme_text: str
    made_by: str
    made_at: datetime
    replaced_by: int | None
    verification_code: str | None

    def to_json(self) -> dict[str, Any]:
        """The stable answer of `wenxiao assess --json` and `wenxiao assessments show`."""
        head = {"assessment": self.number, "state": self.state, "result_sha256": self.result_sha256}
        tail = {"made_by": self.made_by, "made_at": self.made_at, "replaced_by": self.replaced_by}
        return {**head, **self.result.to_json(), **tail, "verification_code": self.verification_code}


def get(instance: Instance, number: int) -> Stored:
    """A stored assessment. Raises AssessmentMissing."""
    with instance.session() as session:
        return stored(row_of(session, number))


def list_assessments(instance: Instance) -> list[dict[str, Any]]:
    """Number, scheme, period, state, hash and origin of every assessment, newest first."""
    with instance.session() as session:
        rows = session.scalars(select(Assessment).order_by(Assessment.number.desc()))
        return [{"assessment": row.number, **{name: getattr(row, name) for name in LISTED}} for row in rows]


def row_of(session: Session, number: int) -> Assessment:
    """The row of an assessment with everything it holds. Raises AssessmentMissing."""
    row = session.get(Assessment, number, options=[undefer(Assessment.result), undefer(Assessment.scheme_text)])
    if row is None:
        raise AssessmentMissing(f"there is no assessment {number}; see `wenxiao assessments list`")
    return row


def stored(row: Assessment) -> Stored:
    """What a row holds, as it is read."""
    return Stored(
        number=row.number,
        state=row.state,
        result=Result.from_json(row.result),
        result_sha256=row.result_sha256,
        scheme_text=row.scheme_text or "",
        made_by=row.made_by,
        made_at=row.made_at,
        replaced_by=row.replaced_by,
        verification_code=row.verification_code,
    )


def verification_code(digest: str) -> str:
    """The short code printed on paper, from the hash of the result.

    >>> verification_code("0123456789abcdef")
    '0123-4567-89AB'
    """
    return "-".join(digest[start : start + 4].upper() for start in (0, 4, 8))
