"""The name of a person instead of the name the person signs in with: the one filter for pages that say who did what.

The office sees everybody's name; a unit sees the names of its own people and, of the others, only their role.
"""

from __future__ import annotations

from flask import g
from flask_babel import gettext
from markupsafe import Markup

from records.queries import people
from records.queries.people import Called
from reports import numbers
from web.navigation import role_name
from web.session import instance, viewer

PROGRAM = {"cli", "worker", "operator"}


def person(sign_in: str | None) -> str | Markup:
    """Who this is in the reader's words; the sign-in name stands behind it where the reader may know it.

    A missing name is a dash; a name that no account bears any more, or the program itself, stays as it was written.
    """
    if not sign_in:
        return numbers.MISSING
    if sign_in in PROGRAM:
        return {"cli": gettext("命令行"), "worker": gettext("系统")}.get(sign_in, gettext("系统"))
    found = _called().get(sign_in)
    if found is None:
        return sign_in
    if found.name is None:
        return role_name(found.role)
    return Markup('<span title="{}">{}</span>').format(sign_in, found.name)


def _called() -> dict[str, Called]:
    """Everybody by sign-in name, read once a request."""
    if "called" not in g:
        with instance().session() as session:
            g.called = people.called(session, viewer=viewer())
    return g.called
