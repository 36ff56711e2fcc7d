"""The annual assessment report: every chapter of it made from one frozen assessment."""

from __future__ import annotations

from reports.blocks import Block, Document
from reports.source import ReportSource


def document(source: ReportSource) -> Document:
    """The whole annual report of a source.

    The chapters are loaded here: a long sheet of cases shares the facts of this package and does without them.
    """
    from reports.annual import report

    return report.document(source)


def blocks(source: ReportSource) -> list[Block]:
    """The numbered chapters and annexes, without cover, summary and contents."""
    from reports.annual import report

    return report.blocks(source)
