"""The form of a scheme draft: rows of the tree with fields, what was typed back to places and values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext

from evaluation.rules.effective import Weights, effective_weights
from evaluation.rules.faults import Fault
from evaluation.rules.lines import Place
from web.languages import in_language
from web.shown.schemes import METHOD_NAMES

REFUSALS = {
    "version_exists": lazy_gettext("这个版本已经发布，请另起版本号。"),
    "odd_version": lazy_gettext("版本号只能用字母、数字、点、短横线，不超过 20 个字符，如 2026.1。"),
    "too_long": lazy_gettext("方案原文过长。"),
    "locked": lazy_gettext("草案已提交发布或已发布，现在不能修改。"),
    "changed_meanwhile": lazy_gettext("其他人刚刚改过这份草案，您的修改未保存；请核对后再提交。"),
    "has_faults": lazy_gettext("草案还有问题，请先改正。"),
    "not_proposed": lazy_gettext("草案尚未提交发布。"),
    "same_person": lazy_gettext("提出和发布须由不同的人操作，请由另一人发布。"),
    "no_assessment": lazy_gettext("还没有评价可供试算，请先制作一份草稿。"),
}
STATE_NAMES = {
    "editing": lazy_gettext("编写中"),
    "proposed": lazy_gettext("待另一人发布"),
    "published": lazy_gettext("已发布"),
    "dropped": lazy_gettext("已放弃"),
}
LONGEST_LINE = 60
NUMBERS = ("weight", "zero", "full", "target")
DIRECTIONS = {"higher": lazy_gettext("越高越好"), "lower": lazy_gettext("越低越好")}
PROOF = {"true": lazy_gettext("是"), "false": lazy_gettext("否")}
PARAMETERS: tuple[tuple[Place, Any], ...] = (
    (("small_n", "suppress"), lazy_gettext("少于多少件不显示数值")),
    (("small_n", "rank"), lazy_gettext("少于多少件不排名、不定等次")),
    (("small_n", "reliability"), lazy_gettext("可靠度下限")),
    (("aggregate", "missing_below"), lazy_gettext("可用权重低于此比例则不评分")),
    (("uncertainty", "certain"), lazy_gettext("等次确定所需概率")),
)


def faults(text: str, found: Iterable[Fault], spoken: str) -> list[tuple[int, str, str]]:
    """Each fault as its line, what stands there, and the sentence.

    >>> faults("a = 1\\nb = 2", [Fault(2, "x", "不对", "wrong")], "en")
    [(2, 'b = 2', 'wrong')]
    """
    lines = text.splitlines()
    stands = {fault.line: lines[fault.line - 1].strip() for fault in found if 0 < fault.line <= len(lines)}
    return [(f.line, stands.get(f.line, "")[:LONGEST_LINE], f.message(spoken)) for f in found]


@dataclass(frozen=True)
class Row:
    """A group or an indicator as a line of the form; `values` are what the fields hold, as typed."""

    kind: str  # group | indicator
    place: int
    code: str
    title: str
    parent: str
    depth: int
    values: Mapping[str, str]
    effective: float

    def field(self, key: str) -> str:
        """Name of a field of this row."""
        return f"{self.kind}.{self.place}.{key}"


@dataclass(frozen=True)
class Sheet:
    """The whole form: rows in the order of the tree, the grade cuts, the parameters, the sums."""

    rows: list[Row]
    cuts: list[tuple[str, str, str]]  # field, grade, points
    parameters: list[tuple[str, str, str]]  # field, label, value
    weights: Weights


def sheet(document: Mapping[str, Any], typed: Mapping[str, str] | None = None) -> Sheet:
    """The form of a draft; `typed` shows what somebody entered before it was refused."""
    given = typed or {}
    weights = effective_weights(document)
    cuts = [
        (f"cut.{place}", str(cut[0]), given.get(f"cut.{place}", plain(cut[1])))
        for place, cut in enumerate(document.get("grades", {}).get("cuts", []))
    ]
    parameters = [
        (".".join(map(str, place)), str(label), given.get(".".join(map(str, place)), plain(at(document, place))))
        for place, label in PARAMETERS
    ]
    return Sheet(_branch(document, None, 0, weights, given, frozenset()), cuts, parameters, weights)


def read(document: Mapping[str, Any], typed: Mapping[str, str]) -> tuple[dict[Place, Any], dict[str, str]]:
    """What the form changes, by place, and what could not be read, by field. Unchanged fields change nothing."""
    changed: dict[Place, Any] = {}
    wrong: dict[str, str] = {}

    def note(place: Place, name: str, value: Any) -> None:
        if value != at(document, place):
            changed[place] = value

    for row in sheet(document).rows:
        for key in row.values:
            name = row.field(key)
            if name not in typed:
                continue
            try:
                note((row.kind, row.place, key), name, _value(key, typed[name].strip()))
            except ValueError:
                wrong[name] = _wrong(row.code or row.title, key)
    for place, label in PARAMETERS:
        name = ".".join(map(str, place))
        try:
            if name in typed:
                note(place, name, typed_number(typed[name].strip()))
        except ValueError:
            wrong[name] = gettext("“%(label)s”须填数字。", label=str(label))
    _read_cuts(document, typed, changed, wrong)
    return changed, wrong


def at(document: Any, place: Place) -> Any:
    """The value at a place of the parsed file, None where there is none."""
    for key in place:
        if isinstance(key, int) and isinstance(document, list) and key < len(document):
            document = document[key]
        elif isinstance(document, Mapping):
            document = document.get(key)
        else:
            return None
    return document


def plain(value: Any) -> str:
    """A value as a field shows it; steps as "0.6:0 0.8:60", shares as "reply:0.6 call:0.4"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return " ".join(f"{name}:{plain(share)}" for name, share in value.items())
    if isinstance(value, list):
        return " ".join(":".join(plain(part) for part in step) for step in value)
    return f"{value:.12g}" if isinstance(value, int | float) else str(value)


