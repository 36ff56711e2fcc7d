"""Where the newest observation of every record stands: one thin file per month of receipt, grown batch by batch.

A row of the index names a row of a part (`batch`, `file_row`). A listing says which files the accepted parts have. A
further batch reads its own rows, the rows of the same records, and those of the same persons; the other months stay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from records.derived import forget_unused, write_json
from records.engine import Engine, Statements
from records.engine_views import PartFiles
from records.instance import Instance
from records.parts import PartInfo
from records.tables import files_view
from records.vocabulary import CASE_TIMES, Column, ColumnType, Kind

VERSION = "3"
LISTINGS_KEPT = 6
RECORDED = {
    "records_sign": "signed_at", "records_contact": "contacted_at", "records_reply": "first_response_at",
    "records_close": "closed_at", "records_due": "due_at",
}  # fmt: skip
MONTH = "CAST(coalesce(EXTRACT(year FROM received_at) * 100 + EXTRACT(month FROM received_at), 0) AS BIGINT)"
NEWEST_FIRST = (
    "CASE WHEN exported_at IS NULL THEN 0 ELSE 1 END DESC, exported_at DESC, batch DESC, row_no DESC"
)  # fmt: skip
BIGGEST_ROW = 4_294_967_296  # a place is batch × this + row in the file; so is an age with the row in the sheet

INDEX_COLUMNS = (
    Column("month", ColumnType.BIG),  # of receipt, year × 100 + month; 0 without a time of receipt
    Column("batch", ColumnType.BIG),
    Column("file_row", ColumnType.BIG),  # place in the part, from 0
    Column("again_at", ColumnType.TIME),  # next case of the same person in the same category
    Column("register", ColumnType.TEXT),
    Column("record", ColumnType.BIG),  # hash of register and number: finds candidates, never decides
    Column("person", ColumnType.BIG),  # hash of person and category, null without a person: the same
    *(Column(name, ColumnType.SMALL) for name in RECORDED),
)
_NAMES = ", ".join(column.name for column in INDEX_COLUMNS)
_RECORD = "CAST(hash(coalesce(register, ''), case_no) >> 1 AS BIGINT)"
_PERSON = "CASE WHEN person_token IS NOT NULL THEN CAST(hash(person_token, category) >> 1 AS BIGINT) END"

NEWEST = f"""
WITH ages AS (SELECT exported_at AS exported, batch AS numbered,
                     row_number() OVER (ORDER BY exported_at NULLS FIRST, batch) * {BIGGEST_ROW} AS age
              FROM (SELECT DISTINCT exported_at, batch FROM {{source}}))
SELECT arg_max(batch * {BIGGEST_ROW} + file_row, age + coalesce(row_no + 1, 0)) AS spot
FROM {{source}} JOIN ages ON exported_at IS NOT DISTINCT FROM exported AND batch = numbered
GROUP BY coalesce(register, ''), case_no
"""
SEEN = f"""
SELECT {MONTH} AS month, batch, file_row, coalesce(register, '') AS register,
  {_RECORD} AS record, {_PERSON} AS person,
  {", ".join(f"CAST({event} IS NOT NULL AS SMALLINT) AS {name}" for name, event in RECORDED.items())}
FROM {{source}} JOIN newest ON batch * {BIGGEST_ROW} + file_row = spot
"""
AGAIN = """
SELECT batch, file_row,
  lead(received_at) OVER (PARTITION BY person_token, category
                          ORDER BY received_at, case_no, coalesce(register, '')) AS again_at
