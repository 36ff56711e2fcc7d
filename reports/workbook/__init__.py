"""The workbook of an assessment: every number of the report as a sheet that can be sorted, filtered and printed."""

from __future__ import annotations

from pathlib import Path

from reports.source import ReportSource


def write(source: ReportSource, path: Path) -> Path:
    """Write all sheets to `path`. What the sheets need is loaded here: a long sheet of cases does without it."""
    from reports.workbook import writer

    return writer.write(source, path)
