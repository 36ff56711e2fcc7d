"""Builds the workbook sheet by sheet; each is finished before the next begins, so memory stays small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter

from reports.annual.facts import Facts
from reports.annual.summary import running_line
from reports.source import ReportSource
from reports.workbook import monthly, sheets
from reports.workbook.cells import FORMATS, OPTIONS, Number, put
from reports.workbook.pages import FIRST_ROW, describe, new_page
from reports.workbook.sheets import Sheet


def write(source: ReportSource, path: Path) -> Path:
    """Write the whole workbook of a source; the same source gives the same bytes."""
    facts = Facts(source)
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    title = facts.say("annual.title", city=source.city, period=facts.period)
    describe(book, title=title, office=source.office, made_at=source.made_at)
    formats = {name: book.add_format(settings) for name, settings in FORMATS.items()}
    line = running_line(facts, title, "workbook")
    for sheet in sheets.all_sheets(facts):
        _write_sheet(book, sheet, formats, line)
    monthly.write_sheets(book, facts, formats, line)
    for sheet in sheets.closing_sheets(facts):
        _write_sheet(book, sheet, formats, line)
    book.close()
    return path


def _write_sheet(book: Any, sheet: Sheet, formats: dict[str, Any], line: str) -> None:
    page = new_page(book, sheet.name, formats, line, sheet.title, freeze=(FIRST_ROW, sheet.frozen))
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    for column, name in enumerate(sheet.head):
        put(page, FIRST_ROW - 1, column, name, formats, "head")
    for row, cells in enumerate(sheet.rows, FIRST_ROW):
        for column, cell in enumerate(cells):
            form = "wrapped" if not isinstance(cell, Number) and column in sheet.wrapped else "text"
            put(page, row, column, cell, formats, form)
    last = FIRST_ROW + max(len(sheet.rows), 1) - 1
    page.autofilter(FIRST_ROW - 1, 0, last, len(sheet.head) - 1)
    for rule in sheet.rules:
        settings = {**rule.settings, **({"format": formats[rule.form]} if rule.form else {})}
        page.conditional_format(FIRST_ROW, rule.column, last, rule.column, settings)
