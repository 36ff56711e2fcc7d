"""The entries of a scheme draft (groups, indicators, bonuses, deductions, vetoes) and its rules, as fields of forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext

from evaluation.rules.faults import keys_of
from evaluation.rules.lines import Place
from evaluation.rules.parameters import parameters
from metrics.registry import REGISTRY
from web.languages import in_language, language
from web.shown.draft_words import LABELS, WORDS
from web.shown.drafts import at, plain, typed_number

RULES: tuple[Place, ...] = (
    ("status",), ("scope",), ("period_start_day",), ("peer_groups",),
    ("aggregate", "across"), ("aggregate", "missing_below"), ("aggregate", "bonus_cap"), ("aggregate", "deduction_cap"),
    ("small_n", "suppress"), ("small_n", "rank"), ("small_n", "reliability"), ("small_n", "grouped"),
    ("uncertainty", "draws"), ("uncertainty", "seed"), ("uncertainty", "certain"), ("uncertainty", "weights_dirichlet"),
    ("uncertainty", "goalpost_shift"), ("uncertainty", "rank_interval"), ("uncertainty", "joint_interval"),
    ("uncertainty", "end_share"), ("comparison", "difference_level"), ("comparison", "penalty_level"),
    ("comparison", "least_units"), ("comparison", "funnel_winsor"), ("comparison", "funnel_notable"),
    ("comparison", "funnel_different"), ("comparison", "reference_cases"), ("comparison", "least_overlap"),
    ("waiting", "longest_working_hours"), ("waiting", "longest_hours"),
    ("grades", "ranks"), ("basis",),
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field: its name in the form, how it is called, what it holds as typed, and the words it may take."""

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    has_suggestions: bool = False  # codes of metrics
    is_required: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry with its fields; `place` is None for the form of a new one."""

    table: str
    place: int | None
    name: str
    fields: tuple[Field, ...]


def entries(document: Mapping[str, Any], table: str, typed: Mapping[str, str] | None = None) -> list[Entry]:
    """Every entry of a table as a form, and the form of a new one at the end; `typed` fills the one it came from."""
    rows = [*enumerate(document.get(table, [])), (None, {})]
    return [_entry(document, table, place, row, typed) for place, row in rows]


def rules(document: Mapping[str, Any], typed: Mapping[str, str] | None = None) -> list[Field]:
    """Everything of a scheme that stands once, as fields; an empty parameter has the default that its label tells."""
    fields = [
        _field(document, "", ".".join(map(str, place)), _rule(place), at(document, place), typed) for place in RULES
    ]
    defaults = {row.name: plain(row.default) for row in parameters({}) if isinstance(row.default, int | float)}
    return [
        replace(field, label=gettext("%(label)s（默认 %(value)s）", label=field.label, value=defaults[field.name]))
        if field.name in defaults
        else field
        for field in fields
    ]


def grades(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """A line for each grade (name, points from which it holds, titles, ceiling), and empty ones for further grades."""
    table = document.get("grades", {})
    titles, quota = table.get("titles", {}), table.get("quota", {})
    lines = [
        {"grade": name, "points": plain(points), "zh": titles.get(name, {}).get("zh", ""),
         "en": titles.get(name, {}).get("en", ""), "quota": plain(quota.get(name))}
        for name, points in table.get("cuts", [])
    ]  # fmt: skip
    return [*lines, *({key: "" for key in ("grade", "points", "zh", "en", "quota")} for _ in range(2))]


def read_entry(table: str, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What a form of an entry holds, by key (None where left empty), and what could not be read, by field."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, rule in _flat(table):
        try:
            value = _value(rule["kind"], typed.get(name, ""))
        except ValueError:
            wrong[name] = gettext("“%(label)s”无法识别。", label=str(LABELS.get(name, name)))
            continue
        key, _, part = name.partition(".")
        if part:
            inner = {**(values.get(key) or {}), **({part: value} if value is not None else {})}
            values[key] = inner or None
        else:
            values[key] = value
    return values, wrong


def read_rules(
    document: Mapping[str, Any], typed: Mapping[str, str], lines: Sequence[Mapping[str, str]]
) -> tuple[dict[Place, Any], dict[str, str]]:
    """What the form of the rules changes, by place, and what could not be read."""
    changed: dict[Place, Any] = {}
    wrong: dict[str, str] = {}
    for place, field in zip(RULES, rules(document), strict=True):
        try:
            value = _value(_rule(place)["kind"], typed.get(field.name, ""))
        except ValueError:
            wrong[field.name] = gettext("“%(label)s”无法识别。", label=field.label)
            continue
        if value != at(document, place) and not (value is None and at(document, place) in (None, [])):
            changed[place] = value
    changed |= _changed_grades(document, lines, wrong)
    return changed, wrong


def _changed_grades(
    document: Mapping[str, Any], lines: Sequence[Mapping[str, str]], wrong: dict[str, str]
) -> dict[Place, Any]:
    cuts: list[list[Any]] = []
    titles: dict[str, dict[str, str]] = {}
    quota: dict[str, Any] = {}
    for line in lines:
        name = line["grade"].strip()
        if not name:
            continue
        try:
            cuts.append([name, typed_number(line["points"].strip()) or 0])
            share = typed_number(line["quota"].strip())
        except ValueError:
            wrong[f"grade {name}"] = gettext("等次 %(grade)s 的分数线和名额上限须填数字。", grade=name)
            continue
        named = {key: line[key].strip() for key in ("zh", "en") if line[key].strip()}
        titles |= {name: named} if named else {}
        quota |= {name: share} if share is not None else {}
    old = document.get("grades", {})
    new = {"cuts": cuts, "titles": titles or None, "quota": quota or None}
    return {("grades", key): value for key, value in new.items() if value != (old.get(key) or None)}


def _entry(
    document: Mapping[str, Any], table: str, place: int | None, row: Mapping[str, Any], typed: Mapping[str, str] | None
) -> Entry:
    given = typed if typed is not None and typed.get("place", "") == ("" if place is None else str(place)) else None
    fields = tuple(_field(document, table, name, rule, _at(row, name), given) for name, rule in _flat(table))
    title = in_language(row.get("title", {})) or ""
    return Entry(table, place, f"{row.get('code', row.get('id', ''))} {title}".strip(), fields)


def _rule(place: Place) -> Mapping[str, Any]:
    """What the list of keys says of a key that stands once."""
    table, key = (str(place[0]), str(place[1])) if len(place) > 1 else ("root", str(place[0]))
    return keys_of("scheme_keys")[table][key]


def _flat(table: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The fields of an entry with their kinds: titles by language, inner tables key by key."""
    keys = keys_of("scheme_keys")
    found: list[tuple[str, Mapping[str, Any]]] = []
    for key, rule in keys[table].items():
        if rule["kind"] == "title":
            found += [(f"{key}.{language}", {"kind": "text"}) for language in ("zh", "en")]
        elif rule["kind"] == "table":
            found += [(f"{key}.{inner}", {**inside, "required": False}) for inner, inside in keys[key].items()]
        else:
            found.append((key, rule))
    return found


