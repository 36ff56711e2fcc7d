"""A document as Word file in the layout of GB/T 9704-2012."""

from __future__ import annotations

from pathlib import Path

from reports.blocks import Document


def write(document: Document, path: Path, *, template: Path | None = None) -> Path:
    """Write the document to `path`, into an office's own template where one is given.

    What Word files need is loaded here: a long sheet of cases does without it.
    """
    from reports.docx_writer import writer

    return writer.write(document, path, template=template)
