"""Documents of every kind but the sheet of cases, each by its writer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evaluation.rules.scheme import load
from pipeline.paper import daily_brief, evidence_records, open_data
from pipeline.paper.order import Order
from records.canonical import document_sha256
from records.instance import Instance
from records.queries import assessments
from reports import annual, brief, docx_writer, evidence, notice, pdf_writer, scorecard, workbook
from reports.blocks import Document
from reports.source import ReportSource

WORD_TEMPLATE = "report-template.docx"
"""An office's own Word template, in the folder of the instance."""


def of_its_time(instance: Instance, source: ReportSource, order: Order) -> tuple[ReportSource, Order]:
    """Source and order of a notice or brief with its month or day; each month and day has a code of its own."""
    if order.kind == "daily":
        with instance.session() as session:
            scheme = load(assessments.scheme_text_of(session, number=source.number) or "")
        source, day = daily_brief.counted(instance, order.viewer, source, scheme, order.of)
        return source, replace(order, day=day)
    if order.kind == "notice":
        month = notice.month_of(source, order.of or None)
        code = document_sha256([source.content_sha256, month])
        return replace(source, content_sha256=code), replace(order, of=month)
    return source, order


def write(instance: Instance, source: ReportSource, path: Path, order: Order) -> None:
    """Write the document of an order to `path`."""
    if order.kind == "workbook":
        workbook.write(source, path)
    elif order.kind == "evidence":
        records = evidence_records.of_units(instance, source, order.viewer)
        evidence.write(source, path, records=records, template=_template(instance))
    elif order.kind == "opendata":
        open_data.write(instance, source, path)
    elif order.kind == "scorecard" and order.is_for_all:
        template = _template(instance)
        scorecard.write_all(source, path, format=order.format, progress=order.progress, template=template)
    elif order.kind == "scorecard" and order.unit is not None:
        scorecard.write(source, order.unit, path, format=order.format, template=_template(instance))
    else:
        _write_document(instance, source, path, order)


def _write_document(instance: Instance, source: ReportSource, path: Path, order: Order) -> None:
    document = _document(source, order)
    if order.format == "pdf":
        pdf_writer.write(document, path)
        return
    docx_writer.write(document, path, template=_template(instance))


def _template(instance: Instance) -> Path | None:
    """The office's own Word template, where it has put one."""
    template = instance.folder / WORD_TEMPLATE
    return template if template.exists() else None


def _document(source: ReportSource, order: Order) -> Document:
    if order.day is not None:
        return brief.document(source, order.day)
    return notice.document(source, order.of or None) if order.kind == "notice" else annual.document(source)
