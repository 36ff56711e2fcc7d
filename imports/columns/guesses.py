"""Columns that nobody named, and what their heading or content lets one think they are. A person takes it or not."""

from __future__ import annotations

import difflib
import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from imports.columns.mapping import Column
from imports.layouts import list_layouts
from imports.options import SavedLayout
from imports.problems import ProblemBook
from imports.reading.grid import Cell, Row
from imports.values.cells import CellError, heading, is_blank_word, number, plain, seconds, text_of
from imports.values.dates import parse_moment
from imports.values.privacy import mask_text, normal_phone
from imports.values.units import UnitReader
from imports.values.vocabularies import word_lists
from records.vocabulary import FIELDS_BY_KIND, Field, FieldType, Kind

GUESSED_FROM_ROWS = 60
_SIMILAR = 0.7  # of two headings, as difflib measures it
_SAME_START = 0.01  # decides between headings that are equally similar
_TELLING = 4  # characters of a heading that tell a field inside of a question
_MOST = 0.8  # of the filled cells must be of the kind
_FEWEST = 3  # filled cells to tell a content from
_COLUMNS = 60  # a wide survey form has hundreds of questions, none of which is worth a second of guessing
_LONGEST = 40  # characters of a heading; longer ones are questions
_SAYS_LITTLE = frozenset(map(plain, ("是", "否", "有", "无", "yes", "no", "true", "false", "其他", "其它")))
_ROW_NUMBERS = frozenset({"序号", "no", "no.", "#"})
_SHOWN = 30
# What makes a heading mean another thing, or the opposite: 未办结量 and 按时办结量 are not 办结量.
_QUALIFIERS = re.compile(
    r"未|不|非|无|按时|按期|及时|逾期|超期|超时|延期|重复|首次|最终|率|百分比|占比"
    r"|\bnot\b|\bun|overdue|\brate\b"
)
_NUMBERED = re.compile(r"(?=.*\d)[\w\-/.]{3,40}")


