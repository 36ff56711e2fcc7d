"""Search over units, indicators, terms and case numbers."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from pipeline.views import searching
from web.session import instance, signed_in, viewer

pages = Blueprint("search", __name__, url_prefix="/search")
LONGEST = 100


@pages.get("")
@signed_in
def show() -> ResponseReturnValue:
    """What fits `?q=`; without words only the field."""
    words = request.args.get("q", "").strip()[:LONGEST]
    found = searching.search(instance(), viewer(), words)
    return render_template("search/show.html", words=words, found=found)