def _at(row: Mapping[str, Any], name: str) -> Any:
    return at(row, tuple(name.split(".")))


def _field(
    document: Mapping[str, Any],
    table: str,
    name: str,
    rule: Mapping[str, Any],
    value: Any,
    typed: Mapping[str, str] | None,
) -> Field:
    shown = "\n".join(value) if rule["kind"] == "texts" and value else plain(value)
    words = tuple(rule.get("one_of", ("true", "false") if rule["kind"] == "flag" else ()))
    choices = tuple((word, str(WORDS.get(word, word))) for word in words)
    if name in ("group", "parent"):
        choices = tuple((g["id"], in_language(g.get("title", {})) or g["id"]) for g in document.get("group", []))
    elif name == "cap_grade":
        choices = tuple((grade, grade) for grade, _ in document.get("grades", {}).get("cuts", []))
    return Field(
        name=name,
        label=str(LABELS.get(name, name)),
        value=typed.get(name, "") if typed is not None else shown,
        choices=choices,
        has_suggestions=name == "when.metric" or (name == "code" and table == "indicator"),
        is_required=bool(rule.get("required")),
    )


def metric_codes() -> tuple[tuple[str, str], ...]:
    """Every code a scheme may read, with its name."""
    return tuple((code, metric.name(language())) for code, metric in REGISTRY.items())


def _value(kind: str, text: str) -> Any:
    """What was typed as a value of its kind; None where nothing was. Raises ValueError."""
    text = text.strip()
    if kind == "texts":
        return [line.strip() for line in text.replace("、", "\n").splitlines() if line.strip()] or None
    if not text:
        return None
    if kind == "flag":
        return text == "true"
    if kind == "shares":
        return dict(_share(part) for part in text.replace("：", ":").split())
    if kind == "steps":
        steps = [[typed_number(part) for part in step.split(":")] for step in text.replace("：", ":").split()]
        if any(len(step) != 2 or None in step for step in steps):
            raise ValueError(text)
        return steps
    return text if kind == "text" else typed_number(text)


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.rpartition(":")
    value = typed_number(share)
    if not name or value is None:
        raise ValueError(text)
    return name, value
