"""Small schemes and values for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.assess import assess
from evaluation.rules.scheme import Scheme, load
from evaluation.scores.observations import AssessedUnit, Observation
from evaluation.scores.result import Assessment, UnitResult

GRADES = '[grades]\ncuts = [["A", 90], ["B", 80], ["C", 60], ["D", 0]]\n'
HEAD = 'id = "test"\nversion = "1"\ntitle = { zh = "测试", en = "Test" }\n'


def indicator(code: str, weight: float, **keys: Any) -> str:
    """One [[indicator]] table; goalposts 0..100 unless told otherwise."""
    keys = {"method": "goalposts", **({} if "method" in keys else {"zero": 0, "full": 100}), **keys}
    lines = [f'code = "{code}"', f"weight = {weight}", *(f"{key} = {literal(value)}" for key, value in keys.items())]
    return "[[indicator]]\n" + "\n".join(lines) + "\n"


def literal(value: Any) -> str:
    """A Python value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def scheme(*tables: str, grades: str = GRADES, root: str = "") -> Scheme:
    """A scheme of these tables."""
    return load(HEAD + root + "\n" + "\n".join(tables) + "\n" + grades)


def values(table: Mapping[str, Mapping[str, float | None]]) -> list[Observation]:
    """Observations from unit -> code -> value; None is missing."""
    return [
        Observation(unit, code, value, reason=None if value is not None else "no_value")
        for unit, row in table.items()
        for code, value in row.items()
    ]


def units(codes: Sequence[str], group: str | None = None) -> list[AssessedUnit]:
    """Units named by their codes, in one peer group."""
    return [AssessedUnit(code, code, group) for code in codes]


def scored(used: Scheme, table: Mapping[str, Mapping[str, float | None]], **keys: Any) -> Assessment:
    """Assess a plain table."""
    return assess(used, values(table), units(list(table)), period="2024", **keys)


def by_unit(result: Assessment) -> dict[str, UnitResult]:
    """The rows of a result by unit."""
    return {row.unit: row for row in result.units}


def rate(unit: str, code: str, hits: float, cases: float) -> Observation:
    """A rate with its counts."""
    return Observation(unit, code, hits / cases, hits, cases, n=int(cases))
