"""Version 1 of the API: every operation, and the document that describes them."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from web.api.follow_up import following
from web.api.operations import Table, document_of
from web.api.results import resulting
from web.api.rows import rowing
from web.api.schema import body
from web.api.serving import blueprint_of
from web.api.uploads import uploading
from web.session import viewer

house = Table()
ME = body(("sign_in", "role"), sign_in={"type": "string"}, role={"type": "string"}, units={"type": "array"})


@house.add("GET", "/me", "Whom this token stands for.", action=None, answer=ME)
def show_me() -> dict[str, Any]:
    return {"sign_in": viewer().sign_in, "role": viewer().role.value, "units": sorted(viewer().units)}


@house.add(
    "GET", "/openapi.json", "This document.", action=None, answer={"type": "object"}, is_public=True
)  # fmt: skip
def show_document() -> dict[str, Any]:
    return document_of(OPERATIONS, "Wenxiao 问效", version("wenxiao"))


TABLES = (house, uploading, resulting, following, rowing)
OPERATIONS = [operation for table in TABLES for operation in table.operations]
pages = blueprint_of(OPERATIONS)
