"""What became of a finding: what was decided, and which rule of which assessment took it into a score.

It is read off the frozen results, which name the findings behind every deduction and every ceiling on a grade; what no
result names has entered no score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from pipeline.integrity.findings import DECIDED
from records.access import Viewer
from records.instance import Instance
from records.queries import assessments
from records.queries.findings import FindingRow


@dataclass(frozen=True)
class Entry:
    """One rule that took the finding into an assessment: a deduction with its points, or a ceiling on the grade."""

    number: int
    code: str
    title: Mapping[str, str]
    points: float | None  # of the rule as a whole, for all findings under it
    findings: int
    cap_grade: str | None


@dataclass(frozen=True)
class Outcome:
    """`entries` are rules that count the finding; `without` the assessments made since the decision that have none.

    An undecided finding has neither, except where a decision was taken back after an assessment counted it.
    """

    state: str
    entries: tuple[Entry, ...]
    without: tuple[int, ...]

    @property
    def is_decided(self) -> bool:
        return self.state in DECIDED


def outcome_of(instance: Instance, finding: FindingRow, viewer: Viewer) -> Outcome:
    """What the assessments of the finding's period that this reader may see made of it."""
    if finding.unit_code is None:
        return Outcome(finding.state, (), ())
    entries: list[Entry] = []
    without = []
    with instance.session() as session:
        for row in assessments.list_assessments(session, viewer=viewer, period=finding.period):
            own = list(_entries(session, row.number, finding, viewer))
            entries += own
            if not own and finding.reviewed_at is not None and row.made_at >= finding.reviewed_at:
                without.append(row.number)
    return Outcome(finding.state, tuple(entries), tuple(without))


def _entries(session: Session, number: int, finding: FindingRow, viewer: Viewer) -> Iterator[Entry]:
    result = assessments.result_of(session, viewer=viewer, number=number) or {"units": []}
    document = f"finding {finding.id}"
    for unit in result["units"]:
        if unit["unit"] == finding.unit_code:
            for rule in (*unit.get("evidence", ()), *unit.get("vetoes", ())):
                if document in (rule.get("documents") or ()):
                    yield _entry(number, rule)


def _entry(number: int, rule: Mapping[str, Any]) -> Entry:
    return Entry(number, rule["code"], rule.get("title") or {}, rule.get("points"), len(rule["documents"]),
                 rule.get("cap_grade"))  # fmt: skip
