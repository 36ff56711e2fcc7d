"""Changing single values in the text of a scheme: comments, order and every other line stay as they were written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.lines import QUOTED, Place, line_of, lines_of, open_brackets


def with_values(text: str, values: Mapping[Place, Any]) -> str:
    """The text with these values; None takes a key out, a key that is not there is written under its table.

    A place is that of `evaluation.lines`. An array of tables must hold the table already; a plain table is written when
    it is not there.

    >>> with_values('id = "x"  # name\\nweight = 3\\n', {("weight",): 2.5, ("id",): "y"})
    'id = "y"  # name\\nweight = 2.5\\n'
    >>> with_values('a = 1\\nb = 2\\n', {("a",): None, ("small_n", "rank"): 30})
    'b = 2\\n\\n[small_n]\\nrank = 30\\n'
    """
    for place, value in values.items():
        text = _with_value(text, place, value)
    return text


def toml(value: Any) -> str:
    """A value as TOML writes it: text, whole number, number, flag, or a list of these.

    >>> toml([["A", 90.0], [True, "说"]])
    '[["A", 90], [true, "说"]]'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.12g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(str(value), ensure_ascii=False)


def _with_value(text: str, place: Place, value: Any) -> str:
    places, lines = lines_of(text), text.splitlines()
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
