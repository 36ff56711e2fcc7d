"""An empty sheet with everything but its rows: title, running line, frozen head, print set-up."""

from __future__ import annotations

from typing import Any

from reports.charts.pen import clean
from reports.dates import made_on
from reports.workbook.cells import put

FIRST_ROW = 3  # title, running line, head, then the rows


def new_page(
    book: Any, name: str, formats: dict[str, Any], line: str, title: str, *, freeze: tuple[int, int]
) -> Any:  # fmt: skip
    """A sheet with title, running line, frozen head and its print set-up."""
    page = book.add_worksheet(name)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(FIRST_ROW - 1)
    page.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
    page.set_header(f"&L&9{clean(line).replace('&', '&&')[:200]}")
    page.set_footer("&C&9— &P / &N —")
    page.freeze_panes(*freeze)
    page.hide_gridlines(2)
    page.set_row(0, 28)
    page.set_row(FIRST_ROW - 1, 34)
    put(page, 0, 0, title, formats, "title")
    put(page, 1, 0, line, formats, "lead")
    return page


def describe(book: Any, *, title: str, office: str, made_at: str) -> None:
    """Title, author and day of a workbook; without a day it would carry the moment of writing."""
    settings = {"title": clean(title)[:255], "author": clean(office)[:255], "created": made_on(made_at)}
    book.set_properties(settings)
