"""What the check page of an upload shows: columns, problems, values to explain, in the words of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext, pgettext

from imports.answer import CheckAnswer, ColumnInfo, Fault, Problem
from imports.options import UnitDirectory
from imports.values.units import UnitReader
from imports.values.vocabularies import parse_scale
from pipeline import importing
from pipeline.importing.uploads import Upload, errors_path, options_of
from records.instance import Instance
from records.vocabulary import FIELDS_BY_KIND, Field, FieldType, Kind, Severity, codes
from web.words.codes import field_label, word

SHOWN_PROBLEMS = 50
HOW = {
    "given": lazy_gettext("人工指定"),
    "saved": lazy_gettext("已保存的模板"),
    "exact": lazy_gettext("列名一致"),
    "alias": lazy_gettext("列名的常用叫法"),
    "similar": lazy_gettext("列名近似，请确认"),
    "content": lazy_gettext("内容相符，请确认"),
    "ignored": lazy_gettext("未识别，不导入"),
    "personal": lazy_gettext("含个人信息，默认不导入"),
}
SCALES = (5, 3, 7, 10)  # levels of the numeric scales that the page offers
UNKNOWN = frozenset({"value_unknown", "rating_out_of_range"})  # problems that end when a person says what a value means
OFFERED_UNITS = 1_000  # beyond, only the similar names are offered; the directory page takes the others
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
    is_guess: bool  # the field is proposed, not used yet


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
    chosen: str | None = None  # the code that a person said it means


@dataclass(frozen=True)
class UnknownUnit:
    """A name of the file that the unit directory does not hold, with the units whose names look like it."""

    value: str
    similar: tuple[tuple[str, str], ...]  # (code, name)


def check_page(instance: Instance, upload: Upload) -> dict[str, Any]:
    """Everything `uploads/check.html` prints about a checked file."""
    answer = _answer_of(upload)
    fields = FIELDS_BY_KIND.get(Kind(upload.kind), {})
    mapped = {name for column in answer.columns for name in (column.fields or (column.field,))}
    required = [name for name, field in fields.items() if field.required]
    problems = sorted(answer.problems, key=lambda p: SEVERITY_ORDER[p.severity])
    has_more_places = len(answer.faults) > sum(p.severity is Severity.BLOCK for p in problems)
    return {
        "answer": answer,
        "unused_sheets": [sheet for sheet in answer.file.sheets if not sheet.used and sheet.rows],
        "warning_count": sum(p.count for p in answer.problems if p.severity is Severity.WARN),
        "problems": [problem_row(problem, fields) for problem in problems[:SHOWN_PROBLEMS]],
        "faults": [fault_row(fault, fields) for fault in answer.faults] if has_more_places else [],
        "has_errors_file": errors_path(instance, upload.id).exists(),
        "columns": [_column_row(column, fields) for column in answer.columns],
        "field_choices": [(name, field_label(field)) for name, field in fields.items()],
        "required_found": sum(name in mapped for name in required),
        "required_total": len(required),
        "open_scales": [*_open_scales(answer, fields), *_told_scales(upload, fields)],
        "scales": _scale_choices(),
        **_unit_questions(instance, answer),
        "unknown_values": [*_unknown_values(answer, fields), *_told_values(upload, fields)],
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
        elif wanted == "" and column.guess:
            chosen[column.header] = ""  # the proposal is refused
    values = [tuple(text.split(":", 1)) for name, text in posted.items() if name.startswith("value-") and ":" in text]
    added = tuple((field, *rest.rsplit("=", 1)) for field, rest in values)
    again = {entry[:2] for entry in added}
    told = tuple((name[6:], text) for name, text in posted.items() if name.startswith("scale-") and text)
    return {
        "scale": (*(entry for entry in options.scale if entry[0] not in dict(told)), *told),
        "map": tuple((field, header) for header, field in chosen.items()),
        "value_map": (*(entry for entry in options.value_map if entry[:2] not in again), *added),
    }


def _answer_of(upload: Upload) -> CheckAnswer:
    if upload.check_answer is None:
        raise ValueError("This upload has not been checked yet.")
    return upload.check_answer


def _column_row(column: ColumnInfo, fields: Mapping[str, Field]) -> ColumnRow:
    how = str(HOW.get(column.how, column.how))
    field, is_guess = column.field or column.guess, column.field is None and column.guess is not None
    need = _need(column, fields)
    return ColumnRow(column.header, column.column, field, column.samples, need, how, is_guess)


def _need(column: ColumnInfo, fields: Mapping[str, Field]) -> str:
    field = fields.get(column.field or column.guess or "")
    if column.how == "personal" or (field and field.type is FieldType.PERSONAL):
        return gettext("不导入")
    if field is None:
        return "—"
    if field.required:
        return gettext("必填")
    return pgettext("a column", "建议") if field.recommended else gettext("可选")


def problem_row(problem: Problem, fields: Mapping[str, Field]) -> ProblemRow:
    """A problem with its place and field in the reader's words."""
    field = fields.get(problem.field or "")
    place = problem.cell or (gettext("第 %(row)s 行", row=problem.row) if problem.row else gettext("整个文件"))
    name = field_label(field) if field else problem.field or "—"
    return ProblemRow(place, problem.severity.value, name, problem.value, problem.message, problem.count)


def fault_row(fault: Fault, fields: Mapping[str, Field]) -> ProblemRow:
    """One refused cell with its place and field in the reader's words."""
    one = Problem(
        fault.code, Severity.BLOCK, fault.message, cell=fault.cell, row=fault.row, field=fault.field, value=fault.value
    )
    return problem_row(one, fields)


