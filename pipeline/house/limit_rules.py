"""The limit rules that came with the program: the trail keeps when an instance first met another version of them.

Rules are data of the program (`metrics/standards`), so nobody edits them on a page; what a unit is held to must still
be datable. Every start of `serve` compares them with the last entry of the trail.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from metrics.clocks import standard
from metrics.clocks.standard import Rule, Standard
from records import audit
from records.instance import Instance
from records.models import AuditEntry

ACTION = "limits.version"


def note_versions(instance: Instance, *, by: str) -> list[str]:
    """Write an entry for every standard whose rules differ from those last noted; answers their ids."""
    noted = []
    for name in standard.list_standards():
        found = standard.load(name)
        with instance.session() as session:
            last = _last(session, name)
            if last.get("sha256") == found.sha256:
                continue
            audit.write(session, by, ACTION, name, _detail(last, found))
        noted.append(name)
    return noted


def _last(session: Session, name: str) -> dict[str, Any]:
    entries = select(AuditEntry).where(AuditEntry.action == ACTION, AuditEntry.subject == name)
    entry = session.scalars(entries.order_by(AuditEntry.number.desc()).limit(1)).first()
    return entry.detail if entry is not None else {}


def _detail(last: dict[str, Any], found: Standard) -> dict[str, Any]:
    """What differs, by the id of the rule; `rules` keeps each rule in one line for the next comparison."""
    before, now = last.get("rules", {}), {rule.id: _line(rule) for rule in found.rules}
    changes = {
        "added": sorted(now.keys() - before.keys()),
        "changed": sorted(name for name in now.keys() & before.keys() if now[name] != before[name]),
        "removed": sorted(before.keys() - now.keys()),
    }
    return {
        "version": found.version, "version_before": last.get("version"),
        **{name: rules for name, rules in changes.items() if rules}, "sha256": found.sha256, "rules": now,
    }  # fmt: skip


def _line(rule: Rule) -> str:
    bound = " ".join([*rule.clocks, *rule.channels, *rule.case_types, *rule.urgencies])
    return f"{rule.limit.amount} {rule.limit.unit} {bound} {rule.valid_from or ''}..{rule.valid_to or ''}"
