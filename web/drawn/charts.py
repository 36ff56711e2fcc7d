"""Charts for pages: the figure of `reports.charts` drawn per medium, its legend as HTML, and the table as its twin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports.charts import svg

DASHES = {"dash": "5 3", "dot": "2 2.5"}
PHONE = (400, 300)


@dataclass(frozen=True)
class Table:
    """A plain table: `columns` are (text, is_number), the first cell of a row is its head."""

    caption: str
    columns: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Chart:
    """One chart as the macro `chart` prints it; `figure` None means there is no interactive version."""

    id: str
    label: str
    pictures: Sequence[tuple[str, Markup]]
    legend: Sequence[tuple[str, Markup]]
    figure: dict[str, Any] | None = None
    table: Table | None = None
    reading: str = ""


def chart(
    ident: str, figure: dict[str, Any], label: str, *, wide: tuple[int, int] = (620, 350),
    phone: tuple[int, int] = PHONE, paper: tuple[int, int] | None = None, table: Table | None = None,
    reading: str = "", is_interactive: bool = True,
) -> Chart:  # fmt: skip
    """Draw a figure once per medium: text keeps its size, the plot takes the difference.

    `wide` is for desks, `phone` for narrow screens, `paper` for print (the phone's picture when not given).
    """
    bare = {**figure, "layout": {**figure["layout"], "showlegend": False}}

    def draw(size: tuple[int, int], name: str) -> Markup:
        return Markup(svg.render(bare, *size, label, ident=f"{ident}-{name}"))

    pictures = [("wide", draw(wide, "wide")), ("phone" if paper else "phone print", draw(phone, "phone"))]
    if paper:
        pictures.append(("print", draw(paper, "print")))
    live = {**bare, "layout": {**bare["layout"], "width": wide[0], "height": wide[1]}} if is_interactive else None
    return Chart(ident, label, pictures, legend(figure), live, table, reading)


def legend(figure: dict[str, Any]) -> list[tuple[str, Markup]]:
    """(name, mark) of every named series, for the HTML list above a chart."""
    return [
        (trace["name"], _mark(trace))
        for trace in figure["data"]
        if trace.get("name") and trace.get("showlegend") is not False
    ]


def _mark(trace: dict[str, Any]) -> Markup:
    marker, line, mode = trace.get("marker", {}), trace.get("line", {}), trace.get("mode", "")
    drawn = ""
    if "lines" in mode:
        dash = f' stroke-dasharray="{DASHES[line["dash"]]}"' if line.get("dash") in DASHES else ""
        drawn += f'<line x1="1" x2="23" y1="7" y2="7" stroke="{line["color"]}" stroke-width="2"{dash}/>'
    color = marker.get("color")
    if trace.get("type") == "bar" and isinstance(color, str):
        drawn += f'<rect x="5" y="1" width="14" height="12" rx="1.5" fill="{color}"/>'
    elif "markers" in mode and marker.get("symbol") == "diamond":
        drawn += f'<path d="M12 1.5 17.5 7 12 12.5 6.5 7Z" fill="{color}"/>'
    elif "markers" in mode:
        drawn += f'<circle cx="12" cy="7" r="3.6" fill="{color}"/>'
    return Markup(f'<svg viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">{drawn}</svg>')
