"""Monthly sheets: the totals with a native chart, and every unit and indicator with a sparkline.

Not every program draws and prints sparklines: the months with the highest and the lowest value stand beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from reports import numbers
from reports.annual.facts import Facts
from reports.workbook.cells import count, of_metric, put
from reports.workbook.pages import FIRST_ROW, new_page


def write_sheets(book: Any, facts: Facts, formats: dict[str, Any], line: str) -> None:
    """Both monthly sheets; nothing is written where the source has no months."""
    if facts.months:
        _write_totals(book, facts, formats, line)
        _write_units(book, facts, formats, line)


def _write_totals(book: Any, facts: Facts, formats: dict[str, Any], line: str) -> None:
    name, title = facts.say("sheet.months"), facts.say("sheet.months_title")
    page = new_page(book, name, formats, line, title, freeze=(FIRST_ROW, 1))
    rates = [i["code"] for i in facts.indicators if facts.label(i["code"]).unit == "rate"]
    page.set_column(0, 0, 14)
    page.set_column(1, len(rates) + 1, 13)
    heads = [facts.say("head.month"), facts.say("annex.received"), *(f"{facts.label(c).name}(%)" for c in rates)]
    for column, text in enumerate(heads):
        put(page, FIRST_ROW - 1, column, text, formats, "head")
    received = facts.series(None, "n_received")
    series = [facts.series(None, code) for code in rates]
    for i, month in enumerate(facts.months):
        row = FIRST_ROW + i
        put(page, row, 0, month, formats)
        put(page, row, 1, count(received[i]), formats)
        for column, values in enumerate(series, 2):
            put(page, row, column, of_metric(values[i], "rate"), formats)
    last = FIRST_ROW + len(facts.months) - 1
    _add_chart(book, page, name, title, min(len(rates), 6), last)


def _add_chart(book: Any, page: Any, name: str, title: str, lines: int, last: int) -> None:
    chart = book.add_chart({"type": "line"})
    for column in range(2, 2 + lines):
        look = {"line": {"width": 2}, "marker": {"type": "circle", "size": 4}}
        chart.add_series(
            {"name": [name, FIRST_ROW - 1, column], "categories": [name, FIRST_ROW, 0, last, 0],
             "values": [name, FIRST_ROW, column, last, column], **look}
        )  # fmt: skip
    chart.set_title({"name": title, "name_font": {"name": "微软雅黑", "size": 12}})
    chart.set_y_axis({"max": 100, "major_gridlines": {"visible": True, "line": {"color": "#E3E8EE"}}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 860, "height": 340})
    page.insert_chart(last + 2, 0, chart, {"description": title})


def _write_units(book: Any, facts: Facts, formats: dict[str, Any], line: str) -> None:
    title = facts.say("sheet.unit_months_title")
    page = new_page(book, facts.say("sheet.unit_months"), formats, line, title, freeze=(FIRST_ROW, 2))
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 24)
    page.set_column(2, 1 + len(facts.months), 9)
    page.set_column(2 + len(facts.months), 3 + len(facts.months), 12)
    page.set_column(4 + len(facts.months), 4 + len(facts.months), 18)
    told = (facts.say(f"head.{word}") for word in ("highest_month", "lowest_month", "trend"))
    heads = [facts.say("head.unit"), facts.say("head.indicator"), *facts.months, *told]
    for column, text in enumerate(heads):
        put(page, FIRST_ROW - 1, column, text, formats, "head")
    row, last, end = FIRST_ROW, 1 + len(facts.months), 4 + len(facts.months)
    for unit in facts.units:
        for indicator in facts.indicators:
            label = facts.label(indicator["code"])
            put(page, row, 0, facts.names[unit.unit], formats)
            put(page, row, 1, f"{label.name}({facts.say(f'unit_head.{label.unit}')})", formats)
            series = facts.series(unit.unit, label.code)
            for column, value in enumerate(series, 2):
                put(page, row, column, of_metric(value, label.unit), formats)
            for column, end_of in enumerate((max, min), last + 1):  # what a print without sparklines still tells
                put(page, row, column, extreme_month(facts, series, label.unit, end_of), formats)
            look = {"series_color": "#1F4E8C", "markers": False, "last_point": True}
            page.add_sparkline(row, end, {**look, "range": page_range(page.get_name(), row, 2, last)})
            row += 1
    page.autofilter(FIRST_ROW - 1, 0, max(row - 1, FIRST_ROW), end)


def extreme_month(
    facts: Facts, series: Sequence[float | None], unit: str, end_of: Callable[[Iterable[float]], float]
) -> str:  # fmt: skip
    """The month with the highest or lowest value as printed, how many share it, the dash below two months."""
    shown = [(month, numbers.sheet_value(value, unit)) for month, value in zip(facts.months, series, strict=True)]
    known = [(month, value) for month, value in shown if value is not None]
    if len(known) < 2:
        return numbers.MISSING
    found = [month for month, value in known if value == end_of(value for _, value in known)]
    return found[0] if len(found) == 1 else facts.say("head.months_alike", n=len(found))


def page_range(name: str, row: int, first: int, last: int) -> str:
    """A range of one row in a named sheet.

    >>> page_range("月度", 3, 2, 13)
    "'月度'!$C$4:$N$4"
    """
    ends = (xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True) for column in (first, last))
    return f"'{name}'!" + ":".join(ends)
