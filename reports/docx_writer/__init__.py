"""A document as Word file in the layout of GB/T 9704-2012."""

from reports.docx_writer.writer import write

__all__ = ["write"]
