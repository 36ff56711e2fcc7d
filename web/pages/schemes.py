"""Schemes: the tree with its weights, how a value becomes points, and the text itself."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from evaluation.rules.scheme import Scheme
from pipeline.house import history
from pipeline.judgement import assessing
from pipeline.judgement.scheme_store import differences
from records.access import Action, can
from web.session import instance, signed_in, viewer
from web.shown import schemes
from web.shown.draft_words import place_words
from web.shown.drafts import plain

pages = Blueprint("schemes", __name__, url_prefix="/schemes")


@pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    found = assessing.list_schemes(instance())
    return render_template(
        "schemes/index.html",
        schemes=found,
        status_names=schemes.STATUS_NAMES,
        can_edit=can(viewer(), Action.EDIT_SCHEMES),
        changes=history.changes(instance(), viewer(), "schemes"),
    )


@pages.get("/<scheme_id>")
@signed_in
def show(scheme_id: str) -> ResponseReturnValue:
    versions = _versions(scheme_id)
    wanted = request.args.get("version", versions[0].version)
    scheme = next((entry for entry in versions if entry.version == wanted), None)
    if scheme is None:
        abort(404)
    return render_template(
        "schemes/show.html",
        scheme=scheme,
        versions=[entry.version for entry in versions],
        tree=schemes.tree(scheme),
        leaves=schemes.leaves(scheme),
        rules=schemes.rules(scheme),
        status_names=schemes.STATUS_NAMES,
        can_edit=can(viewer(), Action.EDIT_SCHEMES),
    )


@pages.get("/<scheme_id>/changes")
@signed_in
def changes(scheme_id: str) -> ResponseReturnValue:
    """What differs between two published versions; the newest two unless others are asked for."""
    versions = {entry.version: entry for entry in _versions(scheme_id)}
    names = list(versions)
    after = versions.get(request.args.get("after", names[0]))
    before = versions.get(request.args.get("before", names[min(1, len(names) - 1)]))
    if before is None or after is None:
        abort(404)
    return render_template(
        "schemes/changes.html",
        before=before,
        after=after,
        versions=names,
        changes=differences(before, after),
        plain=plain,
        named=lambda path: place_words(path, after.document, before.document),
    )


def _versions(scheme_id: str) -> list[Scheme]:
    """The versions of a scheme, the newest first; 404 when there is none."""
    found = [entry for entry in assessing.list_schemes(instance()) if entry.id == scheme_id]
    return found or abort(404)
