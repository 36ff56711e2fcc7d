"""Schemes: the tree with its weights, how a value becomes points, and the text itself."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from pipeline import assessing
from web import schemes
from web.session import instance, signed_in

pages = Blueprint("schemes", __name__, url_prefix="/schemes")


@pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    found = assessing.list_schemes(instance())
    return render_template("schemes/index.html", schemes=found, status_names=schemes.STATUS_NAMES)


@pages.get("/<scheme_id>")
@signed_in
def show(scheme_id: str) -> ResponseReturnValue:
    scheme = next((entry for entry in assessing.list_schemes(instance()) if entry.id == scheme_id), None)
    if scheme is None:
        abort(404)
    return render_template(
        "schemes/show.html",
        scheme=scheme,
        tree=schemes.tree(scheme),
        leaves=schemes.leaves(scheme),
        rules=schemes.rules(scheme),
        status_names=schemes.STATUS_NAMES,
    )
