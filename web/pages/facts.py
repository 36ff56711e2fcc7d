"""The address printed behind a fact of a report: it leads on to the page that opens what the number rests on."""

from __future__ import annotations

from flask import Blueprint, abort, redirect
from flask.typing import ResponseReturnValue

from evaluation.rules.scheme import load
from records.queries import assessments
from web.session import instance, signed_in, viewer
from web.shown.report_facts import addresses

pages = Blueprint("facts", __name__, url_prefix="/facts")


@pages.get("/<int:number>/<path:fact>")
@signed_in
def show(number: int, fact: str) -> ResponseReturnValue:
    """404 for an assessment the viewer may not see, 403 where only the page behind the fact is closed to the role."""
    with instance().session() as session:
        row = assessments.one(session, viewer=viewer(), number=number)
        text = assessments.scheme_text_of(session, number=number)
    if row is None:
        abort(404)
    codes = frozenset(indicator.code for indicator in load(text or "").indicators)
    found = addresses(fact, number, codes)
    if not found:
        abort(403)
    return redirect(found[0])
