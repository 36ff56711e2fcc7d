"""Changing single values in the text of a scheme: comments, order and every other line stay as they were written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.rules.lines import HEADER, QUOTED, Place, line_of, lines_of, open_brackets

BARE = re.compile(r"[A-Za-z0-9_-]+")


def with_values(text: str, values: Mapping[Place, Any]) -> str:
    """The text with these values; None takes a key out, a key that is not there is written under its table.

    A place is that of `evaluation.rules.lines`. An array of tables must hold the table already; a plain table is
    written when it is not there.

    >>> with_values('id = "x"  # name\\nweight = 3\\n', {("weight",): 2.5, ("id",): "y"})
    'id = "y"  # name\\nweight = 2.5\\n'
    >>> with_values('a = 1\\nb = 2\\n', {("a",): None, ("small_n", "rank"): 30})
    'b = 2\\n\\n[small_n]\\nrank = 30\\n'
    """
    for place, value in values.items():
        text = _with_value(text, place, value)
    return text


def with_entry(text: str, table: str, values: Mapping[str, Any]) -> str:
    """The text with one more table of an array of tables, behind the last of its kind or at the end.

    >>> with_entry('[[group]]\\nid = "a"\\n\\n[grades]\\nx = 1\\n', "group", {"id": "b", "weight": 5, "title": None})
    '[[group]]\\nid = "a"\\n\\n[[group]]\\nid = "b"\\nweight = 5\\n\\n[grades]\\nx = 1\\n'
    """
    lines = text.splitlines()
    starts = _entries(lines, table)
    end = _end_of_entry(lines, starts[-1]) if starts else len(lines)
    written = [f"{key} = {toml(value)}" for key, value in values.items() if value is not None]
    lines[end:end] = ["", f"[[{table}]]", *written]
    return "\n".join(lines) + "\n"


def without_entry(text: str, table: str, place: int) -> str:
    """The text without the table at this place of an array of tables. Raises IndexError where there is none.

    >>> without_entry('[[group]]\\nid = "a"\\n[[group]]\\nid = "b"\\n', "group", 0)
    '[[group]]\\nid = "b"\\n'
    """
    lines = text.splitlines()
    start = _entries(lines, table)[place]
    end = _end_of_entry(lines, start)
    while end < len(lines) and not lines[end].strip():
        end += 1
    del lines[start:end]
    return "\n".join(lines) + "\n"


def toml(value: Any) -> str:
    """A value as TOML writes it: text, whole number, number, flag, a list of these or a table on one line.

    >>> toml([["A", 90.0], [True, "说"]]), toml({"A": 0.3})
    ('[["A", 90], [true, "说"]]', '{ A = 0.3 }')
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.12g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(str(value), ensure_ascii=False)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _entries(lines: Sequence[str], table: str) -> list[int]:
    """Where the header lines of an array of tables stand, outside of values that go over several lines."""
    found, depth = [], 0
    for number, line in enumerate(lines):
        header = HEADER.match(line) if depth <= 0 else None
        if header and header[1] == "[[" and header[2] == table:
            found.append(number)
        depth = 0 if header else max(0, depth + open_brackets(line))
    return found


def _end_of_entry(lines: Sequence[str], start: int) -> int:
    """The line after the last key of a table; blank lines and comments before the next header belong to that one."""
    depth, last = 0, start
    for number in range(start + 1, len(lines)):
        if depth <= 0 and HEADER.match(lines[number]):
            break
        depth = max(0, depth + open_brackets(lines[number]))
        if lines[number].strip() and not lines[number].lstrip().startswith("#"):
            last = number
    return last + 1


def _with_value(text: str, place: Place, value: Any) -> str:
    places, lines = lines_of(text), text.splitlines()
    if place in places and HEADER.match(lines[places[place] - 1]):  # a table of its own becomes a value on one line
        start = places[place] - 1
        del lines[start : _end_of_entry(lines, start)]
        places = lines_of("\n".join(lines))
    if place in places:
        start = places[place] - 1
        end = _end(lines, start)
        lines[start:end] = [] if value is None else [_written(place, value, lines[start] if end == start + 1 else "")]
    elif value is not None:
        _insert(lines, places, place, _written(place, value, ""))
    return "\n".join(lines) + "\n"


def _written(place: Place, value: Any, old_line: str) -> str:
    comment = _comment(old_line)
    return f"{place[-1]} = {toml(value)}" + (f"  {comment}" if comment else "")


def _insert(lines: list[str], places: Mapping[Place, int], place: Place, line: str) -> None:
    """Under the header of its table, before any comment or table that follows; a plain table is made when missing."""
    table = place[:-1]
    if table and table not in places:
        lines += ["", f"[{table[0]}]", line]
    else:
        lines.insert(line_of(dict(places), table) if table else 0, line)


def _end(lines: Sequence[str], start: int) -> int:
    """The line after a key and its value, which may go over several lines."""
    depth, end = 0, start
    while True:
        depth += open_brackets(lines[end])
        end += 1
        if depth <= 0 or end == len(lines):
            return end


def _comment(line: str) -> str:
    bare = QUOTED.sub(lambda found: "x" * len(found[0]), line)
    return line[bare.index("#") :] if "#" in bare else ""
