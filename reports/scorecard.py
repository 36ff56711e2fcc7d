"""The scorecard of one unit: one page as PDF, the same blocks as the annual report's unit page as Word."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evaluation.scores.result import IndicatorResult, UnitResult
from reports import docx_writer, fact_marks, numbers
from reports.annual import adjusted, summary, unit_pages
from reports.annual.facts import Facts, PeerGroup, is_scored
from reports.annual.limits import version_table
from reports.annual.results import remark
from reports.annual.written import filled, with_texts
from reports.blocks import Block, Document, Heading, Note, Table, numbered
from reports.charts import figures
from reports.charts.pen import clean
from reports.dates import date_parts
from reports.packing import add_bytes, file_name
from reports.source import ReportSource
from reports.typesetting import chart_svg, compile_pdf

TEMPLATE = "scorecard.typ"
CHART_SIZE = (440, 250)
MAX_TILES = 6


class UnknownUnit(LookupError):
    """The assessment holds no such unit."""


def write(source: ReportSource, unit: str, path: Path, *, format: str, template: Path | None = None) -> Path:
    """Write the scorecard of one unit as docx, into an office's own template where one is given, or pdf."""
    return write_one(Facts(source), unit, path, format=format, template=template)


def write_one(facts: Facts, unit: str, path: Path, *, format: str, template: Path | None = None) -> Path:
    """The same with facts that are kept between units."""
    if format == "docx":
        return docx_writer.write(document(facts, unit), path, template=template)
    path.write_bytes(compile_pdf(TEMPLATE, template_data(facts, unit)))
    return path


def write_all(
    source: ReportSource, path: Path, *, format: str, progress: Callable[[int, int], None] | None = None,
    template: Path | None = None,
) -> Path:  # fmt: skip
    """A zip with the scorecard of every unit, named by code and name; the same source gives the same names."""
    facts = Facts(source)
    part = path.with_suffix(".card")
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
            for done, unit in enumerate(facts.units, 1):
                write_one(facts, unit.unit, part, format=format, template=template)
                add_bytes(pack, f"{file_name(unit.unit, facts.names[unit.unit])}.{format}", part.read_bytes())
                if progress:
                    progress(done, len(facts.units))
    finally:
        part.unlink(missing_ok=True)
    return path


def find(facts: Facts, unit: str) -> tuple[PeerGroup, UnitResult]:
    """The unit and its peer group. Raises UnknownUnit."""
    for group in facts.groups:
        for result in group.units:
            if result.unit == unit:
                return group, result
    raise UnknownUnit(f"unit {unit} is not in this assessment")


def document(facts: Facts, unit: str) -> Document:
    """The scorecard as blocks, for Word."""
    group, result = find(facts, unit)
    name = facts.names[unit]
    title = facts.say("scorecard.title", unit=name, period=facts.period)
    blocks: list[Block] = [
        Heading(1, facts.say("scorecard.heading", group=group.title), is_numbered=False, is_listed=False),
        *with_texts(facts, unit_pages.unit_blocks(facts, group, result, most=None, is_numbered=False)),
        *([_group_table(facts, result)] if facts.scheme_groups else []),
        Note(facts.say("scorecard.note")),
        version_table(facts, "scorecard", unit),
    ]
    blocks += fact_marks.index(facts, blocks)
    made = Document(
        title=title, title_lines=(name, facts.say("scorecard.title_name", period=facts.period)),
        issuer=facts.source.office, imprint=summary.imprint(facts, "scorecard", unit),
        body=numbered(blocks, facts.language), language=facts.language, made_at=facts.source.made_at,
        footer=summary.running_line(facts, title, "scorecard", unit), keywords=(facts.source.verification_code,),
        cover=summary.cover(facts, "scorecard", unit),
    )  # fmt: skip
    return fact_marks.marked(facts, made)


def _group_table(facts: Facts, unit: UnitResult) -> Table:
    points = {g.id: g for g in unit.groups}
    rows = []
    for group in facts.scheme_groups:
        own = points.get(group["id"])
        reason = numbers.reason_text(own.reason, facts.language) if own and own.reason else ""
        score = numbers.score(own.points if own else None)
        rows.append((facts.group_title(group), numbers.weight(group.get("weight")), score, reason))
    head = ("scheme.group_column", "head.weight", "head.score", "head.remark")
    return Table(
        facts.say("scorecard.groups"), tuple(facts.say(h) for h in head), tuple(rows), (60, 26, 30, 40),
        (False, True, True, False), fact=f"unit.{unit.unit}",
    )  # fmt: skip


