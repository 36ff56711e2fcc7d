"""The table of operations: the routes, the checks of what is sent, and the OpenAPI document are all made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from records.access import Action
from web.api.schema import Schema, text

JSON = "application/json"
FORM = "multipart/form-data"
FILE = "application/octet-stream"


@dataclass(frozen=True)
class Parameter:
    """A value in the address. `where` is path or query."""

    name: str
    schema: Schema
    about: str
    where: str = "query"
    is_required: bool = False

    @property
    def is_list(self) -> bool:
        """May it come several times?"""
        return self.schema.get("type") == "array"


@dataclass(frozen=True)
class Operation:
    """One thing a program can ask for.

    `view` is called with the parameters and, where there is a body, `body`; what it returns becomes the answer.
    `action` None is open to every token.
    """

    id: str
    method: str
    path: str  # as in the document, "/batches/{number}"
    summary: str
    view: Callable[..., Any]
    action: Action | None
    answer: Schema
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    body_type: str = JSON
    status: int = 200
    answer_type: str = JSON
    errors: tuple[int, ...] = ()
    is_public: bool = False


@dataclass
class Table:
    """Operations in the order in which they are added."""

    operations: list[Operation] = field(default_factory=list)

    def add(self, method: str, path: str, summary: str, **rest: Any) -> Callable[[Callable[..., Any]], Any]:
        """Enter the decorated function as the view of an operation named like the function."""

        def enter(view: Callable[..., Any]) -> Callable[..., Any]:
            self.operations.append(Operation(view.__name__, method, path, summary, view, **rest))
            return view

        return enter


def in_path(name: str, about: str, schema: Schema | None = None) -> Parameter:
    """A part of the path."""
    return Parameter(name, schema or text(longest=100), about, "path", is_required=True)


def document_of(operations: list[Operation], title: str, version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the operations."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": ABOUT},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": PROBLEM},
        },
    }


ABOUT = (
    "Uploads, results, records and reports for programs. A token acts as the person it was made for "
    "(`wenxiao token SIGN_IN --title …`) and may do what that person may do on the pages. Rates are fractions 0..1; "
    "a missing value is null and has a reason."
)
PROBLEM = {
    "type": "object",
    "properties": {
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
    },
    "required": ["status", "code", "title"],
}


def errors_of(operation: Operation) -> tuple[int, ...]:
    """Every status an operation may answer with instead of the one hoped for."""
    found = {429, *operation.errors}
    if not operation.is_public:
        found |= {401}
    if operation.action is not None:
        found |= {403}
    if operation.parameters or operation.body:
        found |= {400}
    if operation.body:
        found |= {413, 415}
    if any(parameter.where == "path" for parameter in operation.parameters):
        found |= {404}
    return tuple(sorted(found))


def _described(operation: Operation) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers: dict[str, Any] = {str(s): {"description": "refused", "content": problem} for s in errors_of(operation)}
    answers[str(operation.status)] = {
        "description": "done",
        "content": {operation.answer_type: {"schema": operation.answer}},
    }
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": dict(sorted(answers.items())),
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {operation.body_type: {"schema": operation.body}}}
    if operation.is_public:
        described["security"] = []
    return described


def _parameter(parameter: Parameter) -> Mapping[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.is_required,
        "description": parameter.about,
        "schema": parameter.schema,
    }
