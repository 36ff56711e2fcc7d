"""What the check page of an upload shows: columns, problems, values to explain, in the words of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext

from imports.answer import CheckAnswer, ColumnInfo, Problem
from pipeline.uploads import Upload, errors_path, options_of
from records.instance import Instance
from records.vocabulary import FIELDS_BY_KIND, Field, FieldType, Kind, Severity, codes
from web.codes import field_label, word

SHOWN_PROBLEMS = 50
HOW = {
    "given": lazy_gettext("人工指定"),
    "exact": lazy_gettext("列名一致"),
    "alias": lazy_gettext("列名的常用叫法"),
    "similar": lazy_gettext("列名近似，请确认"),
    "content": lazy_gettext("内容相符，请确认"),
    "ignored": lazy_gettext("未识别，不导入"),
    "personal": lazy_gettext("含个人信息，默认不导入"),
}
SEVERITY_ORDER = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class ColumnRow:
    """One line of the mapping table."""

    header: str
    letter: str
    field: str | None
    samples: tuple[str, ...]
    need: str
    how: str


@dataclass(frozen=True)
class ProblemRow:
    """One line of the problem table."""

    place: str
    severity: str
    field: str
    value: str | None
    message: str
    count: int


@dataclass(frozen=True)
class UnknownValue:
    """A word of the file that the vocabulary of its field does not hold."""

    field: str
    label: str
    value: str
    codes: tuple[tuple[str, str], ...]  # with their names


def check_page(instance: Instance, upload: Upload) -> dict[str, Any]:
    """Everything `uploads/check.html` prints about a checked file."""
    answer = _answer_of(upload)
    fields = FIELDS_BY_KIND.get(Kind(upload.kind), {})
    mapped = {name for column in answer.columns for name in (column.fields or (column.field,))}
    required = [name for name, field in fields.items() if field.required]
    problems = sorted(answer.problems, key=lambda p: SEVERITY_ORDER[p.severity])
    return {
        "answer": answer,
        "unused_sheets": [sheet for sheet in answer.file.sheets if not sheet.used and sheet.rows],
        "warning_count": sum(p.count for p in answer.problems if p.severity is Severity.WARN),
        "problems": [_problem_row(problem, fields) for problem in problems[:SHOWN_PROBLEMS]],
        "has_errors_file": errors_path(instance, upload.id).exists(),
        "columns": [_column_row(column, fields) for column in answer.columns],
        "field_choices": [(name, field_label(field)) for name, field in fields.items()],
        "required_found": sum(name in mapped for name in required),
        "required_total": len(required),
        "open_scales": _open_scales(answer, fields),
        "unknown_values": _unknown_values(answer, fields),
    }


def changed_options(upload: Upload, posted: Mapping[str, str]) -> dict[str, Any]:
    """The import options `map` and `value_map` after what a person chose on the check page.

    Only a choice that differs from the proposal is kept: the others stay to be found by name and content, so that
    several fields may go on reading one column. An empty field name means: do not import this column.
    """
    options = options_of(upload)
    chosen = dict((header, field) for field, header in options.map)
    for column in _answer_of(upload).columns:
        wanted = posted.get(f"field-{column.column}")
        if wanted is not None and wanted != (column.field or ""):
            chosen[column.header] = wanted
    values = [tuple(text.split(":", 1)) for name, text in posted.items() if name.startswith("value-") and ":" in text]
    added = tuple((field, *rest.rsplit("=", 1)) for field, rest in values)
    told = tuple((name[6:], text) for name, text in posted.items() if name.startswith("scale-") and text)
    return {
        "scale": (*(entry for entry in options.scale if entry[0] not in dict(told)), *told),
        "map": tuple((field, header) for header, field in chosen.items()),
        "value_map": (*options.value_map, *added),
    }


def _answer_of(upload: Upload) -> CheckAnswer:
    if upload.check_answer is None:
        raise ValueError("This upload has not been checked yet.")
    return upload.check_answer


def _column_row(column: ColumnInfo, fields: Mapping[str, Field]) -> ColumnRow:
    how = str(HOW.get(column.how, column.how))
    return ColumnRow(column.header, column.column, column.field, column.samples, _need(column, fields), how)


def _need(column: ColumnInfo, fields: Mapping[str, Field]) -> str:
    field = fields.get(column.field or "")
    if column.how == "personal" or (field and field.type is FieldType.PERSONAL):
        return gettext("不导入")
    if field is None:
        return "—"
    if field.required:
        return gettext("必填")
    return gettext("建议") if field.recommended else gettext("可选")


def _problem_row(problem: Problem, fields: Mapping[str, Field]) -> ProblemRow:
    field = fields.get(problem.field or "")
    place = problem.cell or (gettext("第 %(row)s 行", row=problem.row) if problem.row else gettext("整个文件"))
    name = field_label(field) if field else problem.field or "—"
    return ProblemRow(place, problem.severity.value, name, problem.value, problem.message, problem.count)


def _unknown_values(answer: CheckAnswer, fields: Mapping[str, Field]) -> list[UnknownValue]:
    found: dict[tuple[str, str], UnknownValue] = {}
    for problem in answer.problems:
        field = fields.get(problem.field or "")
        if field is None or field.type not in (FieldType.CODE, FieldType.RATING) or problem.code != "value_unknown":
            continue
        for value in filter(None, problem.values or (problem.value,)):
            found[field.name, value] = UnknownValue(field.name, field_label(field), value, _choices(field))
    return list(found.values())


def _choices(field: Field) -> tuple[tuple[str, str], ...]:
    members = getattr(codes, field.vocabulary or "Rating")
    return tuple((str(member.value), word(field.name, member.value)) for member in members)


def _open_scales(answer: CheckAnswer, fields: Mapping[str, Field]) -> list[tuple[str, str, str | None]]:
    """(field, label, example) of each numeric scale whose better end nobody has told."""
    asked = [p for p in answer.problems if p.code == "scale_direction_unknown" and p.field in fields]
    return [(p.field, field_label(fields[p.field]), p.value) for p in asked if p.field]
