"""Layouts of files: those of the program and those saved here, with the columns each of them knows."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from pipeline.house import history
from pipeline.importing import layout_columns
from records.access import Action
from web.forms.uploads import KIND_NAMES
from web.session import for_action, instance, viewer

pages = Blueprint("layouts", __name__, url_prefix="/layouts")


@pages.get("")
@for_action(Action.SEE_BATCHES)
def index() -> ResponseReturnValue:
    return render_template(
        "layouts/index.html",
        layouts=layout_columns.list_pages(instance(), viewer()),
        kind_names=KIND_NAMES,
        changes=history.changes(instance(), viewer(), "layouts"),
    )


@pages.get("/<layout_id>")
@for_action(Action.SEE_BATCHES)
def show(layout_id: str) -> ResponseReturnValue:
    """One layout: field by field, the headers that are understood."""
    found = layout_columns.one_page(instance(), viewer(), layout_id)
    if found is None:
        abort(404)
    return render_template("layouts/show.html", layout=found, kind_names=KIND_NAMES)
