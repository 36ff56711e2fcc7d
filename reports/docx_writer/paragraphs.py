"""Paragraphs put at the end of a document in constant time: python-docx looks through the whole body for each."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from docx.oxml import OxmlElement
from docx.text.paragraph import Paragraph

from reports.charts.pen import clean

_known_ids: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()  # style ids by name, of each open document


def add_paragraph(doc: Any, text: str = "", style: str = "") -> Paragraph:
    """Append a paragraph; line feeds and tabs in the text become Word's own. The style is that of this name."""
    element = OxmlElement("w:p")
    doc.element.body[-1].addprevious(element)  # the last child of a body is the set-up of its last section
    paragraph = Paragraph(element, doc._body)
    if style:
        set_style(doc, paragraph, style)
    if text:
        paragraph.add_run(clean(text))
    return paragraph


def set_style(doc: Any, paragraph: Any, name: str) -> None:
    """Give the paragraph the style of this name. Raises KeyError where the document has none."""
    paragraph._p.get_or_add_pPr().style = _style_ids(doc)[name]


def _style_ids(doc: Any) -> dict[str, str]:
    if doc.part not in _known_ids:
        _known_ids[doc.part] = {style.name: style.style_id for style in doc.styles if style.name}
    return _known_ids[doc.part]
