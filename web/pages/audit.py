"""The audit trail: who did what when, filtered and paged, with the state of its hash chain, and as a file."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.house import trail
from records.access import Action
from web.session import for_action, instance, viewer

pages = Blueprint("audit", __name__, url_prefix="/audit")
PAGE_SIZE = 100


@pages.get("")
@for_action(Action.SEE_AUDIT)
def index() -> ResponseReturnValue:
    """A page of entries, the newest first; `?check=1` reads the whole chain again."""
    number = max(1, request.args.get("page", 1, type=int))
    found = trail.entries(
        instance(),
        viewer(),
        who=request.args.get("who", "").strip() or None,
        action=request.args.get("action") or None,
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    checked = trail.check(instance(), viewer()) if request.args.get("check") else None
    return render_template(
        "audit/index.html",
        found=found,
        page=number,
        pages=max(1, -(-found.total // PAGE_SIZE)),
        checked=checked,
    )


@pages.get("/export")
@for_action(Action.SEE_AUDIT)
def export() -> ResponseReturnValue:
    """The entries as a file; `?format=csv` for a spreadsheet, else one entry a line with its hashes."""
    form = request.args.get("format", "jsonl")
    if form not in trail.FORMATS:
        abort(404)
    first, last = _day("from"), _day("to")
    pieces = trail.export(instance(), viewer(), first=first, last=last, form=form)
    answer = Response(pieces, mimetype="text/csv" if form == "csv" else "application/x-ndjson")
    name = gettext("审计记录")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{form}")
    return answer


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args[name]) if request.args.get(name) else None
    except ValueError:
        abort(404)
