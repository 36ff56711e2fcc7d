"""The one list of metrics: what each is called, how it is made, which way is better. Data in `definitions/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

FILES = ("response", "satisfaction", "times", "counts", "tables", "reviews")
DIRECTIONS = {"+": "higher", "-": "lower", "i": "information"}


@dataclass(frozen=True)
class Metric:
    """One definition. `unit` is rate (a fraction 0..1), count, points (0..100), ratio, hours, working_hours or days.

    >>> REGISTRY["R5"].name_en
    'Reply rate'
    """

    code: str
    name_zh: str
    name_en: str
    formula_zh: str
    formula_en: str
    direction: str  # "+" higher is better, "-" lower is better, "i" information only
    unit: str
    source: str
    edge_zh: str = ""
    edge_en: str = ""
    input_zh: str = ""  # the file, and what in it, that the metric is counted from
    input_en: str = ""
    while_open: str = ""  # "rises" or "falls" after its period, where an event counts however late it comes

    def name(self, language: str = "zh") -> str:
        return self.name_zh if language.startswith("zh") else self.name_en

    def formula(self, language: str = "zh") -> str:
        return self.formula_zh if language.startswith("zh") else self.formula_en

    def edge(self, language: str = "zh") -> str:
        return self.edge_zh if language.startswith("zh") else self.edge_en

    def input(self, language: str = "zh") -> str:
        """The file, and what in it, that the metric is counted from.

        >>> REGISTRY["S6"].input("en")
        'answers to an independent survey (surveys)'
        """
        return self.input_zh if language.startswith("zh") else self.input_en

    def origin(self, language: str = "zh") -> str:
        """What the definition rests on, in words: a public document, or a chapter of this project's own reference.

        >>> REGISTRY["R5"].origin("en")
        "this project's catalogue of indicators"
        """
        return origin_text(self.source, language)

    @property
    def is_rate(self) -> bool:
        return self.unit == "rate"


def _read(name: str) -> dict[str, Any]:
    file = resources.files("metrics") / "definitions" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _metric(entry: Mapping[str, Any]) -> Metric:
    edge, code = entry.get("edge", {"zh": "", "en": ""}), entry["code"]
    read = INPUTS.get(code) or INPUTS.get(code.split(".")[0]) or {"zh": "", "en": ""}
    return Metric(
        code, entry["name"]["zh"], entry["name"]["en"], entry["formula"]["zh"], entry["formula"]["en"],
        entry["direction"], entry["unit"], entry["source"], edge["zh"], edge["en"], read["zh"], read["en"],
        entry.get("while_open", ""),
    )  # fmt: skip


INPUTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {code: entry for entry in _read("inputs")["input"] for code in entry["codes"]}
)
"""What each code, or each part before a dot, is counted from."""


REGISTRY: Mapping[str, Metric] = MappingProxyType(
    {entry["code"]: _metric(entry) for name in FILES for entry in _read(name)["metric"]}
)
REASONS: Mapping[str, Mapping[str, str]] = MappingProxyType(_read("reasons"))

SOURCES: tuple[Mapping[str, str], ...] = tuple(
    sorted(_read("sources")["source"], key=lambda entry: -len(entry["prefix"]))
)


def origin_text(source: str, language: str = "zh") -> str:
    """The words for the mark of a source; a mark that is not listed is the name of a public document.

    >>> origin_text("domain.md f.2, g.1"), origin_text("GB/T 39734-2020")
    ('本项目指标目录', 'GB/T 39734-2020')
    """
    found = next((entry for entry in SOURCES if source.startswith(entry["prefix"])), None)
    return found["zh" if language.startswith("zh") else "en"] if found else source


def reason_text(reason: str, language: str = "zh") -> str:
    """The words for a missing value; a reason that is not listed stands for itself.

    >>> reason_text("no_valid_follow_up")
    '无有效回访'
    """
    words = REASONS.get(reason)
    return words["zh" if language.startswith("zh") else "en"] if words else reason
