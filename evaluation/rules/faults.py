"""What is wrong with a scheme file: all of it at once, each fault with its line, in Chinese and English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evaluation.rules.judgeable import judged
from evaluation.rules.lines import Place, line_of, lines_of
from evaluation.rules.scheme_rules import Found, rules

HERE = Path(__file__).parent
KINDS: dict[str, tuple[str, str]] = {
    "text": ("文字", "a text"),
    "number": ("数", "a number"),
    "positive": ("不小于 0 的数", "a number of at least 0"),
    "share": ("0 到 1 之间的数", "a number from 0 to 1"),
    "whole": ("不小于 0 的整数", "a whole number of at least 0"),
    "flag": ("true 或 false", "true or false"),
    "title": ('{ zh = "…", en = "…" }', '{ zh = "…", en = "…" }'),
    "titles": ("等次到 { zh, en } 的表", "a table of { zh, en } by grade"),
    "texts": ("文字列表", "a list of texts"),
    "steps": ("[[起点, 分数], …]", "[[start, points], …]"),
    "cuts": ('[["等次", 分数], …]', '[["grade", points], …]'),
    "shares": ("名称到比例（0 到 1）的表", "a table of shares (0 to 1) by name"),
    "table": ("表", "a table"),
    "tables": ("[[…]] 表的列表", "an array of [[…]] tables"),
}
"""Kinds of values in `scheme_keys.toml`, as a fault calls them."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to correct in a scheme file."""

    line: int
    code: str
    zh: str
    en: str

    def message(self, language: str = "zh") -> str:
        """The sentence in the given language (zh or en)."""
        return self.zh if language.startswith("zh") else self.en


Keys = dict[str, dict[str, dict[str, Any]]]
"""Table -> key -> kind and conditions, as a file of keys holds them."""


def find_faults(text: str) -> list[Fault]:
    """Every fault of a scheme text, sorted by line. A text that is no TOML has exactly one, with the parser's line.

    >>> [fault.code for fault in find_faults("id = ")]
    ['syntax']
    """
    return faults_of(text, keys_of("scheme_keys"), rules, judged)


def faults_of(
    text: str,
    keys: Keys,
    rules: Callable[[dict[str, Any]], Iterator[Found]],
    judged: Callable[[dict[str, Any], Sequence[Found]], Iterator[Found]] | None = None,
) -> list[Fault]:
    """Every fault of a TOML text against a list of keys and against rules between them.

    Where keys are missing or of the wrong kind, `judged` applies the rules to the rest; without it they wait.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [_syntax_fault(text, str(error))]
    places = lines_of(text)
    shape = list(_check_table(document, "root", (), keys))
    if not any(item.code in {"wrong_kind", "missing_key"} for item in shape):
        found = [*shape, *rules(document)]
    else:
        found = [*shape, *(judged(document, shape) if judged else ())]
    return sorted({_fault(item, places) for item in found})


def _syntax_fault(text: str, detail: str) -> Fault:
    where = re.search(r"line (\d+)", detail)
    line = int(where[1]) if where else max(1, len(text.splitlines()))
    return _sentence(line, "syntax", {"detail": detail})


def _fault(found: Found, places: dict[Place, int]) -> Fault:
    return _sentence(line_of(places, found.place), found.code, found.details)


def _sentence(line: int, code: str, details: dict[str, str]) -> Fault:
    message = _messages()[code]
    return Fault(line, code, message["zh"].format_map(details), message["en"].format_map(details))


@cache
def _messages() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "fault_messages.toml").read_text(encoding="utf-8"))


@cache
def keys_of(name: str) -> Keys:
    """The keys a kind of file may hold, from the file of that name beside this one."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def _check_table(table: dict[str, Any], name: str, place: Place, keys: Keys) -> Iterator[Found]:
    """Unknown, missing and ill-typed keys of one table and of the tables inside it."""
    allowed = keys[name]
    for key in table.keys() - allowed.keys():
        yield Found((*place, key), "unknown_key", {"key": key})
    for key, rule in allowed.items():
        if key in table:
            yield from _check_value(table[key], key, rule, (*place, key), keys)
        elif rule.get("required"):
            yield Found(place, "missing_key", {"key": key})


def _check_value(value: Any, key: str, rule: dict[str, Any], place: Place, keys: Keys) -> Iterator[Found]:
    kind = rule["kind"]
    if not IS_KIND[kind](value):
        zh, en = KINDS[kind]
        yield Found(place, "wrong_kind", {"key": key, "kind_zh": zh, "kind_en": en})
    elif "one_of" in rule and value not in rule["one_of"]:
        yield Found(place, "not_allowed", {"key": key, "value": value, "allowed": ", ".join(rule["one_of"])})
    elif "least" in rule and not rule["least"] <= value <= rule["most"]:
        yield Found(place, "out_of_range", {"key": key, "least": f"{rule['least']:g}", "most": f"{rule['most']:g}"})
    elif kind == "table" and key in keys:
        yield from _check_table(value, key, place, keys)
    elif kind == "tables":
        for number, row in enumerate(value):
            yield from _check_table(row, key, (*place, number), keys)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _is_list_of(value: Any, test: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(test(item) for item in value)


def _is_title(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool({"zh", "en"} & value.keys())
        and all(isinstance(text, str) for text in value.values())
    )


def _is_pair(value: Any, first: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and len(value) == 2 and first(value[0]) and _is_number(value[1])


IS_KIND: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str) and bool(value.strip()),
    "number": _is_number,
    "positive": lambda value: _is_number(value) and value >= 0,
    "share": lambda value: _is_number(value) and 0 <= value <= 1,
    "whole": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "flag": lambda value: isinstance(value, bool),
    "title": _is_title,
    "titles": lambda value: isinstance(value, dict) and all(_is_title(item) for item in value.values()),
    "texts": lambda value: _is_list_of(value, lambda item: isinstance(item, str)),
    "steps": lambda value: bool(value) and _is_list_of(value, lambda item: _is_pair(item, _is_number)),
    "cuts": lambda value: bool(value) and _is_list_of(value, lambda item: _is_pair(item, lambda g: isinstance(g, str))),
    "shares": lambda value: (
        isinstance(value, dict) and all(_is_number(item) and 0 <= item <= 1 for item in value.values())
    ),
    "table": lambda value: isinstance(value, dict),
    "tables": lambda value: bool(value) and _is_list_of(value, lambda item: isinstance(item, dict)),
}
"""Kind -> whether a value is of it."""
