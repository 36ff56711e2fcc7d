"""Who changed what an office sets up (units, calendar, limits, layouts, people, schemes), and when: from the trail."""

from __future__ import annotations

from records.access import Action, Viewer, can
from records.instance import Instance
from records.queries import audit
from records.queries.audit import AuditRow

AREAS: dict[str, tuple[str, ...]] = {
    "units": ("unit.alias", "unit.alias_removed", "unit.list", "unit.change", "boundary.add", "boundary.remove"),
    "calendars": ("calendar.year", "limits.version"),
    "layouts": ("layout.save",),
    "people": ("person.add", "person.role", "person.disable", "person.enable", "person.reset", "person.unbind"),
    "schemes": ("scheme.draft", "scheme.propose", "scheme.rejected", "scheme.withdrawn", "scheme.publish"),
}
SHOWN = 20


def changes(instance: Instance, viewer: Viewer, area: str, subject: str | None = None) -> list[AuditRow] | None:
    """The newest changes of an area, of one thing in it where `subject` names it.

    None for a viewer who sees what holds but not who set it: those outside the office, and for people everybody who
    does not manage them. Raises KeyError for an area that is not known.
    """
    actions = AREAS[area]
    if not can(viewer, Action.MANAGE_PEOPLE if area == "people" else Action.SEE_BATCHES):
        return None
    with instance.session() as session:
        return audit.list_changes(session, viewer=viewer, actions=actions, limit=SHOWN, subject=subject)
