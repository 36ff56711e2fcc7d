"""Who changed what an office sets up (units, calendar, layouts, schemes), and when: read from the audit trail."""

from __future__ import annotations

from records.access import Action, Viewer, can
from records.instance import Instance
from records.queries import audit
from records.queries.audit import AuditRow

AREAS: dict[str, tuple[str, ...]] = {
    "units": ("unit.alias", "unit.list", "unit.change", "boundary.add", "boundary.remove"),
    "calendars": ("calendar.year",),
    "layouts": ("layout.save",),
    "schemes": ("scheme.draft", "scheme.propose", "scheme.rejected", "scheme.withdrawn", "scheme.publish"),
}
SHOWN = 20


def changes(instance: Instance, viewer: Viewer, area: str) -> list[AuditRow] | None:
    """The newest changes of an area; None for a viewer from outside the office, who sees what holds but not who set it.

    Raises KeyError for an area that is not known.
    """
    actions = AREAS[area]
    if not can(viewer, Action.SEE_BATCHES):
        return None
    with instance.session() as session:
        return audit.list_changes(session, viewer=viewer, actions=actions, limit=SHOWN)
