"""A published way of judging: the scheme file as frozen values, its canonical form and its hash."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from evaluation.rules.faults import Fault, find_faults
from evaluation.rules.parameters import Comparison, SmallNumbers, Uncertainty, Waiting


class SchemeFaulty(ValueError):
    """The scheme file has faults; `faults` lists all of them with their lines."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"line {fault.line}: {fault.en}" for fault in faults))


@dataclass(frozen=True)
class Indicator:
    """A leaf of the tree: how one metric becomes points. The keys are those of the scheme file."""

    code: str
    weight: float
    method: str
    group: str | None = None
    title: Mapping[str, str] = field(default_factory=dict)
    zero: float | None = None
    full: float | None = None
    target: float | None = None
    clip: bool = True
    transform: str = "none"
    direction: str = "higher"
    steps: tuple[tuple[float, float], ...] = ()
    per_item: float | None = None  # points of the whole score that one item costs, for the method "deduction"
    min_n: int = 0  # cases below which the value of this indicator counts as missing
    winsorise: float | None = None
    ddof: int = 1
    proof: bool = False
    not_applicable: str = "rescale"
    without_cases: str = "missing"
    options: Mapping[str, float] = field(default_factory=dict)
    blend: Mapping[str, float] = field(default_factory=dict)  # rating form -> share, of an indicator made of several

    @property
    def is_relative(self) -> bool:
        """Whether the points of a unit depend on the other units."""
        return self.method in {"minmax", "rank", "zscore"}


@dataclass(frozen=True)
class Group:
    """A parent of indicators or of other groups."""

    id: str
    weight: float
    title: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None
    across: str | None = None
    missing_below: float | None = None


@dataclass(frozen=True)
class Named:
    """A code with its title: a metric that is shown and never scored, or a peer group the scheme compares in."""

    code: str
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """A bonus or deduction: points per piece of evidence, up to a cap."""

    code: str
    per_item: float
    cap: float
    title: Mapping[str, str] = field(default_factory=dict)
    source: str = "confirmed_finding"
    document: str | None = None
    only_above: float | None = None  # a bonus counts only when the score before it is above this
    valid_months: int = 12  # a bonus counts in periods that end so long after the day of the work


@dataclass(frozen=True)
class Veto:
    """A ceiling on the grade, by a metric beyond a bound or by confirmed findings."""

    code: str
    cap_grade: str
    title: Mapping[str, str] = field(default_factory=dict)
    metric: str | None = None
    op: str = ">"
    value: float | None = None
    source: str | None = None
    document: str | None = None


@dataclass(frozen=True)
class Grades:
    """Bands of the score, highest first, as (grade, points from which it holds)."""

    cuts: tuple[tuple[str, float], ...] = ()
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ranks: bool = False
    quota: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Scheme:
    """One version of a scheme. Indicators and groups are sorted by code, so that their order in the file is no input.

    `document` is the parsed file as plain data and `text` the file itself, both for reports and for storing.
    """

    id: str
    version: str
    title: Mapping[str, str]
    status: str
    scope: str
    period_start_day: int
    across: str
    missing_below: float
    indicators: tuple[Indicator, ...]
    groups: tuple[Group, ...]
    bonuses: tuple[Item, ...]
    deductions: tuple[Item, ...]
    vetoes: tuple[Veto, ...]
    grades: Grades
    small_n: SmallNumbers
    uncertainty: Uncertainty
    comparison: Comparison
    waiting: Waiting
    bonus_cap: float | None
    deduction_cap: float | None
    peer_groups: tuple[str, ...]
    compared: tuple[Named, ...]
    information: tuple[Named, ...]
    limits: Mapping[str, str]
    sha256: str
    document: Mapping[str, Any] = field(repr=False, compare=False)
    text: str = field(repr=False, compare=False, default="")

    @property
    def codes(self) -> tuple[str, ...]:
        """Every metric the scheme reads: indicators, the metrics of vetoes, and those it shows as information."""
        others = {veto.metric for veto in self.vetoes if veto.metric} | {row.code for row in self.information}
        extra = others - {i.code for i in self.indicators}
        return tuple(indicator.code for indicator in self.indicators) + tuple(sorted(extra))

    def indicator(self, code: str) -> Indicator:
        """The indicator with this code; KeyError when the scheme does not hold it."""
        for indicator in self.indicators:
            if indicator.code == code:
                return indicator
        raise KeyError(code)

    def identity(self) -> dict[str, str]:
        """What every result says about its scheme."""
        title = self.title
        return {
            "id": self.id,
            "version": self.version,
            "sha256": self.sha256,
            "title_zh": title.get("zh", self.id),
            "title_en": title.get("en", title.get("zh", self.id)),
            "status": self.status,
        }