FROM cases JOIN ({rows}) AS chosen USING (batch, file_row)
"""
SEVERAL = """
SELECT batch, file_row FROM seen WHERE person IN (SELECT person FROM seen GROUP BY person HAVING count(*) > 1)
"""


@dataclass(frozen=True)
class IndexMonth:
    """The places of the cases received in one month, the batches that hold them, what each register records."""

    month: int
    rows: int
    key: str
    batches: tuple[int, ...]
    recorded: Mapping[str, list[int]]


@dataclass(frozen=True)
class PartSummary:
    """The last times of one part and the events it names at all; times are ISO text, null where no row has one."""

    exported_at: str | None
    last_at: str | None
    named: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """The places of all current cases."""

    folder: Path
    months: tuple[IndexMonth, ...]
    parts: Mapping[str, PartSummary]  # by hash

    def view(self, months: Iterable[int] | None = None) -> PartFiles:
        """The places of some months, or of all."""
        wanted = None if months is None else set(months)
        chosen = [month for month in self.months if wanted is None or month.month in wanted]
        return PartFiles(tuple(self.path(month) for month in chosen), INDEX_COLUMNS)

    def path(self, month: IndexMonth) -> Path:
        """The file of a month."""
        return self.folder / f"{month.key}.parquet"

    @property
    def recorded(self) -> dict[str, list[Any]]:
        """Columns: each register and, for each event of RECORDED, 1 where any of its current cases names it."""
        found: dict[str, list[int]] = {}
        for month in self.months:
            for register, flags in month.recorded.items():
                found[register] = [max(pair) for pair in zip(flags, found.get(register, flags), strict=True)]
        registers = sorted(found)
        columns = {name: [found[register][i] for register in registers] for i, name in enumerate(RECORDED)}
        return {"register": registers, **columns}

    @property
    def named(self) -> frozenset[str]:
        """The times that any observation names."""
        return frozenset(name for part in self.parts.values() for name in part.named)

    def last(self, name: str) -> datetime | None:
        """The latest `exported_at`, or the latest time of receipt or closing (`last_at`)."""
        times = [getattr(part, name) for part in self.parts.values()]
        return max((datetime.fromisoformat(text) for text in times if text), default=None)


def index_of(instance: Instance, parts: Sequence[PartInfo]) -> Index:
    """The index of these parts: read, grown from the index of some of them, or made."""
    folder = instance.facts_folder / "index"
    folder.mkdir(mode=0o700, exist_ok=True)
    listing = _listing(instance, parts)
    if found := _read(listing):
        return found
    base = max((b for b in map(_read, folder.glob("*.json")) if b and _is_base(b, parts)), key=_size, default=None)
    with Engine(instance).open({"cases": rows_view(instance, parts)}) as statements:
        months = _grown(instance, statements, parts, base) if base else _made(statements, folder, parts)
        new = [part for part in parts if base is None or _part_key(part) not in base.parts]
        summaries = {**(base.parts if base else {}), **_summaries(instance, statements, new)}
    made = Index(folder, tuple(months), summaries)
    write_json(listing, _to_json(made))
    forget_unused(folder, keeps=LISTINGS_KEPT)
    return made


def known_index(instance: Instance, parts: Sequence[PartInfo]) -> Index | None:
    """The index of these parts where it was made before."""
    return _read(_listing(instance, parts))


def _listing(instance: Instance, parts: Sequence[PartInfo]) -> Path:
    content = [[part.batch, part.sha256] for part in sorted(parts, key=lambda part: part.batch)]
    return instance.facts_folder / "index" / f"{short_sha256([VERSION, content])}.json"


def rows_view(instance: Instance, parts: Sequence[PartInfo]) -> PartFiles:
    """The rows of parts with their place in the file."""
    found = files_view(instance, list(parts), Kind.RESPONSES)
    return PartFiles(found.paths, (*found.columns, Column("file_row", ColumnType.BIG)), found.batches, has_rows=True)


def short_sha256(content: Any) -> str:
    """A hash of what a derived file depends on."""
    return hashlib.sha256(json.dumps(content).encode("utf-8")).hexdigest()[:24]


def _part_key(part: PartInfo) -> str:
    return f"{part.batch}-{part.sha256}"


def _is_base(index: Index, parts: Sequence[PartInfo]) -> bool:
    """Do all parts of an index still count?"""
    return bool(index.parts) and index.parts.keys() <= {_part_key(part) for part in parts}


def _size(index: Index) -> int:
    return sum(month.rows for month in index.months)


def _made(statements: Statements, folder: Path, parts: Sequence[PartInfo]) -> list[IndexMonth]:
    """The index of all rows, from nothing."""
    statements.keep("newest", NEWEST.format(source="cases"))
    statements.keep("seen", SEEN.format(source="cases"))
    statements.keep("again", AGAIN.format(rows=SEVERAL))
    statements.keep("places", f"SELECT {_NAMES} FROM seen LEFT JOIN again USING (batch, file_row)")
    return _write(statements, folder, parts)


def _grown(instance: Instance, statements: Statements, parts: Sequence[PartInfo], base: Index) -> list[IndexMonth]:
    """The index after more parts: only months with a changed place or a changed next case are written."""
    new = [part for part in parts if _part_key(part) not in base.parts]
    statements.add("fresh", rows_view(instance, new))
    statements.add("known", base.view())
    records = f"SELECT {_RECORD} FROM fresh"
    statements.keep("touched", f"SELECT * FROM known WHERE record IN ({records})")
    held = {batch for (batch,) in statements.run("SELECT DISTINCT batch FROM touched")}
    statements.add("earlier", rows_view(instance, [part for part in parts if part.batch in held]))
    statements.keep("candidates", "SELECT earlier.* FROM earlier JOIN touched USING (batch, file_row) "
                                  "UNION ALL SELECT * FROM fresh")  # fmt: skip
    statements.keep("newest", NEWEST.format(source="candidates"))
    statements.keep("seen", SEEN.format(source="candidates"))
    statements.keep("others", "SELECT * FROM known WHERE person IN (SELECT person FROM touched UNION "
                              "SELECT person FROM seen) AND record NOT IN (SELECT record FROM touched)")  # fmt: skip
    rows = "SELECT batch, file_row FROM seen WHERE person IS NOT NULL UNION ALL SELECT batch, file_row FROM others"
    statements.keep("again", AGAIN.format(rows=rows))
    months = [month for (month,) in statements.run(_CHANGED)]
    inside = f"month IN ({', '.join(map(str, months))})" if months else "false"
    statements.keep("places", _PLACES.format(inside=inside))
    return sorted(
        [*(month for month in base.months if month.month not in months), *_write(statements, base.folder, parts)],
        key=lambda month: month.month,
    )


_CHANGED = """
SELECT month FROM touched ANTI JOIN seen USING (batch, file_row)
UNION SELECT month FROM seen ANTI JOIN touched USING (batch, file_row)
UNION SELECT month FROM (SELECT * FROM touched UNION ALL SELECT * FROM others) AS was
      JOIN again USING (batch, file_row)
      WHERE was.again_at IS DISTINCT FROM again.again_at
