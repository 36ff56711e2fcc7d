"""What the sender of a file declares, compared with what was read: how many rows, and what columns add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imports.values.cells import CellError, number, plain
from records.vocabulary import FIELDS_BY_KIND, FieldType

if TYPE_CHECKING:
    from imports.columns.checking import Check
    from imports.parts.staging import Staging


@dataclass(frozen=True)
class Declared:
    """What the column of a heading or field adds up to, as the sender says."""

    name: str
    value: float


def read_declared(text: str) -> tuple[Declared, ...]:
    """Totals written as `受理量=1,234`, several with semicolons between. Raises ValueError for anything else.

    >>> read_declared("受理量=1,234；办结量＝20") == (Declared("受理量", 1234.0), Declared("办结量", 20.0))
    True
    """
    found: list[Declared] = []
    for part in text.replace("；", ";").replace("＝", "=").split(";"):
        if not part.strip():
            continue
        name, _, told = part.rpartition("=")
        try:
            value = number(told)
        except CellError:
            value = None
        if value is None or not name.strip():
            raise ValueError(f"{part.strip()!r} is no declared total; write 受理量=1234")
        found.append(Declared(name.strip(), float(value)))
    return tuple(found)


def say_rows(check: Check, total: int) -> None:
    """Note a file without rows, and one whose rows are not as many as its sender said."""
    declared = check.options.declared_rows
    if total == 0:
        check.book.add("no_data_rows")
    elif declared is not None and declared != total:
        check.book.add("declared_rows_differ", value=str(declared), known=str(total))


def say_totals(check: Check, staging: Staging) -> None:
    """Note every declared total that the file does not meet.

    All data rows count, refused ones too: the total tells what the file should hold.
    """
    for declared in read_declared(check.options.declared_totals or ""):
        column, name = _column_of(check, declared.name)
        if not name:
            check.book.add("declared_total_unknown", field=declared.name, value=declared.name)
            continue
        found = float(staging.query(f'SELECT coalesce(sum("{name}"), 0) FROM staged')[0][0])
        if abs(found - declared.value) > 1e-6:
            told = f"{declared.value:.10g} / {found:.10g}"
            check.book.add("declared_total_differs", column=column, field=name, header=declared.name, value=told)


def _column_of(check: Check, name: str) -> tuple[str, str]:
    """The letter and the field of the column of numbers that a person calls by this name; both empty without one."""
    fields = FIELDS_BY_KIND[check.kind]
    for column in check.columns:
        for field in (fields[code] for code in column.fields):
            words = (column.header, field.name, field.label_zh, field.label_en)
            if field.type in (FieldType.COUNT, FieldType.NUMBER) and plain(name) in map(plain, words):
                return column.letter, field.name
    return "", ""
