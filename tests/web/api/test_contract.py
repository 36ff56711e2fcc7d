"""The document is what the server does: schemathesis sends what it describes, and what it does not."""

from __future__ import annotations

import re

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.accusing_words import accusing
from web.api.operations import Operation, errors_of
from web.api.v1 import OPERATIONS


@pytest.fixture(scope="session")
def api_schema(api_app: Flask) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api_app)


BOUNDED = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_server_keeps_the_document(operation: Operation, api_schema: schemathesis.BaseSchema, programs) -> None:
    headers = {"Authorization": f"Bearer {programs['assessor'].token}"}

    @BOUNDED
    @given(case=api_schema[operation.path][operation.method].as_strategy())
    def every_case_is_answered_as_described(case: schemathesis.Case) -> None:
        # A scheme, a unit or a batch that fits its schema need not exist, so that a fitting request may be refused.
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    every_case_is_answered_as_described()


def test_document_names_every_operation_once(programs) -> None:
    document = programs["auditor"].get("/openapi.json").json
    found = [entry["operationId"] for path in document["paths"].values() for entry in path.values()]
    assert document["openapi"] == "3.1.0"
    assert sorted(found) == sorted(operation.id for operation in OPERATIONS)
    assert len(set(found)) == len(found)


def test_no_text_of_the_api_accuses(programs) -> None:
    document = programs["auditor"].get("/openapi.json").text
    assert "findings" in document
    assert accusing(document) == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_operation_asks_for_a_token_and_names_its_refusals(operation, api_app: Flask) -> None:
    path = operation.path.replace("{number}", "1").replace("{upload}", "0" * 16).replace("{job}", "0" * 32)
    path = re.sub(r"\{\w+\}", "x", path)
    answer = api_app.test_client().open(f"/api/v1{path}", method=operation.method)
    assert (answer.status_code == 401) == (not operation.is_public)
    assert 401 in errors_of(operation) or operation.is_public