def _branch(
    document: Mapping[str, Any], parent: str | None, depth: int, weights: Weights, given: Mapping[str, str],
    seen: frozenset[str],
) -> list[Row]:  # fmt: skip
    rows: list[Row] = []
    for kind, key, owner in (("indicator", "code", "group"), ("group", "id", "parent")):
        for place, entry in enumerate(document.get(kind, [])):
            code = str(entry.get(key, ""))
            if entry.get(owner) != parent or (kind == "group" and code in seen):
                continue
            keys = _keys(kind, entry)
            values = {name: given.get(f"{kind}.{place}.{name}", plain(entry.get(name))) for name in keys}
            share = (weights.groups if kind == "group" else weights.indicators).get(code, 0.0)
            title = in_language(entry.get("title", {})) or ""
            rows.append(Row(kind, place, code, title, parent or "", depth, values, share))
            if kind == "group":
                rows += _branch(document, code, depth + 1, weights, given, seen | {code})
    return rows


def _keys(kind: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    if kind == "group":
        return ("weight",)
    return ("weight", "method", "zero", "full", "target", "steps", "direction", "proof")


def _value(key: str, text: str) -> Any:
    if key in NUMBERS:
        return typed_number(text)
    if not text:
        return None
    if key == "steps":
        steps = [[typed_number(part) for part in step.split(":")] for step in text.replace("：", ":").split()]
        if any(len(step) != 2 or None in step for step in steps):
            raise ValueError(text)
        return steps
    if key == "proof":
        return text == "true"
    if text not in {"method": METHOD_NAMES, "direction": DIRECTIONS}[key]:
        raise ValueError(text)
    return text


def typed_number(text: str) -> float | int | None:
    """A number; whole numbers stay whole, nothing typed is None."""
    if not text:
        return None
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return int(value) if value.is_integer() and "." not in text and "e" not in text.lower() else value


def _wrong(code: str, key: str) -> str:
    if key == "steps":
        return gettext("%(code)s 的分档须写成“起点:分数”，以空格隔开，如 0.6:0 0.8:60 0.95:100。", code=code)
    return gettext("%(code)s 的数值无法识别，请填数字。", code=code)


def _read_cuts(
    document: Mapping[str, Any], typed: Mapping[str, str], changed: dict[Place, Any], wrong: dict[str, str]
) -> None:
    cuts = document.get("grades", {}).get("cuts", [])
    points: list[Any] = []
    for place, (grade, old) in enumerate(cuts):
        name = f"cut.{place}"
        try:
            points.append(typed_number(typed[name].strip()) if typed.get(name, "").strip() else old)
        except ValueError:
            wrong[name] = gettext("等次 %(grade)s 的分数线须填数字。", grade=grade)
            points.append(old)
    if points != [old for _, old in cuts]:
        changed["grades", "cuts"] = [[grade, value] for (grade, _), value in zip(cuts, points, strict=True)]
