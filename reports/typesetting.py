"""PDF and PNG by typst. Data travels as JSON in the inputs and is never read as markup."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reports.charts.svg import render
from reports.fonts import CHART_FONT, fonts, printable, roles_json

if TYPE_CHECKING:
    import typst

FOLDER = Path(__file__).parent / "typst"
PICTURE = b"#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg))"
STANDARD: Literal["a-2b"] = "a-2b"


def compile_pdf(template: str, data: dict[str, Any]) -> bytes:
    """One PDF/A-2b; `template` is a file name in reports/typst."""
    import typst

    return typst.compile(
        str(FOLDER / template), root=str(FOLDER), font_paths=fonts(), ignore_system_fonts=True,
        sys_inputs=_inputs(data), pdf_standards=STANDARD, timestamp=0,
    )  # fmt: skip


def heading_pages(template: str, data: dict[str, Any]) -> list[dict[str, int]]:
    """Level and page of every listed heading: the page numbers a Word file shows until Word updates them."""
    import typst

    found = typst.query(
        str(FOLDER / template), "<toc>", field="value", one=True, root=str(FOLDER), font_paths=fonts(),
        ignore_system_fonts=True, sys_inputs=_inputs(data),
    )  # fmt: skip
    return json.loads(found)


def chart_svg(figure: dict[str, Any], width: float, height: float, label: str) -> str:
    """A chart for typst: exactly one installed family, since typst knows no font stacks in SVG."""
    return render(figure, width, height, label, font=CHART_FONT)


def chart_png(figure: dict[str, Any], width: float, height: float, label: str, *, ppi: int = 192) -> bytes:
    """A chart as PNG for Word, drawn by a compiler that is kept."""
    svg = printable(chart_svg(figure, width, height, label))
    picture = _compiler(roles_json()).compile(PICTURE, format="png", ppi=ppi, sys_inputs={"svg": svg})
    if not isinstance(picture, bytes):
        raise TypeError("a chart is one page")
    return picture


@lru_cache(maxsize=2)
def _compiler(_roles: str) -> typst.Compiler:
    import typst

    return typst.Compiler(font_paths=fonts(), ignore_system_fonts=True)


def _inputs(data: dict[str, Any]) -> dict[str, str]:
    return {"data": printable(json.dumps(data, ensure_ascii=False)), "fonts": roles_json()}
