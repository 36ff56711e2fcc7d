"""An empty workbook per kind to be filled in: known headings, drop-downs, date formats, a note for every column.

Three sheets: the one to fill in, which holds headings only so that nothing invented can be imported by mistake, an
invented example row under the same headings, and the notes. No formula is written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter

from imports.unit_list import offer_units
from imports.values.vocabularies import known_codes
from records.vocabulary import FIELDS_BY_KIND, Field, FieldType, Kind

LAST_ROW = 20_000  # rows below the headings that offer drop-downs and checks
WIDTHS = {FieldType.TIME: 18, FieldType.LONG_TEXT: 36, FieldType.UNIT: 22, FieldType.NUMBER_TEXT: 18}
FORMATS = {FieldType.TIME: "yyyy-mm-dd hh:mm", FieldType.COUNT: "0", FieldType.NUMBER: "General"}
PLAIN_TEXT = "@"  # keeps a number as it is typed


@dataclass(frozen=True)
class TemplateColumn:
    """One column: its field, heading, what may stand in it (empty where anything may), note and example."""

    field: Field
    heading: str
    words: tuple[str, ...]
    note: str
    need: str
    example: str | int | float


def template_columns(kind: Kind, language: str = "zh") -> list[TemplateColumn]:
    """The columns of a kind's template in their order, in Chinese (`zh`) or English (`en`).

    >>> [column.heading for column in template_columns(Kind.EXCLUSIONS, "en")][:2]
    ['Case number', 'Unit']
    """
    fields = FIELDS_BY_KIND[kind]
    examples = _document()["kinds"][kind.value]
    return [_column(fields[name], kind, example, language) for name, example in examples.items()]


def write_template(target: Path, kind: Kind, language: str = "zh", units: Sequence[str] = ()) -> None:
    """Write the template of a kind as xlsx; the file appears under its name when it is complete.

    Cells of units choose from `units`, the names of the directory; others stay allowed, for new units and short names.
    """
    columns = template_columns(kind, language)
    partial = target.with_suffix(".writing")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(partial, options)
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E4ECF6", "text_wrap": True, "valign": "top"})
    fill, example = (book.add_worksheet(_text(name, language)) for name in ("fill", "example"))
    for place, column in enumerate(columns):
        cells = book.add_format({"num_format": _format(column)})
        for sheet in (fill, example):
            sheet.set_column(place, place, WIDTHS.get(column.field.type, 14), cells)
            sheet.write_string(0, place, column.heading, head)
        fill.write_comment(0, place, f"{column.need}\n{column.note}", {"x_scale": 1.6})
        _restrict(fill, place, column, language)
        _write(example, place, column.example, column.field, cells)
    for sheet in (fill, example):
        sheet.freeze_panes(1, 0)
    _write_notes(book, head, columns, language)
    places = [place for place, column in enumerate(columns) if column.field.type is FieldType.UNIT]
    offer_units(book, fill, places, units, last_row=LAST_ROW)
    book.close()
    partial.replace(target)


@cache
def explaining_sheets() -> frozenset[str]:
    """The names of the sheets of a template that are there to be read by people, not imported."""
    return frozenset(name for text in ("example", "notes") for name in _document()["texts"][text].values())


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("template.toml").read_text("utf-8"))


def _text(name: str, language: str) -> str:
    return str(_document()["texts"][name][language])


def _column(field: Field, kind: Kind, example: Any, language: str) -> TemplateColumn:
    shown = example[language] if isinstance(example, Mapping) else example
    words = closed_words(field, language)
    note = str(_document()["notes"][field.type.value][language])
    # Yes and no have a note of their own beside the list.
    if words and not note:
        note = _text("choose", language) + ("、" if language == "zh" else ", ").join(words)
    heading = field.label_en if language == "en" else field.label_zh
    need = "required" if _is_required(field, kind) else "recommended" if field.recommended else "optional"
    return TemplateColumn(field, heading, words, note, _text(need, language), shown)


def _is_required(field: Field, kind: Kind) -> bool:
    return field.required or (kind is Kind.FOLLOWUPS and field.name == "case_no")


def closed_words(field: Field, language: str) -> tuple[str, ...]:
    """The closed list of a field; in English the codes of a vocabulary are its words."""
    lists = _document()["words"]
    name = field.vocabulary or field.type.value
    given = lists.get(name, {}).get(language)
    if given is None and field.vocabulary:
        return tuple(known_codes(field.vocabulary))
    return tuple(given or ())


def _format(column: TemplateColumn) -> str:
    return FORMATS.get(column.field.type, PLAIN_TEXT)


def _restrict(sheet: Any, place: int, column: TemplateColumn, language: str) -> None:
    """The drop-down of a closed list, or the check of a whole number or a date."""
    if column.words:
        rule: dict[str, Any] = {"validate": "list", "source": list(column.words)}
    elif column.field.type is FieldType.COUNT:
        rule = {"validate": "integer", "criteria": ">=", "value": 0}
    elif column.field.type is FieldType.TIME:
        rule = {"validate": "date", "criteria": ">=", "value": date(1990, 1, 1)}
    else:
        return
    message = _text("refused", language) if column.words else column.note
    sheet.data_validation(1, place, LAST_ROW, place, {**rule, "error_message": message})


def _write(sheet: Any, place: int, value: str | int | float, field: Field, cells: Any) -> None:
    if isinstance(value, str) and value and field.type is FieldType.TIME:
        sheet.write_datetime(1, place, datetime.fromisoformat(value), cells)
    elif isinstance(value, str):
        sheet.write_string(1, place, value, cells)
    else:
        sheet.write_number(1, place, value, cells)


def _write_notes(book: Any, head: Any, columns: list[TemplateColumn], language: str) -> None:
    sheet = book.add_worksheet(_text("notes", language))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for number, rule in enumerate(("rule_1", "rule_2", "rule_3")):
        sheet.write_string(number, 0, _text(rule, language))
    sheet.write_row(4, 0, [_text(name, language) for name in ("column", "need", "note", "shown")], head)
    for number, column in enumerate(columns, 5):
        for place, text in enumerate((column.heading, column.need, column.note, str(column.example))):
            sheet.write_string(number, place, text, wrapped)
    for place, width in enumerate((24, 14, 64, 36)):
        sheet.set_column(place, place, width)
