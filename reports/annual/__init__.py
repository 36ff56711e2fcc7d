"""The annual assessment report: every chapter of it made from one frozen assessment."""

from reports.annual.document import blocks, document

__all__ = ["blocks", "document"]