def decisions(options: Mapping[str, Any], fields: Mapping[str, Field]) -> list[tuple[str, str, str]]:
    """(field, as the file has it, meaning) of every word and every numeric scale that a person explained."""
    labels = {name: field_label(field) for name, field in fields.items()}
    directions = {parse_scale(text): words for text, words in _scale_choices()}
    scales = [(labels.get(name, name), parse_scale(text), text) for name, text in options.get("scale") or ()]
    told = [(label, gettext("数字"), directions.get(scale, text)) for label, scale, text in scales]
    values = options.get("value_map") or ()
    return [*told, *((labels.get(name, name), raw, word(name, code)) for name, raw, code in values)]


def _unknown_values(answer: CheckAnswer, fields: Mapping[str, Field]) -> list[UnknownValue]:
    found: dict[tuple[str, str], UnknownValue] = {}
    for problem in answer.problems:
        field = fields.get(problem.field or "")
        if field is None or field.type not in (FieldType.CODE, FieldType.RATING) or problem.code not in UNKNOWN:
            continue
        for value in filter(None, problem.values or (problem.value,)):
            found[field.name, value] = UnknownValue(field.name, field_label(field), value, _choices(field))
    return list(found.values())


def _choices(field: Field) -> tuple[tuple[str, str], ...]:
    members = getattr(codes, field.vocabulary or "Rating")
    named = tuple((str(member.value), word(field.name, member.value)) for member in members)
    return (*named, ("", gettext("不是评价") if field.type is FieldType.RATING else gettext("没有内容")))


def _told_values(upload: Upload, fields: Mapping[str, Field]) -> list[UnknownValue]:
    """The words a person explained for this file, so that a wrong choice can be seen and changed."""
    told = [(fields[name], raw, code) for name, raw, code in options_of(upload).value_map if name in fields]
    return [
        UnknownValue(field.name, field_label(field), raw, _choices(field), code)
        for field, raw, code in told
        if field.type in (FieldType.CODE, FieldType.RATING)
    ]


def _told_scales(upload: Upload, fields: Mapping[str, Field]) -> list[tuple[str, str, str | None, str]]:
    """As `_open_scales`, of those whose better end was told for this file."""
    offered = {parse_scale(text): text for text, _ in _scale_choices()}
    told = [(name, offered.get(parse_scale(text))) for name, text in options_of(upload).scale if name in fields]
    return [(name, field_label(fields[name]), None, option) for name, option in told if option]


def _open_scales(answer: CheckAnswer, fields: Mapping[str, Field]) -> list[tuple[str, str, str | None, str]]:
    """(field, label, example, chosen option) of each numeric scale whose better end nobody has told."""
    asked = [p for p in answer.problems if p.code == "scale_direction_unknown" and p.field in fields]
    return [(p.field, field_label(fields[p.field]), p.value, "") for p in asked if p.field]


def _scale_choices() -> list[tuple[str, str]]:
    """(text of the option, words) of each direction a numeric scale may have."""
    found = []
    for levels in SCALES:
        found.append((f"{levels}=best", gettext("%(levels)s 最好，1 最差", levels=levels)))
        found.append((f"1=best of {levels}", gettext("1 最好，%(levels)s 最差", levels=levels)))
    return found


def _unit_questions(instance: Instance, answer: CheckAnswer) -> dict[str, Any]:
    """The unknown names of units with their like, and every unit of the directory to choose from."""
    asked = [problem for problem in answer.problems if problem.code == "unit_unknown"]
    names = list(dict.fromkeys(value for problem in asked for value in problem.values or (problem.value or "",)))
    if not names:
        return {"unknown_units": [], "all_units": []}
    with instance.session() as session:
        directory = importing.read_directory(session)
    reader = UnitReader(directory)
    unknown = []
    for name in names:
        codes_found = dict.fromkeys(directory.names[similar] for similar in reader.similar(name))
        unknown.append(UnknownUnit(name, tuple((code, _unit_name(directory, code)) for code in codes_found)))
    units = sorted(directory.titles, key=lambda code: directory.titles[code])
    offered = units if len(units) <= OFFERED_UNITS else []
    return {"unknown_units": unknown, "all_units": [(code, _unit_name(directory, code)) for code in offered]}


def _unit_name(directory: UnitDirectory, code: str) -> str:
    """A unit by its full name; one that was merged away with the day and its successor."""
    name = directory.titles.get(code, code)
    if code not in directory.ended:
        return name
    day, successor = directory.ended[code]
    if successor:
        return gettext("%(name)s（%(day)s 撤并，并入%(successor)s）", name=name, day=day, successor=successor)
    return gettext("%(name)s（%(day)s 撤销）", name=name, day=day)


def layout_told(answer: CheckAnswer | None) -> str:
    """The saved layout a file was recognised by, and whether its headings are quite the same."""
    if answer is None or not answer.saved_layout:
        return ""
    if any(problem.code == "layout_changed" for problem in answer.problems):
        return gettext("%(name)s（按相近的表头识别）", name=answer.saved_layout)
    return gettext("%(name)s（按表头自动识别）", name=answer.saved_layout)


def chosen_units(posted: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name of the file, code of the unit) of each name a person decided on the check page."""
    texts = [text for name, text in posted.items() if name.startswith("unit-") and "=" in text]
    return [(name, code) for name, code in (text.rsplit("=", 1) for text in texts)]


def is_recognised(answer: CheckAnswer) -> bool:
    """Is there nothing for a person to look at: a saved layout or the fields' own names, and no warning?"""
    is_exact = all(column.how in ("exact", "saved", "personal") for column in answer.columns if column.header)
    has_warning = any(problem.severity is not Severity.INFO for problem in answer.problems)
    return answer.state == "checked" and not has_warning and bool(answer.saved_layout or is_exact)
