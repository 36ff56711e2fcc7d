"""Verification: every part, every link of the audit trail and every frozen result is still what was written."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from pipeline.house.jobs import Steps
from pipeline.judgement.assessing import recompute
from pipeline.judgement.evidence_files import changed_files
from records import audit
from records.audit import ChainCheck
from records.canonical import document_sha256, file_sha256
from records.engine import Engine, EngineError
from records.engine_views import PartFiles
from records.instance import Instance
from records.models import Assessment
from records.parts import PartInfo, all_parts

MOST_TOLD = 20  # lines of the log; the audit trail has the count, `wenxiao verify` all of them
log = logging.getLogger("wenxiao.verify")


@dataclass(frozen=True)
class BadPart:
    """A part that is not what the catalogue says: its hash differs, it is missing, or it cannot be read."""

    batch: int
    path: str
    problem: str  # hash | missing | unreadable


@dataclass(frozen=True)
class Verification:
    """What was compared and what did not fit."""

    parts_checked: int
    bad_parts: list[BadPart]
    audit: ChainCheck
    assessments_checked: int
    different_assessments: list[int]
    evidence_checked: int = 0
    bad_evidence: list[str] = field(default_factory=list)  # hashes of files that are gone or changed

    @property
    def is_ok(self) -> bool:
        return not self.broken

    @property
    def broken(self) -> list[str]:
        """Everything that is not as it was written, one line each: parts, audit trail, results, evidence."""
        trail = self.audit.first_bad
        return [
            *(f"batch {part.batch}: {part.path}: {part.problem}" for part in self.bad_parts),
            *([] if trail is None else [f"audit trail: broken at entry {trail}"]),
            *(f"assessment {n}: the stored result is not what was frozen" for n in self.different_assessments),
            *(f"evidence {sha256}: the file is gone or changed" for sha256 in self.bad_evidence),
        ]

    def to_json(self) -> dict[str, Any]:
        """The stable answer of `wenxiao verify --json`."""
        return {
            "ok": self.is_ok,
            "parts": {"checked": self.parts_checked, "bad": [vars(part) for part in self.bad_parts]},
            "audit": {"checked": self.audit.checked, "first_bad": self.audit.first_bad},
            "assessments": {"checked": self.assessments_checked, "different": self.different_assessments},
            "evidence": {"checked": self.evidence_checked, "bad": self.bad_evidence},
            "broken": self.broken,
        }


def verify(instance: Instance) -> Verification:
    """Compare parts with their hashes, follow the audit trail, and score frozen results again."""
    with instance.session() as session:
        parts = all_parts(session)
        chain = audit.check_chain(session)
    checked, different = _assessments(instance)
    found = ((part, problem_of(instance, part)) for part in parts)
    bad = [BadPart(part.batch, part.path, problem) for part, problem in found if problem]
    return Verification(len(parts), bad, chain, checked, different, *changed_files(instance))


def self_check_job(instance: Instance, steps: Steps) -> dict[str, Any]:
    """The job `self_check`: verify everything and note the outcome in the audit trail."""
    steps.expect(2)
    answer = steps.step("verifying", lambda: verify(instance).to_json())
    steps.step("noting", _note, instance, answer)
    return answer


def problem_of(instance: Instance, part: PartInfo) -> str | None:
    """What is wrong with a part (missing, hash, unreadable), None when it is as it was written."""
    path = instance.parts_folder / part.path
    if not path.is_file():
        return "missing"
    try:
        if file_sha256(path) != part.sha256:
            return "hash"
        rows = Engine(instance).run("SELECT count(*) FROM part", {"part": PartFiles((path,))})
    except (OSError, EngineError):
        return "unreadable"
    return None if rows == [(part.rows,)] else "unreadable"


def _assessments(instance: Instance) -> tuple[int, list[int]]:
    with instance.session() as session:
        numbers = list(session.scalars(select(Assessment.number).order_by(Assessment.number)))
    return len(numbers), [number for number in numbers if not _is_as_frozen(instance, number)]


def _is_as_frozen(instance: Instance, number: int) -> bool:
    """Does the stored result have its hash, and does scoring the frozen values again give the same scores?"""
    with instance.session() as session:
        found = session.get_one(Assessment, number, options=[undefer(Assessment.result)])
    if document_sha256(found.result) != found.result_sha256:
        return False
    try:
        different = recompute(instance, number)
    except (ValueError, LookupError, TypeError) as error:
        log.warning("assessment %s cannot be scored again: %s", number, error)
        return False
    if different:
        log.warning("assessment %s differs in %s", number, ", ".join(different[:10]))
    return not different


def _note(instance: Instance, answer: dict[str, Any]) -> None:
    broken = answer["broken"]
    for line in broken[:MOST_TOLD]:
        log.error("self-check: %s", line)
    detail = {"ok": answer["ok"], "bad": len(broken), "first": next(iter(broken), None)}
    with instance.session() as session:
        audit.write(session, "worker", "self_check", "instance", detail)
