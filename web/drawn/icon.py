"""The small picture of the site, also at the address that browsers try by themselves."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from web.session import public

pages = Blueprint("icon", __name__)


@pages.get("/favicon.ico")
@public
def show() -> ResponseReturnValue:
    """The icon, kept by browsers for a day."""
    picture = (Path(current_app.root_path) / "static" / "icon.svg").read_bytes()
    return Response(picture, mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})
