"""An office's own Word template: cover, styles and red head stay, the words in braces are filled."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.shared import Pt

from reports.blocks import Document
from reports.charts.pen import clean
from reports.docx_writer import styles

BELOW_HEAD = Pt(8)  # a head of several lines would touch the text
WORDS = ("title", "issuer", "date", "state", "code")


class TemplateUnusable(ValueError):
    """The file is no Word document; the message says what to do."""


def check(path: Path) -> None:
    """Raises TemplateUnusable unless the file opens as a Word document."""
    try:
        docx.Document(str(path))
    except Exception as error:  # python-docx lets errors of zip, XML and its own through
        raise TemplateUnusable(f"{path.name} cannot be opened as a Word document (.docx): {error}") from error


def prepare(doc: Any, document: Document) -> None:
    """Fill the words in braces all over the template and add the styles it does not bring."""
    styles.add_missing_styles(doc)
    values = {word: document.cover.get(word, "") for word in WORDS}
    values |= {"title": document.title, "issuer": document.issuer}
    parts = [doc, *(part for section in doc.sections for part in (section.header, section.footer))]
    for part in parts:
        for paragraph in [*part.paragraphs, *(p for t in part.tables for c in t._cells for p in c.paragraphs)]:
            _fill(paragraph, values)


def has_page_numbers(doc: Any) -> bool:
    """Whether the foot of the first pages counts pages itself."""
    fields = doc.sections[0].footer._element.iter(qn("w:instrText"), qn("w:fldSimple"))
    return any("PAGE" in (field.text or field.get(qn("w:instr")) or "") for field in fields)


def carry_heads(first: Any, section: Any) -> None:
    """Put the office's own heads and feet above the lines of ours in a section that no longer inherits them."""
    for name in ("header", "footer", "even_page_header", "even_page_footer"):
        source, target = getattr(first, name), getattr(section, name)
        has_content = not source.is_linked_to_previous and "".join(source._element.itertext()).strip() != ""
        if target.is_linked_to_previous or not (has_content or source._element.findall(f".//{qn('w:drawing')}")):
            continue
        before = target._element[0]
        for element in source._element:
            copy = deepcopy(element)
            _relate(copy, source.part, target.part)
            before.addprevious(copy)
        target.paragraphs[-1].paragraph_format.space_after = BELOW_HEAD


def turn_page(section: Any, *, is_landscape: bool) -> None:
    """Turn the office's own sheet with its margins, or turn it back."""
    top, right, bottom, left = section.top_margin, section.right_margin, section.bottom_margin, section.left_margin
    section.page_width, section.page_height = section.page_height, section.page_width
    turned = (left, top, right, bottom) if is_landscape else (right, bottom, left, top)
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = turned


def _relate(copy: Any, source: Any, target: Any) -> None:
    """A picture of a head belongs to the part it stands in, under a number of that part."""
    for element in copy.iter():
        for attribute in (qn("r:embed"), qn("r:id")):
            known = source.rels.get(element.get(attribute))
            if known is None:
                continue
            link = known.target_ref if known.is_external else known.target_part
            element.set(attribute, target.relate_to(link, known.reltype, is_external=known.is_external))


def _fill(paragraph: Any, values: dict[str, str]) -> None:
    """Word may cut `{title}` into several runs: the text then goes into the first, with its look; pictures stay."""
    text = paragraph.text
    if not any("{" + word + "}" in text for word in WORDS):
        return
    for word in WORDS:
        text = text.replace("{" + word + "}", clean(values[word]))
    first, *others = [run for run in paragraph.runs if run.text]
    first.text = text
    for run in others:
        run.text = ""
