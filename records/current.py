"""Current cases: the newest observation of every record, one file per month of receipt, sorted by unit.

Derived from the accepted parts and rebuilt at will, never evidence. A file is named by what it holds, so that a
corrected March writes a new file for March and leaves the others alone. The facts and the case list read these files.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from records.derived import forget_unused, write_json
from records.engine import Engine, PartFiles
from records.instance import Instance
from records.parts import PartInfo
from records.tables import files_view
from records.vocabulary import CURRENT_COLUMNS, Kind

VERSION = "2"
_BUILDING = threading.Lock()
ROWS_AT_ONCE = 400_000  # months are read together up to this many cases; a larger month is read alone
NEWEST_FIRST = (
    "CASE WHEN exported_at IS NULL THEN 0 ELSE 1 END DESC, exported_at DESC, batch DESC, row_no DESC"
)  # fmt: skip
RECORDED = {
    "records_sign": "signed_at", "records_contact": "contacted_at", "records_reply": "first_response_at",
    "records_close": "closed_at", "records_due": "due_at",
}  # fmt: skip
MONTH = "CAST(coalesce(EXTRACT(year FROM received_at) * 100 + EXTRACT(month FROM received_at), 0) AS BIGINT)"
AGAIN = (
    "CASE WHEN person_token IS NOT NULL THEN lead(received_at) OVER "
    "(PARTITION BY coalesce(person_token, case_no), category ORDER BY received_at, case_no) END"
)


@dataclass(frozen=True)
class CurrentMonth:
    """The cases received in one month (year × 100 + month, 0 without a time of receipt), or None where not built."""

    month: int
    rows: int
    key: str
    path: Path


@dataclass(frozen=True)
class CurrentCases:
    """All months, newest last, and what holds across them.

    `recorded` are columns: a register and, for each event, 1 where any of its rows names it. Times are local.
    """

    months: tuple[CurrentMonth, ...]
    recorded: Mapping[str, list[Any]]
    exported_at: datetime | None
    last_at: datetime | None

    def view(self, months: Iterable[CurrentMonth] | None = None) -> PartFiles:
        """Some months, or all, as one view."""
        chosen = self.months if months is None else months
        return PartFiles(tuple(month.path for month in chosen), CURRENT_COLUMNS)


def current_text(columns: Sequence[str] | None = None) -> str:
    """The newest observation of each record over the view `cases`: the latest export, then the highest batch and row.

    `month` is the month of receipt, `again_at` the next case of the same person in the same category. Any engine reads
    it; without `columns` all of CURRENT_COLUMNS are answered.
    """
    made = {"month": MONTH, "again_at": AGAIN}
    wanted = columns if columns is not None else [column.name for column in CURRENT_COLUMNS]
    shown = ", ".join(f"{made[name]} AS {name}" if name in made else name for name in wanted)
    read = {"register", "case_no", "received_at", "person_token", "category", "batch", "row_no", "exported_at"}
    inner = ", ".join(sorted(read | {name for name in wanted if name not in made}))
    age = f"row_number() OVER (PARTITION BY coalesce(register, ''), case_no ORDER BY {NEWEST_FIRST}) AS age"
    return f"SELECT {shown} FROM (SELECT {inner}, {age} FROM cases) AS observations WHERE age = 1"


def current_cases(instance: Instance, parts: Sequence[PartInfo]) -> CurrentCases:
    """The current cases of these parts; months whose content is new are written first."""
    folder = instance.facts_folder / "current"
    folder.mkdir(mode=0o700, exist_ok=True)
    listing = folder / f"{_sha256([VERSION, [[part.batch, part.sha256] for part in parts]])}.json"
    with _BUILDING:  # a file that one thread reads is not replaced by the same one of another thread
        if not listing.exists():
            engine, places = Engine(instance), listing.with_suffix(".index.parquet")
            cases = files_view(instance, list(parts), Kind.RESPONSES)
            engine.write(_index_text(), {"cases": cases}, places)
            write_json(listing, _content(engine, cases, places, parts))
        content = json.loads(listing.read_text(encoding="utf-8"))
        found = [(m["month"], m["rows"], m["key"], folder / f"{m['key']}.parquet") for m in content["months"]]
        months = [CurrentMonth(*month) for month in found]
        _build(instance, parts, [month for month in months if not month.path.exists()], listing)
    times = (datetime.fromisoformat(text) if text else None for text in (content["exported_at"], content["last_at"]))
    return CurrentCases(tuple(months), content["recorded"], *times)


def _index_text() -> str:
    """Where the newest observation of each record stands, and which events it names."""
    place = ("month", "again_at", "register", "case_no", "batch", "row_no")
    flags = ", ".join(f"CASE WHEN {event} IS NULL THEN 0 ELSE 1 END AS {name}" for name, event in RECORDED.items())
    return f"SELECT {', '.join(place)}, {flags} FROM ({current_text([*place, *RECORDED.values()])}) AS newest"


def _content(engine: Engine, cases: PartFiles, places: Path, parts: Sequence[PartInfo]) -> dict[str, Any]:
    """What the listing says: months with keys and rows, what each register records, the last times."""
    views = {"cases": cases, "places": PartFiles((places,))}
    text = """SELECT month, count(*), CAST(bit_xor(hash(batch, row_no, again_at)) AS VARCHAR), list(DISTINCT batch)
              FROM places GROUP BY month ORDER BY month"""
    months = [
        {"month": month, "rows": rows, "key": _month_key(month, digest, batches, parts)}
        for month, rows, digest, batches in engine.run(text, views)
    ]
    flags = ", ".join(f"max({name}) AS {name}" for name in RECORDED)
    rows = engine.run(
        f"SELECT coalesce(register, '') AS register, {flags} FROM places GROUP BY coalesce(register, '') ORDER BY 1",
        views,
    )
    last = "SELECT max(exported_at), greatest(max(received_at), max(closed_at)) FROM cases"
    exported_at, last_at = engine.run(last, views)[0]
    recorded = {name: [row[i] for row in rows] for i, name in enumerate(("register", *RECORDED))}
    times = {"exported_at": exported_at, "last_at": last_at}
    return {
        "months": months,
        "recorded": recorded,
        **{name: time.isoformat() if time else None for name, time in times.items()},
    }


def _month_key(month: int, digest: str, batches: list[int], parts: Sequence[PartInfo]) -> str:
    held = set(batches)
    return f"{month:06d}-{_sha256([VERSION, digest, [[p.batch, p.sha256] for p in parts if p.batch in held]])}"


def _sha256(content: Any) -> str:
    return hashlib.sha256(json.dumps(content).encode("utf-8")).hexdigest()[:24]


def _build(instance: Instance, parts: Sequence[PartInfo], months: list[CurrentMonth], listing: Path) -> None:
    """Write the files of these months, small ones together; each statement reads the parts that hold them."""
    if not months:
        return
    engine, places = Engine(instance), listing.with_suffix(".index.parquet")
    if not places.exists():
        engine.write(_index_text(), {"cases": files_view(instance, list(parts), Kind.RESPONSES)}, places)
    for chunk in together(months, [month.rows for month in months], ROWS_AT_ONCE):
        inside = f"month IN ({', '.join(str(month.month) for month in chunk)})"
        views = {"places": PartFiles((places,))}
        held = {batch for (batch,) in engine.run(f"SELECT DISTINCT batch FROM places WHERE {inside}", views)}
        cases = files_view(instance, [part for part in parts if part.batch in held], Kind.RESPONSES)
        targets = {month.month: month.path for month in chunk}
        engine.write_split(_month_text(inside), {**views, "cases": cases}, "month", targets)
    forget_unused(listing.parent, "*.parquet", keeps=6)


def _month_text(inside: str) -> str:
    columns = ", ".join(
        f"k.{column.name}" if column.name in ("month", "again_at") else f"c.{column.name}" for column in CURRENT_COLUMNS
    )
    same = "c.batch = k.batch AND c.row_no = k.row_no AND c.case_no = k.case_no"
    return (
        f"SELECT {columns} FROM cases c JOIN (SELECT * FROM places WHERE {inside}) AS k ON {same} "
        "ORDER BY k.month, c.unit, c.received_at DESC, c.register, c.case_no"
    )


def together(items: Sequence[Any], sizes: Sequence[int], limit: int) -> list[list[Any]]:
    """Neighbours in groups of at most `limit` in all; an item above the limit stands alone.

    >>> together("abcd", [3, 4, 9, 1], 7)
    [['a', 'b'], ['c'], ['d']]
    """
    groups: list[list[Any]] = []
    filled = 0
    for item, size in zip(items, sizes, strict=True):
        if not groups or filled + size > limit:
            groups.append([])
            filled = 0
        groups[-1].append(item)
        filled += size
    return groups
