"""Published results for everybody, without signing in, where the office has switched the page on."""

from __future__ import annotations

import io
from dataclasses import replace

from flask import Blueprint, abort, current_app, render_template, send_file
from flask.typing import ResponseReturnValue

from pipeline.views import open_page
from pipeline.views.prepared import Prepared
from reports.document_names import document_name
from web.languages import language
from web.session import instance, public

pages = Blueprint("open", __name__, url_prefix="/open")


@pages.get("")
@public
def index() -> ResponseReturnValue:
    """Every unit of the newest published assessment by peer group; 404 where the page is switched off."""
    if not open_page.is_shown(instance()):
        abort(404)
    prepared = open_page.published(instance())
    view = open_page.results(prepared) if prepared else None
    return render_template("open/index.html", view=view, settings=instance().settings)


@pages.get("/units/<code>")
@public
def unit(code: str) -> ResponseReturnValue:
    """The published figures of one unit in plain words."""
    prepared = _published()
    result = prepared.results.get(code) or abort(404)
    return render_template(
        "open/unit.html",
        view=open_page.heading(prepared),
        unit=open_page.unit(prepared, result),
        group=prepared.group_title(result.group),
        figures=open_page.figures(prepared, result),
    )


@pages.get("/data.zip")
@public
def data() -> ResponseReturnValue:
    """The data package; made once for each published assessment and language."""
    prepared, spoken = _published(), language()
    kept: dict[str, tuple[Prepared, bytes]] = current_app.extensions.setdefault("kept_open_data", {})
    if spoken not in kept or kept[spoken][0] is not prepared:
        kept[spoken] = (prepared, open_page.data(instance(), prepared, spoken))
    name = document_name(replace(prepared.source, language=spoken), "opendata")
    return send_file(io.BytesIO(kept[spoken][1]), "application/zip", as_attachment=True, download_name=f"{name}.zip")


def _published() -> Prepared:
    return open_page.published(instance()) or abort(404)