def template_data(facts: Facts, unit: str) -> dict[str, Any]:
    """The one-page scorecard as plain data for typst; every text is printed, none is read as markup."""
    group, result = find(facts, unit)
    source = facts.source
    data = {
        "language": facts.language, "date": date_parts(source.made_at), "unit": facts.names[unit],
        "title": facts.say("scorecard.title", unit=facts.names[unit], period=facts.period),
        "issuer": source.office, "over": f"{facts.period} · {group.title}",
        "as_of": facts.say("scorecard.as_of", day=numbers.day(source.assessment.as_of, facts.language)),
        "note": summary.running_line(facts, "", "scorecard", unit).strip(" ·　"),
        "page_words": facts.say("scorecard.page").split("|"),
        "figures": _headline(facts, result), "tiles": [_tile(facts, i) for i in _heaviest(facts, result)],
        "sentences": _sentences(facts, result), "charts": _charts(facts, group, result),
        "table_title": facts.say("scorecard.indicators"), **_table(facts, result),
    }  # fmt: skip
    return _cleaned(data)


def _headline(facts: Facts, unit: UnitResult) -> list[dict[str, Any]]:
    interval = numbers.interval_of(unit)
    beside = "" if interval == numbers.MISSING else facts.say("scorecard.interval", interval=interval)
    grade = facts.grade_title(unit.grade) if unit.grade else remark(facts, unit)
    answer = [
        {"label": facts.say("head.grade"), "value": grade, "is_blue": bool(unit.grade), "beside": ""},
        {"label": facts.say("head.score"), "value": numbers.score_of(unit), "is_blue": False,
         "beside": beside},
        {"label": facts.say("scorecard.median"), "value": numbers.score(facts.group_median(unit.group)),
         "is_blue": False, "beside": ""},
    ]  # fmt: skip
    if facts.has_ranks and unit.rank is not None:
        span = numbers.span(numbers.count(unit.rank_low), numbers.count(unit.rank_high))
        beside = facts.say("scorecard.interval", interval=span)
        answer.append(
            {"label": facts.say("head.rank"), "value": numbers.count(unit.rank), "is_blue": False, "beside": beside}
        )
    answer.append(
        {
            "label": facts.say("annex.received"),
            "value": numbers.count(facts.received(unit.unit)),
            "is_blue": False,
            "beside": "",
        }
    )
    return answer


def _heaviest(facts: Facts, unit: UnitResult) -> list[IndicatorResult]:
    chosen = sorted(facts.results(unit), key=lambda i: -i.weight)[:MAX_TILES]
    return [i for i in facts.results(unit) if i in chosen]


def _tile(facts: Facts, result: IndicatorResult) -> dict[str, Any]:
    label = facts.label(result.code)
    gap = facts.gap(result)
    word = unit_pages.status(facts, result)
    text = f"{word} {unit_pages.gap_text(facts, result)}" if gap is not None else word
    value = numbers.value_of(result, label.unit)
    return {
        "name": label.name, "value": value, "gap": text,
        "unit": "" if value == numbers.MISSING else facts.say(f"unit_head.{label.unit}"),
        "state": "open" if gap is None else "met" if gap >= 0 else "missed",
    }  # fmt: skip


def _sentences(facts: Facts, unit: UnitResult) -> list[str]:
    lead = unit_pages.lead(facts, unit)
    notes = unit_pages.points_of_note(facts, unit) if is_scored(unit) else []
    written = facts.source.texts.get(f"unit.{unit.unit}")
    own = [filled(facts, written.text)] if written else []
    texts = [lead, *(note.text for note in notes), *adjusted.sentences(facts, unit)]
    return [*texts, *own, *facts.warnings[: bool(facts.unmeasured)]]


def _charts(facts: Facts, group: PeerGroup, unit: UnitResult) -> list[dict[str, str]]:
    charts = []
    heavy = sorted(facts.results(unit), key=lambda i: -i.weight)
    rates = [i for i in heavy if facts.label(i.code).unit == "rate"][:2]
    for result in rates:
        series = facts.series(unit.unit, result.code)
        if sum(v is not None for v in series) < 2:
            continue
        label = facts.label(result.code)
        figure = figures.trend(
            facts.month_names(), series, name=facts.short_names[unit.unit], target=result.target,
            peers=facts.peer_series(unit.group, result.code), is_higher_better=label.is_higher_better,
            unsettled=facts.unsettled(result.code), language=facts.language,
        )  # fmt: skip
        charts.append(_chart(facts.say("parts.trend_figure", name=label.name), figure))
    strip = unit_pages.peer_figure(facts, group, unit)
    if strip:
        charts.insert(min(1, len(charts)), _chart(facts.say("scorecard.peers"), strip.figure))
    counts = facts.source.satisfaction.get(unit.unit, {})
    if sum(counts.values()):
        figure = figures.satisfaction([facts.say("mark.own")], [counts], language=facts.language)
        charts.append(_chart(facts.say("parts.satisfaction_figure"), figure))
    return charts[:4]


def _chart(title: str, figure: dict[str, Any]) -> dict[str, str]:
    return {"title": title, "svg": chart_svg(figure, *CHART_SIZE, title)}


def _table(facts: Facts, unit: UnitResult) -> dict[str, Any]:
    table = unit_pages.indicator_table(facts, unit)
    return {"head": list(table.head), "rows": [list(r) for r in table.rows], "widths": list(table.widths),
            "numeric": list(table.numeric)}  # fmt: skip


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(v) for v in value]
    return {k: _cleaned(v) for k, v in value.items()} if isinstance(value, dict) else value
