"""Lists of records as JSON or XML (Open311 GeoReport, message-board sites): each record is a row, its names the header.

A document type declaration is refused before anything is expanded; nesting is bounded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from imports.answer import SheetInfo
from imports.limits import limits
from imports.problems import Unreadable
from imports.reading.encoding import Encoding, find_encoding
from imports.reading.grid import Grid, Row

_DEPTH = 30
Record = dict[str, Any]


def read_json(path: Path) -> Grid:
    """The grid of a JSON list of objects, or of the longest such list one level down. Raises Unreadable."""
    encoding = find_encoding(path)
    try:
        document = json.loads(path.read_text(encoding.name, errors="replace"))
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_a_spreadsheet", kind="JSON") from error
    lists = [document, *(document.values() if isinstance(document, dict) else ())]
    records = max((_records_of(entry) for entry in lists), key=len)
    return _grid("json", path, encoding, records)


def _records_of(entry: Any) -> list[Record]:
    """The entry where it is a list of objects, else nothing. Inner objects become `outer.inner`, inner lists text."""
    if not isinstance(entry, list) or not all(isinstance(record, dict) for record in entry):
        return []
    return [dict(_flat(record, "", 0)) for record in entry]


def _flat(record: Record, prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict) and depth < _DEPTH:
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(value, (dict, list)):
            yield f"{prefix}{name}", json.dumps(value, ensure_ascii=False)
        else:
            yield f"{prefix}{name}", value


class _Requests:
    """Collects the leaves of every child of the root."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.names: list[str] = []
        self.text: list[str] = []

    def start(self, name: str, _: dict[str, str]) -> None:
        self.names.append(name)
        self.text = []
        if len(self.names) == 2:
            self.records.append({})
        if len(self.names) > _DEPTH or len(self.records) > limits().rows:
            raise Unreadable("file_too_large", limit=f"{limits().rows} × {_DEPTH}")

    def data(self, text: str) -> None:
        self.text.append(text)

    def end(self, _: str) -> None:
        if len(self.names) > 2 and (text := "".join(self.text).strip()):
            self.records[-1][".".join(self.names[2:])] = text
        self.text = []
        self.names.pop()


def _refuse_declaration(*_: Any) -> None:
    raise Unreadable("unsafe_markup")


def read_xml(path: Path) -> Grid:
    """The grid of an XML document whose root holds records of leaves. Raises Unreadable."""
    requests, parser = _Requests(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = requests.start, requests.end
    parser.CharacterDataHandler = requests.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_declaration
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, ValueError) as error:
        raise Unreadable("not_a_spreadsheet", kind="XML") from error
    return _grid("xml", path, Encoding("utf-8", "utf-8"), requests.records)


def _grid(format: str, path: Path, encoding: Encoding, records: list[Record]) -> Grid:
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(names) < 2:
        raise Unreadable("not_a_spreadsheet", kind=format.upper())
    if len(names) > limits().columns or len(names) * len(records) > limits().cells:
        raise Unreadable("file_too_large", limit=f"{limits().rows} × {limits().columns}")

    def rows() -> Iterator[Row]:
        yield list(names)
        for record in records:
            yield ["" if (value := record.get(name)) is None else _cell(value) for name in names]

    info = SheetInfo(path.name, len(records) + 1, used=True)
    return Grid(format, rows, sheets=(info,), encoding=encoding.label, notes=tuple(encoding.notes()))


def _cell(value: Any) -> Any:
    """Whole numbers stay exact as text: a record number may have more digits than a float holds."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
