"""Every kind of printed document of one small fictional city, made once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from reports import annual, brief, docx_writer, evidence_statement, notice, pdf_writer, scorecard
from reports.annual.facts import Facts
from reports.blocks import Document
from reports.source import ReportSource
from tests.reports.factory import MONTHS

NAMES = ("annual", "scorecard", "notice", "daily", "statement")
UNIT = "U002"


@dataclass(frozen=True)
class Made:
    """A document with its two files. The blocks of a scorecard are those of its Word file; its PDF has one page."""

    document: Document
    docx: Path
    pdf: Path


def day_of(source: ReportSource, topic: str = "供热") -> brief.Day:
    """A day whose rates are those of the last two months."""
    rows = {month: [row for row in source.monthly if row.period == month] for month in MONTHS[-2:]}
    before, now = rows.values()
    counts = brief.DayCounts(1_234, 1_199, 57, ((topic, 700), ("噪声", 400), ("", 134)))
    return brief.Day("2024-12-31", "2024-12-01", counts, brief.DayCounts(1_100, 1_250, 57), now, before, before)


def document_of(source: ReportSource, name: str, topic: str = "供热") -> Document:
    """The blocks of one kind."""
    makers = {
        "annual": annual.document,
        "scorecard": lambda found: scorecard.document(Facts(found), UNIT),
        "notice": notice.document,
        "daily": lambda found: brief.document(found, day_of(found, topic)),
        "statement": lambda found: evidence_statement.document(found, has_records=True),
    }
    return makers[name](source)


def made(source: ReportSource, name: str, folder: Path, topic: str = "供热") -> Made:
    """One kind as Word and PDF files."""
    document = document_of(source, name, topic)
    word = docx_writer.write(document, folder / f"{name}.docx")
    return Made(document, word, write_pdf(source, name, folder / f"{name}.pdf", topic))


def write_pdf(source: ReportSource, name: str, path: Path, topic: str = "供热") -> Path:
    """The PDF of one kind; that of a scorecard has a template of its own."""
    if name == "scorecard":
        return scorecard.write(source, UNIT, path, format="pdf")
    return pdf_writer.write(document_of(source, name, topic), path)


def with_texts(source: ReportSource, name: str, long: str) -> ReportSource:
    """A naughty name everywhere, and a long text where the kind prints texts of people."""
    units = [replace(unit, name=name) if unit.code == UNIT else unit for unit in source.units]
    objections = [{**source.objections[0], "unit": UNIT, "text": long}]
    exclusions = [{**source.exclusions[0], "reason": long}]
    return replace(source, units=units, office=name, objections=objections, exclusions=exclusions, cases=[])