def check(text: str) -> list[Fault]:
    """Every fault of a scheme file at once, sorted by line; an empty list means it can be published."""
    return find_faults(text)


def load(source: Path | str) -> Scheme:
    """Read a scheme from a file (Path) or from its text (str).

    Raises SchemeFaulty with every fault and its line.
    """
    text = source.read_text(encoding="utf-8-sig") if isinstance(source, Path) else source
    if faults := _faults_of(text):
        raise SchemeFaulty(list(faults))
    return from_document(tomllib.loads(text), text)


@lru_cache(maxsize=64)
def _faults_of(text: str) -> tuple[Fault, ...]:
    """Kept: stored schemes are read for every page and program, and checking one takes longer than reading it."""
    return tuple(find_faults(text))


def canonical_text(document: Mapping[str, Any]) -> str:
    """The form that is hashed: JSON, keys sorted, tables sorted by code, 1 and 1.0 alike, no comments or spaces.

    >>> canonical_text({"b": 1, "a": [{"code": "y"}, {"code": "x"}]})
    '{"a":[{"code":"x"},{"code":"y"}],"b":1.0}'
    """
    return json.dumps(_canonical(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_canonical(item) for item in value]
        if items and all(isinstance(item, dict) for item in items):
            return sorted(items, key=lambda item: str(item.get("code", item.get("id"))))
        return items
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def from_document(document: dict[str, Any], text: str = "") -> Scheme:
    """The scheme of a document that was read and checked before."""
    aggregate = document.get("aggregate", {})
    indicators = tuple(sorted((_indicator(row) for row in document["indicator"]), key=lambda i: i.code))
    return Scheme(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        status=document.get("status", "proposal"),
        scope=document.get("scope", "kept"),
        period_start_day=document.get("period_start_day", 1),
        across=aggregate.get("across", "arithmetic"),
        missing_below=float(aggregate.get("missing_below", 0.8)),
        indicators=indicators,
        groups=_groups(document.get("group", []), indicators),
        bonuses=tuple(_item(row, "bonus") for row in document.get("bonus", [])),
        deductions=tuple(_item(row, "confirmed_finding") for row in document.get("deduction", [])),
        vetoes=tuple(_veto(row) for row in document.get("veto", [])),
        grades=_grades(document.get("grades", {})),
        small_n=SmallNumbers(**document.get("small_n", {})),
        uncertainty=Uncertainty(**document.get("uncertainty", {})),
        comparison=Comparison(**document.get("comparison", {})),
        waiting=Waiting(**document.get("waiting", {})),
        bonus_cap=aggregate.get("bonus_cap"),
        deduction_cap=aggregate.get("deduction_cap"),
        peer_groups=tuple(document.get("peer_groups", [])),
        compared=tuple(Named(**row) for row in document.get("peer_group", [])),
        information=tuple(Named(**row) for row in document.get("information", [])),
        limits=document.get("limits", {}),
        sha256=hashlib.sha256(canonical_text(document).encode()).hexdigest(),
        document=document,
        text=text,
    )


def _indicator(row: dict[str, Any]) -> Indicator:
    steps = tuple((float(start), float(points)) for start, points in row.get("steps", []))
    return Indicator(**{**row, "weight": float(row["weight"]), "steps": steps})


def _groups(rows: list[dict[str, Any]], indicators: tuple[Indicator, ...]) -> tuple[Group, ...]:
    """The groups, sorted; one without a weight weighs as much as the indicators below it."""
    parents = {row["id"]: row.get("parent") for row in rows}
    below: dict[str, float] = dict.fromkeys(parents, 0.0)
    for indicator in indicators:
        group = indicator.group
        while group is not None:
            below[group] += indicator.weight
            group = parents[group]
    return tuple(
        Group(**{**row, "weight": float(row.get("weight", below[row["id"]]))})
        for row in sorted(rows, key=lambda row: row["id"])
    )


def _item(row: dict[str, Any], source: str) -> Item:
    return Item(**{"source": source, **row, "per_item": float(row["per_item"]), "cap": float(row["cap"])})


def _veto(row: dict[str, Any]) -> Veto:
    return Veto(**{key: value for key, value in row.items() if key != "when"}, **row.get("when", {}))


def _grades(table: dict[str, Any]) -> Grades:
    cuts = tuple((str(grade), float(points)) for grade, points in table.get("cuts", []))
    return Grades(cuts, table.get("titles", {}), table.get("ranks", False), table.get("quota", {}))
