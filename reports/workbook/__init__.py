"""The workbook of an assessment: every number of the report as a sheet that can be sorted, filtered and printed."""

from reports.workbook.writer import write

__all__ = ["write"]
