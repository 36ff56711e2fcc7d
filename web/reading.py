"""Reading a trace: the waterfall from nothing to the score, what is better or worse beyond chance, the way up."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from evaluation.movement import NextGrade, next_grade
from evaluation.result import UnitResult
from evaluation.scheme import Scheme
from pipeline.views.definitions import definition
from reports import numbers
from web import drawings
from web.languages import in_language


@dataclass(frozen=True)
class Reading:
    """What stands beside the table of a trace."""

    waterfall: Markup
    better: list[str]
    worse: list[str]
    up: NextGrade | None
    grade_title: str


def of(unit: UnitResult, scheme: Scheme) -> Reading:
    """The reading of one unit."""
    named = {row.code: in_language(definition(row.code).name) for row in unit.indicators}
    up = next_grade(unit, scheme)
    title = in_language(scheme.grades.titles.get(up.grade, {})) if up else ""
    return Reading(
        drawings.waterfall(steps(unit, named), _label(unit)),
        [named[row.code] for row in unit.indicators if row.comparison == "better"],
        [named[row.code] for row in unit.indicators if row.comparison == "worse"],
        up,
        title or (up.grade if up else ""),
    )


def steps(unit: UnitResult, named: dict[str, str]) -> list[tuple[str, float]]:
    """Contributions from the largest to the smallest, then bonus and deduction; summing to the score."""
    found = [(f"{row.code} {named[row.code]}", row.contribution) for row in unit.indicators if row.contribution]
    ordered = sorted(((name, part) for name, part in found if part), key=lambda step: -step[1])
    if unit.bonus:
        ordered.append((gettext("加分"), unit.bonus))
    if unit.deduction:
        ordered.append((gettext("扣分"), -unit.deduction))
    return ordered


def _label(unit: UnitResult) -> str:
    return gettext("各指标贡献相加为得分 %(score)s", score=numbers.score(unit.score))
