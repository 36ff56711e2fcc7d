"""An office's own Word template: cover, styles and red head stay, the words in braces are filled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx

from reports.blocks import Document
from reports.charts.pen import clean
from reports.docx_writer import styles

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


def _fill(paragraph: Any, values: dict[str, str]) -> None:
    """Word may cut `{title}` into several runs: the text then goes into the first, with its look."""
    text = paragraph.text
    if not any("{" + word + "}" in text for word in WORDS):
        return
    for word in WORDS:
        text = text.replace("{" + word + "}", clean(values[word]))
    first, *others = paragraph.runs
    first.text = text
    for run in others:
        run.text = ""
