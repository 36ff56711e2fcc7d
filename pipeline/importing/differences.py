"""What a checked file would change in records already stored, field by field: shown before a person confirms."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from imports.parts.statements import KEYS
from pipeline.importing.comparing import NEWEST, Comparison, compare, compared_views, declared_period
from pipeline.importing.staged import PART, staged_part
from records.engine import Engine
from records.instance import Instance
from records.models import Batch
from records.parts import accepted_parts
from records.vocabulary import FIELDS_BY_KIND, PART_COLUMNS, FieldType, Kind

KEPT = "differences.json"  # beside the staged part
SHOWN = 50  # records, of the changed ones as of the vanished ones
PROVENANCE = frozenset(("exported_at", "batch", "sheet", "row_no", "row_hash"))
DERIVED = frozenset(("reply_length", "reply_fingerprint", "category_path"))  # of a field that is compared itself
HIDDEN = frozenset(("person_token", "device_token", "items"))


@dataclass(frozen=True)
class FieldChange:
    """One field of one record. `before` and `after` are None where the cell is empty, or where `is_hidden` is true."""

    field: str
    before: Any
    after: Any
    is_hidden: bool = False  # masked text and tokens: that they changed is said, not what they hold


@dataclass(frozen=True)
class RecordChange:
    """One record whose newest stored observation differs from the file; `number` is unique in its register."""

    register: str
    number: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Differences:
    """The first SHOWN changed and missing records, by number."""

    changed: tuple[RecordChange, ...] = ()
    vanished: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()  # vanished, or cut off before the first or after the last day of the file


def differences(instance: Instance, batch: int, kind: Kind) -> Differences:
    """What the staged rows of a checked batch change and lack. Empty for kinds that are not stored as parts.

    What the check found is told again as long as the accepted parts are the ones it compared.
    """
    kind = Kind.SURVEYS if kind is Kind.FOLLOWUPS else kind
    staged = staged_part(instance, batch)
    if kind not in PART_COLUMNS or not staged.exists():
        return Differences()
    kept = staged.with_name(KEPT)
    document = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    if document.get("compared") != _compared(instance, kind):
        found = compare(instance, staged, kind, period=period_of_batch(instance, batch))
        document = keep_differences(instance, staged.parent, kind, found)
    changed = tuple(map(_record, document["changed"]))
    return Differences(changed, tuple(document["vanished"]), tuple(document.get("beyond", ())))


def period_of_batch(instance: Instance, batch: int) -> tuple[dt.date, dt.date] | None:
    """The months that the file of a batch says to hold."""
    with instance.session() as session:
        row = session.get_one(Batch, batch)
        answer = row.answer or {}
        sheet = (answer.get("file") or {}).get("sheet")
        return declared_period(((row.options or {}).get("period"), sheet, Path(row.file_name).stem))


def keep_differences(instance: Instance, staging: Path, kind: Kind, found: Comparison) -> dict[str, Any]:
    """Write beside the staged part what it changes and lacks, so that no page has to compare all rows again."""
    changed = changed_records(instance, staging / PART, kind)
    document = {
        "compared": _compared(instance, kind),
        "changed": [asdict(record) for record in changed],
        "vanished": list(found.vanished[:SHOWN]),
        "beyond": list(found.beyond[:SHOWN]),
    }
    text = json.dumps(document, ensure_ascii=False)
    (staging / KEPT).write_text(text, "utf-8")
    kept: dict[str, Any] = json.loads(text)
    return kept


def _compared(instance: Instance, kind: Kind) -> list[str]:
    """The accepted parts by their content."""
    with instance.session() as session:
        return sorted(f"{part.batch}:{part.sha256}" for part in accepted_parts(session, kind))


def _record(document: Mapping[str, Any]) -> RecordChange:
    fields = tuple(FieldChange(**change) for change in document["fields"])
    return RecordChange(document["register"], document["number"], fields)


def changed_records(instance: Instance, staged: Path, kind: Kind, limit: int = SHOWN) -> tuple[RecordChange, ...]:
    """The first changed records by register and number, each with the fields that differ from the newest observation.

    A time that was a date and is now the midnight of that date counts as changed, because the two mean different
    things. A record whose differences lie only in what is not compared has no fields.
    """
    names = [column.name for column in PART_COLUMNS[kind] if column.name not in PROVENANCE | DERIVED]
    rows = Engine(instance).dictionaries(_text(kind, names, limit), compared_views(instance, staged, kind))
    hidden = HIDDEN | {name for name, field in FIELDS_BY_KIND[kind].items() if field.type is FieldType.LONG_TEXT}
    return tuple(
        RecordChange(row["register_"] or "", row["number_"], tuple(_changes(row, names, hidden))) for row in rows
    )


def _text(kind: Kind, names: list[str], limit: int) -> str:
    """The newest observation of the changed records only, so that nothing wide is read for the others."""
    number = KEYS[kind]
    same = f"staged.register IS NOT DISTINCT FROM old.register AND staged.{number} = old.{number}"
    pairs = ", ".join(f"old.{name} AS old_{name}, staged.{name} AS new_{name}" for name in names)
    return f"""
        WITH newest AS (
            SELECT register, {number}, max({NEWEST}) AS age, arg_max(row_hash, {NEWEST}) AS row_hash
            FROM stored GROUP BY register, {number}
        ),
        changed AS (
            SELECT staged.register, staged.{number}, old.age FROM staged JOIN newest AS old ON {same}
            WHERE old.row_hash <> staged.row_hash ORDER BY staged.register, staged.{number} LIMIT {int(limit)}
        )
        SELECT staged.register AS register_, staged.{number} AS number_, {pairs}
        FROM changed
        JOIN staged ON staged.register IS NOT DISTINCT FROM changed.register AND staged.{number} = changed.{number}
        JOIN (SELECT *, {NEWEST} AS age FROM stored) AS old ON {same} AND old.age = changed.age
        ORDER BY register_, number_
    """


def _changes(row: Mapping[str, Any], names: list[str], hidden: frozenset[str]) -> list[FieldChange]:
    found = []
    for name in names:
        if name.endswith("_is_date"):
            continue
        is_date = f"{name}_is_date"
        before, after = (_shown(row[f"{age}_{name}"], row.get(f"{age}_{is_date}")) for age in ("old", "new"))
        if before == after:
            continue
        hides = name in hidden
        found.append(FieldChange(name, None, None, True) if hides else FieldChange(name, before, after))
    return found


def _shown(value: Any, is_date: Any) -> Any:
    """A time as text, to the day where the source gave only a date.

    >>> _shown(dt.datetime(2024, 3, 5, 9, 30), 0), _shown(dt.datetime(2024, 3, 5), 1), _shown(4, None)
    ('2024-03-05 09:30:00', '2024-03-05', 4)
    """
    if not isinstance(value, dt.datetime):
        return value
    return value.date().isoformat() if is_date else value.isoformat(sep=" ", timespec="seconds")
