"""Chapter 5, at one look: the points of every unit in every indicator, by peer group."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.scores.result import UnitResult
from reports import numbers
from reports.annual.facts import Facts, PeerGroup
from reports.blocks import Block, Figure, Heading, Paragraph
from reports.charts import figures

MOST_ROWS, MOST_COLUMNS = 24, 14  # of one figure: names and numbers stay readable
LOW = 60


def blocks(facts: Facts) -> list[Block]:
    """One figure or more for each peer group; nothing where no indicator is measured."""
    codes = [i["code"] for i in facts.indicators if i["code"] not in facts.unmeasured]
    known = [p for unit in facts.units for p in _points(unit, codes) if p is not None]
    if not known:
        return []
    low = sum(points < LOW for points in known)
    texts = {"low": numbers.count(low), "known": numbers.count(len(known)), "share": numbers.percent(low / len(known))}
    answer: list[Block] = [
        Heading(2, facts.say("heat.heading", **texts), fact="annex.scores"),
        Paragraph(facts.say("heat.sentence", **texts), "annex.scores"),
    ]
    return [*answer, *(figure for group in facts.groups for figure in _figures(facts, group, codes))]


def _points(unit: UnitResult, codes: Sequence[str]) -> list[float | None]:
    found = (unit.indicator(code) for code in codes)
    return [result.points if result is not None else None for result in found]


def _figures(facts: Facts, group: PeerGroup, codes: Sequence[str]) -> list[Figure]:
    title = facts.say("heat.figure", group=group.title)
    answer = []
    for first in range(0, len(group.units), MOST_ROWS):
        for start in range(0, len(codes), MOST_COLUMNS):
            units, part = group.units[first : first + MOST_ROWS], codes[start : start + MOST_COLUMNS]
            names = [facts.label(code).name if facts.language == "zh" else code for code in part]
            points = [_points(unit, part) for unit in units]
            figure = figures.heat([facts.short_names[u.unit] for u in units], names, points, language=facts.language)
            height = round(figure["layout"]["height"])
            answer.append(Figure(figure, title, title, 700, height, f"results.group.{group.code}"))
    return answer
