"""The first half of a check, inside the child process: what the file is, its header, its columns, its readers."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from imports.answer import Fault
from imports.columns.decisions import DEFAULT_ZONE, option_faults
from imports.columns.guesses import (
    GUESSED_FROM_ROWS,
    file_signature,
    saved_headers,
    say_guesses,
    say_unused,
    with_guesses,
)
from imports.columns.header import choose_layout, find_header_row, find_two_row_header, known_headers
from imports.columns.mapping import Column, map_columns
from imports.columns.readers import Context, FieldReader, make_reader
from imports.columns.reshaping import overruled_rows, read_beside, reshaped
from imports.columns.saved_layouts import changed_layout
from imports.layouts import Layout
from imports.options import ImportOptions, SavedLayout, with_saved
from imports.problems import ProblemBook, problem_codes
from imports.reading.event_log import EventLog, known_event_words
from imports.reading.grid import Grid, Row, column_letter, is_blank
from imports.values.cells import CellError, is_blank_word, is_percentage, plain, text_of
from imports.values.dates import order_evidence
from imports.values.privacy import mask_text
from imports.values.units import UnitReader
from imports.values.vocabularies import CodeReader, RatingReader, Scale, known_codes, parse_scale
from records.vocabulary import FIELDS_BY_KIND, FieldType, Kind, Severity
from records.vocabulary.table_fields import RATES

_HEAD_ROWS = 2_000  # rows looked at before the whole column is searched for the order of its dates
_SAMPLES = 3


@dataclass
class Check:
    """The state of one check, filled step by step."""

    kind: Kind
    options: ImportOptions
    keys: Mapping[str, bytes]
    grid: Grid
    book: ProblemBook
    units: UnitReader
    layout: Layout
    header_row: int = 0
    header: Row = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    readers: list[FieldReader] = field(default_factory=list)
    bad: list[tuple[int, str, str | None]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    file_name: str = ""
    period: tuple[dt.date, dt.date] | None = None  # of the whole table, where one holds for all rows
    similar: dict[str, str] = field(default_factory=dict)
    log: EventLog | None = None  # where the file has one row for each event
    saved: tuple[SavedLayout, ...] = ()  # of this office, for this kind
    recognised: str | None = None  # the saved layout the file follows
    signature: str | None = None
    written: tuple[Grid, Row] | None = None  # the rows and their header as they stand in the file

    @property
    def zone(self) -> str:
        """The zone of local times."""
        return self.options.timezone or DEFAULT_ZONE

    def column_of(self, name: str) -> Column | None:
        """The column that fills a field."""
        return next((column for column in self.columns if name in column.fields), None)

    def note(self, reader: FieldReader, number: int, error: CellError) -> None:
        """Note a refused cell; a blocking one refuses its row."""
        name = reader.field.name
        self.say(error.code, name, number, text_of(error.value))
        code = problem_codes()[error.code]
        if code.severity is Severity.BLOCK:
            self.bad.append((number, error.code, name))

    def say(
        self, code: str, name: str, number: int | None, value: str | None = None, count: int = 1, **more: str
    ) -> None:
        """Add a problem of a field to the book with everything its sentence needs; values are masked."""
        column = self.column_of(name)
        words = self.words_of(code, name, value) | more
        letter = column.letter if column else None
        self.book.add(code, column=letter, row=number, field=name, count=count, **words)

    def words_of(self, code: str, name: str, value: str | None = None) -> dict[str, Any]:
        """What the sentence of a problem of a field is filled with; the value is masked."""
        column = self.column_of(name)
        words: dict[str, Any] = {"header": column.header if column else name}
        if value is not None:
            words["value"] = mask_text(value)[0][:80]
        if code == "value_unknown":
            words["known"] = known_event_words() if name == "history" else self._known(name)
        elif code == "unit_unknown" and value is not None:
            words["similar"] = self._similar(value)
        return words

    def _known(self, name: str) -> str:
        vocabulary = FIELDS_BY_KIND[self.kind][name].vocabulary or "Rating"
        return " ".join(known_codes(vocabulary))

    def _similar(self, value: str) -> str:
        if value not in self.similar:
            names = self.units.similar(value) if len(self.similar) < 50 else []
            self.similar[value] = f"（{'、'.join(names)}？）" if names else ""
        return self.similar[value]


def read_structure(check: Check) -> None:
    """Find header, layout and columns. Problems of the reading and of the columns go into the book."""
    grid, book = check.grid, check.book
    book.sheet = grid.sheet
    for fault in option_faults(check.options):  # a wrong one stops the check before any row is read
        book.add("option_wrong", field=fault, detail=fault)
    known = known_headers(check.kind, check.options) | saved_headers(check.saved)
    row = find_header_row(grid, known, check.options.header_row)
    rows = itertools.islice(grid.rows(), max(row - 1, 0), None)
    check.header_row, check.header = row, next(rows, [])
    if check.kind is Kind.COUNTS and (pair := find_two_row_header(grid, known, row)):
        check.header_row, check.header = pair
        row = check.header_row - 1
    _say_notes(check)
    if not check.header:
        book.add("no_data_rows")
        return
    if any(not is_blank(above) for above in itertools.islice(grid.rows(), max(row - 1, 0))):
        book.add("title_rows", header_row=row)
    told = {header for _, header in check.options.map}
    _recognise(check)
    check.layout = choose_layout(check.kind, map(text_of, check.header), check.options)
    check.written = (check.grid, check.header)
    for heading, count in overruled_rows(grid, check.header_row, check.header, check.layout):
        if count:
            book.add("answers_overruled", header=heading, count=count)
    check.grid, check.header = reshaped(grid, check.header_row, check.header, check.layout)
    grid = check.grid
    if check.kind is Kind.SURVEYS:
        check.layout = replace(check.layout, extra_header_rows=_rows_below_header(check))
    check.columns = map_columns(check.header, check.kind, check.layout, check.options, grid.hidden_columns, book)
    if check.recognised:
        check.columns = [
            replace(column, how="saved") if column.how == "given" and column.header not in told else column
            for column in check.columns
        ]
    left_out = [*(header for name, header in check.options.map if not name), *read_beside(check.layout)]
    unlike = (*left_out, *check.layout.unlike)
    check.columns = with_guesses(check.columns, _head(check), check.kind, check.units, unlike)
    say_guesses(check.columns, check.kind, book)
    if not book.has_block("column"):
        say_unused(check.columns, left_out, check.layout.items, book)


def _say_notes(check: Check) -> None:
    """What was odd about the file; hidden columns are named with their headings."""
    for note in check.grid.notes:
        words = dict(note.words)
        if note.code == "hidden_ignored":
            columns = sorted(check.grid.hidden_columns)[:10]
            headings = (text_of(check.header[index]) if index < len(check.header) else "" for index in columns)
            named = [f"{column_letter(i)} {heading}".strip() for i, heading in zip(columns, headings, strict=True)]
            words["names"] = "、".join([*words["names"], *named])
        check.book.add(note.code, count=note.count, **words)


def _recognise(check: Check) -> None:
    """Let a saved layout of this office speak where the file has its signature and nobody named a layout by hand."""
    check.signature = file_signature(check.grid.sheet, check.header)
    if check.options.layout is None:
        found = next((entry for entry in check.saved if entry.signature == check.signature), None)
        if found is not None:
            check.options, check.recognised = with_saved(check.options, found.options), found.id
        elif changed := changed_layout(check.saved, check.kind, check.header, check.options):
            check.options, check.recognised = with_saved(check.options, changed.options), changed.layout.id
            missing, added = ("、".join(names) or "—" for names in (changed.missing, changed.added))
            check.book.add("layout_changed", value=changed.layout.id, names=missing, unknown=added)


def _head(check: Check) -> list[Row]:
    """The first rows below the header."""
    return list(itertools.islice(check.grid.rows(), check.header_row, check.header_row + GUESSED_FROM_ROWS))


def _rows_below_header(check: Check) -> int:
    """Header rows below the first: those up to the row of import ids that some survey tools write."""
    start = check.header_row
    for place, row in enumerate(itertools.islice(check.grid.rows(), start, start + 3), 1):
        if any(isinstance(cell, str) and "ImportId" in cell[:12] for cell in row):
            return place
    return check.layout.extra_header_rows


def make_readers(check: Check) -> None:
    """One reader per mapped field; personal fields without a token are not read at all."""
    fields = FIELDS_BY_KIND[check.kind]
    mapped = [(column, fields[name]) for column in check.columns for name in column.fields]
    orders = _date_orders(check, [(column, f.name) for column, f in mapped if f.type is FieldType.TIME])
    context = Context(
        keys=check.keys,
        zone=check.zone,
        is_1904=check.grid.is_1904,
        orders=orders,
        codes={f.name: CodeReader(f.vocabulary or "", _given(check, f.name)) for f in fields.values() if f.vocabulary},
        ratings={f.name: _rating(check, f.name) for f in fields.values() if f.type is FieldType.RATING},
        unit=check.units,
        percentages=_percentages(check),
    )
    check.readers = [make_reader(column, f, context) for column, f in mapped if f.type is not FieldType.PERSONAL]


def _percentages(check: Check) -> frozenset[str]:
    """The rates whose columns hold a bare number beyond 1: there 95 means 95 %."""
    places = [(column.index, name) for column in check.columns for name in column.fields if name in RATES]
    found: set[str] = set()
    for row in itertools.islice(check.grid.rows(), check.header_row, None) if places else ():
        found.update(name for index, name in places if index < len(row) and is_percentage(row[index]))
    return frozenset(found)


def _given(check: Check, name: str) -> dict[str, str]:
    words = dict.fromkeys(map(plain, check.layout.blanks), "")
    words |= {plain(raw): code for raw, code in check.layout.values.get(name, {}).items()}
    words.update({plain(raw): code for field_name, raw, code in check.options.value_map if field_name == name})
    return words


def _rating(check: Check, name: str) -> RatingReader:
    return RatingReader(_given(check, name), scale_of(check, name))


def scale_of(check: Check, name: str) -> Scale | None:
    """The numeric scale of a rating field, None while nobody has said its direction."""
    text = dict(check.options.scale).get(name) or check.layout.scale.get(name)
    return parse_scale(text) if text else None


def _date_orders(check: Check, columns: list[tuple[Column, str]]) -> dict[str, str | None]:
    """Field -> order of its dates: given, proven by its column, or proven by the other columns of the file."""
    given = check.options.date_order or check.layout.date_order
    if given or not columns:
        return {name: given for _, name in columns}
    indexes = [column.index for column, _ in columns]
    evidence = _evidence(check, indexes, _HEAD_ROWS)
    if any(value or proven for proven, value in evidence):
        evidence = _evidence(check, indexes, None)
    everywhere = set[str]().union(*(proven for proven, _ in evidence))
    orders: dict[str, str | None] = {}
    for (column, name), (proven, value) in zip(columns, evidence, strict=True):
        if len(proven) > 1:
            _say_order(check, "date_order_mixed", column, name, value or "")
        elif not proven and value and len(everywhere) != 1:
            _say_order(check, "date_order_unknown", column, name, value)
        orders[name] = min(proven or everywhere, default=None)
    return orders


def _evidence(check: Check, indexes: list[int], rows: int | None) -> list[tuple[set[str], str | None]]:
    stop = None if rows is None else check.header_row + rows
    part = itertools.islice(check.grid.rows(), check.header_row, stop)
    columns: list[list[Any]] = [[] for _ in indexes]
    for row in part:
        for cells, index in zip(columns, indexes, strict=True):
            if index < len(row) and isinstance(row[index], str):
                cells.append(row[index])
    return [order_evidence(cells) for cells in columns]


def _say_order(check: Check, code: str, column: Column, name: str, value: str) -> None:
    check.book.add(code, column=column.letter, field=name, header=column.header, value=value)


def samples(check: Check) -> dict[int, tuple[str, ...]]:
    """Up to three masked example values per column, none of personal columns."""
    start = check.header_row + check.layout.extra_header_rows
    rows = list(itertools.islice(check.grid.rows(), start, start + 20))
    shown: dict[int, tuple[str, ...]] = {}
    for column in check.columns:
        if column.how == "personal":
            continue
        cells = (row[column.index] for row in rows if column.index < len(row))
        texts = (mask_text(text_of(cell))[0][:60] for cell in cells if not is_blank_word(cell))
        shown[column.index] = tuple(itertools.islice(dict.fromkeys(texts), _SAMPLES))
    return shown
