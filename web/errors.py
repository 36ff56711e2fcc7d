"""Pages for what went wrong: each says what happened and what to do next."""

from __future__ import annotations

import logging

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from records.access import Forbidden
from records.vocabulary import Role
from web.api import callers, problems
from web.navigation import role_name
from web.session import allowed_roles

log = logging.getLogger("wenxiao.web")
KNOWN = {403, 404, 413, 429}


def _page(status: int) -> tuple[str, int]:
    template = f"errors/{status}.html" if status in KNOWN or status == 500 else "errors/other.html"
    limit = (current_app.config["MAX_CONTENT_LENGTH"] or 0) >> 20
    return render_template(template, status=status, limit_mb=limit, openers=_openers() if status == 403 else []), status


def _openers() -> list[str]:
    """The roles that may open the page which refused the viewer's role; empty where it refused something else."""
    allowed = allowed_roles(current_app, request.endpoint) if request.endpoint else None
    seen = g.get("viewer")
    if allowed is None or seen is None or seen.role in allowed:
        return []
    return [role_name(role) for role in Role if role in allowed]


def _http(error: HTTPException) -> ResponseReturnValue | HTTPException:
    """One of our pages for every error status, JSON for a program; redirects and the like pass."""
    if callers.is_api_request():
        return problems.of_error(error)
    status = error.code or 500
    return _page(status) if status >= 400 else error


def _expired(error: CSRFError) -> tuple[str, int]:
    """A form that was open too long, or one that came from elsewhere."""
    return render_template("errors/other.html", status=400, reason=gettext("本页打开时间过长，请返回后重新提交。")), 400


def _forbidden(_error: Exception) -> tuple[str, int]:
    return _page(403)


def _refused_caller(error: Exception) -> ResponseReturnValue:
    return problems.of_error(error)


def _unexpected(error: Exception) -> tuple[str, int]:
    """A fault of ours: the log keeps the trace, the page says so without details."""
    log.exception("unexpected fault", exc_info=error)
    g.setdefault("viewer", None)
    return _page(500)


def help_visitors(app: Flask) -> None:
    """Register the error pages."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(Forbidden, _forbidden)
    app.register_error_handler(problems.ApiError, _refused_caller)
    if not app.testing:
        app.register_error_handler(Exception, _unexpected)
