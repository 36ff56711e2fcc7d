"""What a reader learns of small counts from documents, from answers of the API, and from the tables of a card."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from evaluation.rules.scheme import Scheme
from metrics.disclosure.small_cells import VOICE_CODES
from pipeline.views import shown
from pipeline.views.statistics_view import statistics_view
from records.access import Viewer
from records.instance import Instance
from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Document, Figure, Table
from reports.source import ReportSource
from tests.web.small_count_reader import (
    Parts,
    Reader,
    cells_of,
    learn_points,
    learn_rate,
    read_group,
    read_number,
)  # fmt: skip

LEVELS = ("5", "4", "3", "2", "1", "default", "unrated")


@dataclass
class Reading:
    """Everything one role reads of one assessment; `read` counts the cells that told something, by view."""

    readers: Mapping[str, Reader]
    scheme: Scheme
    known: Parts
    read: Counter[str] = field(default_factory=Counter)

    def rate(self, view: str, unit: str, code: str, value: str, counts: str = "") -> None:
        if code in self.known and unit in self.readers:
            self.read[view] += bool(learn_rate(self.readers[unit], code, value, counts, self.known))

    def points(self, view: str, unit: str, code: str, text: str, slack: float) -> None:
        number = read_number(text)
        if number is not None and unit in self.readers:
            self.read[view] += learn_points(self.readers[unit], self.scheme, code, number, slack, self.known)

    def total(self, view: str, code: str, units: Iterable[str], rate: str, base: str | None) -> None:
        """A total must be the sum over units whose number is shown; one over all would tell the others together."""
        sides = [sum(form @ self.readers[unit].true for unit in units) for form in self.known[code]]
        if (shown_rate := read_number(rate)) is not None and sides[1]:
            assert shown_rate == pytest.approx(100 * sides[0] / sides[1], abs=0.0501), (view, code)
            self.read[view] += 1
        if base is not None and (shown_base := read_number(base)) is not None:
            assert shown_base == sides[1], (view, code)


def read_document(reading: Reading, facts: Facts, document: Document, view: str) -> None:
    """Every table and figure that speaks of ratings or follow-ups."""
    for block in (*document.front, *document.body):
        if isinstance(block, Table):
            _read_table(reading, facts, block, view)
        elif isinstance(block, Figure):
            _read_figure(reading, facts, block, view)


def _read_table(reading: Reading, facts: Facts, table: Table, view: str) -> None:
    kind, _, rest = table.fact.partition(".")
    if kind == "unit" and facts.say("head.indicator") in table.head:
        _read_unit_table(reading, facts, rest, table.head, table.rows, view)
    elif table.fact == "annex.scores":
        codes = {f"{facts.label(i['code']).name}({facts.say('unit_head.' + facts.label(i['code']).unit)})": i["code"]
                 for i in facts.indicators}  # fmt: skip
        units = {name: unit for unit, name in facts.names.items()}
        for row in table.rows:
            for head, cell in zip(table.head, row, strict=True):
                if head in codes:
                    reading.rate(f"{view}: annex of values", units[row[0]], codes[head], cell)
    elif table.fact == "satisfaction.variants":
        for code, _, base, pooled, _ in (row for row in table.rows if row[0] in reading.known):
            reading.total(f"{view}: five definitions", code, _with(facts, code), pooled, base)
    elif table.fact == "satisfaction.levels":
        _read_levels(reading, facts, table, view)
    elif kind == "parts":
        names = {facts.label(i["code"]).name: i["code"] for i in facts.indicators}
        place = table.head.index(facts.say("head.pooled"))
        for row in table.rows:
            if (code := names[row[0]]) in reading.known:
                reading.total(f"{view}: totals", code, _with(facts, code), row[place], None)


def _with(facts: Facts, code: str) -> list[str]:
    """The units whose number this reader has."""
    return [v.unit for v in facts.source.values if v.metric == code and v.unit and v.value is not None]


def _read_unit_table(reading: Reading, facts: Facts, unit: str, head: Iterable[str], rows: Any, view: str) -> None:
    names = {facts.label(i["code"]).name: i["code"] for i in facts.indicators}
    keys = ("indicator", "value", "points", "weight", "contribution")
    place = {key: list(head).index(facts.say(f"head.{key}")) for key in keys}
    for row in rows:
        code = names[row[place["indicator"]]]
        reading.rate(f"{view}: table of a unit", unit, code, row[place["value"]])
        reading.points(f"{view}: table of a unit", unit, code, row[place["points"]], 0.0051)


def _read_levels(reading: Reading, facts: Facts, table: Table, view: str) -> None:
    """Counts of the levels by peer group: those of the units whose levels this reader has."""
    for group, row in zip(facts.groups, table.rows, strict=True):
        members = [u.unit for u in group.units if u.unit in facts.source.satisfaction]
        for level, cell in zip(LEVELS, row[1:], strict=True):
            name = "rating_0" if level == "default" else level if level == "unrated" else f"rating_{level}"
            true = sum(max(reading.readers[unit].truth[name], 0) for unit in members)
            assert read_number(cell) == true, (group.title, level)
            reading.read[f"{view}: levels"] += 1
    for unit, counts in facts.source.satisfaction.items():
        for level in LEVELS[:-1]:
            name = "rating_0" if level == "default" else f"rating_{level}"
            reading.readers[unit].learn(_count(name), counts[level], counts[level])


def _count(name: str) -> np.ndarray:
    from tests.web.small_count_reader import NAMES, PLACE

    return np.eye(len(NAMES))[PLACE[name]]


def _read_figure(reading: Reading, facts: Facts, block: Figure, view: str) -> None:
    kind, _, rest = block.fact.partition(".")
    units = {name: unit for unit, name in facts.names.items()}
    short = {name: unit for unit, name in facts.short_names.items()}
    for trace in block.figure["data"]:
        if kind == "metric" and "hovertext" in trace:  # the funnel: size and rate of every unit
            for name, n, rate in zip(trace["hovertext"], trace["x"], trace["y"], strict=True):
                reading.rate(f"{view}: funnel", units[name], rest, f"{rate}", f"n=／{n:g}")
    if kind == "results" and block.figure["layout"].get("yaxis", {}).get("ticktext"):
        _read_heat(reading, facts, block, short, view)


def _read_heat(reading: Reading, facts: Facts, block: Figure, short: Mapping[str, str], view: str) -> None:
    """The points of every unit in every indicator, to whole points."""
    layout = block.figure["layout"]
    names = dict(zip(layout["yaxis"]["tickvals"], layout["yaxis"]["ticktext"], strict=True))
    codes = [i["code"] for i in facts.indicators if i["code"] not in facts.unmeasured]
    cells = [a for a in layout["annotations"] if "yref" not in a and "xref" not in a]
    if not cells or len(cells) != len(names) * len(codes):
        return  # another figure of the group, or a heat map of more columns than fit one
    for cell in cells:
        reading.points(f"{view}: heat map", short[names[cell["y"]]], codes[int(cell["x"])], cell["text"], 0.5001)


def read_card_file(reading: Reading, facts: Facts, unit: str, data: Mapping[str, Any]) -> None:
    """The one page of a scorecard as PDF: tiles, table, sentences are those of the report."""
    names = {facts.label(i["code"]).name: i["code"] for i in facts.indicators}
    for tile in data["tiles"]:
        reading.rate("scorecard: tiles", unit, names[tile["name"]], tile["value"])
    _read_unit_table(reading, facts, unit, data["head"], data["rows"], "scorecard")


def read_card_page(reading: Reading, html: str, unit: str) -> None:
    """The table of indicators on the page of a unit."""
    codes = {i.code for i in reading.scheme.indicators}
    for row in cells_of(re.sub(r'<span class="hint">.*?</span>', "", html, flags=re.S)):
        code = row[0].split(" ")[-1] if row else ""
        if len(row) == 8 and code in codes:
            reading.rate("card", unit, code, row[2], row[1])
            reading.points("card", unit, code, row[4], 0.0051)


def read_result(reading: Reading, result: Mapping[str, Any]) -> None:
    """The frozen result as the API hands it out: values, counts, points, groups, and what stands beside the score."""
    for unit in result["units"]:
        reader = reading.readers[unit["unit"]]
        for row in unit["indicators"]:
            _read_values(reading, "API: result", unit["unit"], row)
            if row["points"] is not None:
                reading.points("API: result", unit["unit"], row["code"], repr(row["points"]), 1e-6)
        for row in unit["information"]:
            _read_values(reading, "API: result", unit["unit"], row)
        for group in unit["groups"]:
            if group["points"] is not None:
                reading.read["API: groups"] += read_group(reader, reading.scheme, group, unit, reading.known)


def _read_values(reading: Reading, view: str, unit: str, row: Mapping[str, Any]) -> None:
    code, reader = row["code"], reading.readers[unit]
    for value, names in (("value", ("numerator", "denominator")),
                         ("other_value", ("other_numerator", "other_denominator"))):  # fmt: skip
        if code not in reading.known or row.get(value) is None:
            continue
        assert value == "value" or code not in VOICE_CODES, (unit, code)
        yes, whole = reading.known[code]
        for form, side in zip((yes, whole), (row.get(name) for name in names), strict=True):
            if side is not None:
                reader.learn(form, side, side)
        reader.learn(yes - row[value] * whole, -1e-6, 1e-6)
        reading.read[view] += 1


def read_scorecard(reading: Reading, card: Mapping[str, Any]) -> None:
    """The scorecard of the API: tiles, levels, claimed and confirmed."""
    unit, reader = card["unit"], reading.readers[card["unit"]]
    for tile in card["tiles"]:
        _read_values(reading, "API: scorecard", unit, tile)
        if tile["points"] is not None:
            reading.points("API: scorecard", unit, tile["code"], repr(tile["points"]), 1e-6)
    for level, n in card["satisfaction"].items():
        if level != "unrated":
            reader.learn(_count("rating_0" if level == "default" else f"rating_{level}"), n, n)
            reading.read["API: levels"] += 1
    if card["confirmed"] is not None:
        _read_values(reading, "API: scorecard", unit, {"code": "H2", "value": card["confirmed"]})


def read_statistics(reading: Reading, instance: Instance, viewer: Viewer, number: int, unit: str) -> None:
    """The page of statistics: rates, who rated, the raw side of weighted and adjusted rates, both sides of a change."""
    view = statistics_view(shown.prepared(instance, viewer, number=number, unit=unit), unit)
    reader = reading.readers[unit]
    for what, row in view.answers:
        _read_values(reading, "statistics", unit, {**row, "code": what.code})
    if view.weighted is not None:
        _read_values(reading, "statistics", unit, {"code": "S1c", "value": view.weighted["raw"]})
    if view.reach is not None:
        rated = sum(_count(f"rating_{level}") for level in range(1, 6))
        reader.learn(rated, view.reach.rated, view.reach.rated)
    for mix in view.mix:
        _read_values(reading, "statistics", unit, {"code": mix.what.code, "value": mix.raw})
    for change in view.changes:
        if change.what.code in reading.known:
            for form, n in zip(reading.known[change.what.code], (change.y2, change.n2), strict=True):
                reader.learn(form, n, n)
            reading.read["statistics"] += 1


def read_notice(full: ReportSource, told: ReportSource, document: Document) -> int:
    """A notice prints months: each cell is the withheld value or the dash. Which months are withheld is the matter of
    `tests/pipeline/test_no_small_cell.py`, which gives them to a solver."""
    facts, read = Facts(told), 0
    month = next(b for b in document.body if isinstance(b, Table) and b.fact == "monthly")
    rows = {(v.unit, v.metric, v.period): v for v in told.monthly if v.group is None and v.unit}
    before = {(v.unit, v.metric, v.period): v for v in full.monthly if v.group is None and v.unit}
    period = facts.months[-1]
    codes = {f"{facts.label(code).name}(%)": code for code in {v.metric for v in told.monthly}}
    units = {name: unit for unit, name in facts.names.items()}
    for row in month.rows:
        for head, cell in zip(month.head[2:], row[2:], strict=True):
            key = units[row[0]], codes[head], period
            value = rows[key].value if key in rows else None
            assert cell in (numbers.MISSING, numbers.rate(value)), key
            read += key in before and before[key].value is not None and value is None
    return read
