"""Who is looking: the viewer of the request, and the marks that say who may open a page.

Every view carries one of the marks `public`, `signed_in`, `for_action` or `for_roles`. A view without a mark is
refused, so that a forgotten mark closes a page instead of opening it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from pipeline.house import people
from records.access import MATRIX, Action, Viewer
from records.instance import Instance
from records.vocabulary import Role
from web.api.callers import caller, is_api_request
from web.api.problems import ApiError

View = TypeVar("View", bound=Callable[..., Any])
EVERY_ROLE = frozenset(Role)
WITHOUT_SESSION = {"static", "plotly_asset.script"}
PERSON = "person"  # where the session cookie keeps `Viewer.id`
SINCE = "since"  # when the person signed in, seconds since 1970
LONGEST_SESSION = 12 * 3600  # seconds, however busy it is; an idle one ends earlier (settings.session_minutes)
WAITING = "waiting"  # who gave the right password and owes a code, and since when
CODE_SECONDS = 300
WITH_STRANGE_PASSWORD = {"account.password", "account.change_password"}


def instance() -> Instance:
    """The instance this application serves."""
    return current_app.extensions["wenxiao"]


def viewer() -> Viewer:
    """Who is signed in; 403 when nobody is, which only a view marked `public` can meet."""
    found = g.get("viewer")
    if found is None:
        abort(403)
    return found


def _marked(view: View, roles: frozenset[Role] | None) -> View:
    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    shown.allowed_roles = roles  # type: ignore[attr-defined]
    return shown  # type: ignore[return-value]


def public(view: View) -> View:
    """Mark a view that needs no sign-in."""
    return _marked(view, None)


def signed_in(view: View) -> View:
    """Mark a view for everybody who is signed in; the queries behind it filter by what the viewer may see."""
    return _marked(view, EVERY_ROLE)


def for_roles(*roles: Role) -> Callable[[View], View]:
    """Mark a view for some roles; others get the page 403."""

    def mark(view: View) -> View:
        return _marked(view, frozenset(roles))

    return mark


def for_action(action: Action) -> Callable[[View], View]:
    """Mark a view for the roles that have a permission; how far it reaches is settled by the query behind it."""
    return for_roles(*(role for role, granted in MATRIX.items() if action in granted))


def allowed_roles(app: Flask, endpoint: str) -> frozenset[Role] | None:
    """Roles that may open an endpoint, None for a public one; an unmarked view raises KeyError."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return None
    view = app.view_functions[endpoint]
    if not hasattr(view, "allowed_roles"):
        raise KeyError(f"the view {endpoint} says nothing about who may open it")
    return view.allowed_roles


def load_viewer() -> None:
    """Before each request: read the person of the cookie again, so that a disabled account is out at once."""
    g.viewer = None
    if is_api_request():
        g.viewer = caller()
        return
    # An answer that read the session varies by cookie; files that are the same for everybody must not.
    if request.endpoint in WITHOUT_SESSION or PERSON not in session:
        return
    if session.get(SINCE, time.time()) + LONGEST_SESSION > time.time():
        g.viewer = people.viewer_of(instance(), session[PERSON])
    if g.viewer is None:
        session.clear()


def refuse_others() -> ResponseReturnValue | None:
    """Before each request: to the sign-in page when nobody is signed in, 403 when the role does not fit."""
    if request.endpoint is None:
        return None
    roles = allowed_roles(current_app, request.endpoint)
    if roles is None:
        return None
    if is_api_request():
        _refuse_caller(roles)
        return None
    if g.viewer is None:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("sign_in.show", next=wanted))
    if g.viewer.must_change_password and request.endpoint not in WITH_STRANGE_PASSWORD:
        return redirect(url_for("account.password"))
    if g.viewer.role not in roles:
        abort(403)
    return None


def _refuse_caller(roles: frozenset[Role]) -> None:
    if g.viewer is None:
        raise ApiError(401)
    if g.viewer.role not in roles:
        raise ApiError(403)


def sign_in(person: str) -> None:
    """Start a fresh session for a person who gave the right password; the language of the visit is kept."""
    language = session.get("language")
    session.clear()
    session[PERSON], session[SINCE] = person, int(time.time())
    session.permanent = True
    if language:
        session["language"] = language


def wait_for_code(person: int) -> None:
    """Start a session in which nobody is signed in and one person owes a code."""
    sign_out()
    session[WAITING] = [person, int(time.time())]


def who_waits_for_code() -> int | None:
    """The account that owes a code, for some minutes."""
    person, since = session.get(WAITING, (None, 0))
    return person if person is not None and since + CODE_SECONDS > time.time() else None


def sign_out() -> None:
    """Forget the person."""
    session.clear()


def local_path(target: str | None) -> str:
    """A path of this site to go on to, or the start page when the target leads elsewhere.

    >>> local_path("/units/A1?period=2024"), local_path("//evil.example/x"), local_path(None)
    ('/units/A1?period=2024', '/', '/')
    """
    parts = urlsplit(target or "/")
    path = parts.path
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return "/"
    return f"{path}?{parts.query}" if parts.query else path
