"""Plotly from the installed package, and what the content security policy needs for it.

Two facts about plotly.min.js shape the policy of `web.security`:

* It fills an EMPTY <style> element through the CSSOM; the hash of the empty text allows that element and no other
  inline style.
* While loading it adds the style sheet of its map library, unless an element with a certain id exists. A <meta> with
  that id keeps the sheet out; no map is drawn with Plotly here.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import lru_cache
from importlib.resources import files

import plotly
from flask import Blueprint, Response, abort, request, url_for

from web.session import public

GUARD = re.compile(rb'getElementById\("([0-9a-f]{64})"\)\)\{var \w+=document\.createElement\("style"\)')

pages = Blueprint("plotly_asset", __name__)


@lru_cache(maxsize=1)
def source() -> bytes:
    """The script as the package holds it, 4.8 MB."""
    return files("plotly").joinpath("package_data/plotly.min.js").read_bytes()


@lru_cache(maxsize=1)
def packed() -> bytes:
    """The script packed once with gzip, 1.5 MB."""
    return gzip.compress(source(), 9)


@lru_cache(maxsize=1)
def version() -> str:
    """Changes with the package and with its bytes, so that the file may be cached for ever."""
    return f"{plotly.__version__}-{hashlib.sha256(source()).hexdigest()[:8]}"


@lru_cache(maxsize=1)
def map_style_id() -> str | None:
    """The id that keeps the map style sheet out, or None when another Plotly no longer has exactly one."""
    found = set(GUARD.findall(source()))
    return found.pop().decode() if len(found) == 1 else None


@pages.get("/assets/plotly-<asked>.min.js")
@public
def script(asked: str) -> Response:
    """The script under its versioned address; another version is not found."""
    if asked != version():
        abort(404)
    is_packed = "gzip" in request.accept_encodings
    answer = Response(packed() if is_packed else source(), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Vary"] = "Accept-Encoding"
    if is_packed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@pages.app_context_processor
def for_templates() -> dict[str, object]:
    """`plotly_url()` and `plotly_guard_id` for the head of the base template."""
    return {"plotly_url": lambda: url_for("plotly_asset.script", asked=version()), "plotly_guard_id": map_style_id()}
