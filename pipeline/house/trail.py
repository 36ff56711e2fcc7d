"""The audit trail as a page shows it (filtered entries, kinds of action, check of the chain) and as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from records import audit as chain
from records.access import Action, Viewer, require
from records.instance import Instance
from records.queries import audit
from records.queries.audit import AuditRow
from reports.csv_cells import safe_cell

COLUMNS = ("number", "at", "who", "action", "subject", "detail", "previous_hash", "hash")
FORMATS = ("jsonl", "csv")


class TrailFileError(ValueError):
    """A file is no exported audit trail."""


@dataclass(frozen=True)
class TrailPage:
    """Some entries, how many fit in all, and every kind of action to choose from."""

    rows: list[AuditRow]
    total: int
    actions: list[str]


def entries(
    instance: Instance, viewer: Viewer, *, who: str | None, action: str | None, offset: int, limit: int
) -> TrailPage:
    """Entries, the newest first. Raises Forbidden for everybody but admins and auditors."""
    with instance.session() as session:
        rows = audit.list_entries(session, viewer=viewer, who=who, action=action, offset=offset, limit=limit)
        total = audit.count_entries(session, viewer=viewer, who=who, action=action)
        return TrailPage(rows, total, audit.actions(session, viewer=viewer))


def check(instance: Instance, viewer: Viewer) -> chain.ChainCheck:
    """Read the whole chain again. Raises Forbidden for everybody but admins and auditors."""
    require(viewer, Action.SEE_AUDIT)
    with instance.session() as session:
        return chain.check_chain(session)


def export(
    instance: Instance, viewer: Viewer, *, first: date | None = None, last: date | None = None, form: str = "jsonl"
) -> Iterator[bytes]:
    """The entries of some days (both included, in the zone of the instance) as a file, piece by piece.

    `jsonl` has one entry a line with its hashes, so that `check_file` can follow the chain anywhere; `csv` is for
    reading in a spreadsheet. The export is itself an entry, written before the first piece leaves. Raises Forbidden.
    """
    require(viewer, Action.SEE_AUDIT)
    days = {"first": first.isoformat() if first else None, "last": last.isoformat() if last else None}
    with instance.session() as session:
        chain.write(session, viewer.sign_in, "audit.export", form, days)
    return _pieces(instance, _midnight(instance, first), _midnight(instance, last, days=1), form)


def check_file(path: Path) -> chain.ChainCheck:
    """Follow the chain through an exported `jsonl` file. Raises TrailFileError naming the line that is no entry."""
    with path.open(encoding="utf-8") as file:
        return chain.check_documents(_documents(file))


def _midnight(instance: Instance, day: date | None, *, days: int = 0) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=days), time(), instance.zone)


def _pieces(instance: Instance, first: datetime | None, end: datetime | None, form: str) -> Iterator[bytes]:
    if form == "csv":
        yield ("\ufeff" + ",".join(COLUMNS) + "\r\n").encode()
    with instance.session() as session, closing(chain.between(session, first, end)) as entries:
        for entry in entries:
            said = chain.as_document(entry)
            yield (_csv_line(said) if form == "csv" else json.dumps(said, ensure_ascii=False) + "\n").encode()


def _csv_line(said: dict[str, Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(said[column]) for column in COLUMNS])
    return line.getvalue()


def _documents(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
        except ValueError:
            said = None
        if not isinstance(said, dict) or not set(COLUMNS) <= set(said) or not isinstance(said["number"], int):
            raise TrailFileError(f"line {number} is no entry of an audit trail; give a file written by `audit export`")
        yield said
