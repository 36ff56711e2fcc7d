"""Where in a TOML text a key stands: the standard parser gives values without lines, a fault needs one."""

from __future__ import annotations

import re

Place = tuple[str | int, ...]

HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r"^\s*([A-Za-z0-9_\-.\"']+)\s*=\s*(.*)$")
QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")


def lines_of(text: str) -> dict[Place, int]:
    """Line number (from 1) of every table header and key of a TOML text; the items of an array of tables are numbered.

    >>> places = lines_of('id = "x"\\n[[group]]\\nid = "a"\\n[[group]]\\nid = "b"')
    >>> places[("id",)], places[("group", 1)], places[("group", 1, "id")]
    (1, 4, 5)
    """
    found: dict[Place, int] = {(): 1}
    counts: dict[str, int] = {}
    table: Place = ()
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if depth > 0:
            depth += open_brackets(line)
            continue
        if header := HEADER.match(line):
            table = _table(header, counts)
            found.setdefault(table, number)
        elif key := KEY.match(line):
            found.setdefault((*table, *_parts(key[1])), number)
            depth = max(0, open_brackets(key[2]))
    return found


def line_of(places: dict[Place, int], place: Place) -> int:
    """Line of a place, or of the nearest table around it that is written in the file."""
    while place not in places:
        place = place[:-1]
    return places[place]


def _table(header: re.Match[str], counts: dict[str, int]) -> Place:
    name = header[2]
    if header[1] == "[[":
        counts[name] = counts.get(name, -1) + 1
        return (*_parts(name), counts[name])
    return tuple(_parts(name))


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def open_brackets(text: str) -> int:
    """How many more brackets open than close in a line, outside of quoted text and comments."""
    bare = QUOTED.sub("", text).split("#", 1)[0]
    return sum(bare.count(mark) for mark in "[{") - sum(bare.count(mark) for mark in "]}")
