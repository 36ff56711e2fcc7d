"""The map as SVG: areas in the shade of their points, hatched without a number, empty without a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup, escape

from pipeline.house.boundaries import Outline, Outlines
from pipeline.views.overview import Cell, HeatMap
from reports import numbers

HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#fff"></rect><path d="M0 0V6" stroke="#8895a5" stroke-width="1.5"></path>'
    "</pattern></defs>"
)


@dataclass(frozen=True)
class ColouredArea:
    """An area with the cell of its unit; both are None where no unit answers for it."""

    outline: Outline
    name: str
    cell: Cell | None


def coloured(outlines: Outlines, heat: HeatMap, code: str) -> list[ColouredArea]:
    """Every area with the chosen indicator of its unit."""
    found = {
        row.unit: (row.name, next(cell for cell in row.cells if cell.code == code))
        for _, rows in heat.groups
        for row in rows
    }
    areas = []
    for outline in outlines.areas:
        name, cell = found.get(outline.unit or "", (outline.name, None))
        areas.append(ColouredArea(outline, name, cell))
    return areas


def drawing(outlines: Outlines, areas: Sequence[ColouredArea], number: int) -> Markup:
    """The map; each area of a unit is a link to its scorecard and says its number."""
    label = escape(gettext("地图：每个区域按指标分着色，数字见下表"))
    shapes = "".join(_shape(area, number) for area in areas)
    size = f'viewBox="-2 -2 {outlines.width + 4:.0f} {outlines.height + 4:.0f}"'
    return Markup(f'<svg {size} class="map-svg" role="group" aria-label="{label}">{HATCH}{shapes}</svg>')


def _shape(area: ColouredArea, number: int) -> str:
    said = gettext("没有对应的单位") if area.cell is None else numbers.value_of(area.cell, area.cell.measure)
    title = f"<title>{escape(area.name)} {escape(said)}</title>"
    shade = 0 if area.cell is None else area.cell.shade
    look = f'class="h{shade}"' if shade is not None else 'fill="url(#hatch)"'
    path = f'<path d="{area.outline.path}" {look} stroke="#56657a" stroke-width="1" fill-rule="evenodd">'
    if area.cell is None:
        return f"{path}{title}</path>"
    address = escape(url_for("units.scorecard", code=area.outline.unit, assessment=number))
    return f'<a href="{address}" aria-label="{escape(area.name)} {escape(said)}">{path}{title}</path></a>'