"""
_PLACES = f"""
SELECT {_NAMES} FROM seen LEFT JOIN again USING (batch, file_row) WHERE {{inside}}
UNION ALL BY NAME
SELECT {_NAMES.replace("again_at", "CASE WHEN a.spot IS NULL THEN k.again_at ELSE a.again_at END AS again_at")}
FROM known AS k LEFT JOIN (SELECT batch * {BIGGEST_ROW} + file_row AS spot, again_at FROM again) AS a
  ON k.batch * {BIGGEST_ROW} + k.file_row = a.spot
WHERE {{inside}} AND record NOT IN (SELECT record FROM touched)
"""


def _write(statements: Statements, folder: Path, parts: Sequence[PartInfo]) -> list[IndexMonth]:
    """The months of the table `places`, each in its file."""
    flags = ", ".join(f"max({name})" for name in RECORDED)
    recorded: dict[int, dict[str, list[int]]] = {}
    for month, register, *found in statements.run(f"SELECT month, register, {flags} FROM places GROUP BY 1, 2"):
        recorded.setdefault(month, {})[register] = found
    text = """SELECT month, count(*), CAST(bit_xor(hash(batch, file_row, again_at)) AS VARCHAR), list(DISTINCT batch)
              FROM places GROUP BY month ORDER BY month"""
    months = []
    for month, rows, digest, batches in statements.run(text):
        held = [[part.batch, part.sha256] for part in parts if part.batch in set(batches)]
        key = f"{month:06d}-{short_sha256([VERSION, digest, sorted(held)])}"
        months.append(IndexMonth(month, rows, key, tuple(sorted(batches)), recorded[month]))
    missing = {month.month: folder / f"{month.key}.parquet" for month in months}
    missing = {month: path for month, path in missing.items() if not path.exists()}
    if missing:
        inside = ", ".join(map(str, missing))
        statements.write_split(f"SELECT * FROM places WHERE month IN ({inside})", "month", missing)
    return months


def _summaries(instance: Instance, statements: Statements, parts: Sequence[PartInfo]) -> dict[str, PartSummary]:
    """The last times of each part and the times it names."""
    if not parts:
        return {}
    statements.add("summed", rows_view(instance, parts))
    named = ", ".join(f"count({name}) > 0" for name in CASE_TIMES)
    last = "greatest(max(received_at), max(closed_at))"
    keys = {part.batch: _part_key(part) for part in parts}
    found = {key: PartSummary(None, None, ()) for key in keys.values()}
    for batch, exported_at, last_at, *flags in statements.run(
        f"SELECT batch, max(exported_at), {last}, {named} FROM summed GROUP BY batch"
    ):
        exported, last_known = (time.isoformat() if time else None for time in (exported_at, last_at))
        names = tuple(name for name, flag in zip(CASE_TIMES, flags, strict=True) if flag)
        found[keys[batch]] = PartSummary(exported, last_known, names)
    return found


def _to_json(index: Index) -> dict[str, Any]:
    return {
        "version": VERSION,
        "months": [[m.month, m.rows, m.key, m.batches, m.recorded] for m in index.months],
        "parts": {key: [part.exported_at, part.last_at, part.named] for key, part in index.parts.items()},
    }


def _read(listing: Path) -> Index | None:
    """A listing, None where it or one of its files is gone, or where another version wrote it."""
    try:
        content = json.loads(listing.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if content.get("version") != VERSION:
        return None
    months = tuple(IndexMonth(m, rows, key, tuple(b), recorded) for m, rows, key, b, recorded in content["months"])
    parts = {key: PartSummary(at, last, tuple(named)) for key, (at, last, named) in content["parts"].items()}
    found = Index(listing.parent, months, parts)
    return found if all(found.path(month).exists() for month in months) else None
