"""What the confirm page of an upload shows of its consequences: changed and vanished records, changed numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext

from metrics.registry import REGISTRY
from pipeline.importing.affected import HEADLINES, ROWS_UP_TO, UNITS_SHOWN, BatchEffect, effect_of_batch
from pipeline.importing.differences import SHOWN, Differences, FieldChange, differences
from pipeline.importing.uploads import Upload
from pipeline.numbers.counting import unit_names
from records.instance import Instance
from records.vocabulary import FIELDS_BY_KIND, Kind
from reports import numbers
from web.languages import language
from web.words.codes import field_label, word

# Stored columns that no field of a file is named after.
STORED = {
    "register": lazy_gettext("来源登记簿"),
    "assist_units": lazy_gettext("协办单位"),
    "rating_scale": lazy_gettext("评价档数"),
    "person_token": lazy_gettext("来电人（已转为代码）"),
    "device_token": lazy_gettext("设备（已转为代码）"),
    "items": lazy_gettext("其他题目"),
    "source": lazy_gettext("调查主体"),
    "is_staff": lazy_gettext("是否工作人员作答"),
    "measure": lazy_gettext("指标"),
    "value": lazy_gettext("数值"),
    "period_start": lazy_gettext("期间起"),
    "period_end": lazy_gettext("期间止"),
}
YES_NO = {0: lazy_gettext("否"), 1: lazy_gettext("是")}
IS_YES_NO = ("is_", "has_")
YES_NO_FIELDS = frozenset(("contacted", "valid_follow_up", "reached"))


@dataclass(frozen=True)
class ChangeRow:
    """One changed field of one record."""

    number: str
    field: str
    before: str
    after: str
    is_hidden: bool


@dataclass(frozen=True)
class EffectRow:
    """One unit: its name, and for every headline the text before, the text after and whether they differ."""

    name: str
    cells: tuple[tuple[str, str, bool], ...]


def confirm_page(instance: Instance, upload: Upload) -> dict[str, Any]:
    """Everything `uploads/confirm.html` prints beside the counts."""
    answer = upload.check_answer
    if answer is None or answer.batch is None:
        raise ValueError("This upload has not been checked yet.")
    kind = Kind(upload.kind)
    is_something = (
        answer.rows.changed or answer.vanished or answer.beyond
    )  # counted by the check: without them nothing is compared
    found = differences(instance, answer.batch, kind) if is_something else Differences()
    effect = effect_of_batch(instance, answer.batch, kind, rows=answer.rows.accepted)
    names = unit_names(instance)
    return {
        "changes": [row for record in found.changed for row in _change_rows(record.number, record.fields, kind, names)],
        "vanished_numbers": found.vanished,
        "numbers_beyond": found.beyond,
        "shown_records": SHOWN,
        "headlines": [REGISTRY[code].name(language()) for code in HEADLINES],
        "effect_rows": _effect_rows(effect) if effect else [],
        "effect": effect,
        "shown_units": UNITS_SHOWN,
        "is_too_large": kind is Kind.RESPONSES and answer.rows.accepted > ROWS_UP_TO,
        "effect_limit": ROWS_UP_TO,
    }


def _change_rows(number: str, fields: tuple[FieldChange, ...], kind: Kind, names: dict[str, str]) -> list[ChangeRow]:
    return [
        ChangeRow(
            number,
            label_of(change.field, kind),
            text_of_value(change.field, change.before, names),
            text_of_value(change.field, change.after, names),
            change.is_hidden,
        )
        for change in fields
    ]


def label_of(name: str, kind: Kind) -> str:
    """The name of a stored column in the reader's language."""
    field = FIELDS_BY_KIND[kind].get(name)
    return field_label(field) if field else str(STORED.get(name, name))


def text_of_value(name: str, value: Any, names: dict[str, str]) -> str:
    """A stored value in the words of the reader; a dash where the cell is empty."""
    if value is None:
        return "—"
    if name == "unit":
        return names.get(value, value)
    if name.startswith(IS_YES_NO) or name in YES_NO_FIELDS:
        return str(YES_NO.get(value, value))
    return str(word(name, value))


def _effect_rows(effect: BatchEffect) -> list[EffectRow]:
    rows = []
    for unit in effect.units:
        pairs = [unit.values[code] for code in HEADLINES]
        texts = [tuple(_figure(code, value) for value in pair) for code, pair in zip(HEADLINES, pairs, strict=True)]
        rows.append(EffectRow(unit.name, tuple((before, after, before != after) for before, after in texts)))
    return rows


def _figure(code: str, value: float | None) -> str:
    metric = REGISTRY[code]
    return numbers.rate(value, suffix="%") if metric.is_rate else numbers.of_metric(value, metric.unit)
