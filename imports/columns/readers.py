"""Columns of cells to columns of typed values: one reader per mapped field, distinct cells read once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from imports.columns import whole
from imports.columns.mapping import Column
from imports.reading.grid import Cell
from imports.values import cells
from imports.values.cells import CellError, text_of
from imports.values.dates import parse_moment
from imports.values.periods import parse_period
from imports.values.privacy import make_token, mask_text, normal_phone
from records.vocabulary import Field, FieldType
from records.vocabulary.events import from_text
from records.vocabulary.table_fields import RATES

MASKED = (FieldType.LONG_TEXT, FieldType.TEXT, FieldType.EVENTS)
_MEMORY = 50_000  # distinct cells remembered per column
_TUPLE = re.compile(r"^\(\s*'.*'\s*,?\)$", re.DOTALL)
Parse = Callable[[Cell], Any]


class Memo(dict[Any, Any]):
    """Cell -> value, read once per distinct cell; refused cells are kept with their reason, as None."""

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self.parse = parse
        self.faults: dict[Cell, CellError] = {}

    def __missing__(self, cell: Cell) -> Any:
        try:
            value = self.parse(cell)
        except CellError as error:
            self.faults[cell] = error
            value = None
        self[cell] = value
        return value


@dataclass
class FieldReader:
    """Reads the cells of one column for one field into one or two staged columns."""

    column: Column
    field: Field
    memo: Memo
    staged: tuple[tuple[str, str], ...]  # (name, SQL type)
    whole: Callable[[Sequence[Cell], set[type]], list[Any] | None] | None = None  # reads a plain column at once
    masked: Counter[str] = dataclasses.field(default_factory=Counter)

    def read(
        self, source: Sequence[Cell], numbers: Sequence[int], note: Callable[[FieldReader, int, CellError], None]
    ) -> list[list[Any]]:
        """One list per staged column; `note` is called for every refused cell with its row number."""
        kinds = set(map(type, source))
        if self.field.type is FieldType.TIME and (columns := whole.times(source, kinds)):
            return list(columns)
        values = self.whole(source, kinds) if self.whole else None
        if values is None:
            values = self._one_by_one(_without_bool(source, kinds), numbers, note)
        return self._spread(values)

    def read_distinct(
        self, source: Sequence[str], times: Sequence[int]
    ) -> tuple[list[list[Any]], Mapping[str, CellError]]:
        """One list per staged column for distinct cells, each of which stands in its column `times` times.

        Refused cells are None in the lists, and come with their reason beside them.
        """
        memo = Memo(self.memo.parse)
        values = [memo[cell] for cell in source]
        if self.field.type in MASKED:
            for place, (value, count) in enumerate(zip(values, times, strict=True)):
                if type(value) is tuple:
                    values[place] = value[0]
                    self.masked.update({kind: found * count for kind, found in value[1].items()})
        return self._spread(values), memo.faults

    def _one_by_one(
        self, source: Sequence[Cell], numbers: Sequence[int], note: Callable[[FieldReader, int, CellError], None]
    ) -> list[Any]:
        memo = self.memo
        values = [memo[cell] for cell in source]
        if memo.faults:
            faults = memo.faults
            for number, cell in zip(numbers, source, strict=True):
                if cell in faults:
                    note(self, number, faults[cell])
        if len(memo) > _MEMORY:
            memo.clear()
            memo.faults.clear()
        return values

    def _spread(self, values: list[Any]) -> list[list[Any]]:
        if self.field.type is FieldType.TIME:
            if dt.date not in set(map(type, values)):
                return [values, [0 if value is not None else None for value in values]]
            flags = [None if value is None else int(type(value) is dt.date) for value in values]
            return [[_midnight(value) for value in values], flags]
        if self.field.type is FieldType.UNIT:
            return [[value and value[0] for value in values], [value and value[1] for value in values]]
        if self.field.type in MASKED:
            return [self._masked(values)]
        return [values]

    def _masked(self, values: list[Any]) -> list[Any]:
        """Texts that hold personal data carry their counts; the counts are added up row by row."""
        if tuple in set(map(type, values)):
            for place, value in enumerate(values):
                if type(value) is tuple:
                    self.masked.update(value[1])
                    values[place] = value[0]
        return values


def _midnight(value: Any) -> Any:
    return dt.datetime(value.year, value.month, value.day) if type(value) is dt.date else value


def _without_bool(source: Sequence[Cell], kinds: set[type]) -> Sequence[Cell]:
    """True equals 1.0 as a key; written as words the two stay apart."""
    if bool not in kinds:
        return source
    return [text_of(cell) if isinstance(cell, bool) else cell for cell in source]


def masked_text(cell: Cell) -> Any:
    """Trimmed text, or (masked text, counts) where it held personal data; None when empty."""
    text = text_of(cell)
    if _TUPLE.match(text):
        text = ",".join(part.strip().strip("'\"") for part in text.strip("()").split(",") if part.strip())
    if not text:
        return None
    masked, counts = mask_text(text)
    return (masked, counts) if counts else text


@dataclass(frozen=True)
class Context:
    """What the readers need to know beyond the cells."""

    keys: Mapping[str, bytes]
    zone: str
    is_1904: bool
    orders: Mapping[str, str | None]  # field -> order of its dates
    codes: Mapping[str, Parse]  # field -> reader of its closed vocabulary
    ratings: Mapping[str, Parse]
    unit: Parse
    percentages: frozenset[str] = frozenset()  # fields of rates whose column holds bare numbers beyond 1


def make_reader(column: Column, field: Field, context: Context) -> FieldReader:
    """The reader of a field. Fields of type PERSONAL have none: they are never read."""
    name = field.name
    kind = field.type
    if kind is FieldType.TIME:
        order, is_1904, zone = context.orders.get(name), context.is_1904, context.zone

        def moment(cell: Cell) -> Any:
            return parse_moment(cell, order, is_1904=is_1904, zone=zone)

        return FieldReader(column, field, Memo(moment), ((name, "TIMESTAMP"), (f"{name}_is_date", "SMALLINT")))
    if kind is FieldType.UNIT:
        return FieldReader(column, field, Memo(context.unit), ((name, "VARCHAR"), ("assist_units", "VARCHAR")))
    parse, sql_type = _simple(name, kind, context)
    return FieldReader(column, field, Memo(parse), ((name, sql_type),), _whole(kind))


def _whole(kind: FieldType) -> Callable[[Sequence[Cell], set[type]], list[Any] | None] | None:
    if kind in (FieldType.TEXT, FieldType.LONG_TEXT):
        return lambda source, kinds: whole.texts(source, kinds, masked_text)
    return whole.numbers if kind is FieldType.NUMBER_TEXT else None


def _simple(name: str, kind: FieldType, context: Context) -> tuple[Parse, str]:
    if kind is FieldType.PERIOD:
        return _period, "VARCHAR"
    if name == "seconds_used":
        return cells.seconds, "INTEGER"
    if name in RATES:
        return partial(cells.rate, in_percent=name in context.percentages), "DOUBLE"
    if kind is FieldType.CODE:
        return context.codes[name], "VARCHAR"
    if kind is FieldType.RATING:
        return context.ratings[name], "SMALLINT"
    if kind is FieldType.PERSON:
        return _person(name, context.keys), "VARCHAR"
    table: dict[FieldType, tuple[Parse, str]] = {
        FieldType.NUMBER_TEXT: (cells.number_text, "VARCHAR"),
        FieldType.YES_NO: (cells.yes_no, "SMALLINT"),
        FieldType.COUNT: (cells.count, "INTEGER"),
        FieldType.NUMBER: (cells.number, "DOUBLE"),
        FieldType.TEXT: (masked_text, "VARCHAR"),
        FieldType.EVENTS: (_events, "VARCHAR"),
        FieldType.LONG_TEXT: (masked_text, "VARCHAR"),
    }
    return table[kind]


def _events(cell: Cell) -> Any:
    """A history as it is stored, masked; whatever else stands there is refused, for no page could read it."""
    try:
        from_text(text_of(cell))
    except ValueError:
        raise CellError("history_unreadable", text_of(cell)) from None
    return masked_text(cell)


def _period(cell: Cell) -> str | None:
    """`first day/day after the last`, None for a blank cell."""
    if isinstance(cell, dt.date):
        cell = f"{cell:%Y-%m}"
    if cells.is_blank_word(cell):
        return None
    found = parse_period(text_of(cell))
    if found is None:
        raise CellError("period_unreadable", text_of(cell))
    return f"{found[0]}/{found[1]}"


def _person(name: str, keys: Mapping[str, bytes]) -> Parse:
    """A reader that returns the token of a person or device and keeps nothing of the cell."""
    purpose = "device" if name == "ip_address" else "person"

    tokenise = make_token(keys, purpose)

    def read(cell: Cell) -> str | None:
        text = text_of(cell)
        if name == "citizen_phone":
            value = normal_phone(text)
        elif "*" in text or "×" in text:
            value = None
        else:
            value = re.sub(r"[(（].*$", "", text).strip().upper() or None
        return tokenise(value) if value else None

    return read
