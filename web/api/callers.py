"""Who calls the API: the bearer token of the request, and how often it may ask."""

from __future__ import annotations

import math

from flask import current_app, request

from pipeline.house import people
from records.access import Viewer
from records.credentials import TOKEN_PREFIX, token_hash
from web.api.problems import ApiError
from web.limits import limit_of

LARGEST_JSON = 1 << 20  # bytes; only files may be larger


METRICS = "/metrics"  # read by a monitor with a token


def is_api_request() -> bool:
    """Is this a request of a program, whatever its address means there?"""
    return request.path.startswith("/api/") or request.path == METRICS


def caller() -> Viewer | None:
    """The viewer of the bearer token. A session cookie counts for nothing here, so that no other site can use it.

    Raises ApiError 429 for a caller who asks too often; wrong tokens are counted by address, right ones by token.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.startswith(TOKEN_PREFIX):
        return None
    address = f"address {request.remote_addr}"
    _refuse_after(limit_of("wrong").seconds_shut(address))
    viewer = people.viewer_of_token(current_app.extensions["wenxiao"], token.strip())
    if viewer is None:
        _refuse_after(limit_of("wrong").seconds_to_wait(address))
        return None
    _refuse_after(limit_of("right").seconds_to_wait(token_hash(token)))
    return viewer


def refuse_large_bodies() -> None:
    """A body that is no file stays small."""
    is_file = request.mimetype == "multipart/form-data"
    if not is_file and (request.content_length or 0) > LARGEST_JSON:
        raise ApiError(413)


def _refuse_after(seconds: float) -> None:
    if seconds:
        raise ApiError(429, headers={"Retry-After": str(math.ceil(seconds))})
