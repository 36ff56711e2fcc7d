"""The audit trail as a page shows it: filtered entries, the kinds of action, the check of the chain."""

from __future__ import annotations

from dataclasses import dataclass

from records import audit as chain
from records.access import Action, Viewer, require
from records.instance import Instance
from records.queries import audit
from records.queries.audit import AuditRow


@dataclass(frozen=True)
class TrailPage:
    """Some entries, how many fit in all, and every kind of action to choose from."""

    rows: list[AuditRow]
    total: int
    actions: list[str]


def entries(
    instance: Instance, viewer: Viewer, *, who: str | None, action: str | None, offset: int, limit: int
) -> TrailPage:
    """Entries, the newest first. Raises Forbidden for everybody but admins and auditors."""
    with instance.session() as session:
        rows = audit.list_entries(session, viewer=viewer, who=who, action=action, offset=offset, limit=limit)
        total = audit.count_entries(session, viewer=viewer, who=who, action=action)
        return TrailPage(rows, total, audit.actions(session, viewer=viewer))


def check(instance: Instance, viewer: Viewer) -> chain.ChainCheck:
    """Read the whole chain again. Raises Forbidden for everybody but admins and auditors."""
    require(viewer, Action.SEE_AUDIT)
    with instance.session() as session:
        return chain.check_chain(session)
