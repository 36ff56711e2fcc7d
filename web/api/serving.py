"""Turns the table of operations into routes: reads and checks what is sent, calls the view, answers in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from pipeline.numbers.plain import plain
from web import session
from web.api import callers, problems
from web.api.operations import JSON, Operation, Parameter
from web.api.schema import Schema, Unfit, check, from_text

Mark = Callable[[Callable[..., Any]], Callable[..., Any]]


def blueprint_of(operations: list[Operation]) -> Blueprint:
    """A blueprint named `api` with one route for each operation."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
    blueprint.before_request(callers.refuse_large_bodies)
    blueprint.register_error_handler(Exception, problems.of_error)
    for operation in operations:
        view = _mark_of(operation)(partial_named(operation))
        blueprint.add_url_rule(route_of(operation), operation.id, view, methods=[operation.method])
    return blueprint


def route_of(operation: Operation) -> str:
    """The route as Flask writes it.

    >>> from web.api.operations import in_path
    >>> number = in_path("number", "", {"type": "integer"})
    >>> route_of(Operation("x", "GET", "/batches/{number}", "", print, None, {}, (number,)))
    '/batches/<number>'
    """
    return operation.path.replace("{", "<").replace("}", ">")


def partial_named(operation: Operation) -> Callable[..., Response]:
    """The view of a route; it has a name of its own, because marks copy it."""
    view = partial(_serve, operation)
    view.__name__ = operation.id  # type: ignore[attr-defined]
    return view


def _mark_of(operation: Operation) -> Mark:
    if operation.is_public:
        return session.public
    return session.signed_in if operation.action is None else session.for_action(operation.action)


def _serve(operation: Operation, **path: str) -> Response:
    given = {p.name: _value(p, path) for p in operation.parameters if _is_given(p, path)}
    if operation.body is not None:
        given["body"] = _body(operation)
    made = operation.view(**given)
    if isinstance(made, Response):
        return made
    response = jsonify(plain(made))
    response.status_code = operation.status
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _is_given(parameter: Parameter, path: dict[str, str]) -> bool:
    if parameter.where == "path" or parameter.name in request.args:
        return True
    if parameter.is_required:
        raise Unfit(f"the parameter {parameter.name!r} is needed")
    return False


def _value(parameter: Parameter, path: dict[str, str]) -> Any:
    if parameter.is_list:
        value: Any = request.args.getlist(parameter.name)
    else:
        value = path.get(parameter.name) or request.args.get(parameter.name, "")
        try:
            value = from_text(value, parameter.schema)
        except Unfit as error:
            raise _misfit(parameter, str(error)) from error
    try:
        check(value, parameter.schema, parameter.name)
    except Unfit as error:
        raise _misfit(parameter, str(error)) from error
    return value


def _misfit(parameter: Parameter, sentence: str) -> Exception:
    """A part of the path that cannot be is an address without anything behind it."""
    if parameter.where == "path":
        return problems.ApiError(404)
    return Unfit(sentence if sentence.startswith(parameter.name) else f"{parameter.name} {sentence}")


def _body(operation: Operation) -> dict[str, Any]:
    assert operation.body is not None
    if request.mimetype != operation.body_type:
        raise UnsupportedMediaType
    if operation.body_type == JSON:
        try:
            value = json.loads(request.get_data(), parse_float=_number, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Unfit("the body is not JSON") from error
    else:
        value = _form(operation.body)
    check(value, operation.body, "body")
    return value


def _form(schema: Schema) -> dict[str, Any]:
    """The fields of a form; files stay out of the dictionary and are read by the view."""
    fields = schema["properties"]
    value: dict[str, Any] = {}
    for name in request.form:
        kind = fields.get(name, {})
        if kind.get("type") == "array":
            value[name] = request.form.getlist(name)
        else:
            try:
                value[name] = from_text(request.form[name], kind)
            except Unfit as error:
                raise Unfit(f"body.{name} {error}") from error
    # The check of the schema sees that a file is there; its bytes are no text.
    return {**value, **{name: "file" for name in request.files}}


def _number(text: str) -> int | float:
    """12.0 is a whole number in JSON."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")
