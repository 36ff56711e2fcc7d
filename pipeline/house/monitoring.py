"""Is the instance ready, and what a monitor may count. Numbers only, nothing about any case or person."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from pipeline.house import jobs
from records.clock import now
from records.instance import Instance
from records.models import Assessment, AuditEntry, Batch, Person

SMALLEST_FREE = 64 << 20  # bytes; with less, nothing more is accepted


@dataclass(frozen=True)
class Sample:
    """One measured number as Prometheus reads it."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


HELP = {
    "wenxiao_batches": "Batches by state.",
    "wenxiao_assessments": "Assessments by state.",
    "wenxiao_jobs": "Jobs that wait or run.",
    "wenxiao_audit_entries": "Entries of the audit trail.",
    "wenxiao_accounts_locked": "Accounts locked after wrong passwords.",
    "wenxiao_self_check_ok": "1 when the last daily check found everything as it was written, 0 when not.",
    "wenxiao_self_check_timestamp_seconds": "When the last daily check was noted.",
    "wenxiao_disk_free_bytes": "Room left where the instance lies.",
}


def readiness(instance: Instance) -> dict[str, bool]:
    """What an instance needs to answer and to accept: its database, a writable folder, room on the disk."""
    return {
        "database": _answers(instance),
        "folder": os.access(instance.parts_folder, os.W_OK) and os.access(instance.staging_folder, os.W_OK),
        "disk": shutil.disk_usage(instance.folder).free >= SMALLEST_FREE,
    }


def samples(instance: Instance) -> list[Sample]:
    """Everything that is counted from the catalogue, the job store and the disk."""
    with instance.session() as session:
        batches = session.execute(select(Batch.state, func.count()).group_by(Batch.state)).all()
        assessments = session.execute(select(Assessment.state, func.count()).group_by(Assessment.state)).all()
        entries = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        locked = session.scalar(select(func.count()).select_from(Person).where(Person.locked_until > now())) or 0
        check = session.scalar(
            select(AuditEntry).where(AuditEntry.action == "self_check").order_by(AuditEntry.number.desc()).limit(1)
        )
    found = [Sample("wenxiao_batches", count, (("state", state),)) for state, count in batches]
    found += [Sample("wenxiao_assessments", count, (("state", state),)) for state, count in assessments]
    found += [Sample("wenxiao_jobs", count, (("state", state),)) for state, count in jobs.count_open(instance).items()]
    found += [Sample("wenxiao_audit_entries", entries), Sample("wenxiao_accounts_locked", locked)]
    if check is not None:
        found.append(Sample("wenxiao_self_check_ok", float(bool(check.detail.get("ok")))))
        found.append(Sample("wenxiao_self_check_timestamp_seconds", check.at.timestamp()))
    return [*found, Sample("wenxiao_disk_free_bytes", shutil.disk_usage(instance.folder).free)]


def exposition(found: Iterable[Sample], texts: Mapping[str, str], *, kind: str = "gauge") -> str:
    """Samples in the text form of Prometheus, version 0.0.4.

    >>> print(exposition([Sample("x", 2, (("state", "a"),))], {"x": "Things."}), end="")
    # HELP x Things.
    # TYPE x gauge
    x{state="a"} 2
    """
    lines, told = [], set()
    for sample in found:
        if sample.name not in told:
            told.add(sample.name)
            lines += [f"# HELP {sample.name} {texts[sample.name]}", f"# TYPE {sample.name} {kind}"]
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels)
        lines.append(f"{sample.name}{'{' + labels + '}' if labels else ''} {sample.value:.15g}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _answers(instance: Instance) -> bool:
    try:
        with instance.engine.connect() as connection:
            return connection.scalar(text("SELECT 1")) == 1
    except SQLAlchemyError:
        return False