def file_signature(sheet: str | None, header: Sequence[Cell]) -> str:
    """What files of one source share: their headings in any order and the sheet without its digits, as a hash.

    >>> file_signature("3月", ["工单编号", "单位 "]) == file_signature("4月", ["单位", "工单编号", ""])
    True
    """
    words = sorted(word for cell in header if (word := plain(cell)))
    text = json.dumps([re.sub(r"\d+", "#", plain(sheet)), words], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def saved_headers(saved: Iterable[SavedLayout]) -> frozenset[str]:
    """Every heading that a saved layout maps, normalised."""
    return frozenset(plain(header) for entry in saved for _, header in entry.options.map)


def with_guesses(
    columns: Sequence[Column], head: Sequence[Row], kind: Kind, units: UnitReader, left_out: Iterable[str] = ()
) -> list[Column]:
    """The columns, those that are not mapped with the field that their heading or content resembles, if any.

    No field is proposed that another column fills already, none twice, and none for headings that a person left out.
    Headings go before contents, and one that means a filled field resembles no other field; a content that contradicts
    the type of a field speaks against it.
    """
    fields = FIELDS_BY_KIND[kind]
    taken = {name for column in columns for name in column.fields}
    headings = Counter(plain(column.header) for column in columns)
    headings.update(map(plain, left_out))
    is_open = (c for c in columns if not c.fields and c.header and headings[plain(c.header)] == 1)
    open_columns = list(itertools.islice(is_open, _COLUMNS))
    cells = {column.index: _filled(head, column.index) for column in open_columns}
    found: dict[int, tuple[str, str]] = {}
    second = {word for name in taken for word in _words(kind, fields[name])}  # headings of fields that are filled
    for how, propose in (("similar", _by_heading), ("content", _by_content)):
        for column in open_columns:
            free = [field for name, field in fields.items() if name not in taken]
            is_second = how == "similar" and plain(column.header) in second
            name = (
                None if column.index in found or is_second else propose(column, cells[column.index], free, kind, units)
            )
            if name is not None:
                found[column.index] = name, how
                taken.add(name)
    return [
        replace(column, guess=found[column.index][0], how=found[column.index][1]) if column.index in found else column
        for column in columns
    ]


def say_guesses(columns: Sequence[Column], kind: Kind, book: ProblemBook) -> None:
    """Name what was guessed and not used, in one sentence."""
    fields = FIELDS_BY_KIND[kind]
    pairs = [(column.header, fields[column.guess]) for column in columns if column.guess]
    if pairs:
        labels = (f"{header} → {f.label_en if book.language == 'en' else f.label_zh} ({f.name})" for header, f in pairs)
        book.add("columns_guessed", count=len(pairs), names="、".join(labels))


def say_unused(columns: Sequence[Column], left_out: Iterable[str], items: str | None, book: ProblemBook) -> None:
    """Name the columns that nothing reads, but for row numbers, questions of a form and what a person left out."""
    expected = {*map(heading, left_out), *_ROW_NUMBERS}
    unused = [
        column
        for column in columns
        if column.header and not column.fields and not column.guess and heading(column.header) not in expected
    ]
    unused = [column for column in unused if not (items and re.search(items, column.header))]
    if unused:
        shown = "、".join(column.header for column in unused[:_SHOWN]) + ("…" if len(unused) > _SHOWN else "")
        book.add("columns_unused", count=len(unused), names=shown)


def _filled(head: Sequence[Row], index: int) -> list[Cell]:
    return [row[index] for row in head if index < len(row) and not is_blank_word(row[index])]


def _by_heading(column: Column, cells: list[Cell], free: list[Field], kind: Kind, units: UnitReader) -> str | None:
    word = heading(column.header)
    if not 2 <= len(word) <= _LONGEST:
        return None
    best: tuple[float, str] | None = None
    qualified = set(_QUALIFIERS.findall(word))
    for field in free:
        alike = [known for known in _words(kind, field) if set(_QUALIFIERS.findall(known)) == qualified]
        words = difflib.get_close_matches(word, alike, 3, _SIMILAR)
        named = next((known for known in alike if len(known) >= _TELLING and known in word), None)
        if best is None and named and not words and _fits(field, cells, units) is not False:
            best = (_SIMILAR, field.name)
        if words and _fits(field, cells, units) is not False:
            score = max(_nearness(known, word) for known in words)
            best = max(best, (score, field.name), key=lambda pair: pair[0]) if best else (score, field.name)
    return best[1] if best else None


def _nearness(known: str, word: str) -> float:
    """How similar two headings are; of equally similar ones the one with the same start is nearer.

    >>> _nearness("办结时间", "办完时间") > _nearness("转办时间", "办完时间")
    True
    """
    return difflib.SequenceMatcher(None, known, word).ratio() + _SAME_START * (known[0] == word[0])


def _words(kind: Kind, field: Field) -> list[str]:
    """The headings that mean a field in any layout of the kind, shortest useful ones first."""
    words = {plain(field.label_zh), plain(field.label_en), plain(field.name)}
    for layout in list_layouts():
        if layout.kind == kind:
            words.update(map(plain, layout.fields.get(field.name, ())))
    return sorted(word for word in words if 2 <= len(word) <= _LONGEST)


def _by_content(column: Column, cells: list[Cell], free: list[Field], kind: Kind, units: UnitReader) -> str | None:
    """The first open field of the kind that the cells are unmistakably made of."""
    if len(cells) < _FEWEST:
        return None
    return next((field.name for field in free if _is_made_of(field, cells, units)), None)


def _is_made_of(field: Field, cells: list[Cell], units: UnitReader) -> bool:
    if field.type is FieldType.TIME:
        return field.required and _share(cells, _is_date) >= _MOST
    if field.name == "seconds_used":
        return _share(cells, _is_duration) >= _MOST
    if field.type is FieldType.UNIT:
        return (field.required or field.recommended) and _share(cells, units.knows) >= _MOST
    if field.type in (FieldType.CODE, FieldType.RATING):
        known = set(word_lists()[field.vocabulary or "Rating"]) - _SAYS_LITTLE
        return _share(cells, lambda cell: not plain(cell).isdigit() and plain(cell) in known) >= _MOST
    if field.name in ("citizen_phone", "citizen_identity"):
        wanted = "phone" if field.name == "citizen_phone" else "identity"
        return _share(cells, lambda cell: _is_only(wanted, cell)) >= _MOST
    if field.required and field.type is FieldType.NUMBER_TEXT:
        texts = list(map(text_of, cells))
        return len(set(texts)) == len(texts) and _share(cells, _is_record_number) == 1
    return False


def _fits(field: Field, cells: list[Cell], units: UnitReader) -> bool | None:
    """Can the cells be of this field? None where they do not tell."""
    if not cells:
        return None
    if field.type is FieldType.TIME:
        return _share(cells, _is_date) >= _MOST
    if field.type in (FieldType.COUNT, FieldType.NUMBER):
        return max(_share(cells, _is_number), _share(cells, _is_duration)) >= _MOST
    if field.type is FieldType.CODE:
        return len(set(map(plain, cells))) <= max(6, len(cells) // 2)
    if field.type is FieldType.UNIT:
        return _share(cells, _is_number) < _MOST
    if field.type in (FieldType.TEXT, FieldType.LONG_TEXT) and _share(cells, _is_date) >= _MOST:
        return False
    return None


def _share(cells: list[Cell], holds: Callable[[Cell], bool]) -> float:
    return sum(map(holds, cells)) / len(cells)


def _is_date(cell: Cell) -> bool:
    """A moment that a person would call one: bare numbers may be anything."""
    if isinstance(cell, (int, float)) or plain(cell).isdigit():
        return False
    try:
        return parse_moment(cell, "ymd") is not None
    except CellError as error:
        return error.code in ("date_order_unknown", "date_without_year")


def _is_duration(cell: Cell) -> bool:
    try:
        return not _is_number(cell) and seconds(cell) is not None
    except CellError:
        return False


def _is_number(cell: Cell) -> bool:
    try:
        return number(cell) is not None
    except CellError:
        return False


def _is_record_number(cell: Cell) -> bool:
    text = text_of(cell)
    return bool(_NUMBERED.fullmatch(text)) and not _is_date(cell) and not _is_only("phone", cell)


def _is_only(kind: str, cell: Cell) -> bool:
    """Is the cell one phone or identity number and nothing else? Masked phones count as phones."""
    text = text_of(cell)
    if kind == "phone" and re.fullmatch(r"1[3-9]\d[\d*×xX＊]{8}", text):
        return True
    _masked, counts = mask_text(text)
    return counts[kind] == 1 and len(text) <= 20 and (kind == "identity" or normal_phone(text) is not None)
