"""Charts Word can edit, with their data as a small workbook: lines over months, upright, flat and stacked bars.

The same Plotly dict that is drawn as a picture elsewhere becomes the chart; figures of other kinds stay pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.chart.xmlwriter import ChartXmlWriter
from pptx.enum.chart import XL_CHART_TYPE as TYPES

from reports.charts.axis import nice_ticks
from reports.charts.palette import GOOD, OWN
from reports.charts.pen import clean

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
CHART = f"{{{DRAWING}/chart}}"
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SPACES = f'xmlns:c="{DRAWING}/chart" xmlns:a="{DRAWING}/main"'
TEXT = (
    '<a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}"><a:solidFill><a:srgbClr val="3C4A5A"/></a:solidFill>'
    '<a:latin typeface="Times New Roman"/><a:ea typeface="宋体"/></a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p>'
)
GRID = f'<c:spPr {SPACES}><a:ln w="6350"><a:solidFill><a:srgbClr val="E3E8EE"/></a:solidFill></a:ln></c:spPr>'
LEGEND = f'<c:legend {SPACES}><c:legendPos val="b"/><c:overlay val="0"/></c:legend>'
SMALLEST_LABEL = 0.06  # of the longest stacked bar: a shorter piece has no room for its number


def chart_type(figure: dict[str, Any]) -> Any:
    """The kind of native chart a figure becomes, None where it stays a picture."""
    data, layout = figure["data"], figure["layout"]
    kinds = {trace["type"] for trace in data}
    if kinds == {"bar"}:
        flat = {trace.get("orientation") == "h" for trace in data}
        if len(flat) > 1 or layout.get("shapes"):
            return None
        is_stacked = layout.get("barmode") == "stack"
        return _bar_type(is_flat=flat.pop(), is_stacked=is_stacked)
    is_months = layout.get("xaxis", {}).get("type") == "category"
    return TYPES.LINE_MARKERS if kinds == {"scatter"} and is_months else None


def _bar_type(*, is_flat: bool, is_stacked: bool) -> Any:
    if is_flat:
        return TYPES.BAR_STACKED if is_stacked else TYPES.BAR_CLUSTERED
    return TYPES.COLUMN_STACKED if is_stacked else TYPES.COLUMN_CLUSTERED


def add_chart(
    doc: Any, paragraph: Any, figure: dict[str, Any], number: int, *, size: tuple[int, int], alt: str
) -> bool:  # fmt: skip
    """Append the figure as a native chart (`size` in EMU); False where its kind stays a picture."""
    kind = chart_type(figure)
    if kind is None:
        return False
    series = _series(figure, is_line=kind == TYPES.LINE_MARKERS)
    data = CategoryChartData(number_format=_number_format(series))
    data.categories = [clean(str(name)) for name in series[0]["names"]]
    for entry in series:
        data.add_series(clean(entry["name"]), entry["values"])
    xml = _styled(ChartXmlWriter(kind, data).xml, figure, series, kind)
    package = doc.part.package
    sheet = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), SHEET_TYPE, data._workbook_writer.xlsx_blob, package)
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), CHART_TYPE, b"", package)
    link = f'<c:externalData {SPACES} xmlns:r="{OFFICE}" r:id="{part.relate_to(sheet, f"{OFFICE}/package")}">'
    xml.append(etree.fromstring(f'{link}<c:autoUpdate val="0"/></c:externalData>'))
    part._blob = etree.tostring(xml, xml_declaration=True, encoding="UTF-8", standalone=True)
    place = doc.part.relate_to(part, f"{OFFICE}/chart")
    paragraph._p.append(parse_xml(_inline(place, number, size, alt)))
    return True


def _number_format(series: list[dict[str, Any]]) -> str:
    """The digits the same figure prints where it is drawn as a picture: those of the texts at its bars."""
    texts = [str(text) for entry in series for text in entry["text"] or ()]
    return "#,##0.0" if any("." in text for text in texts) else "General"


def _series(figure: dict[str, Any], *, is_line: bool) -> list[dict[str, Any]]:
    """Names, values and colour of each trace; the target of a trend becomes a line of its own."""
    found = []
    for trace in figure["data"]:
        if is_line and "lines" not in trace.get("mode", "lines"):
            continue
        is_flat = trace.get("orientation") == "h"
        look = trace.get("line", {}) if is_line else trace.get("marker", {})
        found.append(
            {"name": trace.get("name") or "", "names": trace["y" if is_flat else "x"],
             "values": trace["x" if is_flat else "y"], "color": look.get("color", OWN),
             "is_dashed": bool(look.get("dash")), "text": trace.get("text")}
        )  # fmt: skip
    notes = figure["layout"].get("annotations", []) if is_line else []
    for note in notes:
        names = found[0]["names"]
        found.append({"name": note["text"], "names": names, "values": [note["y"]] * len(names), "color": GOOD,
                      "is_dashed": True, "text": None, "is_bare": True})  # fmt: skip
    return found


def _styled(text: Any, figure: dict[str, Any], series: list[dict[str, Any]], kind: Any) -> Any:
    """Our colours, the numbers at the bars, a light grid, the legend below, the limits of the value axis."""
    root = etree.fromstring(text.encode())
    is_line = kind == TYPES.LINE_MARKERS
    is_stacked = figure["layout"].get("barmode") == "stack"
    totals = [sum(v or 0 for v in values) for values in zip(*(entry["values"] for entry in series), strict=True)]
    room = max([*totals, 1]) * SMALLEST_LABEL if is_stacked else None
    for element, entry in zip(root.iter(f"{CHART}ser"), series, strict=True):
        for name in ("spPr", "marker", "dLbls", "invertIfNegative"):
            for old in element.findall(CHART + name):
                element.remove(old)
        parts = _line_look(entry) if is_line else _bar_look(entry, room)
        place = element.index(element.find(f"{CHART}tx")) + 1
        for offset, part in enumerate(parts):
            element.insert(place + offset, etree.fromstring(part))
    _axes(root, figure, kind, series)
    chart = root.find(f"{CHART}chart")
    for title in chart.findall(f"{CHART}autoTitleDeleted"):
        title.set("val", "1")  # the name of a single line is in the caption
    for old in chart.findall(f"{CHART}legend"):
        chart.remove(old)
    if len(series) > 1:
        chart.insert(chart.index(chart.find(f"{CHART}plotArea")) + 1, etree.fromstring(LEGEND))
    for old in root.findall(f"{CHART}txPr"):
        root.remove(old)
    frame = f"<c:spPr {SPACES}><a:ln><a:noFill/></a:ln></c:spPr>", f"<c:txPr {SPACES}>{TEXT.format(size=1000)}</c:txPr>"
    for offset, part in enumerate(frame, 1):
        root.insert(root.index(chart) + offset, etree.fromstring(part))
    return root


def _line_look(entry: dict[str, Any]) -> list[str]:
    fill = _fill(entry["color"])
    dash = '<a:prstDash val="dash"/>' if entry["is_dashed"] else ""
    is_bare = entry.get("is_bare") or entry["is_dashed"]
    dot = '<c:symbol val="none"/>' if is_bare else f'<c:symbol val="circle"/><c:size val="5"/><c:spPr>{fill}</c:spPr>'
    return [
        f'<c:spPr {SPACES}><a:ln w="{15875 if entry["is_dashed"] else 25400}">{fill}{dash}</a:ln></c:spPr>',
        f"<c:marker {SPACES}>{dot}</c:marker>",
    ]


def _bar_look(entry: dict[str, Any], room: float | None) -> list[str]:
    colors = entry["color"]
    first = colors[0] if isinstance(colors, list | tuple) else colors
    parts = [f"<c:spPr {SPACES}>{_fill(first)}</c:spPr>", f'<c:invertIfNegative {SPACES} val="0"/>']
    if isinstance(colors, list | tuple):
        parts += [
            f'<c:dPt {SPACES}><c:idx val="{i}"/><c:invertIfNegative val="0"/><c:bubble3D val="0"/>'
            f"<c:spPr>{_fill(color)}</c:spPr></c:dPt>"
            for i, color in enumerate(colors)
        ]
    if entry["text"]:
        parts.append(_labels(entry, room))
    return parts


def _labels(entry: dict[str, Any], room: float | None) -> str:
    small = [i for i, v in enumerate(entry["values"]) if room is not None and (v or 0) < room]
    hidden = "".join(f'<c:dLbl><c:idx val="{i}"/><c:delete val="1"/></c:dLbl>' for i in small)
    flags = "".join(
        f'<c:{name} val="{int(name == "showVal")}"/>'
        for name in ("showLegendKey", "showVal", "showCatName", "showSerName", "showPercent", "showBubbleSize")
    )
    form = quoteattr(_number_format([entry]))
    number = f'<c:numFmt formatCode={form} sourceLinked="0"/>'
    return f"<c:dLbls {SPACES}>{hidden}{number}<c:txPr>{TEXT.format(size=900)}</c:txPr>{flags}</c:dLbls>"


def _fill(color: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{color.lstrip("#").upper()}"/></a:solidFill>'


def _axes(root: Any, figure: dict[str, Any], kind: Any, series: list[dict[str, Any]]) -> None:
    is_flat = kind in (TYPES.BAR_CLUSTERED, TYPES.BAR_STACKED)
    limits = figure["layout"].get("xaxis" if is_flat else "yaxis", {}).get("range")
    known = [value for entry in series for value in entry["values"] if value is not None]
    for axis in root.iter(f"{CHART}valAx"):
        scaling = axis.find(f"{CHART}scaling")
        for old in [
            *scaling.findall(f"{CHART}max"),
            *scaling.findall(f"{CHART}min"),
            *axis.findall(f"{CHART}majorUnit"),
        ]:
            old.getparent().remove(old)
        if limits and known:
            _limit(axis, scaling, round_limits(min(limits), max(limits), known))
        for lines in axis.findall(f"{CHART}majorGridlines"):
            lines.append(etree.fromstring(GRID))
        for old in axis.findall(f"{CHART}numFmt"):
            axis.remove(old)
        form = etree.fromstring(f'<c:numFmt {SPACES} formatCode="General" sourceLinked="0"/>')
        axis.find(f"{CHART}majorTickMark").addprevious(form)
    for old in [text for axis in root.iter(f"{CHART}valAx", f"{CHART}catAx") for text in axis.findall(f"{CHART}txPr")]:
        old.getparent().remove(old)


def _limit(axis: Any, scaling: Any, ends: tuple[float, float, float]) -> None:
    """The ends of a value axis and the step between its labels."""
    low, high, step = ends
    for name, value in (("max", high), ("min", low)):
        etree.SubElement(scaling, CHART + name, val=f"{value:g}")
    before = [
        found for name in ("crossBetween", "crosses", "crossAx") if (found := axis.find(CHART + name)) is not None
    ]
    before[0].addnext(etree.fromstring(f'<c:majorUnit {SPACES} val="{step:g}"/>'))


def round_limits(low: float, high: float, known: Sequence[float]) -> tuple[float, float, float]:
    """Ends of an axis that are labels themselves, and the step: Word counts its labels from the lower end.

    An end is the round value inside the limits where all numbers fit, else the next one outside.

    >>> round_limits(72.318, 94.1, [75.2, 92.0])
    (75.0, 95.0, 5.0)
    >>> round_limits(88.1, 91.3, [88.4, 90.4])
    (88.0, 91.0, 1.0)
    """
    ticks = nice_ticks(low, high)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else (high - low or 1.0)
    first = ticks[0] if ticks[0] <= min(known) else ticks[0] - step
    last = ticks[-1] if ticks[-1] >= max(known) else ticks[-1] + step
    return round(first, 10), round(last, 10), round(step, 10)


def _inline(place: str, number: int, size: tuple[int, int], alt: str) -> str:
    return (
        f'<w:r {nsdecls("w", "wp", "a", "r")}><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{size[0]}" cy="{size[1]}"/><wp:docPr id="{100_000 + number}" name="Chart {number}" '
        f'descr={quoteattr(clean(alt))}/><wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{DRAWING}/chart">'
        f'<c:chart xmlns:c="{DRAWING}/chart" r:id="{place}"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )
