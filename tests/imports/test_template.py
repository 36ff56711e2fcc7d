"""Download templates: what a person fills in by their own rules is read without a word of complaint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from imports.check import check_file
from imports.options import ImportOptions, UnitDirectory
from imports.template import template_columns, write_template
from imports.values.vocabularies import word_lists
from pipeline.importing.checking import as_follow_ups
from records.vocabulary import FIELDS_BY_KIND, FieldType, Kind, Severity

KEYS = {"person": b"p" * 32, "device": b"d" * 32}
EVERY = [(kind, language) for kind in Kind for language in ("zh", "en")]


def written(folder: Path, kind: Kind, language: str) -> Path:
    path = folder / f"{kind}-{language}.xlsx"
    write_template(path, kind, language)
    return path


def filled(path: Path) -> Path:
    """The template with its example row copied into the sheet that is filled in."""
    book = openpyxl.load_workbook(path)
    target, source = book.worksheets[:2]
    for cell in source[2]:
        target.cell(2, cell.column, cell.value)
    book.save(path)
    return path


def checked(path: Path, kind: Kind, staging: Path) -> Any:
    options = ImportOptions(create_units=True, exported_at="2025-04-01 08:00")
    if kind is Kind.FOLLOWUPS:
        kind, options = Kind.SURVEYS, as_follow_ups(options)
    staging.mkdir()
    return check_file(path, kind=kind, options=options, directory=UnitDirectory(), keys=KEYS, staging=staging)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_template_filled_imports_without_problems(tmp_path: Path, kind: Kind, language: str) -> None:
    answer = checked(filled(written(tmp_path, kind, language)), kind, tmp_path / "staging")
    loud = [(p.code, p.field, p.value) for p in answer.problems if p.severity is not Severity.INFO]
    assert (answer.state, loud) == ("checked", [])
    assert (answer.rows.read, answer.rows.rejected) == (1, 0)
    assert [column.header for column in answer.columns if column.how == "ignored"] == []
    assert len({name for column in answer.columns for name in column.fields}) >= len(template_columns(kind, language))


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_template_left_empty_imports_nothing_invented(tmp_path: Path, kind: Kind, language: str) -> None:
    answer = checked(written(tmp_path, kind, language), kind, tmp_path / "staging")
    assert answer.rows.accepted == 0


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_template_holds_every_needed_column_and_no_personal_one(kind: Kind, language: str) -> None:
    names = {column.field.name for column in template_columns(kind, language)}
    fields = FIELDS_BY_KIND[kind]
    assert {name for name, field in fields.items() if field.required or field.recommended} <= names
    assert not [name for name in names if fields[name].type in (FieldType.PERSON, FieldType.PERSONAL)]


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_template_words_are_known_and_reach_every_code(kind: Kind, language: str) -> None:
    for column in template_columns(kind, language):
        if column.field.vocabulary:
            words = word_lists()[column.field.vocabulary]
            assert {words[word] for word in column.words} == {code for code in words.values() if code}
            assert len(",".join(column.words)) <= 255


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_template_has_drop_downs_notes_and_no_formula(tmp_path: Path, kind: Kind, language: str) -> None:
    book = openpyxl.load_workbook(written(tmp_path, kind, language))
    sheet = book.worksheets[0]
    columns = template_columns(kind, language)
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert len(lists) == sum(bool(column.words) for column in columns)
    assert all(cell.comment and cell.comment.text.strip() for cell in sheet[1])
    dated = [i for i, column in enumerate(columns, 1) if column.field.type is FieldType.TIME]
    assert {sheet.column_dimensions[sheet.cell(1, i).column_letter].number_format for i in dated} <= {
        "yyyy-mm-dd hh:mm"
    }
    assert not [c for page in book for row in page.iter_rows() for c in row if c.data_type == "f"]


def test_template_offers_the_units_of_the_directory(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, Kind.RESPONSES, "zh", ["东城区", "市水务局", "=1+1"])
    book = openpyxl.load_workbook(path)
    place = [column.field.type for column in template_columns(Kind.RESPONSES)].index(FieldType.UNIT) + 1
    letter = book.worksheets[0].cell(1, place).column_letter
    rules = {str(rule.sqref): rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation}
    assert rules[f"{letter}2:{letter}20001"].lstrip("=") == "wenxiao_units!$A$1:$A$3"
    assert [(cell.value, cell.data_type) for cell in book["wenxiao_units"]["A"]] == [
        ("东城区", "s"), ("市水务局", "s"), ("=1+1", "s"),
    ]  # fmt: skip
    answer = checked(filled(path), Kind.RESPONSES, tmp_path / "staging")
    assert answer.state == "checked"
    assert "hidden_ignored" not in {p.code for p in answer.problems}  # nobody hid that sheet
