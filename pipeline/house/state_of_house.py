"""How the house itself is: fit to answer, jobs that wait, the last daily check, room on the disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from pipeline.house import jobs, monitoring
from pipeline.numbers.counting import calendar_of
from records.access import Action, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import AuditEntry, Person

RECENT_JOBS = 20


@dataclass(frozen=True)
class StateOfHouse:
    """What an administrator looks at first. `failed` are recent jobs that ended without a result."""

    readiness: dict[str, bool]
    queued: int
    running: int
    failed: int
    recent: int  # how many were looked at
    checked_at: datetime | None
    is_check_good: bool | None
    first_broken: str | None  # what the check found first
    locked: int
    free_bytes: int
    last_year: int | None  # of the working calendar, None where it needs no notice

    @property
    def is_fit(self) -> bool:
        return all(self.readiness.values()) and self.is_check_good is not False


def state_of_house(instance: Instance, viewer: Viewer) -> StateOfHouse:
    """The state now. Raises Forbidden for everybody but administrators."""
    require(viewer, Action.OPERATE)
    last = select(AuditEntry).where(AuditEntry.action == "self_check").order_by(AuditEntry.number.desc()).limit(1)
    with instance.session() as session:
        check = session.scalar(last)
        at, said = (check.at, check.detail) if check else (None, {})
        locked = session.scalar(select(func.count()).select_from(Person).where(Person.locked_until > now())) or 0
    counts = jobs.count_open(instance)
    recent = jobs.list_jobs(instance, limit=RECENT_JOBS)
    failed = sum(job.state == "failed" for job in recent)
    free = shutil.disk_usage(instance.folder).free
    years = calendar_of(instance).years
    return StateOfHouse(
        monitoring.readiness(instance), counts["queued"], counts["running"], failed, len(recent), at,
        said.get("ok"), said.get("first"), locked, free, max(years) if years else None,
    )  # fmt: skip
