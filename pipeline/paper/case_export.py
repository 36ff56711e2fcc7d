"""One row per case as a sheet: every clock and its standing, masked, as far as the viewer may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from metrics.clocks import period as periods
from metrics.clocks.daytable import day_number
from pipeline.numbers.counting import build_facts
from pipeline.numbers.facts_store import of_months
from records import audit
from records.access import Action, Viewer, can, require, unit_filter
from records.columns import CLOCKS
from records.engine import Engine, Statements
from records.engine_views import quoted
from records.instance import Instance
from records.parts import accepted_parts
from records.tables import files_view
from records.vocabulary import Kind
from reports.annual.facts import Facts
from reports.annual.summary import running_line
from reports.source import ReportSource
from reports.workbook import streaming
from reports.workbook.streaming import Column

KIND = "cases"
STANDING = ("—", "met", "missed", "overdue_open", "open")  # by the code of the facts
TIMES = ("received_at", "first_response_at", "closed_at")
TEXTS = ("register", "case_no", "unit", "channel", "case_type", "category")
HOURS = 3600
MEMORY, DAYS_AT_ONCE, ROWS_AT_ONCE = "20MB", 7, 500  # of the engine; what is written goes to disk at once


def write(
    instance: Instance, viewer: Viewer, source: ReportSource, path: Path, *, unit: str | None = None
) -> Path:  # fmt: skip
    """Write the cases received in the period of an assessment, of one unit or of all the viewer may see.

    Raises Forbidden. A reading of ratings is written to the audit trail.
    """
    require(viewer, Action.SEE_CASES, unit=unit)
    facts = Facts(source)
    has_text, has_ratings = can(viewer, Action.SEE_CASE_TEXT), can(viewer, Action.SEE_RATINGS)
    counted = build_facts(instance, source.scheme.get("limits", {}).get("standard"))
    where = _where(source, viewer, unit)
    with instance.session() as session:
        parts = accepted_parts(session, Kind.RESPONSES)
        if has_ratings and not viewer.is_operator:
            audit.write(session, viewer.sign_in, "rating.export", f"assessment {source.number}", {"unit": unit})
    columns = _columns(facts, has_text=has_text, has_ratings=has_ratings)
    text = _text(where, facts, has_text=has_text, has_ratings=has_ratings)
    title = facts.say("cases_sheet.title", period=facts.period)
    asked = _period(source)
    views = {"facts": of_months(counted.views["facts"], _month(asked.start), _month(asked.end))}
    with Engine(instance, memory_limit=MEMORY, threads=1).open(views) as statements:
        found = dict(statements.run(f"SELECT batch, count(*) FROM facts f WHERE {where} GROUP BY 1"))
        count = sum(found.values())
        statements.add("cases", files_view(instance, [p for p in parts if p.batch in found], Kind.RESPONSES))
        return streaming.write(
            path, columns, _pieces(statements, where, text), name=facts.say("cases_sheet.name"), title=title,
            line=running_line(facts, title, KIND, unit), count=count, office=source.office, made_at=source.made_at,
        )  # fmt: skip


def _pieces(statements: Statements, where: str, text: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows some days at a time: sorted all at once they would stand in memory together."""
    days = [day for (day,) in statements.run(f"SELECT DISTINCT received_day FROM facts f WHERE {where} ORDER BY 1")]
    for place in range(0, len(days), DAYS_AT_ONCE):
        first, last = days[place], days[min(place + DAYS_AT_ONCE, len(days)) - 1]
        of_days = f"f.received_day BETWEEN {first} AND {last}"
        yield from statements.pieces(
            f"{text} AND {of_days} ORDER BY f.received_day, f.register, f.case_no", ROWS_AT_ONCE
        )


def _period(source: ReportSource) -> periods.Period:
    return periods.parse(source.assessment.period, int(source.scheme.get("period_start_day", 1)))


def _month(day: date) -> int:
    return day.year * 100 + day.month


def _where(source: ReportSource, viewer: Viewer, unit: str | None) -> str:
    asked = _period(source)
    first, end = day_number(asked.start), day_number(asked.end)
    parts = [f"f.received_day >= {first}", f"f.received_day < {end}"]
    allowed = None if viewer.is_operator else unit_filter(viewer, Action.SEE_CASES)
    chosen = [unit] if unit else sorted(allowed) if allowed is not None else None
    if chosen is not None:
        parts.append(f"f.unit IN ({', '.join(quoted(code) for code in chosen) or 'NULL'})")
    return " AND ".join(parts)


def _columns(facts: Facts, *, has_text: bool, has_ratings: bool) -> list[Column]:
    def head(key: str) -> str:
        return facts.say(f"cases_sheet.{key}")

    widths = {"case_no": 22, "unit": 26, "category": 16}
    columns = [Column(head(name), widths.get(name, 11), "text") for name in TEXTS]
    columns += [Column(head("case_title"), 30, "text")] if has_text else []
    columns += [Column(head(name), 16, "time") for name in TIMES]
    for clock in CLOCKS:
        name = head(f"clock_{clock}")
        columns.append(Column(f"{name}\n{head('hours')}", 11, "tenth"))
        columns.append(Column(f"{name}\n{head('standing')}", 11, "text"))
    columns.append(Column(head("excluded"), 9, "text"))
    return columns + ([Column(head("rating"), 8, "count"), Column(head("resolved"), 9, "text")] if has_ratings else [])


def _text(where: str, facts: Facts, *, has_text: bool, has_ratings: bool) -> str:
    """The statement that answers the columns in their order, for any days; words and days are the engine's."""
    names = " ".join(f"WHEN {quoted(code)} THEN {quoted(name)}" for code, name in facts.names.items())
    shown = [*(f"f.{name}" for name in TEXTS)]
    shown[TEXTS.index("unit")] = f"CASE f.unit {names} ELSE f.unit END" if names else "f.unit"
    shown += ["c.title"] if has_text else []
    shown += [f"round(epoch(c.{name}) / 86400 + 25569, 8)" for name in TIMES]
    for clock in CLOCKS:
        words = " ".join(f"WHEN {i} THEN {quoted(_standing(facts, i))}" for i in range(1, len(STANDING)))
        standing = f"CASE f.{clock}_strict {words} END" if clock in ("reply", "close") else _ended(facts, clock)
        shown += [f"round(f.{clock}_seconds / {HOURS}.0, 1)", standing]
    shown.append(f"CASE f.is_excluded WHEN 1 THEN {quoted(facts.say('cases_sheet.yes'))} END")
    shown += ["f.rating", "f.resolved"] if has_ratings else []
    return (
        f"SELECT {', '.join(shown)} FROM facts f JOIN cases c ON coalesce(c.register, '') = f.register "
        f"AND c.case_no = f.case_no AND c.batch = f.batch WHERE {where}"
    )


def _standing(facts: Facts, code: int) -> str:
    return facts.say(f"cases_sheet.{STANDING[code]}")


def _ended(facts: Facts, clock: str) -> str:
    """A clock without a limit is done or still running; it has no standing."""
    done, running = (quoted(facts.say(f"cases_sheet.{word}")) for word in ("done", "running"))
    return f"CASE f.{clock}_ended WHEN 1 THEN {done} WHEN 0 THEN {running} END"
