"""JSON Schema in the small: written from dataclasses for answers, and checked against what a caller sends.

Only the words used by the table of operations are known. What is sent is checked with the very schema that the
document prints, so that neither can promise what the other refuses.
"""

from __future__ import annotations

import re
import types
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

Schema = Mapping[str, Any]
PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string"},
    date: {"type": "string"},
    Path: {"type": "string"},
    Any: {},
    type(None): {"type": "null"},
}
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f]")


class Unfit(ValueError):
    """A value does not fit its schema; the message names the place and says what is expected."""


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema of a type: a dataclass is an object with all its fields, `X | None` may be null.

    >>> schema_of(list[int | None])
    {'type': 'array', 'items': {'anyOf': [{'type': 'integer'}, {'type': 'null'}]}}
    """
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [field.name for field in fields(kind)]
        return {"type": "object", "properties": {name: schema_of(hints[name]) for name in names}, "required": names}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [str(member.value) for member in kind]}
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(choice) for choice in inner]}
    if origin in (list, tuple) or kind in (list, tuple):
        kinds = [schema_of(item) for item in inner if item is not Ellipsis]
        same = all(item == kinds[0] for item in kinds)
        return {"type": "array", "items": kinds[0] if kinds and same else {}}
    if origin in (dict, Mapping, Counter) or kind is dict:
        return {"type": "object"}
    return dict(PLAIN[kind])


def text(pattern: str = r"^[^\x00-\x1f\x7f]*$", *, longest: int = 200) -> dict[str, Any]:
    """The schema of a short text, by default of one line without control characters."""
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": pattern}


def whole(least: int, most: int) -> dict[str, Any]:
    """The schema of a whole number between two ends, both allowed."""
    return {"type": "integer", "minimum": least, "maximum": most}


def one_of(*words: str) -> dict[str, Any]:
    """The schema of a closed list of words."""
    return {"type": "string", "enum": list(words)}


def body(required: tuple[str, ...] = (), **properties: Schema) -> dict[str, Any]:
    """The schema of a body: only these fields, so that nothing else can be set by sending it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def from_text(given: str, schema: Schema) -> Any:
    """A value of a query or a form as its schema means it. Raises Unfit.

    >>> from_text("12", whole(1, 20)), from_text("true", {"type": "boolean"})
    (12, True)
    """
    if schema.get("type") == "integer":
        if not re.fullmatch(r"-?[0-9]{1,15}", given, re.ASCII):
            raise Unfit("must be a whole number")
        return int(given)
    if schema.get("type") == "boolean":
        if given not in ("true", "false"):
            raise Unfit("must be true or false")
        return given == "true"
    return given


def check(value: Any, schema: Schema, place: str) -> None:
    """Raise Unfit unless a value fits its schema.

    >>> check({"to": "final", "state": "published"}, body(to=text()), "body")
    Traceback (most recent call last):
    web.api.schema.Unfit: body: there is no field 'state'
    """
    kind = schema.get("type")
    if kind is not None and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        raise Unfit(f"{place} must be of type {kind}")
    if "enum" in schema and value not in schema["enum"]:
        raise Unfit(f"{place} must be one of {', '.join(map(str, schema['enum']))}")
    if isinstance(value, str):
        _check_text(value, schema, place)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _check_size(value, schema, place)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            check(item, schema.get("items", {}), f"{place}[{number}]")
        if len(value) > schema.get("maxItems", len(value)):
            raise Unfit(f"{place} has at most {schema['maxItems']} entries")
    elif isinstance(value, dict):
        _check_fields(value, schema, place)


def _check_text(value: str, schema: Schema, place: str) -> None:
    if len(value) < schema.get("minLength", 0) or len(value) > schema.get("maxLength", len(value)):
        raise Unfit(f"{place} must have {schema.get('minLength', 0)} to {schema.get('maxLength')} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise Unfit(f"{place} must match {schema['pattern']}")
    if NOT_TEXT.search(value):
        raise Unfit(f"{place} must not hold control characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Unfit(f"{place} holds half a character") from error


def _check_size(value: float, schema: Schema, place: str) -> None:
    if value < schema.get("minimum", value) or value > schema.get("maximum", value):
        raise Unfit(f"{place} must lie between {schema.get('minimum')} and {schema.get('maximum')}")


def _check_fields(value: Mapping[str, Any], schema: Schema, place: str) -> None:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            raise Unfit(f"{place} needs the field {name!r}")
    for name, item in value.items():
        if name in known:
            check(item, known[name], f"{place}.{name}")
        elif not schema.get("additionalProperties", True):
            raise Unfit(f"{place}: there is no field {name!r}")
