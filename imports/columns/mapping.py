"""Which column of the file fills which field, and how that was found."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from imports.layouts import Layout
from imports.options import ImportOptions
from imports.problems import ProblemBook
from imports.reading.grid import Row, column_letter
from imports.values.cells import heading, text_of
from records.vocabulary import FIELDS_BY_KIND, Field, FieldType, Kind


@dataclass(frozen=True)
class Column:
    """One column of the file. Several fields may read it; none when it is ignored."""

    index: int  # 0-based
    header: str
    fields: tuple[str, ...]
    how: str
    guess: str | None = None  # field that a person may take for it

    @property
    def letter(self) -> str:
        """The letter of the column in the sheet."""
        return column_letter(self.index)


def map_columns(
    header: Row, kind: Kind, layout: Layout, options: ImportOptions, hidden: frozenset[int], book: ProblemBook
) -> list[Column]:
    """Every column of the header with its fields. Column problems go into the book."""
    positions: dict[str, list[int]] = defaultdict(list)
    for index, cell in enumerate(header):
        word = heading(cell)
        if word and index not in hidden:
            positions[word].append(index)
    for name, left_out in options.map:
        if not name:  # the person said that this column is not imported
            positions.pop(heading(left_out), None)
    found = _given(positions, kind, options, book)
    given = set(found.values())
    how = dict.fromkeys(found, "given")
    for name, index, way in _by_layout(positions, kind, layout, book, header):
        # A column that a person mapped means what the person said; only a layout named by hand may add to it.
        is_taken = index in given and options.layout is None
        if name not in found and not is_taken:
            found[name], how[name] = index, way
    _note_missing(found, header, kind, options, book, hidden)
    return [_column(index, text_of(cell), kind, found, how) for index, cell in enumerate(header) if index not in hidden]


def _given(positions: dict[str, list[int]], kind: Kind, options: ImportOptions, book: ProblemBook) -> dict[str, int]:
    found: dict[str, int] = {}
    fields = FIELDS_BY_KIND[kind]
    for name, header in options.map:
        if not name:
            continue
        if name not in fields:
            book.add("map_field_unknown", field=name, value=name, known=" ".join(fields))
            continue
        places = positions.get(heading(header), [])
        if not places:
            book.add("map_header_missing", field=name, value=header)
        elif len(places) > 1:
            _note_duplicate(header, places, name, book)
        else:
            found[name] = places[0]
    return found


def _note_duplicate(header: str, places: list[int], name: str, book: ProblemBook) -> None:
    columns = "、".join(column_letter(place) for place in places)
    book.add("header_duplicate", column=column_letter(places[0]), field=name, header=header.strip(), columns=columns)


def _by_layout(
    positions: dict[str, list[int]], kind: Kind, layout: Layout, book: ProblemBook, header: Row
) -> list[tuple[str, int, str]]:
    found = []
    for name, field in FIELDS_BY_KIND[kind].items():
        own = (field.label_zh, field.name, field.label_en)
        words = dict.fromkeys(heading(word) for word in (*layout.fields.get(name, ()), *own))
        word = next((word for word in words if word in positions), None)
        if word is None:
            continue
        places = positions[word]
        if len(places) > 1:
            _note_duplicate(text_of(header[places[0]]), places, name, book)
        way = "exact" if word in {heading(text) for text in own} else "alias"
        found.append((name, places[0], way))
    return found


def _note_missing(
    found: dict[str, int], header: Row, kind: Kind, options: ImportOptions, book: ProblemBook, hidden: frozenset[int]
) -> None:
    replaced = {"unit"} if options.unit else set()
    labels = FIELDS_BY_KIND[kind].values()
    needed = {"case_no"} if options.needs_case else set()
    missing = [f for f in labels if (f.required or f.name in needed) and f.name not in found and f.name not in replaced]
    used = set(found.values())
    unknown = [text_of(cell) for i, cell in enumerate(header) if i not in used and i not in hidden and text_of(cell)]
    if missing:
        book.add("columns_missing", names=_labels(missing, book), unknown="、".join(unknown[:30]) or "—")
    advised = [f for f in labels if f.recommended and f.name not in found and f.name not in replaced]
    if advised and not missing:
        book.add("columns_recommended", names=_labels(advised, book))


def _labels(fields: list[Field], book: ProblemBook) -> str:
    return "、".join(f"{f.label_en if book.language == 'en' else f.label_zh} ({f.name})" for f in fields)


def _column(index: int, header: str, kind: Kind, found: dict[str, int], how: dict[str, str]) -> Column:
    names = tuple(name for name in FIELDS_BY_KIND[kind] if found.get(name) == index)
    if not names:
        return Column(index, header, (), "ignored")
    personal = {FieldType.PERSON, FieldType.PERSONAL}
    is_personal = FIELDS_BY_KIND[kind][names[0]].type in personal
    return Column(index, header, names, "personal" if is_personal else how[names[0]])
